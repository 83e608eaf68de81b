import {afterAll, beforeAll, expect, test} from 'vitest';
import {putDocuments, recordPositions, upsertDrivers} from '../../src/db/drivers.ts';
import {expireOffers} from '../../src/db/offers.ts';
import {setKillSwitch} from '../../src/db/rules.ts';
import {readSnapshot} from '../../src/db/snapshot.ts';
import {upsertStores} from '../../src/db/stores.ts';
import {changeTask, createTasks} from '../../src/db/tasks.ts';
import {DOCUMENT_KINDS} from '../../src/domain/document.ts';
import {STARTING_SETTINGS, STARTING_WEIGHTS} from '../../src/domain/region.ts';
import {NO_COORDINATE_E7} from '../../src/domain/units.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {startingRules} from '../support/starting-rules.ts';
import {
  at,
  bring,
  DAY_MS,
  driverOf,
  EVIDENCE,
  type Market,
  MINUTE_MS,
  NOW_MS,
  newId,
  offer,
  openMarket,
  taskOf,
} from './market.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

const read = async ({db, regionId}: Market) => (await readSnapshot(db, regionId))!;

test('an unknown region has none; a new one is empty', async () => {
  const m = await openMarket(database.db, {drivers: 0, tasks: 0, settings: {offerTtlS: 75}});
  expect(await readSnapshot(m.db, 'nowhere')).toBe(undefined);
  expect(await read(m)).toEqual({
    regionId: m.regionId,
    atMs: NOW_MS,
    graph: 'town',
    settings: {...STARTING_SETTINGS, offerTtlS: 75},
    weights: STARTING_WEIGHTS,
    rules: startingRules(STARTING_SETTINGS).map((rule) => ({
      ...rule,
      sentence: expect.stringMatching(/\.$/),
      source: expect.any(String),
    })),
    killed: [],
    medianPaidMin2h: 0,
    failedHandoverRate: 0.05,
    drivers: {
      id: [],
      latE7: [],
      lonE7: [],
      recordedAtMs: [],
      capacity: [],
      openOffers: [],
      activeTasks: [],
      optedIn: [],
      heldUnits: [],
      heldCents: [],
      heldStores: [],
      ofAgeFromMs: [[]],
      documentUntilMs: DOCUMENT_KINDS.map(() => []),
      offers: [],
      accepted: [],
      declines30m: [],
      paidMin2h: [],
    },
    stores: {id: [], latE7: [], lonE7: [], permitUntilMs: [], closesAtMs: []},
    tasks: {
      id: [],
      store: [],
      dropLatE7: [],
      dropLonE7: [],
      createdAtMs: [],
      readyAtMs: [],
      dueAtMs: [],
      latestAtMs: [],
      valueCents: [],
      units: [],
      payCents: [],
      attempts: [],
      category: [],
      ageCheckUntilMs: [],
    },
    declinedTask: [],
    declinedDriver: [],
  });
});

