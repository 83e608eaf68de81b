// An Idempotency-Key keeps the answer to a write. What it must survive: many at once, another body, a process that dies
// between the change and its answer, and a database that is gone just then.
import type {FastifyInstance} from 'fastify';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {HANDLER_TIMEOUT_MS, IDEMPOTENCY_KEEP_H} from '../../src/api/limits.ts';
import type {Database} from '../../src/db/connect.ts';
import {dropOldKeys} from '../../src/db/idempotency.ts';
import {bring, HOUR_MS, type Market, NOW_MS, newId, offer, openMarket, rows} from '../db/market.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {fakeDispatch, fakeServer} from './world.ts';

let database: TestDatabase;
let market: Market;
let app: FastifyInstance;

beforeAll(async () => {
  database = await createDatabase();
  market = await openMarket(database.db, {drivers: 12, tasks: 12});
  app = fakeServer(faulty(database.db), {dispatch: fakeDispatch({regions: [market.regionId]})});
});
afterAll(async () => {
  await app.close();
  await database.drop();
});

const post = (url: string, payload: object, key?: string) =>
  app.inject({method: 'POST', url, payload, ...(key && {headers: {'idempotency-key': key}})});

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
  ...given,
});

let used = 0;
async function offered() {
  const taskId = market.tasks[used]!;
  const driverId = market.drivers[used++]!;
  await offer(market, taskId, driverId);
  return {taskId, driverId, url: `/v1/tasks/${taskId}/accept`};
}

/** Makes a key as old as that, in real time. */
const age = (key: string, ms: number) =>
  rows(database.db, "update idempotency_keys set created_at = created_at - $2 * interval '1 ms' where key = $1", [
    key,
    ms,
  ]);
const keysLike = (pattern: string) =>
  rows<{key: string; response_status: number | null}>(
    database.db,
    'select key, response_status from idempotency_keys where key like $1 order by key',
    [pattern],
  );

/** What the next statement of a name does instead. */
const faults = new Map<string, () => Promise<never>>();
const asked: string[] = [];

/** The real database, but for the faults; notes what it was asked. */
const faulty = (db: Database): Database => ({
  ...db,
  query: (statement, parameters) => {
    asked.push(statement.name);
    const fault = faults.get(statement.name);
    faults.delete(statement.name);
    return fault?.() ?? db.query(statement, parameters);
  },
});

/** The process stops where it would send this statement, and nothing comes back; resolves when it gets there. */
const diesAt = (statement: string) =>
  new Promise<void>((reached) => {
    faults.set(statement, () => {
      reached();
      return new Promise<never>(() => {});
    });
  });
const losesConnectionAt = (statement: string) =>
  faults.set(statement, async () => {
    throw Object.assign(new Error('connection closed'), {code: 'CONNECTION_CLOSED'});
  });

test('the same request under the same key gets the same answer, marked as replayed, and is made once', async () => {
  const {url, driverId} = await offered();
  const first = await post(url, {driverId}, 'k1');
  expect(first.json()).toMatchObject({state: 'ASSIGNED', repeated: false});
  expect(first.headers).not.toHaveProperty('idempotency-replayed');
  const again = await post(url, {driverId}, 'k1');
  expect([again.statusCode, again.body]).toEqual([200, first.body]);
  expect(again.headers).toMatchObject({
    'idempotency-replayed': 'true',
    'content-type': 'application/json; charset=utf-8',
  });
});

test('a replayed creation says where the task is', async () => {
  const first = await post('/v1/tasks', order(), 'k2');
  const again = await post('/v1/tasks', order(), 'k2');
  expect([again.statusCode, again.headers.location]).toEqual([201, first.headers.location]);
  expect(again.json()).toEqual(first.json());
});

