import {afterAll, beforeAll, expect, test} from 'vitest';
import {at, bring, type Market, MINUTE_MS, NOW_MS, openMarket, rows} from '../db/market.ts';
import {run} from '../support/cloudrun.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';

let database: TestDatabase;
let m: Market;
beforeAll(async () => {
  database = await createDatabase();
  m = await openMarket(database.db, {drivers: 4, tasks: 4});
  // Each is promised for the fourth and the sixteenth minute after 18:00, and done at once, an hour and more later.
  for (const [i, task] of m.tasks.entries()) {
    await at(m.db, NOW_MS + (60 + 30 * i) * MINUTE_MS);
    await bring(m, task, m.drivers[i]!, 'DELIVERED');
  }
});
afterAll(() => database?.drop());

const cloudrun = (...args: string[]) => run(['etas', ...args], {DATABASE_URL: database.url});

test('errors of promises are told by leg, hour and trip, and whether learning from them helps', async () => {
  const {code, stdout} = await cloudrun('--json', '--learn');
  expect(code).toBe(0);
  const {pickup, drop, ...told} = JSON.parse(stdout);
  const minutes = (mean: number, p10: number, p90: number) => ({
    meanMs: mean * MINUTE_MS,
    meanAbsMs: mean * MINUTE_MS,
    p10Ms: p10 * MINUTE_MS,
    p50Ms: mean * MINUTE_MS,
    p90Ms: p90 * MINUTE_MS,
  });
  const all = {deliveries: 4, ...minutes(101, 65, 137)};
  expect(pickup).toEqual({
    all,
    byHour: [
      {hour: 14, deliveries: 2, ...minutes(71, 59, 83)},
      {hour: 15, deliveries: 2, ...minutes(131, 119, 143)},
    ],
    byTrip: [{trip: '0-5 min', ...all}],
  });
  expect(drop).toMatchObject({
    all: {deliveries: 4, ...minutes(89, 53, 125)},
    byTrip: [{trip: '10-20 min', deliveries: 4}],
  });
  // Of the older three, two are of hour 14: with half an hour each, they move what is promised at 15 as well.
  expect(told).toMatchObject({
    region: m.regionId,
    deliveries: 4,
    etaCorrection: 0,
    trial: {learnedFrom: 3, triedOn: 1, pickup: {without: {meanAbsMs: 146 * MINUTE_MS, meanLateMs: 146 * MINUTE_MS}}},
    learned: {deliveries: 4, cells: 4},
  });
  expect(told.trial.drop.with.meanLateMs).toBeLessThan(told.trial.drop.without.meanLateMs);
  expect(await rows(m.db, 'select from eta_corrections where region_id = $1', [m.regionId])).toHaveLength(48 + 4);
});

test('the same is a table for people; a region without deliveries has nothing to tell', async () => {
  const {code, stdout} = await cloudrun();
  expect([code, stdout]).toEqual([0, expect.stringContaining(`region ${m.regionId}: 4 deliveries of 28 days`)]);
  expect(stdout).toMatch(/^15:00 +2 +131\.00 +131\.00 +119\.00 +131\.00 +143\.00$/m);
  expect(stdout).toMatch(/^learned from the older 3, tried on the newest 1/m);
  const empty = await openMarket(database.db, {drivers: 0, tasks: 0});
  const nothing = await cloudrun('--region', empty.regionId);
  expect([nothing.code, nothing.stdout]).toEqual([0, expect.stringContaining('too few deliveries')]);
});
