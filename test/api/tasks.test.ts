import type {FastifyInstance, InjectOptions} from 'fastify';
import {afterAll, beforeAll, expect, test} from 'vitest';
import type {World} from '../../src/api/world.ts';
import {at, bring, EVIDENCE, HOUR_MS, type Market, NOW_MS, newId, openMarket, rows} from '../db/market.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {fakeDispatch, fakeServer, fakeWorld} from './world.ts';

let database: TestDatabase;
let market: Market;
let world: World;
let app: FastifyInstance;

beforeAll(async () => {
  database = await createDatabase();
  market = await openMarket(database.db, {drivers: 40, tasks: 40});
  world = fakeWorld(database.db, {dispatch: fakeDispatch({regions: [market.regionId]})});
  app = fakeServer(database.db, world);
});
afterAll(async () => {
  await app.close();
  await database.drop();
});

const iso = (ms: number) => new Date(ms).toISOString();

const order = (given: object = {}) => ({
  storeId: market.store.id,
  drop: {lon: -97.75, lat: 30.28},
  readyAt: iso(NOW_MS),
  dueAt: iso(NOW_MS + HOUR_MS),
  latestAt: iso(NOW_MS + 2 * HOUR_MS),
  category: 'vape',
  valueCents: 4_500,
  units: 2,
  payCents: 900,
  ageCheckUntil: iso(NOW_MS + HOUR_MS),
  ...given,
});

const post = (url: string, payload: object, headers: Record<string, string> = {}) =>
  app.inject({method: 'POST', url, payload, headers});
const create = (payload: object, headers?: Record<string, string>) => post('/v1/tasks', payload, headers);
const get = (url: InjectOptions['url']) => app.inject(url as string);

/** A driver and a task of the market that no other test of this file uses. */
let used = 0;
const fresh = () => ({taskId: market.tasks[used]!, driverId: market.drivers[used++]!});

