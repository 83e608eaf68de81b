import {afterAll, beforeAll, expect, test} from 'vitest';
import {replaceEtaCorrections} from '../../src/db/eta-corrections.ts';
import {readSnapshot} from '../../src/db/snapshot.ts';
import {cellOf, type EtaCorrection} from '../../src/domain/eta-correction.ts';
import {LEGS} from '../../src/domain/eta-error.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {at, HOUR_MS, type Market, NOW_MS, openMarket, rows} from './market.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

/** 18:00 UTC in Chicago's summer. */
const HOUR = 13;
const quantilesMs = (ms: number) => [ms - 20, ms - 10, ms, ms + 10, ms + 20];
const row = (change: Partial<EtaCorrection>): EtaCorrection => {
  return {leg: 'drop', hour: HOUR, cell: '', deliveries: 3, quantilesMs: quantilesMs(60_000), ...change};
};
const everyHour = (ms: number): EtaCorrection[] =>
  LEGS.flatMap((leg) => Array.from({length: 24}, (_, hour) => row({leg, hour, quantilesMs: quantilesMs(ms + hour)})));
const stored = ({db, regionId}: Market) =>
  rows<EtaCorrection>(
    db,
    `select leg, hour, cell, deliveries, to_json(quantiles_ms) as "quantilesMs" from eta_corrections
     where region_id = $1 order by hour, leg, cell`,
    [regionId],
  );
const inOrder = (learned: readonly EtaCorrection[]) =>
  learned.toSorted((a, b) => a.hour - b.hour || (`${a.leg} ${a.cell}` < `${b.leg} ${b.cell}` ? -1 : 1));

test('a snapshot has what was learned of its hour, by store and by task, while the region goes by it', async () => {
  const on = await openMarket(database.db, {drivers: 1, tasks: 2, settings: {etaCorrection: 1}});
  const {db, regionId, store} = on;
  const before = (await readSnapshot(db, regionId))!;
  expect(before).not.toHaveProperty('corrections');

  const cell = cellOf(store, 8);
  const learned = [...everyHour(0), row({leg: 'pickup', cell, quantilesMs: quantilesMs(90_000)})];
  await replaceEtaCorrections(db, regionId, learned);
  expect(await readSnapshot(db, regionId)).toEqual({
    ...before,
    corrections: {pickupMs: [90_000], dropMs: [quantilesMs(HOUR), quantilesMs(HOUR)]},
  });
  // The hour is the region's own, and turns with it.
  await at(db, NOW_MS + 11 * HOUR_MS);
  expect((await readSnapshot(db, regionId))?.corrections).toEqual({
    pickupMs: [0],
    dropMs: [quantilesMs(0), quantilesMs(0)],
  });
  // Of one alone nothing is promised.
  expect(await readSnapshot(db, regionId, {taskId: on.tasks[0]})).not.toHaveProperty('corrections');

  const off = await openMarket(db, {drivers: 1, tasks: 2});
  await replaceEtaCorrections(db, off.regionId, learned);
  expect(await readSnapshot(db, off.regionId)).not.toHaveProperty('corrections');
});

test('what is learned anew takes the place of all that was, of this region alone', async () => {
  const [m, other] = [await openMarket(database.db, {}), await openMarket(database.db, {})];
  const first = [...everyHour(1_000), row({cell: '881f1d4893fffff'}), row({cell: '881f1d4895fffff'})];
  await replaceEtaCorrections(m.db, other.regionId, first);
  await replaceEtaCorrections(m.db, m.regionId, first);
  expect(await stored(m)).toEqual(inOrder(first));
  const second = [...everyHour(2_000), row({cell: '881f1d4895fffff', deliveries: 9}), row({cell: '881f1d4897fffff'})];
  await replaceEtaCorrections(m.db, m.regionId, second);
  expect(await stored(m)).toEqual(inOrder(second));
  await replaceEtaCorrections(m.db, m.regionId, []);
  expect(await stored(m)).toEqual([]);
  expect(await stored(other)).toEqual(inOrder(first));
});

test('daemons that learn at once leave what one of them learned', async () => {
  const m = await openMarket(database.db, {});
  const cells = ['881f1d4891fffff', '881f1d4893fffff', '881f1d4895fffff', '881f1d4897fffff'];
  const learned = cells.map((cell, i) => [...everyHour(i), row({cell, hour: (7 * i) % 24})]);
  await replaceEtaCorrections(m.db, m.regionId, learned[0]);
  for (let round = 0; round < 5; round++) {
    await Promise.all(learned.map((each) => replaceEtaCorrections(m.db, m.regionId, each)));
    expect(learned.map(inOrder)).toContainEqual(await stored(m));
  }
});
