import {afterAll, beforeAll, expect, test} from 'vitest';
import {setDispatchClock} from '../../src/db/clock.ts';
import {
  dropOldSpeedEpochs,
  type NewSpeedEpoch,
  newestSpeedEpoch,
  readSpeedEpoch,
  saveSpeedEpoch,
} from '../../src/db/speed-epochs.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {HOUR_MS, NOW_MS, rows} from './market.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

const HASH = 'a'.repeat(64);
const OTHER_HASH = 'b'.repeat(64);

const epochOf = (graph: string, given: Partial<NewSpeedEpoch> = {}): NewSpeedEpoch => ({
  graph,
  graphHash: HASH,
  mergedOnto: null,
  source: 'a feed',
  kept: Uint8Array.from({length: 2_000}, (_, i) => i % 256),
  speedsHash: 'c1',
  weightsHash: 'd2',
  rowsInUse: 17,
  segmentsChanged: 9,
  ...given,
});

const at = (nowMs: number) => setDispatchClock(database.db, {nowMs, scale: 0});
const numbers = async (graph: string) => {
  const found = await rows<{epoch: number}>(
    database.db,
    `select epoch from speed_epochs where graph = '${graph}' order by epoch`,
  );
  return found.map(({epoch}) => epoch);
};

test('an epoch is read as it was saved, under the next number of its graph', async () => {
  const {db} = database;
  await at(NOW_MS);
  expect(await newestSpeedEpoch(db, 'town', HASH)).toBeUndefined();
  expect(await saveSpeedEpoch(db, epochOf('town'))).toEqual({kind: 'saved', epoch: 1, atMs: NOW_MS});
  expect(await saveSpeedEpoch(db, epochOf('elsewhere'))).toMatchObject({epoch: 1});
  expect(await saveSpeedEpoch(db, epochOf('town', {source: 'another'}))).toMatchObject({epoch: 2});
  const {mergedOnto: _, kept, ...record} = epochOf('town', {source: 'another'});
  expect(await newestSpeedEpoch(db, 'town', HASH)).toEqual({...record, epoch: 2, atMs: NOW_MS});
  const found = await readSpeedEpoch(db, 'town', 1);
  expect([found?.source, Uint8Array.from(found!.kept)]).toEqual(['a feed', kept]);
  expect(await readSpeedEpoch(db, 'town', 3)).toBeUndefined();
});

test('many that save at once get different numbers, without a gap', async () => {
  const {db} = database;
  const saved = await Promise.all(Array.from({length: 12}, () => saveSpeedEpoch(db, epochOf('crowd'))));
  const got = saved.map((one) => (one.kind === 'saved' ? one.epoch : expect.unreachable()));
  expect(got.sort((a, b) => a - b)).toEqual(Array.from({length: 12}, (_, i) => i + 1));
});

test('what was merged onto an epoch is refused once another has come after it', async () => {
  const {db} = database;
  const merge = (mergedOnto: number, graphHash = HASH) => saveSpeedEpoch(db, epochOf('m', {mergedOnto, graphHash}));
  expect(await merge(0)).toMatchObject({epoch: 1});
  expect(await merge(0)).toEqual({kind: 'overtaken'});
  expect(await merge(1)).toMatchObject({epoch: 2});
  const together = await Promise.all([merge(2), merge(2), merge(2)]);
  expect(together.map(({kind}) => kind).sort()).toEqual(['overtaken', 'overtaken', 'saved']);
});

test('each graph file has its own newest epoch, and all share one row of numbers', async () => {
  const {db} = database;
  await saveSpeedEpoch(db, epochOf('two'));
  await saveSpeedEpoch(db, epochOf('two', {graphHash: OTHER_HASH}));
  expect((await newestSpeedEpoch(db, 'two', HASH))?.epoch).toBe(1);
  expect((await newestSpeedEpoch(db, 'two', OTHER_HASH))?.epoch).toBe(2);
  expect(await saveSpeedEpoch(db, epochOf('two', {mergedOnto: 1}))).toMatchObject({kind: 'saved', epoch: 3});
});

test('epochs are dropped so long after the next one came; the newest of each graph file stays', async () => {
  const {db} = database;
  for (const [hours, graphHash] of [
    [0, HASH],
    [10, HASH],
    [11, OTHER_HASH],
    [30, HASH],
  ] as const) {
    await at(NOW_MS + hours * HOUR_MS);
    await saveSpeedEpoch(db, epochOf('old', {graphHash}));
  }
  await at(NOW_MS + 36 * HOUR_MS);
  // The first was in force until the second came, 26 hours ago: its last tick may be kept for as long.
  expect(await dropOldSpeedEpochs(db, 'old', 26)).toBe(0);
  await at(NOW_MS + 36 * HOUR_MS + 1);
  expect(await dropOldSpeedEpochs(db, 'old', 26)).toBe(1);
  expect(await numbers('old')).toEqual([2, 3, 4]);
  await at(NOW_MS + 1_000 * HOUR_MS);
  expect(await dropOldSpeedEpochs(db, 'old', 26)).toBe(1);
  expect(await numbers('old')).toEqual([3, 4]);
  expect(await saveSpeedEpoch(db, epochOf('old'))).toMatchObject({epoch: 5});
});
