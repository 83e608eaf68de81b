import fc from 'fast-check';
import {expect, test} from 'vitest';
import {PositionStore} from '../../src/positions/store.ts';
import {runs} from '../support/runs.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = 10 * HOUR_MS;
const position = (driverId: string, recordedAtMs: number, latE7 = recordedAtMs % 1_000) => ({
  driverId,
  latE7,
  lonE7: -latE7,
  recordedAtMs,
});
const take = (store: PositionStore, limit = 1e6) => store.takeUnwritten(limit).position;
const roll = (id: string[], recordedAtMs: number[]) => ({
  id,
  latE7: id.map(() => 7),
  lonE7: id.map(() => 8),
  recordedAtMs,
});

test('the newest position of a driver stands, whatever the order; one from the future counts as of now', () => {
  const store = new PositionStore();
  expect(store.hear(position('a', 5), NOW_MS)).toBe('newer');
  expect(store.hear(position('a', 5), NOW_MS)).toBe('older');
  expect(store.hear(position('a', 4), NOW_MS)).toBe('older');
  expect(store.hear(position('b', NOW_MS + 99), NOW_MS)).toBe('newer');
  expect(store.hear(position('b', NOW_MS + 1), NOW_MS + 1)).toBe('newer');
  const {recordedAtMs, latE7, lonE7} = store.columns;
  const [a, b] = [store.slotOf('a'), store.slotOf('b')];
  expect([recordedAtMs[a], latE7[a], lonE7[a], recordedAtMs[b]]).toEqual([5, 5, -5, NOW_MS + 1]);
  expect([store.slotOf('c'), store.idOf(b)]).toEqual([-1, 'b']);
});

test('a driver waits to be written once, with the newest; what was put back is written with what came since', () => {
  const store = new PositionStore();
  for (const [id, ms] of [
    ['a', 1],
    ['b', 1],
    ['a', 2],
    ['c', 1],
  ] as const)
    store.hear(position(id, ms), NOW_MS);
  expect(store.unwrittenCount).toBe(3);
  const batch = store.takeUnwritten(2);
  expect(batch.position).toEqual([position('a', 2), position('b', 1)]);
  store.hear(position('b', 3), NOW_MS);
  store.putBack(batch);
  expect(take(store)).toEqual([position('c', 1), position('b', 3), position('a', 2)]);
  expect([take(store), store.unwrittenCount]).toEqual([[], 0]);
});

test('drivers beyond the limit are refused, those held are heard; a slot that is given back is used again', () => {
  const store = new PositionStore(2_000);
  for (let i = 0; i < 2_000; i++) expect(store.hear(position(`${i}`, i + 1), NOW_MS)).toBe('newer');
  expect(store.hear(position('one more', 1), NOW_MS)).toBe('full');
  expect(store.hear(position('7', 9_999), NOW_MS)).toBe('newer');
  // Growing kept what there was.
  for (const i of [0, 1_023, 1_024, 1_999]) expect(store.columns.recordedAtMs[store.slotOf(`${i}`)]).toBe(i + 1);
  expect(store.columns.latE7.buffer).toBeInstanceOf(SharedArrayBuffer);
  take(store);
  store.dropUnknown('1024');
  expect([store.size, store.slotOf('1024')]).toEqual([1_999, -1]);
  // Of the one before nothing is left: an older position is news.
  expect(store.hear(position('one more', 1), NOW_MS)).toBe('newer');
  expect(take(store)).toEqual([position('one more', 1)]);
});

test('who is known, or was heard again since the database was asked, is not dropped as unknown', () => {
  const store = new PositionStore();
  for (const id of ['known', 'again', 'stranger']) store.hear(position(id, 1), NOW_MS);
  take(store);
  store.confirm(['known', 'never heard of']);
  store.hear(position('again', 2), NOW_MS);
  for (const id of ['known', 'again', 'stranger', 'nobody']) store.dropUnknown(id);
  expect([store.size, store.slotOf('stranger')]).toEqual([2, -1]);
  expect([store.isKnown('known'), store.isKnown('again')]).toEqual([true, false]);
});

test('a roll call brings what others have written, and who is off shift and silent for an hour is dropped', () => {
  const store = new PositionStore();
  store.hear(position('on', NOW_MS - 5), NOW_MS);
  store.hear(position('off', NOW_MS - HOUR_MS), NOW_MS);
  store.hear(position('unwritten', 1), NOW_MS);
  store.callRoll(roll(['on', 'elsewhere', 'never placed'], [NOW_MS - 6, NOW_MS - 9, 0]));
  const at = (id: string) => store.columns.recordedAtMs[store.slotOf(id)];
  expect([at('on'), at('elsewhere'), at('never placed')]).toEqual([NOW_MS - 5, NOW_MS - 9, -Infinity]);
  expect(['on', 'elsewhere', 'off'].map((id) => store.isKnown(id))).toEqual([true, true, false]);
  // What came from the database need not go there.
  expect(take(store, 2).map(({driverId}) => driverId)).toEqual(['on', 'off']);
  store.dropSilent(NOW_MS);
  expect(store.size).toBe(5);
  store.dropSilent(NOW_MS + 1);
  expect([store.slotOf('off'), store.size]).toEqual([-1, 4]);
  store.callRoll(roll(['on'], [0]));
  store.dropSilent(NOW_MS + HOUR_MS);
  expect(['on', 'elsewhere', 'never placed', 'unwritten'].map((id) => store.slotOf(id) >= 0)).toEqual([
    true,
    false,
    false,
    true,
  ]);
});

test('the store agrees with a map, and what it hands over for writing leaves the database at the newest', () => {
  const id = fc.integer({min: 0, max: 40}).map((n) => `driver ${n}`);
  const step = fc.oneof(
    {weight: 8, arbitrary: fc.record({hear: id, ms: fc.nat(500)})},
    fc.record({write: fc.nat(12), fails: fc.boolean()}),
    fc.record({roll: fc.array(id, {maxLength: 5})}),
  );
  fc.assert(
    fc.property(fc.array(step, {maxLength: 200}), (steps) => {
      const store = new PositionStore();
      const newest = new Map<string, number>();
      const written = new Map<string, number>();
      for (const one of steps) {
        if ('hear' in one) {
          const isNewer = one.ms > (newest.get(one.hear) ?? -1);
          expect(store.hear(position(one.hear, one.ms), NOW_MS)).toBe(isNewer ? 'newer' : 'older');
          if (isNewer) newest.set(one.hear, one.ms);
        } else if ('write' in one) {
          const batch = store.takeUnwritten(one.write);
          if (one.fails) store.putBack(batch);
          else for (const {driverId, recordedAtMs} of batch.position) written.set(driverId, recordedAtMs);
        } else
          store.callRoll(
            roll(
              one.roll,
              one.roll.map(() => 0),
            ),
          );
      }
      for (const {driverId, recordedAtMs} of take(store)) written.set(driverId, recordedAtMs);
      expect(written).toEqual(newest);
    }),
    {numRuns: runs(100, 20)},
  );
});
