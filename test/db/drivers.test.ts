import {afterAll, beforeAll, expect, test} from 'vitest';
import {
  knownDrivers,
  listDrivers,
  putDocuments,
  readDriver,
  recordPositions,
  upsertDrivers,
} from '../../src/db/drivers.ts';
import {readInvariantViolations} from '../../src/db/invariants.ts';
import {changeTask} from '../../src/db/tasks.ts';
import type {DriverDocument} from '../../src/domain/driver.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {
  at,
  bring,
  DAY_MS,
  documentDrivers,
  driverOf,
  EVIDENCE,
  MINUTE_MS,
  NOW_MS,
  newId,
  offer,
  openMarket,
  proposalOf,
  propose,
  rows,
} from './market.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

test('a driver is read as it was written, with its position and what it holds', async () => {
  const m = await openMarket(database.db, {drivers: 0, tasks: 1, capacity: 2});
  const {db, regionId} = m;
  const profile = driverOf(m, {name: 'O\'Hara \\ "Q" ü', bornOn: '1999-12-31', capacity: 2});
  await upsertDrivers(db, [profile]);
  const idle = {
    ...profile,
    status: 'AVAILABLE',
    openOffers: 0,
    activeTasks: 0,
    latE7: null,
    lonE7: null,
    recordedAtMs: null,
  };
  expect(await readDriver(db, regionId, profile.id)).toEqual(idle);
  await recordPositions(db, regionId, [{driverId: profile.id, latE7: -1, lonE7: 2, recordedAtMs: NOW_MS - 1}]);
  const placed = {...idle, latE7: -1, lonE7: 2, recordedAtMs: NOW_MS - 1};
  expect(await readDriver(db, regionId, profile.id)).toEqual(placed);
  await upsertDrivers(db, [{...profile, shiftOn: false, name: 'Eve'}]);
  expect(await listDrivers(db, regionId, {limit: 9})).toEqual([
    {...placed, shiftOn: false, name: 'Eve', status: 'OFF'},
  ]);
  expect(await readDriver(db, regionId, newId())).toBe(undefined);
});

test('drivers are listed by id, a page at a time, by status', async () => {
  const m = await openMarket(database.db, {drivers: 5, tasks: 1});
  const {db, regionId, drivers} = m;
  await offer(m, m.tasks[0], drivers[3]);
  const ids = async (filter: Parameters<typeof listDrivers>[2]) =>
    (await listDrivers(db, regionId, filter)).map(({id}) => id);
  expect(await ids({limit: 2})).toEqual(drivers.slice(0, 2));
  expect(await ids({limit: 9, afterId: drivers[1]})).toEqual(drivers.slice(2));
  expect(await ids({limit: 9, statuses: ['OFFERED', 'OFF']})).toEqual([drivers[3]]);
  expect(await ids({limit: 9, statuses: []})).toEqual([]);
});

test('the newest position stands, whatever the order of batches; the future counts as now', async () => {
  const m = await openMarket(database.db, {drivers: 3, tasks: 0});
  const {db, regionId} = m;
  const [a, b, c] = m.drivers;
  await at(db, NOW_MS + MINUTE_MS);
  const position = (driverId: string, seconds: number) => ({
    driverId,
    latE7: seconds,
    lonE7: -seconds,
    recordedAtMs: NOW_MS + seconds * 1_000,
  });
  const batch = [position(a, 5), position(a, 7), position(a, 6), position(b, 0), position(c, 99), position(newId(), 8)];
  expect(new Set(await recordPositions(db, regionId, batch))).toEqual(new Set([a, c]));
  expect(await recordPositions(db, regionId, batch)).toEqual([]);
  expect(await recordPositions(db, regionId, [])).toEqual([]);
  const stranger = newId();
  expect(await knownDrivers(db, regionId, [b, stranger])).toEqual([b]);
  expect(await readDriver(db, regionId, a)).toMatchObject({latE7: 7, recordedAtMs: NOW_MS + 7_000});
  expect(await readDriver(db, regionId, b)).toMatchObject({latE7: 302_000_001, recordedAtMs: NOW_MS});
  expect(await readDriver(db, regionId, c)).toMatchObject({latE7: 99, recordedAtMs: NOW_MS + MINUTE_MS});
});

