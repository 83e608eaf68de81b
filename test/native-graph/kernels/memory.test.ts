import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {InputFailure} from '../../../native-graph/failure.ts';
import {allocate, openRoom, overlay, Scratch} from '../../../native-graph/kernels/memory.ts';

const PAGE_BYTES = 65_536;
const MIB = 1 << 20;

const smallMemory = (): WebAssembly.Memory => allocate({bytes: [Uint8Array, 1]}).memory;

describe('columns', () => {
  test('lie one behind the other, each at a multiple of 16 bytes, none at address 0, all zero', () => {
    fc.assert(
      fc.property(fc.nat(70_000), fc.nat(70_000), fc.nat(70_000), (a, b, c) => {
        const {memory, bytes, ids, times} = allocate({
          bytes: [Uint8Array, a],
          ids: [Uint32Array, b],
          times: [Int32Array, c],
        });
        let end = 1;
        for (const [view, length] of [
          [bytes, a],
          [ids, b],
          [times, c],
        ] as const) {
          expect(view.buffer).toBe(memory.buffer);
          expect([view.length, view.byteOffset % 16]).toEqual([length, 0]);
          expect(view.byteOffset).toBeGreaterThanOrEqual(end);
          expect(view.every((value) => value === 0)).toBe(true);
          end = view.byteOffset + view.byteLength;
        }
        expect(memory.buffer.byteLength - end).toBeGreaterThanOrEqual(0);
        expect(memory.buffer.byteLength - end).toBeLessThan(PAGE_BYTES + 16);
      }),
      {numRuns: 200},
    );
  });

  test('are found again from their sizes alone, also after the memory has grown', () => {
    const spec = {
      bytes: [Uint8Array, 5],
      ids: [Uint32Array, 3],
      none: [Int32Array, 0],
      times: [Int32Array, 7],
    } as const;
    const made = allocate(spec);
    made.ids.set([1, 2, 3]);
    made.times.fill(-4);
    made.memory.grow(2);
    const {memory, ...columns} = made;
    const again = overlay(memory, spec);
    expect(again).toEqual(columns);
    again.bytes[4] = 9;
    expect(made.bytes[4]).toBe(9);
  });

  test('beyond 4 GiB are refused in words before anything is allocated', () => {
    const refused = {code: 'GRAPH_TOO_LARGE', message: expect.stringContaining('4 GiB')};
    const before = process.memoryUsage().rss;
    for (const tooMuch of [
      () => allocate({ids: [Uint32Array, 2 ** 30]}),
      () => allocate({ids: [Uint32Array, 2 ** 29], times: [Int32Array, 2 ** 29]}),
      () => allocate({bytes: [Uint8Array, 2 ** 40]}),
    ]) {
      expect(tooMuch).toThrow(InputFailure);
      expect(tooMuch).toThrow(expect.objectContaining(refused));
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * MIB);
  });
});

describe('scratch', () => {
  type Taken = {readonly from: number; readonly end: number};

  test('of two threads that grow in turn never overlaps, nor does what one of them takes', () => {
    const sizes = fc.oneof(fc.nat(100), fc.nat(3 * MIB), fc.constantFrom(MIB, MIB - 1, MIB + 1, 0));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), sizes), {maxLength: 30}), (takes) => {
        const memory = smallMemory();
        const ours = memory.buffer.byteLength;
        const both = [new Scratch(memory), new Scratch(memory)];
        const taken = takes.map(([second, bytes]): Taken => {
          const from = both[Number(second)].take(bytes);
          return {from, end: from + bytes};
        });
        for (const {from, end} of taken) {
          expect(from % 16).toBe(0);
          expect(from).toBeGreaterThanOrEqual(ours);
          expect(end).toBeLessThanOrEqual(memory.buffer.byteLength);
        }
        const filled = taken.filter(({from, end}) => end > from).sort((a, b) => a.from - b.from);
        for (let i = 1; i < filled.length; i++) expect(filled[i].from).toBeGreaterThanOrEqual(filled[i - 1].end);
      }),
      {numRuns: 100},
    );
  });

  test('given back is taken again before the memory grows', () => {
    const memory = smallMemory();
    const [scratch, other] = [new Scratch(memory), new Scratch(memory)];
    const takeAll = (): number[] => [10, MIB, 100, 2 * MIB, 7].map((bytes) => scratch.take(bytes));
    const first = takeAll();
    other.take(MIB);
    const grown = memory.buffer.byteLength;
    for (let round = 0; round < 5; round++) {
      scratch.reset();
      expect(takeAll()).toEqual(first);
    }
    expect(memory.buffer.byteLength).toBe(grown);
  });

  test('that does not fit is refused in words, and what fits is still given', () => {
    const scratch = new Scratch(smallMemory());
    expect(() => scratch.take(2 ** 32)).toThrow(expect.objectContaining({code: 'MEMORY_FULL'}));
    expect(scratch.take(10)).toBeGreaterThan(0);
  });

  test('that was refused leaves what was given back to be taken again, in a memory that is full', () => {
    const memory = smallMemory();
    const scratch = new Scratch(memory);
    const first = scratch.take(10);
    memory.grow(65_536 - memory.buffer.byteLength / PAGE_BYTES);
    for (let round = 0; round < 3; round++) {
      scratch.reset();
      expect(scratch.take(10)).toBe(first);
      expect(() => scratch.take(2 * MIB)).toThrow(expect.objectContaining({code: 'MEMORY_FULL'}));
      expect(scratch.take(10)).toBeGreaterThan(first);
    }
  });

  test('of needs that grow slowly takes no more than a few times the largest', () => {
    const memory = smallMemory();
    const before = memory.buffer.byteLength;
    const scratch = new Scratch(memory);
    const largest = 24 * MIB;
    for (let bytes = MIB; bytes <= largest; bytes += MIB / 4) {
      scratch.reset();
      scratch.take(bytes);
    }
    expect(memory.buffer.byteLength - before).toBeLessThan(4 * largest);
  });

  test('of whoever had the room before is taken over, with all that it had grown to', () => {
    const memory = smallMemory();
    const room = openRoom(memory, MIB);
    const needs = [MIB, 3 * MIB, 100, 5 * MIB];
    const pages: number[] = [];
    const taken = Array.from({length: 4}, () => {
      const scratch = new Scratch(memory, room);
      const addresses = needs.map((bytes) => scratch.take(bytes));
      pages.push(memory.grow(0));
      new Scratch(memory).take(10); // somebody else's lies in between
      return addresses;
    });
    expect(new Set(taken.map(String)).size).toBe(1);
    expect(pages.map((count) => count - pages[0])).toEqual([0, 16, 32, 48]);
  });

  test('up to what was kept stays taken, here and by who goes on from there', () => {
    const memory = smallMemory();
    const room = openRoom(memory);
    const first = new Scratch(memory, room);
    const kept = first.take(3 * MIB);
    first.keep();
    const next = first.take(10);
    expect(next).toBeGreaterThanOrEqual(kept + 3 * MIB);
    const {taken} = first;
    first.reset();
    expect(first.take(10)).toBe(next);
    const other = new Scratch(memory, room, taken);
    for (let round = 0; round < 3; round++) {
      expect(other.take(10)).toBeGreaterThanOrEqual(next + 10);
      other.reset();
    }
  });
});