test('a task without region or id gets the only region and a version 7 UUID, and says where it is', async () => {
  const answer = await create(order());
  expect(answer.statusCode).toBe(201);
  const task = answer.json();
  expect(task.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  expect(task).toMatchObject({
    ...order(),
    regionId: market.regionId,
    state: 'PENDING',
    driverId: null,
    offerExpiresAt: null,
    attempts: 0,
    createdAt: iso(NOW_MS),
    allowedActions: ['offer', 'cancel', 'fail'],
  });
  expect((await get(String(answer.headers.location))).json()).toEqual(task);
});

test('the same id with the same contents is the same task, with others a conflict', async () => {
  const id = newId();
  expect((await create(order({id}))).statusCode).toBe(201);
  const again = await create(order({id: id.toUpperCase()}));
  expect([again.statusCode, again.json().id]).toEqual([200, id]);
  const other = await create(order({id, units: 3}));
  expect(other.json()).toMatchObject({status: 409, code: 'TASK_ID_REUSED'});
});

test('the same Idempotency-Key finds the same task; with another body it is refused', async () => {
  const headers = {'idempotency-key': 'order-17'};
  const first = await create(order(), headers);
  expect(first.statusCode).toBe(201);
  const again = await create(order(), headers);
  expect([again.statusCode, again.json()]).toEqual([201, first.json()]);
  const other = await create(order({payCents: 901}), headers);
  expect(other.json()).toMatchObject({status: 422, code: 'IDEMPOTENCY_KEY_REUSED'});
  expect((await create(order(), {'idempotency-key': 'order-18'})).json().id).not.toBe(first.json().id);
  expect((await create(order(), {'idempotency-key': 'é'})).json()).toMatchObject({status: 400, code: 'INVALID'});
});

test('ten requests at once under one key make one task; who comes too early is told so', async () => {
  const answers = await Promise.all(
    Array.from({length: 10}, () => create(order(), {'idempotency-key': 'all-at-once'})),
  );
  const made = answers.filter(({statusCode}) => statusCode === 201);
  expect(new Set(made.map((answer) => answer.json().id)).size).toBe(1);
  for (const answer of answers.filter(({statusCode}) => statusCode !== 201)) {
    expect(answer.json()).toMatchObject({status: 409, code: 'IDEMPOTENCY_KEY_IN_USE'});
    expect(answer.headers['retry-after']).toBe('1');
  }
});

test('a task goes to a position or to an address, not to both and not to neither', async () => {
  const {drop, ...nowhere} = order();
  expect((await create(nowhere)).json()).toMatchObject({code: 'INVALID', errors: [{field: 'drop'}]});
  const both = await create({...nowhere, drop, customerAddressId: newId()});
  expect(both.json()).toMatchObject({code: 'INVALID', errors: [{field: 'drop'}]});
  const unknown = await create({...nowhere, customerAddressId: newId()});
  expect(unknown.json()).toMatchObject({status: 422, code: 'ADDRESS_UNKNOWN'});
});

test('a repeated request answers the task as it stands, not as it was', async () => {
  const id = newId();
  await create(order({id}));
  await post(`/v1/tasks/${id}/cancel`, {});
  expect((await create(order({id}))).json()).toMatchObject({state: 'CANCELLED'});
});

test('what contradicts itself names the field, and what breaks a rule its code', async () => {
  const late = await create(order({dueAt: iso(NOW_MS + 3 * HOUR_MS)}));
  expect(late.json()).toMatchObject({code: 'INVALID', errors: [{field: 'dueAt'}]});
  const store = await create(order({storeId: newId()}));
  expect(store.json()).toMatchObject({status: 422, code: 'STORE_UNKNOWN'});
  const past = await create(order({readyAt: iso(NOW_MS - 2), dueAt: iso(NOW_MS - 1), latestAt: iso(NOW_MS - 1)}));
  expect(past.json()).toMatchObject({status: 422, code: 'TASK_LATE'});
  const region = await create(order({regionId: 'nowhere'}));
  expect(region.json()).toMatchObject({status: 404, code: 'REGION_UNKNOWN'});
});

test('times are read with any offset and answered in UTC, coordinates to a centimetre', async () => {
  const readyAt = '2026-06-01T13:00:00.250-05:00';
  const task = (await create(order({readyAt, drop: {lon: -97.7431234, lat: 30.2671239}}))).json();
  expect(task.readyAt).toBe('2026-06-01T18:00:00.250Z');
  expect(task.drop).toEqual({lon: -97.7431234, lat: 30.2671239});
});

test('a task that is not there is 404, on reading and on changing', async () => {
  const id = newId();
  expect((await get(`/v1/tasks/${id}`)).json()).toMatchObject({status: 404, code: 'TASK_NOT_FOUND'});
  expect((await post(`/v1/tasks/${id}/cancel`, {})).json()).toMatchObject({status: 404, code: 'TASK_NOT_FOUND'});
});

test('pages by cursor hold every task once, in order, and the last one says so', async () => {
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page: {tasks: {id: string}[]; nextCursor: string | null} = (
      await get(`/v1/tasks?limit=7${cursor ? `&cursor=${cursor}` : ''}`)
    ).json();
    expect(page.tasks.length).toBeLessThanOrEqual(7);
    seen.push(...page.tasks.map(({id}) => id));
    cursor = page.nextCursor;
  } while (cursor !== null);
  const whole = (await get('/v1/tasks?limit=1000')).json();
  expect(seen).toEqual(whole.tasks.map(({id}: {id: string}) => id));
  expect(whole.nextCursor).toBeNull();
  expect(seen).toEqual([...new Set(seen)].sort());
});

test('tasks are filtered by states and by driver', async () => {
  const {taskId, driverId} = fresh();
  await bring(market, taskId, driverId, 'ASSIGNED');
  const ids = async (query: string) => {
    const {tasks} = (await get(`/v1/tasks?limit=1000&${query}`)).json();
    return tasks.map(({id}: {id: string}) => id);
  };
  expect(await ids(`driverId=${driverId}`)).toEqual([taskId]);
  expect(await ids('state=ASSIGNED&state=RETURNED')).toContain(taskId);
  expect(await ids('state=PENDING')).not.toContain(taskId);
  expect((await get('/v1/tasks?state=LOST')).json()).toMatchObject({code: 'INVALID'});
});

