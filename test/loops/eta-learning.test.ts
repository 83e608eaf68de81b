import {afterAll, beforeAll, expect, test, vi} from 'vitest';
import {setDispatchClock} from '../../src/db/clock.ts';
import type {Database} from '../../src/db/connect.ts';
import {systemClock} from '../../src/domain/clock.ts';
import type {LegError} from '../../src/domain/eta-error.ts';
import type {Learned} from '../../src/domain/eta-learning.ts';
import {learnEtas, startEtaLearning} from '../../src/loops/eta-learning.ts';
import {at, bring, HOUR_MS, type Market, MINUTE_MS, NOW_MS, openMarket, rows} from '../db/market.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

const SOON = {timeout: 10_000, interval: 5};

/** What the loop tells, while the lease is held under `fence`. */
function follow(m: Market, db: Database = m.db, turn = {taken: false}) {
  const seen = {errors: [] as LegError[], learned: [] as Learned[], failures: 0, fence: 1 as number | undefined};
  const stop = startEtaLearning({
    db,
    regionId: m.regionId,
    fence: () => seen.fence,
    clock: systemClock,
    turn,
    everyMs: 10,
    observer: {
      erred: (error) => void seen.errors.push(error),
      learned: (learned) => void seen.learned.push(learned),
      failed: () => void seen.failures++,
    },
  });
  const comes = (check: () => void) => vi.waitFor(check, SOON);
  return {seen, stop, comes};
}

/** The database, which counts its statements and fails those named `down`. */
function watched(db: Database) {
  const counts = new Map<string, number>();
  const down = new Set<string>();
  const query: Database['query'] = (statement, given) => {
    counts.set(statement.name, (counts.get(statement.name) ?? 0) + 1);
    return down.has(statement.name) ? Promise.reject(new Error('down')) : db.query(statement, given);
  };
  return {db: {...db, query}, down, times: (name: string) => counts.get(name) ?? 0};
}

const stored = async ({db, regionId}: Market) =>
  (await rows(db, 'select from eta_corrections where region_id = $1', [regionId])).length;

const deliver = async (m: Market, i: number, nowMs: number) => {
  await at(m.db, nowMs);
  await bring(m, m.tasks[i]!, m.drivers[i]!, 'DELIVERED');
  await at(m.db, nowMs + MINUTE_MS);
};

test('errors are told once, as hand-overs come, from when the lease came', async () => {
  const m = await openMarket(database.db, {drivers: 4, tasks: 4});
  await deliver(m, 0, NOW_MS);
  const {seen, stop, comes} = follow(m);
  await comes(() => expect(seen.learned).toHaveLength(1));
  expect([seen.errors, seen.learned[0]!.deliveries]).toEqual([[], 1]);

  await deliver(m, 1, NOW_MS + 5 * MINUTE_MS);
  await comes(() => expect(seen.errors).toHaveLength(2));
  // Promised for the fourth and the sixteenth minute, both done in the fifth.
  expect(seen.errors).toEqual([
    {leg: 'pickup', hour: 13, trip: '0-5 min', errorMs: MINUTE_MS},
    {leg: 'drop', hour: 13, trip: '10-20 min', errorMs: -11 * MINUTE_MS},
  ]);
  await deliver(m, 2, NOW_MS + 7 * MINUTE_MS);
  await comes(() => expect(seen.errors).toHaveLength(4));

  // What is delivered under another daemon is its own to tell.
  seen.fence = undefined;
  await deliver(m, 3, NOW_MS + 9 * MINUTE_MS);
  seen.fence = 3;
  await comes(() => expect(seen.learned).toHaveLength(2));
  await stop();
  expect([seen.errors.length, seen.failures]).toEqual([4, 0]);
  expect(seen.learned[1]!.deliveries).toBe(4);
});

test('what was handed over a moment ago may not be committed yet, and is told later', async () => {
  const m = await openMarket(database.db, {drivers: 1, tasks: 1});
  const {db, times} = watched(m.db);
  const {seen, stop, comes} = follow(m, db);
  await comes(() => expect(seen.learned).toHaveLength(1));
  await at(m.db, NOW_MS + MINUTE_MS);
  await bring(m, m.tasks[0]!, m.drivers[0]!, 'DELIVERED');
  // Time runs: for five seconds of the world the hand-over is too fresh.
  await setDispatchClock(m.db, {nowMs: NOW_MS + MINUTE_MS + 1, scale: 0.1});
  const before = times('read_eta_truths');
  await comes(() => expect(times('read_eta_truths')).toBeGreaterThan(before + 3));
  expect(seen.errors).toEqual([]);
  await setDispatchClock(m.db, {nowMs: NOW_MS + 2 * MINUTE_MS, scale: 0.1});
  await comes(() => expect(seen.errors).toHaveLength(2));
  await stop();
});