test('concurrent batches of the same drivers neither deadlock nor lose the newest', async () => {
  const m = await openMarket(database.db, {drivers: 50, tasks: 0});
  const {db, regionId} = m;
  await at(db, NOW_MS + DAY_MS);
  await Promise.all(
    Array.from({length: 20}, (_, i) => {
      const drivers = i % 2 ? m.drivers : [...m.drivers].reverse();
      return recordPositions(
        db,
        regionId,
        drivers.map((driverId) => ({driverId, latE7: i, lonE7: i, recordedAtMs: NOW_MS + 1 + i})),
      );
    }),
  );
  for (const {latE7} of await listDrivers(db, regionId, {limit: 99})) expect(latE7).toBe(19);
});

test('a driver changes its region without open work, and is in one at a time', async () => {
  const m = await openMarket(database.db, {drivers: 2, tasks: 1});
  const other = await openMarket(database.db, {drivers: 0, tasks: 0});
  const {db} = m;
  const [mover, worker] = m.drivers;
  const moving = [mover, worker].map((id) => driverOf(other, {id}));
  await offer(m, m.tasks[0], worker);
  await expect(upsertDrivers(db, moving)).rejects.toMatchObject({code: 'OPEN_WORK_ELSEWHERE'});
  expect((await listDrivers(db, m.regionId, {limit: 9})).map(({id}) => id)).toEqual(m.drivers);
  expect(await listDrivers(db, other.regionId, {limit: 9})).toEqual([]);

  await changeTask(db, m.regionId, m.tasks[0], 'reject', {driverId: worker});
  await upsertDrivers(db, moving);
  expect(await listDrivers(db, m.regionId, {limit: 9})).toEqual([]);
  expect((await listDrivers(db, other.regionId, {limit: 9})).map(({id}) => id)).toEqual(m.drivers);

  await upsertDrivers(db, [driverOf(m, {id: mover})]);
  expect((await readDriver(db, m.regionId, mover))!.status).toBe('AVAILABLE');
  expect(await readDriver(db, other.regionId, mover)).toBe(undefined);
  for (const {regionId} of [m, other]) expect(await readInvariantViolations(db, regionId)).toEqual([]);
});

test('documents that were left behind count no more after a change of region and back, until put anew', async () => {
  const m = await openMarket(database.db, {drivers: 1, tasks: 1});
  const other = await openMarket(database.db, {drivers: 0, tasks: 0});
  const {db} = m;
  const [driverId] = m.drivers;
  await upsertDrivers(db, [driverOf(other, {id: driverId})]);
  await documentDrivers(other, [driverId]);
  const licence = {driverId, kind: 'licence' as const, validFromMs: NOW_MS - DAY_MS, validUntilMs: NOW_MS + DAY_MS};
  await putDocuments(db, other.regionId, [{...licence, checkedAtMs: NOW_MS, revoked: true}]);

  await upsertDrivers(db, [driverOf(m, {id: driverId})]);
  const proposals = [proposalOf(m.tasks[0], driverId)];
  expect((await propose(m, proposals)).refused).toMatchObject([{reason: 'DRIVER_BACKGROUND_CHECK'}]);
  await documentDrivers(m, [driverId]);
  // A profile that is put again is no return.
  await upsertDrivers(db, [driverOf(m, {id: driverId})]);
  expect((await propose(m, proposals)).landed).toHaveLength(1);
});

test('a call that moves drivers and changes others is refused before anybody has left', async () => {
  const m = await openMarket(database.db, {drivers: 2, tasks: 0});
  const other = await openMarket(database.db, {drivers: 1, tasks: 0});
  const third = await openMarket(database.db, {drivers: 1, tasks: 0});
  const {db} = m;
  const everybody = () => Promise.all([m, other, third].map(({regionId}) => listDrivers(db, regionId, {limit: 9})));
  const before = await everybody();
  for (const stranger of [other.drivers[0], third.drivers[0]]) {
    const profiles = [m.drivers[0], stranger].map((id) => driverOf(other, {id, name: 'Eve'}));
    await expect(upsertDrivers(db, profiles)).rejects.toMatchObject({code: 'DRIVERS_MOVE_APART'});
  }
  expect(await everybody()).toEqual(before);
});

