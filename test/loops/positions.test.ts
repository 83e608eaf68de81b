// Positions between memory, a tick and a real database.
import {afterAll, beforeAll, expect, test} from 'vitest';
import {readDispatchClock, setDispatchClock} from '../../src/db/clock.ts';
import type {Database} from '../../src/db/connect.ts';
import {readDriver, upsertDrivers} from '../../src/db/drivers.ts';
import {readSnapshot} from '../../src/db/snapshot.ts';
import {brokenChecks, eligibility} from '../../src/dispatch/eligibility.ts';
import {unpackPayload} from '../../src/dispatch/record.ts';
import {tick} from '../../src/dispatch/tick.ts';
import {systemClock} from '../../src/domain/clock.ts';
import {type HeardCounts, openPositions, type Positions, startPositionWriting} from '../../src/loops/positions.ts';
import {at, driverOf, type Market, MINUTE_MS, NOW_MS, newId, openMarket} from '../db/market.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {fakeWorld} from '../support/fake-world.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

const position = (driverId: string, recordedAtMs: number, latE7 = 302_500_000) => ({
  driverId,
  latE7,
  lonE7: -977_500_000,
  recordedAtMs,
});

type Seen = {readonly heard: HeardCounts[]; failures: number; lost: number};
function open(db: Database): {positions: Positions; seen: Seen} {
  const seen: Seen = {heard: [], failures: 0, lost: 0};
  const positions = openPositions(db, systemClock, {
    heard: (_region, _source, counts) => void seen.heard.push(counts),
    writeFailed: () => void seen.failures++,
    lost: (count) => void (seen.lost += count),
  });
  return {positions, seen};
}

/** The database, which takes no positions while `down`. */
function failing(db: Database): Database & {down: boolean} {
  const broken: Database & {down: boolean} = {
    ...db,
    down: false,
    query: (statement, given) => {
      const isRefused = broken.down && statement.name === 'record_positions';
      return isRefused ? Promise.reject(new Error('down')) : db.query(statement, given);
    },
  };
  return broken;
}

const snapshotOf = async ({db, regionId}: Market) => (await readSnapshot(db, regionId))!;

test('a stale driver is offered nothing, until memory alone has a fresh position', async () => {
  const m = await openMarket(database.db, {drivers: 1, tasks: 1});
  const [driverId] = m.drivers as [string];
  const {positions} = open(m.db);
  await at(m.db, NOW_MS + 10 * MINUTE_MS);
  await positions.syncClock();
  const world = fakeWorld(await snapshotOf(m), {readSnapshot: async () => positions.callRoll(await snapshotOf(m))});
  const run = async () => {
    const ticked = await tick(world, {id: newId(), trigger: 'request', dryRun: false});
    if (ticked.kind !== 'ticked') throw new Error(ticked.kind);
    return ticked;
  };
  expect((await run()).proposals).toEqual([]);
  const stale = eligibility(await snapshotOf(m));
  expect(brokenChecks(stale, stale.driverMask, 0).map(({code}) => code)).toEqual(['DRIVER_POSITION_STALE']);

  positions.hear(m.regionId, [position(driverId, NOW_MS + 9 * MINUTE_MS)], 'http');
  const {proposals, header} = await run();
  expect(proposals).toEqual([expect.objectContaining({driverId, taskId: m.tasks[0]})]);
  // The database still has the old one; the record has the one that was used.
  expect(await readDriver(m.db, m.regionId, driverId)).toMatchObject({recordedAtMs: NOW_MS});
  const record = world.records.find(({id}) => id === header.id)!;
  expect(unpackPayload(record.payload).snapshot.drivers).toMatchObject({
    latE7: [302_500_000],
    recordedAtMs: [NOW_MS + 9 * MINUTE_MS],
  });
  await at(m.db, NOW_MS);
});

test('the newest of each driver is written; strangers and their positions are forgotten', async () => {
  const m = await openMarket(database.db, {drivers: 3, tasks: 0});
  const [a, b] = m.drivers as [string, string];
  await at(m.db, NOW_MS + MINUTE_MS);
  const {positions, seen} = open(m.db);
  await positions.syncClock();
  const strangers = Array.from({length: 50}, () => position(newId(), NOW_MS + 1));
  const batch = [position(a, NOW_MS + 2, 2), position(a, NOW_MS + 1, 1), position(b, NOW_MS + 2 * MINUTE_MS, 3)];
  positions.hear(m.regionId, [...batch, ...strangers], 'http');
  expect(seen.heard).toEqual([{newer: 52, older: 1, full: 0}]);
  expect(positions.backlog()).toMatchObject([{held: 52, unwritten: 52}]);
  await positions.write();
  expect(positions.backlog()).toMatchObject([{held: 2, unwritten: 0, lagMs: 0}]);
  expect([positions.isKnown(m.regionId, a), positions.isKnown(m.regionId, strangers[0]!.driverId)]).toEqual([
    true,
    false,
  ]);
  expect(await readDriver(m.db, m.regionId, a)).toMatchObject({latE7: 2, recordedAtMs: NOW_MS + 2});
  expect(await readDriver(m.db, m.regionId, b)).toMatchObject({latE7: 3, recordedAtMs: NOW_MS + MINUTE_MS});
  await at(m.db, NOW_MS);
});