test('what is learned is kept at start, and anew once an hour of dispatch time has gone', async () => {
  const m = await openMarket(database.db, {drivers: 2, tasks: 2});
  await deliver(m, 0, NOW_MS);
  const {db, times} = watched(m.db);
  const {seen, stop, comes} = follow(m, db);
  await comes(() => expect(seen.learned).toHaveLength(1));
  // Both legs have every hour and one cell.
  expect(await stored(m)).toBe(50);
  await deliver(m, 1, NOW_MS + 58 * MINUTE_MS);
  const before = times('read_dispatch_clock');
  await comes(() => expect(times('read_dispatch_clock')).toBeGreaterThan(before + 3));
  expect(seen.learned).toHaveLength(1);
  await at(m.db, NOW_MS + MINUTE_MS + HOUR_MS);
  await comes(() => expect(seen.learned).toHaveLength(2));
  expect(seen.learned[1]).toMatchObject({deliveries: 2, cells: 2});
  await stop();
});

test('nothing is asked or learned without the lease, nor kept once it is lost', async () => {
  const m = await openMarket(database.db, {drivers: 1, tasks: 1});
  await deliver(m, 0, NOW_MS);
  const {db, times} = watched(m.db);
  const {seen, stop} = follow(m, db);
  seen.fence = undefined;
  await stop();
  expect(times('read_dispatch_clock')).toBe(0);
  for (const lostAfter of [0, 1, 30, 45]) {
    let asked = 0;
    expect(await learnEtas(db, m.regionId, NOW_MS + HOUR_MS, () => asked++ < lostAfter)).toBeUndefined();
  }
  expect([times('replace_eta_corrections'), await stored(m)]).toEqual([0, 0]);
});

test('while one region learns another goes on without, and learns with a later round', async () => {
  const [one, other] = [
    await openMarket(database.db, {drivers: 1, tasks: 1}),
    await openMarket(database.db, {drivers: 1, tasks: 1}),
  ];
  const turn = {taken: false};
  const {promise: released, resolve: release} = Promise.withResolvers<void>();
  const slow: Database = {
    ...one.db,
    query: async (statement, given) => {
      if (statement.name === 'replace_eta_corrections') await released;
      return one.db.query(statement, given);
    },
  };
  const first = follow(one, slow, turn);
  await first.comes(() => expect(turn.taken).toBe(true));
  const {db, times} = watched(other.db);
  const second = follow(other, db, turn);
  await second.comes(() => expect(times('read_dispatch_clock')).toBeGreaterThan(3));
  expect([first.seen.learned, second.seen.learned]).toEqual([[], []]);
  release();
  await first.comes(() => expect(first.seen.learned).toHaveLength(1));
  await second.comes(() => expect(second.seen.learned).toHaveLength(1));
  await Promise.all([first.stop(), second.stop()]);
  expect(turn.taken).toBe(false);
});

test('where nothing was delivered nothing is kept, and what was kept goes', async () => {
  const m = await openMarket(database.db, {drivers: 1, tasks: 1});
  await deliver(m, 0, NOW_MS);
  expect(await learnEtas(m.db, m.regionId, NOW_MS + HOUR_MS)).toMatchObject({deliveries: 1});
  expect(await learnEtas(m.db, m.regionId, NOW_MS + 40 * 24 * HOUR_MS)).toMatchObject({deliveries: 0, corrections: []});
  expect(await stored(m)).toBe(0);
  await expect(learnEtas(m.db, 'nowhere', NOW_MS)).rejects.toMatchObject({code: 'REGION_UNKNOWN'});
});

test.each(['read_dispatch_clock', 'read_eta_truths', 'list_regions', 'replace_eta_corrections'])(
  'while %s fails it is tried again, and no error is told twice',
  async (name) => {
    const m = await openMarket(database.db, {drivers: 2, tasks: 2});
    const {db, down} = watched(m.db);
    down.add(name);
    const {seen, stop, comes} = follow(m, db);
    await comes(() => expect(seen.failures).toBeGreaterThan(2));
    expect(seen.learned).toEqual([]);
    down.clear();
    await comes(() => expect(seen.learned).toHaveLength(1));
    await deliver(m, 0, NOW_MS + MINUTE_MS);
    await comes(() => expect(seen.errors).toHaveLength(2));
    down.add(name);
    await deliver(m, 1, NOW_MS + 2 * HOUR_MS);
    const {failures} = seen;
    await comes(() => expect(seen.failures).toBeGreaterThan(failures + 2));
    down.clear();
    await comes(() => expect(seen.learned).toHaveLength(2));
    await stop();
    expect(seen.errors).toHaveLength(4);
  },
);