test('drivers on shift stand by id with everything that a tick asks of them', async () => {
  const m = await openMarket(database.db, {drivers: 4, tasks: 3, capacity: 2});
  const {db, regionId} = m;
  const [busy, off, bare, offered] = m.drivers;
  await upsertDrivers(db, [
    driverOf(m, {id: off, shiftOn: false}),
    driverOf(m, {id: bare, optedIn: false, bornOn: '2004-02-29', capacity: 7}),
  ]);
  const documents = (kind: (typeof DOCUMENT_KINDS)[number], given: object) => ({
    driverId: bare,
    kind,
    use: 'delivery' as const,
    validFromMs: NOW_MS - DAY_MS,
    validUntilMs: NOW_MS + DAY_MS,
    checkedAtMs: NOW_MS,
    revoked: false,
    ...given,
  });
  await putDocuments(db, regionId, [
    documents('identity', {validUntilMs: NOW_MS + 400 * DAY_MS, checkedAtMs: NOW_MS - 300 * DAY_MS}),
    documents('licence', {revoked: true}),
    documents('insurance', {validUntilMs: NOW_MS + DAY_MS}),
    // A renewal that is not valid yet counts only once it is.
    documents('insurance', {validFromMs: NOW_MS + 1, validUntilMs: NOW_MS + 300 * DAY_MS}),
    // Of two that are valid the longer counts.
    documents('registration', {validFromMs: NOW_MS - 2 * DAY_MS, validUntilMs: NOW_MS + 2 * DAY_MS}),
    documents('registration', {}),
  ]);
  await recordPositions(db, regionId, [{driverId: busy, latE7: 11, lonE7: 22, recordedAtMs: NOW_MS}]);
  await bring(m, m.tasks[0], busy, 'DELIVERED');
  await bring(m, m.tasks[1], busy, 'PICKED_UP');
  await offer(m, m.tasks[2], offered);
  const stranger = driverOf(m, {id: 'ffffffff-ffff-4fff-bfff-ffffffffffff'});
  await upsertDrivers(db, [stranger]);

  const {drivers, tasks, stores} = await read(m);
  const year = NOW_MS + 364 * DAY_MS;
  expect(drivers).toEqual({
    id: [busy, bare, offered, stranger.id],
    latE7: [302_000_000, 302_000_002, 302_000_003, NO_COORDINATE_E7],
    lonE7: [-977_000_000, -977_000_002, -977_000_003, NO_COORDINATE_E7],
    recordedAtMs: [NOW_MS, NOW_MS, NOW_MS, 0],
    capacity: [2, 7, 2, 1],
    openOffers: [0, 0, 1, 0],
    activeTasks: [1, 0, 0, 0],
    optedIn: [1, 0, 1, 1],
    // Midnight in Chicago; a leapling comes of age on 1 March.
    ofAgeFromMs: [
      [Date.UTC(2011, 4, 17, 5), Date.UTC(2025, 2, 1, 6), Date.UTC(2011, 4, 17, 5), Date.UTC(2011, 4, 17, 5)],
    ],
    heldUnits: [2, 0, 0, 0],
    heldCents: [4_500, 0, 0, 0],
    heldStores: [[m.store.id], [], [], []],
    // Of the background check, identity, insurance, licence and registration.
    documentUntilMs: [
      [year, year, year, 0],
      [year, NOW_MS + 65 * DAY_MS, year, 0],
      [year, NOW_MS + DAY_MS, year, 0],
      [year, 0, year, 0],
      [year, NOW_MS + 2 * DAY_MS, year, 0],
    ],
    offers: [2, 0, 1, 0],
    accepted: [2, 0, 0, 0],
    declines30m: [0, 0, 0, 0],
    paidMin2h: [0, 0, 0, 0],
  });
  expect(tasks.id).toEqual([]);
  expect(stores.id).toEqual([]);
});

test('tasks that wait stand by id with their stores', async () => {
  const m = await openMarket(database.db, {drivers: 1, tasks: 0});
  const {db, regionId} = m;
  const second = {...m.store, id: newId(), latE7: 5, lonE7: 6, permitUntilMs: null};
  const unused = {...m.store, id: newId()};
  await upsertStores(db, [second, unused]);
  const given = [
    taskOf(m, {readyAtMs: NOW_MS + 5, dueAtMs: NOW_MS + 6, latestAtMs: NOW_MS + 7 * MINUTE_MS, category: 'hemp'}),
    taskOf(m, {storeId: second.id, ageCheckUntilMs: null, valueCents: 1, units: 3, payCents: 0}),
    taskOf(m, {dropLatE7: -5, dropLonE7: 9}),
    taskOf(m),
  ];
  await createTasks(db, regionId, given);
  await offer(m, given[0].id, m.drivers[0]);
  await at(db, NOW_MS + MINUTE_MS);
  await expireOffers(db, regionId, 9);
  await bring(m, given[3].id, m.drivers[0], 'CANCELLED');

  const {tasks, stores, declinedTask, declinedDriver, drivers} = await read(m);
  const waiting = given.slice(0, 3).sort((a, b) => (a.id < b.id ? -1 : 1));
  const storeIds = [m.store.id, second.id].sort();
  expect(stores).toEqual({
    id: storeIds,
    latE7: storeIds.map((id) => (id === second.id ? 5 : m.store.latE7)),
    lonE7: storeIds.map((id) => (id === second.id ? 6 : m.store.lonE7)),
    permitUntilMs: storeIds.map((id) => (id === second.id ? 0 : m.store.permitUntilMs)),
    closesAtMs: [null, null],
  });
  expect(tasks).toEqual({
    id: waiting.map(({id}) => id),
    store: waiting.map(({storeId}) => storeIds.indexOf(storeId)),
    dropLatE7: waiting.map(({dropLatE7}) => dropLatE7),
    dropLonE7: waiting.map(({dropLonE7}) => dropLonE7),
    createdAtMs: waiting.map(() => NOW_MS),
    readyAtMs: waiting.map(({readyAtMs}) => readyAtMs),
    dueAtMs: waiting.map(({dueAtMs}) => dueAtMs),
    latestAtMs: waiting.map(({latestAtMs}) => latestAtMs),
    valueCents: waiting.map(({valueCents}) => valueCents),
    units: waiting.map(({units}) => units),
    payCents: waiting.map(({payCents}) => payCents),
    attempts: waiting.map(({id}) => (id === given[0].id ? 1 : 0)),
    category: waiting.map(({category}) => category),
    ageCheckUntilMs: waiting.map(({ageCheckUntilMs}) => ageCheckUntilMs ?? 0),
  });
  expect(declinedTask).toEqual([waiting.findIndex(({id}) => id === given[0].id)]);
  expect(declinedDriver).toEqual([0]);
  expect(drivers.declines30m).toEqual([1]);
});

