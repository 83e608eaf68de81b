import {expect, test} from 'vitest';
import {createArena} from '../../src/pool/arena.ts';
import {PoolFailure} from '../../src/pool/threads.ts';

const MIB = 1 << 20;

function failureCode(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof PoolFailure) return error.code;
    throw error;
  }
  return expect.unreachable('should have been refused');
}

test('a block given back is lent again, never to two at once', () => {
  const arena = createArena(8 * MIB);
  const first = arena.take(MIB - 5);
  const second = arena.take(MIB);
  expect(second).not.toBe(first);
  arena.giveBack(first);
  expect(arena.take(MIB - 100)).toBe(first);
  expect(arena.bytes).toBe(2 * MIB);
});

test('the arena grows to its limit, and spare blocks make room for one of another size', () => {
  const arena = createArena(4 * MIB);
  for (const block of [1, 1, 1, 1].map((mib) => arena.take(mib * MIB))) arena.giveBack(block);
  expect(arena.bytes).toBe(4 * MIB);
  const large = arena.take(2 * MIB + 1);
  expect(large.byteLength).toBe(4 * MIB);
  expect(arena.bytes).toBe(4 * MIB);
  expect(failureCode(() => arena.take(1))).toBe('POOL_BUSY');
});

test('a job larger than the whole limit is refused as such', () => {
  expect(failureCode(() => createArena(MIB).take(MIB + 1))).toBe('POOL_TOO_LARGE');
});
