import type {FastifyInstance, InjectOptions} from 'fastify';
import {afterAll, beforeAll, expect, test} from 'vitest';
import type {World} from '../../src/api/world.ts';
import {readTask} from '../../src/db/tasks.ts';
import {allowedActions, TASK_CHANGES, TASK_STATES, type TaskAction, type TaskState} from '../../src/domain/state.ts';
import {at, bring, HOUR_MS, type Market, NOW_MS, newId, openMarket} from '../db/market.ts';
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
  expect([again.statusCode, again.json().id]).toEqual([200, first.json().id]);
  const other = await create(order({payCents: 901}), headers);
  expect(other.json()).toMatchObject({status: 422, code: 'IDEMPOTENCY_KEY_REUSED'});
  expect((await create(order(), {'idempotency-key': 'order-18'})).json().id).not.toBe(first.json().id);
  expect((await create(order(), {'idempotency-key': 'é'})).json()).toMatchObject({status: 400, code: 'INVALID'});
});

test('ten requests at once under one key make one task', async () => {
  const answers = await Promise.all(
    Array.from({length: 10}, () => create(order(), {'idempotency-key': 'all-at-once'})),
  );
  expect(new Set(answers.map((answer) => answer.json().id)).size).toBe(1);
  expect(answers.map(({statusCode}) => statusCode).sort()).toEqual([...Array(9).fill(200), 201]);
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

test('a delivery runs from offer to hand-over, and each step may be repeated', async () => {
  const {taskId, driverId} = fresh();
  await bring(market, taskId, driverId, 'OFFERED');
  for (const [action, state] of [
    ['accept', 'ASSIGNED'],
    ['pickup', 'PICKED_UP'],
    ['deliver', 'DELIVERED'],
  ]) {
    const answer = await post(`/v1/tasks/${taskId}/${action}`, {driverId});
    expect(answer.json()).toMatchObject({id: taskId, state, repeated: false});
    expect((await post(`/v1/tasks/${taskId}/${action}`, {driverId})).json()).toMatchObject({state, repeated: true});
  }
});

test('a failed ID check sends the goods back to the store', async () => {
  const {taskId, driverId} = fresh();
  await bring(market, taskId, driverId, 'PICKED_UP');
  const failed = await post(`/v1/tasks/${taskId}/fail-verification`, {driverId, reason: 'the photograph differs'});
  expect(failed.json()).toMatchObject({state: 'RETURNING', allowedActions: ['return']});
  expect((await post(`/v1/tasks/${taskId}/return`, {})).json()).toMatchObject({state: 'RETURNED', allowedActions: []});
});

test('an offer belongs to its driver, and not beyond its time', async () => {
  const {taskId, driverId} = fresh();
  await bring(market, taskId, driverId, 'OFFERED');
  const stranger = await post(`/v1/tasks/${taskId}/accept`, {driverId: newId()});
  expect(stranger.json()).toMatchObject({status: 409, code: 'ILLEGAL_CHANGE', reason: 'NOT_YOURS', state: 'OFFERED'});
  await at(database.db, NOW_MS + 60_000);
  const late = await post(`/v1/tasks/${taskId}/accept`, {driverId});
  await at(database.db, NOW_MS);
  expect(late.json()).toMatchObject({status: 409, reason: 'OFFER_EXPIRED'});
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

const ACTIONS = ['accept', 'reject', 'pickup', 'deliver', 'fail-verification', 'return', 'cancel'] as const;
// Only the sweeper brings a task to these two.
const REACHABLE = TASK_STATES.filter((state) => state !== 'EXPIRED' && state !== 'FAILED');

test.each(REACHABLE)(
  'from %s the drawn changes are made and all others answer 409 with what is allowed',
  async (state) => {
    for (const action of ACTIONS) {
      const {id: taskId} = (await create(order())).json();
      const driverId = await freeDriver();
      await bring(market, taskId, driverId, state);
      const bodies: Partial<Record<TaskAction, object>> = {
        cancel: {},
        'fail-verification': {driverId, reason: 'expired licence'},
      };
      const answer = await post(`/v1/tasks/${taskId}/${action}`, bodies[action] ?? {driverId});
      const to: TaskState | undefined = TASK_CHANGES[state][action];
      const lastStep = state === LAST_STEP_OF[action];
      if (to) expect([action, answer.statusCode, answer.json().state]).toEqual([action, 200, to]);
      else if (lastStep) expect([action, answer.json().repeated]).toEqual([action, true]);
      else {
        expect([action, answer.statusCode]).toEqual([action, 409]);
        expect(answer.json()).toMatchObject({code: 'ILLEGAL_CHANGE', state, allowedActions: allowedActions(state)});
        expect((await readTask(database.db, market.regionId, taskId))?.state).toBe(state);
      }
    }
  },
);

/** The state that an action has just led to in `bring`: asking again is a repetition. */
const LAST_STEP_OF: Partial<Record<TaskAction, TaskState>> = {
  accept: 'ASSIGNED',
  pickup: 'PICKED_UP',
  deliver: 'DELIVERED',
  'fail-verification': 'RETURNING',
  return: 'RETURNED',
  cancel: 'CANCELLED',
};

/** A driver whose hands are empty. */
async function freeDriver(): Promise<string> {
  const {drivers} = (await get('/v1/drivers?status=AVAILABLE&limit=1')).json();
  if (drivers.length > 0) return drivers[0].id;
  throw new Error('no driver of the market is free');
}