test('a pair cools down after each decline, and declines count for half an hour', async () => {
  const m = await openMarket(database.db, {drivers: 2, tasks: 2, settings: {declineCoolDownS: 600}});
  const {db, regionId} = m;
  const [t0, t1] = m.tasks;
  const [d0, d1] = m.drivers;
  await offer(m, t0, d0);
  await changeTask(db, regionId, t0, 'reject', {driverId: d0});
  await offer(m, t0, d0);
  await offer(m, t1, d1);
  await changeTask(db, regionId, t0, 'reject', {driverId: d0});
  await changeTask(db, regionId, t1, 'cancel');
  const declined = async () => {
    const {declinedTask, declinedDriver, drivers} = await read(m);
    return {pairs: declinedTask.map((task, i) => [task, declinedDriver[i]]), declines: drivers.declines30m};
  };
  expect(await declined()).toEqual({pairs: [[0, 0]], declines: [2, 0]});
  await at(db, NOW_MS + 600_000 - 1);
  expect(await declined()).toEqual({pairs: [[0, 0]], declines: [2, 0]});
  await at(db, NOW_MS + 600_000);
  expect(await declined()).toEqual({pairs: [], declines: [2, 0]});
  await at(db, NOW_MS + 30 * MINUTE_MS);
  expect(await declined()).toEqual({pairs: [], declines: [0, 0]});
});

test('paid minutes are those of the last two hours, and their median counts everyone on shift', async () => {
  const m = await openMarket(database.db, {drivers: 3, tasks: 2});
  const {db, regionId} = m;
  const [a, b] = m.drivers;
  const act = (task: number, driverId: string, action: 'accept' | 'pickup' | 'deliver') =>
    changeTask(db, regionId, m.tasks[task], action, {driverId, ...EVIDENCE[action]});
  await offer(m, m.tasks[0], a);
  await at(db, NOW_MS + 10_000);
  await act(0, a, 'accept');
  await at(db, NOW_MS + 10_000 + 20 * MINUTE_MS);
  await act(0, a, 'pickup');
  await at(db, NOW_MS + 10_000 + 50 * MINUTE_MS);
  const paid = async () => {
    const {drivers, medianPaidMin2h} = await read(m);
    return [...drivers.paidMin2h, medianPaidMin2h];
  };
  expect(await paid()).toEqual([50, 0, 0, 0]);
  await act(0, a, 'deliver');
  await offer(m, m.tasks[1], b);
  await act(1, b, 'accept');
  await at(db, NOW_MS + 10_000 + 60 * MINUTE_MS);
  expect(await paid()).toEqual([50, 10, 0, 10]);
  // The window now begins in the middle of the first driver's way to the pickup, then of the delivery.
  await at(db, NOW_MS + 10_000 + 130 * MINUTE_MS);
  expect(await paid()).toEqual([40, 80, 0, 40]);
  await at(db, NOW_MS + 10_000 + 165 * MINUTE_MS);
  expect(await paid()).toEqual([5, 115, 0, 5]);
  await at(db, NOW_MS + 10_000 + 400 * MINUTE_MS);
  expect(await paid()).toEqual([0, 120, 0, 0]);
});

test('failed hand-overs of the last week are a rate, smoothed towards a twentieth', async () => {
  const m = await openMarket(database.db, {drivers: 4, tasks: 4});
  const {db} = m;
  const states = ['DELIVERED', 'RETURNING', 'RETURNED', 'PICKED_UP'] as const;
  for (const [i, state] of states.entries()) await bring(m, m.tasks[i], m.drivers[i], state);
  expect((await read(m)).failedHandoverRate).toBeCloseTo((2 + 1) / (3 + 20), 12);
  await at(db, NOW_MS + 7 * DAY_MS);
  expect((await read(m)).failedHandoverRate).toBe(0.05);
});

test('what is switched off is named, and what is switched on again is not', async () => {
  const m = await openMarket(database.db, {drivers: 0, tasks: 0});
  const {db, regionId} = m;
  for (const category of ['vape', '*', 'hemp', 'hemp'])
    await setKillSwitch(db, regionId, category, true, 'test', 'test');
  expect((await read(m)).killed).toEqual(['*', 'hemp', 'vape']);
  await setKillSwitch(db, regionId, 'vape', false, 'test', 'test');
  await setKillSwitch(db, regionId, 'hemp', false, 'test', 'test');
  await setKillSwitch(db, regionId, 'hemp', true, 'test', 'test');
  expect((await read(m)).killed).toEqual(['*', 'hemp']);
});
