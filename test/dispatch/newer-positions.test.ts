import {expect, test} from 'vitest';
import {withNewerPositions} from '../../src/dispatch/newer-positions.ts';
import {snapshotHash} from '../../src/dispatch/record.ts';
import {market, NOW_MS} from '../support/snapshot.ts';

const base = market(1, {drivers: 4, stores: 1, tasks: 1});
const [first, second, third] = base.drivers.id;

const heard = (of: Readonly<Record<string, number>>) => {
  const ids = Object.keys(of);
  return {
    slotOf: (id: string) => ids.indexOf(id),
    columns: {latE7: ids.map((_, i) => 10 + i), lonE7: ids.map((_, i) => 20 + i), recordedAtMs: Object.values(of)},
  };
};

test('of each driver the newest counts, and nothing else of the snapshot changes', () => {
  const {latE7, lonE7, recordedAtMs} = base.drivers;
  const merged = withNewerPositions(base, heard({[third!]: NOW_MS - 1, [first!]: recordedAtMs[0]!, nobody: NOW_MS}));
  expect(merged).toEqual({
    ...base,
    drivers: {
      ...base.drivers,
      latE7: latE7.with(2, 10),
      lonE7: lonE7.with(2, 20),
      recordedAtMs: recordedAtMs.with(2, NOW_MS - 1),
    },
  });
  expect(snapshotHash(merged)).not.toBe(snapshotHash(base));
});

test('what was recorded after the instant of the snapshot counts as of it', () => {
  const {drivers} = withNewerPositions(base, heard({[second!]: NOW_MS + 50}));
  expect([drivers.latE7[1], drivers.recordedAtMs[1]]).toEqual([10, NOW_MS]);
});

test('where nothing is newer it is the same snapshot', () => {
  expect(withNewerPositions(base, heard({[first!]: 0, [second!]: Number.NEGATIVE_INFINITY}))).toBe(base);
});
