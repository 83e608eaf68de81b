// When stores close, through the snapshot: by the clock on the wall of the region, also in the nights it is changed.

import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {putRegion} from '../../src/db/regions.ts';
import {readSnapshot} from '../../src/db/snapshot.ts';
import {upsertStores} from '../../src/db/stores.ts';
import {createTasks} from '../../src/db/tasks.ts';
import {STARTING_SETTINGS, STARTING_WEIGHTS} from '../../src/domain/region.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {at, HOUR_MS, type Market, NOW_MS, openMarket, taskOf} from './market.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

const read = async ({db, regionId}: Market) => (await readSnapshot(db, regionId))!;

describe('when a store closes next', () => {
  const every = (...windows: [number, number][]) => Array.from({length: 7}, () => windows);
  const h = 60;
  /** In Chicago: clocks went forward on 8 March 2026 and go back on 1 November, both at 2:00. 1 June is a Monday. */
  const cases: [title: string, hours: [number, number][][] | null, nowMs: number, closesAtMs: number | null][] = [
    ['never', null, NOW_MS, null],
    ['in the afternoon', every([9 * h, 21 * h]), NOW_MS, Date.UTC(2026, 5, 2, 2)],
    [
      'at the end of the window that holds now',
      every([9 * h, 14 * h], [15 * h, 22 * h]),
      NOW_MS,
      Date.UTC(2026, 5, 1, 19),
    ],
    ['closed before the first window', every([14 * h, 20 * h]), NOW_MS, 0],
    ['closed at the minute it closes', every([9 * h, 13 * h]), NOW_MS, 0],
    ['open at the minute it opens', every([13 * h, 14 * h]), NOW_MS, NOW_MS + HOUR_MS],
    ['closed all day', [[[0, 1440]], [], [[0, 1440]], [], [], [], []], NOW_MS, 0],
    ['after midnight', every([18 * h, 26 * h]), Date.UTC(2026, 5, 2, 4), Date.UTC(2026, 5, 2, 7)],
    [
      'after midnight, by the window of yesterday',
      every([18 * h, 26 * h]),
      Date.UTC(2026, 5, 2, 6),
      Date.UTC(2026, 5, 2, 7),
    ],
    [
      'where windows meet, at the end of the last',
      every([9 * h, 14 * h], [14 * h, 17 * h]),
      NOW_MS,
      Date.UTC(2026, 5, 1, 22),
    ],
    [
      'where windows meet at midnight, too',
      [[], [[8 * h, 1440]], [[0, 3 * h]], [], [], [], []],
      NOW_MS,
      Date.UTC(2026, 5, 2, 8),
    ],
    ['never, when every day is open throughout', every([0, 1440]), NOW_MS, null],
    ['never, through the change of clocks', every([0, 1440]), Date.UTC(2026, 10, 1, 3), null],
    [
      'by the clock on the wall when it goes forward',
      every([0, 4 * h]),
      Date.UTC(2026, 2, 8, 7),
      Date.UTC(2026, 2, 8, 9),
    ],
    [
      'by the clock on the wall when it goes back',
      every([0, 4 * h]),
      Date.UTC(2026, 10, 1, 6),
      Date.UTC(2026, 10, 1, 10),
    ],
    ['at the first of two half past one', every([0, 90]), Date.UTC(2026, 10, 1, 6), Date.UTC(2026, 10, 1, 6, 30)],
    ['closed at the second of two half past one', every([0, 90]), Date.UTC(2026, 10, 1, 7, 15), 0],
    ['at a time that the night skips', every([0, 150]), Date.UTC(2026, 2, 8, 7), Date.UTC(2026, 2, 8, 8, 30)],
  ];

  test.each(cases)('%s', async (_title, hours, nowMs, closesAtMs) => {
    const m = await openMarket(database.db, {drivers: 0, tasks: 0});
    await at(m.db, nowMs);
    await upsertStores(m.db, [{...m.store, hours}]);
    await createTasks(m.db, m.regionId, [taskOf(m, {readyAtMs: nowMs, dueAtMs: nowMs + 1, latestAtMs: nowMs + 2})]);
    expect((await read(m)).stores.closesAtMs).toEqual([closesAtMs]);
  });

  test('by the time zone of the region', async () => {
    const m = await openMarket(database.db, {drivers: 0, tasks: 1});
    await upsertStores(m.db, [{...m.store, hours: every([9 * h, 21 * h])}]);
    const region = {id: m.regionId, name: 'M', graph: 'town', settings: STARTING_SETTINGS, weights: STARTING_WEIGHTS};
    await putRegion(m.db, {...region, timeZone: 'Europe/Stockholm'});
    expect((await read(m)).stores.closesAtMs).toEqual([Date.UTC(2026, 5, 1, 19)]);
  });
});