test('another body, or another route, under the same key is refused and does nothing', async () => {
  const {taskId, url, driverId} = await offered();
  await post(url, {driverId}, 'k3');
  for (const [path, body] of [
    [url, {driverId: newId()}],
    [`/v1/tasks/${taskId}/cancel`, {}],
  ] as const) {
    const other = await post(path, body, 'k3');
    expect(other.json()).toMatchObject({status: 422, code: 'IDEMPOTENCY_KEY_REUSED'});
  }
  expect((await app.inject(`/v1/tasks/${taskId}`)).json()).toMatchObject({state: 'ASSIGNED'});
});

test('a refusal is an answer too: it is replayed, although the state would allow it by now', async () => {
  const taskId = market.tasks[used]!;
  const driverId = market.drivers[used++]!;
  const url = `/v1/tasks/${taskId}/accept`;
  const refused = await post(url, {driverId}, 'k4');
  expect(refused.json()).toMatchObject({status: 409, state: 'PENDING'});
  await bring(market, taskId, driverId, 'OFFERED');
  const again = await post(url, {driverId}, 'k4');
  expect([again.statusCode, again.json()]).toEqual([409, refused.json()]);
  expect(again.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect((await post(url, {driverId}, 'k4b')).json()).toMatchObject({state: 'ASSIGNED', repeated: false});
});

test('what cannot be read claims no key: the corrected request may use it', async () => {
  expect((await post('/v1/tasks', order({units: 0}), 'k5')).json()).toMatchObject({status: 400});
  expect((await post('/v1/tasks', order(), 'k5')).statusCode).toBe(201);
});

test('of many at once under one key one runs, the others are told to wait', async () => {
  const {url, driverId} = await offered();
  const answers = await Promise.all(Array.from({length: 8}, () => post(url, {driverId}, 'k6')));
  expect(answers.filter((a) => a.statusCode === 200 && !a.headers['idempotency-replayed'])).toHaveLength(1);
  for (const answer of answers.filter(({statusCode}) => statusCode !== 200)) {
    expect(answer.json()).toMatchObject({status: 409, code: 'IDEMPOTENCY_KEY_IN_USE'});
    expect(answer.headers['retry-after']).toBe('1');
  }
  expect((await post(url, {driverId}, 'k6')).headers['idempotency-replayed']).toBe('true');
});

test('a process that dies after the change and before its answer is kept wedges no key', async () => {
  const {url, driverId} = await offered();
  const died = diesAt('store_response');
  void post(url, {driverId}, 'k7');
  await died;
  expect((await post(url, {driverId}, 'k7')).json()).toMatchObject({code: 'IDEMPOTENCY_KEY_IN_USE'});
  await age('k7', HANDLER_TIMEOUT_MS);
  const second = await post(url, {driverId}, 'k7');
  expect(second.json()).toMatchObject({state: 'ASSIGNED', repeated: true});
  expect((await post(url, {driverId}, 'k7')).body).toBe(second.body);
});

test('a creation whose answer was lost is found again, not made again', async () => {
  const died = diesAt('store_response');
  void post('/v1/tasks', order({payCents: 777}), 'k8');
  await died;
  const made = () =>
    rows<{id: string}>(database.db, 'select id from delivery_tasks where region_id = $1 and pay_cents = 777', [
      market.regionId,
    ]);
  expect(await made()).toHaveLength(1);
  await age('k8', HANDLER_TIMEOUT_MS);
  const second = await post('/v1/tasks', order({payCents: 777}), 'k8');
  expect([second.statusCode, [{id: second.json().id}]]).toEqual([200, await made()]);
});

test('a process that dies before the change leaves it to the next try', async () => {
  const {url, driverId, taskId} = await offered();
  const died = diesAt('change_task');
  void post(url, {driverId}, 'k9');
  await died;
  await age('k9', HANDLER_TIMEOUT_MS);
  expect((await post(url, {driverId}, 'k9')).json()).toMatchObject({id: taskId, repeated: false});
});

test('our own trouble is no answer to keep: the key is free at once', async () => {
  const {url, driverId} = await offered();
  losesConnectionAt('change_task');
  const answer = await post(url, {driverId}, 'k10');
  expect(answer.json()).toMatchObject({status: 503, code: 'DATABASE_GONE'});
  expect(await keysLike('k10')).toEqual([]);
  expect((await post(url, {driverId}, 'k10')).json()).toMatchObject({state: 'ASSIGNED', repeated: false});
});

test('an answer that cannot be kept is given all the same', async () => {
  const {url, driverId} = await offered();
  losesConnectionAt('store_response');
  const answer = await post(url, {driverId}, 'k11');
  expect(answer.json()).toMatchObject({state: 'ASSIGNED', repeated: false});
});

test('a key is forgotten after a day: another request may use it, and old ones are purged by the batch', async () => {
  const {url, driverId, taskId} = await offered();
  await post(url, {driverId}, 'k12');
  await age('k12', IDEMPOTENCY_KEEP_H * HOUR_MS - 60_000);
  expect((await post(`/v1/tasks/${taskId}/cancel`, {}, 'k12')).json()).toMatchObject({status: 422});
  await age('k12', 60_000);
  expect((await post(`/v1/tasks/${taskId}/cancel`, {}, 'k12')).json()).toMatchObject({state: 'CANCELLED'});

  await rows(
    database.db,
    `insert into idempotency_keys (region_id, caller, key, request_hash, created_at)
     select $1, 'loopback', 'old-' || n, '', clock_timestamp() - interval '25 hours' from generate_series(1, 2500) n`,
    [market.regionId],
  );
  await dropOldKeys(database.db, market.regionId, IDEMPOTENCY_KEEP_H);
  expect(await keysLike('old-%')).toEqual([]);
  expect(await keysLike('k12')).toEqual([{key: 'k12', response_status: 200}]);
});

test('reads and writes that repeat by themselves cost no statement for a key', async () => {
  const headers = {'idempotency-key': 'k13'};
  const positions = [{driverId: market.drivers[0], lon: 0, lat: 0, recordedAt: iso(NOW_MS)}];
  asked.length = 0;
  await app.inject({url: '/v1/tasks', headers});
  await app.inject({method: 'POST', url: '/v1/drivers/positions', payload: {positions}, headers});
  await app.inject({method: 'POST', url: '/v1/tasks', payload: order()});
  expect(asked).toEqual(['list_tasks', 'create_tasks']);
});

test('a body with its keys in another order is the same request', async () => {
  const key = `order-${newId()}`;
  const given = order({id: newId()});
  const backwards = Object.fromEntries(Object.entries(given).reverse());
  expect((await post('/v1/tasks', {...given, drop: {lon: -97.75, lat: 30.28}}, key)).statusCode).toBe(201);
  const again = await post('/v1/tasks', {...backwards, drop: {lat: 30.28, lon: -97.75}}, key);
  expect([again.statusCode, again.headers['idempotency-replayed']]).toEqual([201, 'true']);
});

test('a kill switch keeps its key where its region is, in a daemon of several too', async () => {
  const other = await openMarket(database.db, {drivers: 0, tasks: 0});
  const both = fakeServer(database.db, {dispatch: fakeDispatch({regions: [market.regionId, other.regionId]})});
  const key = `kill-${newId()}`;
  const url = `/v1/regions/${other.regionId}/kill-switches/hemp`;
  const put = (reason: string) =>
    both.inject({method: 'PUT', url, payload: {reason, actor: 'ann'}, headers: {'idempotency-key': key}});
  expect((await put('recall')).statusCode).toBe(200);
  expect((await put('recall')).headers['idempotency-replayed']).toBe('true');
  expect((await put('storm')).statusCode).toBe(422);
  expect(await rows(database.db, 'select region_id from idempotency_keys where key = $1', [key])).toEqual([
    {region_id: other.regionId},
  ]);
  await both.close();
});