test('each step of a delivery may be repeated', async () => {
  const {taskId, driverId} = fresh();
  await bring(market, taskId, driverId, 'OFFERED');
  for (const [action, state] of [
    ['accept', 'ASSIGNED'],
    ['pickup', 'PICKED_UP'],
    ['deliver', 'DELIVERED'],
  ] as const) {
    const body = {driverId, ...EVIDENCE[action]};
    const answer = await post(`/v1/tasks/${taskId}/${action}`, body);
    expect(answer.json()).toMatchObject({id: taskId, state, repeated: false});
    expect((await post(`/v1/tasks/${taskId}/${action}`, body)).json()).toMatchObject({state, repeated: true});
  }
});

test('an offer belongs to its driver, and not beyond its time', async () => {
  const {taskId, driverId} = fresh();
  await bring(market, taskId, driverId, 'OFFERED');
  const stranger = await post(`/v1/tasks/${taskId}/accept`, {driverId: newId()});
  expect(stranger.json()).toMatchObject({status: 409, code: 'ILLEGAL_CHANGE', reason: 'NOT_YOURS', state: 'OFFERED'});
  await at(database.db, NOW_MS + 60_000);
  const late = await post(`/v1/tasks/${taskId}/accept`, {driverId});
  await at(database.db, NOW_MS);
  expect(late.json()).toMatchObject({status: 409, reason: 'OFFER_EXPIRED', allowedActions: ['time-out', 'cancel']});
});

test('an accepted task is given back by its driver, and waits again', async () => {
  const {taskId, driverId} = fresh();
  await bring(market, taskId, driverId, 'ASSIGNED');
  const stranger = await post(`/v1/tasks/${taskId}/release`, {driverId: newId()});
  expect(stranger.json()).toMatchObject({status: 409, reason: 'NOT_YOURS'});
  const released = await post(`/v1/tasks/${taskId}/release`, {driverId, reason: 'flat tyre'});
  expect(released.json()).toMatchObject({state: 'PENDING', repeated: false});
});

test('a re-opened task waits with new times; without time left, or due too late, it is not re-opened', async () => {
  const {taskId} = fresh();
  await post(`/v1/tasks/${taskId}/cancel`, {});
  const reopen = (body: object) => post(`/v1/tasks/${taskId}/re-open`, body);
  const late = await reopen({latestAt: iso(NOW_MS)});
  expect(late.json()).toMatchObject({status: 422, code: 'TASK_LATE', state: 'CANCELLED', allowedActions: ['re-open']});
  const dueAt = iso(NOW_MS + 9 * HOUR_MS);
  expect((await reopen({dueAt})).json()).toMatchObject({status: 422, code: 'TIMES_CONTRADICT'});
  const contradicts = await reopen({dueAt, latestAt: iso(NOW_MS + HOUR_MS)});
  expect(contradicts.json()).toMatchObject({status: 400, errors: [{field: 'dueAt'}]});
  const latestAt = iso(NOW_MS + 10 * HOUR_MS);
  const reopened = await reopen({dueAt, latestAt, reason: 'the customer called'});
  expect(reopened.json()).toMatchObject({state: 'PENDING', repeated: false});
  expect((await get(`/v1/tasks/${taskId}`)).json()).toMatchObject({state: 'PENDING', dueAt, latestAt});
  const [event] = await rows<{actor: string; body: string}>(
    database.db,
    'select actor, body from dossier_events where task_id = $1 order by seq desc limit 1',
    [taskId],
  );
  expect(event!.actor).toBe('operator');
  expect(JSON.parse(event!.body).detail).toMatchObject({caller: 'loopback', reason: 'the customer called'});
});

test('answers of drivers are counted once', async () => {
  const {taskId, driverId} = fresh();
  await bring(market, taskId, driverId, 'OFFERED');
  const rejected = async () => {
    const {values} = await world.metrics.offers.get();
    return values.find(({labels}) => labels.region === market.regionId && labels.outcome === 'rejected')?.value ?? 0;
  };
  const before = await rejected();
  const body = {driverId, reason: 'too far, sorry 🚲'};
  for (let i = 0; i < 3; i++) expect((await post(`/v1/tasks/${taskId}/reject`, body)).statusCode).toBe(200);
  expect(await rejected()).toBe(before + 1);
});