test('a capacity below the work in hand is refused, and so is the whole call', async () => {
  const m = await openMarket(database.db, {drivers: 2, tasks: 2, capacity: 2});
  const {db, regionId} = m;
  const [busy, idle] = m.drivers;
  for (const taskId of m.tasks) await bring(m, taskId, busy, 'ASSIGNED');
  const profiles = [driverOf(m, {id: idle, capacity: 1}), driverOf(m, {id: busy, capacity: 1})];
  await expect(upsertDrivers(db, profiles)).rejects.toMatchObject({code: 'CAPACITY_BELOW_LOAD'});
  expect((await listDrivers(db, regionId, {limit: 9})).map(({capacity}) => capacity)).toEqual([2, 2]);
});

test('a driver who ends the shift keeps the work in hand, and is off when it is done', async () => {
  const m = await openMarket(database.db, {drivers: 1, tasks: 1});
  const {db, regionId} = m;
  const [driverId] = m.drivers;
  await bring(m, m.tasks[0], driverId, 'PICKED_UP');
  await upsertDrivers(db, [driverOf(m, {id: driverId, shiftOn: false})]);
  expect((await readDriver(db, regionId, driverId))!.status).toBe('CARRYING');
  await at(db, NOW_MS + MINUTE_MS);
  await changeTask(db, regionId, m.tasks[0], 'deliver', {driverId, ...EVIDENCE.deliver});
  expect((await readDriver(db, regionId, driverId))!.status).toBe('OFF');
  expect(await readInvariantViolations(db, regionId)).toEqual([]);
});

test('a document replaces the one of the same start; a revoked one revokes what was checked before', async () => {
  const m = await openMarket(database.db, {drivers: 1, tasks: 0});
  const {db, regionId} = m;
  const [driverId] = m.drivers;
  const licence = (given: Partial<DriverDocument>): DriverDocument => ({
    driverId,
    kind: 'licence',
    validFromMs: NOW_MS - DAY_MS,
    validUntilMs: NOW_MS + DAY_MS,
    checkedAtMs: NOW_MS,
    revoked: false,
    ...given,
  });
  const stored = () =>
    rows(
      db,
      `select valid_until, revoked from driver_documents
       where region_id = $1 and driver_id = $2 and kind = 'licence' order by valid_from`,
      [regionId, driverId],
    );
  await putDocuments(db, regionId, [licence({})]);
  expect(await stored()).toEqual([{valid_until: NOW_MS + DAY_MS, revoked: false}]);
  const renewed = licence({validFromMs: NOW_MS + DAY_MS, validUntilMs: NOW_MS + 9 * DAY_MS});
  await putDocuments(db, regionId, [renewed]);
  expect(await stored()).toHaveLength(2);
  await putDocuments(db, regionId, [licence({validFromMs: NOW_MS, checkedAtMs: NOW_MS - 1, revoked: true})]);
  expect(await stored()).toMatchObject([{revoked: false}, {revoked: true}, {revoked: false}]);
  await putDocuments(db, regionId, [licence({validFromMs: NOW_MS, checkedAtMs: NOW_MS, revoked: true})]);
  expect(await stored()).toMatchObject([{revoked: true}, {revoked: true}, {revoked: true}]);
  const stranger = licence({driverId: newId(), checkedAtMs: NOW_MS + 5});
  await expect(putDocuments(db, regionId, [licence({checkedAtMs: NOW_MS + 5}), stranger])).rejects.toMatchObject({
    code: 'DRIVER_UNKNOWN',
  });
  expect(await stored()).toMatchObject([{revoked: true}, {revoked: true}, {revoked: true}]);
});
