import {afterAll, beforeAll, expect, test} from 'vitest';
import type {Database} from '../../src/db/connect.ts';
import {type EtaTruthPage, newestEtaTruths, readEtaTruths} from '../../src/db/eta-truths.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {KEPT} from '../support/eta-truths.ts';
import {at, bring, bringOn, FEATURES, HOUR_MS, MINUTE_MS, NOW_MS, offer, openMarket} from './market.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

const LATER_MS = NOW_MS + HOUR_MS;

test('promised and actual times are those of the offer that was carried out', async () => {
  const market = await openMarket(database.db, {drivers: 2, tasks: 3});
  const {db, regionId, store, drivers, tasks} = market;
  const page: EtaTruthPage = {db, regionId, sinceMs: NOW_MS, untilMs: LATER_MS, limit: 10};
  await offer(market, tasks[0], drivers[0]);
  await bringOn(market, tasks[0], drivers[0], ['reject']);
  await at(db, NOW_MS + MINUTE_MS);
  await bring(market, tasks[0], drivers[1], 'ASSIGNED');
  await at(db, NOW_MS + 6 * MINUTE_MS);
  await bringOn(market, tasks[0], drivers[1], ['pickup']);
  expect(await readEtaTruths(page)).toEqual([]);
  await at(db, NOW_MS + 17 * MINUTE_MS);
  await bringOn(market, tasks[0], drivers[1], ['deliver']);
  // A hand-over that fails was at the door all the same; a task that nobody carried tells nothing.
  await bring(market, tasks[1], drivers[0], 'RETURNING');
  await bring(market, tasks[2], drivers[1], 'CANCELLED');

  const truths = await readEtaTruths(page);
  expect(truths.map(({taskId}) => taskId)).toEqual([tasks[0], tasks[1]].sort());
  expect(truths.find(({taskId}) => taskId === tasks[0])).toEqual({
    taskId: tasks[0],
    tickId: expect.any(String),
    driverId: drivers[1],
    category: 'vape',
    storeLatE7: store.latE7,
    storeLonE7: store.lonE7,
    dropLatE7: 303_000_000,
    dropLonE7: -978_000_000,
    offeredAtMs: NOW_MS + MINUTE_MS,
    // 18:01 UTC in Chicago's summer.
    hour: 13,
    pickupMs: FEATURES.pickupMs,
    dropMs: FEATURES.dropMs,
    pickupPromisedAtMs: FEATURES.pickupAtMs,
    dropPromisedAtMs: FEATURES.dropAtMs,
    pickupCorrectionMs: 0,
    dropCorrectionMs: 0,
    pickupActualAtMs: NOW_MS + 6 * MINUTE_MS,
    dropActualAtMs: NOW_MS + 17 * MINUTE_MS,
  });

  // Page by page no row is missed, told twice, or of another time.
  const [first] = await readEtaTruths({...page, limit: 1});
  expect(first).toEqual(truths[0]);
  expect(await readEtaTruths({...page, after: first})).toEqual([truths[1]]);
  expect(await readEtaTruths({...page, after: truths[1]})).toEqual([]);
  expect(await readEtaTruths({...page, untilMs: NOW_MS + 17 * MINUTE_MS})).toEqual([]);
  expect(await readEtaTruths({...page, sinceMs: NOW_MS + 17 * MINUTE_MS})).toEqual(truths);
  expect(await readEtaTruths({...page, sinceMs: NOW_MS + 17 * MINUTE_MS + 1})).toEqual([]);
});

test('the newest are read from the end of time backwards, and little more than is asked for', async () => {
  // A delivery a minute for four weeks.
  const all = Array.from({length: 28 * 24 * 60}, (_, i) => ({...KEPT, dropActualAtMs: NOW_MS + i * MINUTE_MS}));
  let rows = 0;
  const query = async (_: unknown, [, fromMs, after, untilMs, most]: readonly [0, number, string, number, number]) => {
    const isIn = (ms: number) => ms < untilMs && (after === KEPT.taskId ? ms > fromMs : ms >= fromMs);
    const page = all.filter(({dropActualAtMs: ms}) => isIn(ms)).slice(0, most);
    rows += page.length;
    return page;
  };
  const db = {query} as unknown as Database;
  const read = async (limit: number) => {
    const spans = [];
    for await (const span of newestEtaTruths({
      ...{db, regionId: '', limit},
      sinceMs: NOW_MS,
      untilMs: NOW_MS + all.length * MINUTE_MS,
    })) {
      spans.push(span);
    }
    return {truths: spans.toReversed().flatMap(({truths}) => truths), sinceMs: spans.at(-1)!.sinceMs};
  };
  for (const limit of [1, 90, 3_000]) {
    rows = 0;
    const {truths, sinceMs} = await read(limit);
    expect(truths.map((truth) => truth.dropActualAtMs)).toEqual(all.slice(-limit).map((truth) => truth.dropActualAtMs));
    expect(Math.ceil(sinceMs / MINUTE_MS)).toBe(truths[0]!.dropActualAtMs / MINUTE_MS);
    expect(rows).toBeLessThan(2 * limit + 2_000);
  }
  expect((await read(1e6)).truths).toEqual(all);
});
