import {afterAll, beforeAll, expect, test} from 'vitest';
import {readInvariantViolations} from '../../src/db/invariants.ts';
import {changeTask, createTask, createTasks, listTasks, readTask} from '../../src/db/tasks.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {bring, HOUR_MS, NOW_MS, newId, offer, openMarket, rows, taskOf} from './market.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

test('a task is created once: the same id again answers the task as it stands', async () => {
  const m = await openMarket(database.db, {drivers: 1, tasks: 0});
  const {db, regionId} = m;
  const given = taskOf(m, {ageCheckUntilMs: null, readyAtMs: NOW_MS - 1});
  const task = {
    ...given,
    state: 'PENDING',
    driverId: null,
    offerId: null,
    offerExpiresAtMs: null,
    attempts: 0,
    createdAtMs: NOW_MS,
    changedAtMs: NOW_MS,
    customerAddressId: null,
    purchaserHmac: null,
  };
  expect(await createTask(db, given)).toEqual({kind: 'created', task});
  expect(await readTask(db, regionId, given.id)).toEqual(task);
  expect(await createTask(db, {...given, units: 9})).toEqual({kind: 'repeated', task});
  const offerId = await offer(m, given.id, m.drivers[0]).catch(() => 'none');
  expect(offerId).toBe('none'); // The purchaser's age was never checked.
  const [event] = await rows<{body: string}>(db, 'select body from dossier_events where region_id = $1', [regionId]);
  expect(event.body).toBe(
    `{"actor":"operator","at":"2026-06-01T18:00:00.000Z","detail":{"ageCheckUntil":null,"category":"vape",` +
      `"dueAt":"2026-06-01T19:00:00.000Z","latestAt":"2026-06-01T21:00:00.000Z","payCents":900,` +
      `"readyAt":"2026-06-01T17:59:59.999Z","store":"${m.store.id}","units":2,"valueCents":4500},` +
      `"kind":"created","seq":1,"task":"${given.id}"}`,
  );
});

test('of a batch each task is answered in its place, and what cannot be is refused', async () => {
  const m = await openMarket(database.db, {drivers: 0, tasks: 1});
  const other = await openMarket(database.db, {drivers: 0, tasks: 0});
  const given = [
    taskOf(m),
    taskOf(m, {storeId: other.store.id}),
    taskOf(m, {dueAtMs: NOW_MS + 4 * HOUR_MS}),
    taskOf(m, {readyAtMs: NOW_MS - 9, dueAtMs: NOW_MS - 8, latestAtMs: NOW_MS}),
    taskOf(m, {id: m.tasks[0], storeId: newId()}),
    taskOf(m),
  ];
  const made = await createTasks(m.db, m.regionId, given);
  expect(made).toMatchObject([
    {kind: 'created', task: {id: given[0].id}},
    {kind: 'refused', code: 'STORE_UNKNOWN'},
    {kind: 'refused', code: 'TIMES_CONTRADICT'},
    {kind: 'refused', code: 'TASK_LATE'},
    {kind: 'repeated', task: {id: m.tasks[0], storeId: m.store.id}},
    {kind: 'created', task: {id: given[5].id}},
  ]);
  expect(await createTasks(m.db, m.regionId, [])).toEqual([]);
  expect(await readInvariantViolations(m.db, m.regionId)).toEqual([]);
});

test('one id created by many callers at once is created by one of them', async () => {
  const m = await openMarket(database.db, {drivers: 0, tasks: 0});
  const given = taskOf(m);
  const made = await Promise.all(Array.from({length: 8}, () => createTask(m.db, given)));
  expect(made.filter(({kind}) => kind === 'created')).toHaveLength(1);
  expect(made.filter(({kind}) => kind === 'repeated')).toHaveLength(7);
  expect(await readInvariantViolations(m.db, m.regionId)).toEqual([]);
});

test('tasks are listed by id, a page at a time, by state and by driver', async () => {
  const m = await openMarket(database.db, {drivers: 2, tasks: 5, capacity: 2});
  const {db, regionId, tasks, drivers} = m;
  await bring(m, tasks[1], drivers[0], 'DELIVERED');
  await bring(m, tasks[3], drivers[0], 'ASSIGNED');
  await bring(m, tasks[4], drivers[1], 'OFFERED');
  await changeTask(db, regionId, tasks[0], 'cancel');
  const ids = async (filter: Parameters<typeof listTasks>[2]) =>
    (await listTasks(db, regionId, filter)).map(({id}) => id);
  expect(await ids({limit: 2})).toEqual(tasks.slice(0, 2));
  expect(await ids({limit: 9, afterId: tasks[1]})).toEqual(tasks.slice(2));
  expect(await ids({limit: 9, states: ['PENDING', 'CANCELLED']})).toEqual([tasks[0], tasks[2]]);
  expect(await ids({limit: 9, driverId: drivers[0]})).toEqual([tasks[1], tasks[3]]);
  expect(await ids({limit: 9, driverId: drivers[0], states: ['ASSIGNED'], afterId: tasks[1]})).toEqual([tasks[3]]);
  expect(await listTasks(db, 'elsewhere', {limit: 9})).toEqual([]);
});