test('while time runs, one from the future counts as of an instant between its arrival and the write', async () => {
  const m = await openMarket(database.db, {drivers: 1, tasks: 0});
  const [driverId] = m.drivers as [string];
  const {positions, seen} = open(m.db);
  await setDispatchClock(m.db, {nowMs: NOW_MS + 1, scale: 1});
  await positions.syncClock();
  positions.hear(m.regionId, [position(driverId, NOW_MS + MINUTE_MS, 9)], 'http');
  await positions.write();
  const {nowMs} = await readDispatchClock(m.db);
  const driver = (await readDriver(m.db, m.regionId, driverId))!;
  expect([seen.failures, driver.latE7]).toEqual([0, 9]);
  expect(driver.recordedAtMs).toBeGreaterThan(NOW_MS);
  expect(driver.recordedAtMs).toBeLessThanOrEqual(nowMs);
  await at(m.db, NOW_MS);
});

test('a driver who is older here than in the database is known, and goes not back in time', async () => {
  const m = await openMarket(database.db, {drivers: 1, tasks: 0});
  const [driverId] = m.drivers as [string];
  const {positions} = open(m.db);
  positions.hear(m.regionId, [position(driverId, NOW_MS - 1)], 'http');
  await positions.write();
  expect(positions.isKnown(m.regionId, driverId)).toBe(true);
  expect((await readDriver(m.db, m.regionId, driverId))!.recordedAtMs).toBe(NOW_MS);
  const snapshot = await snapshotOf(m);
  expect(positions.newest(snapshot)).toBe(snapshot);
  positions.callRoll(snapshot);
  positions.hear(m.regionId, [position(driverId, NOW_MS)], 'http');
  expect(positions.backlog()).toMatchObject([{unwritten: 0}]);
});

test('what cannot be written is written later, with what came meanwhile, and other regions do not wait', async () => {
  const [m, other] = [await openMarket(database.db, {drivers: 2}), await openMarket(database.db, {drivers: 1})];
  await at(m.db, NOW_MS + MINUTE_MS);
  const db = failing(m.db);
  const {positions, seen} = open(db);
  const [a, b] = m.drivers as [string, string];
  positions.hear(m.regionId, [position(a, NOW_MS + 1)], 'http');
  positions.hear(other.regionId, [position(other.drivers[0]!, NOW_MS + 1)], 'http');
  db.down = true;
  await positions.write();
  expect(seen.failures).toBe(2);
  expect(positions.backlog()).toMatchObject([{unwritten: 1}, {unwritten: 1}]);
  expect(positions.backlog().every(({lagMs}) => lagMs > 0)).toBe(true);
  positions.hear(m.regionId, [position(a, NOW_MS + 3, 3), position(b, NOW_MS + 3, 4)], 'http');
  db.down = false;
  await positions.write();
  expect(await readDriver(m.db, m.regionId, a)).toMatchObject({latE7: 3, recordedAtMs: NOW_MS + 3});
  expect(await readDriver(m.db, m.regionId, b)).toMatchObject({latE7: 4});
  expect(positions.backlog()).toMatchObject([{unwritten: 0}, {unwritten: 0}]);
  await at(m.db, NOW_MS);
});

test('a stop writes what there is, once the database answers again; else it says how much is lost', async () => {
  const m = await openMarket(database.db, {drivers: 1, tasks: 0});
  const newcomer = driverOf(m);
  await upsertDrivers(m.db, [newcomer]);
  const db = failing(m.db);
  const {positions, seen} = open(db);
  const stop = startPositionWriting(positions, systemClock, 3_600_000);
  await positions.write();
  positions.hear(m.regionId, [position(newcomer.id, NOW_MS - 5)], 'nats');
  db.down = true;
  const ending = stop();
  await expect.poll(() => seen.failures).toBeGreaterThan(0);
  db.down = false;
  await ending;
  expect(await readDriver(m.db, m.regionId, newcomer.id)).toMatchObject({recordedAtMs: NOW_MS - 5});
  expect(seen.lost).toBe(0);

  // What the database will never take keeps nothing else from it.
  positions.hear(m.regionId, [{...position(newcomer.id, NOW_MS - 4), latE7: 2 ** 30}], 'nats');
  await positions.write();
  expect([seen.lost, positions.backlog()[0]!.unwritten]).toEqual([1, 0]);
  seen.lost = 0;

  // A clock that runs ahead with every look at it.
  let ms = 0;
  const hurried = {...systemClock, monotonicMs: () => (ms += 3_000)};
  positions.hear(m.regionId, [position(newcomer.id, NOW_MS)], 'nats');
  db.down = true;
  await startPositionWriting(positions, hurried, 3_600_000)();
  expect(seen.lost).toBe(1);
});
