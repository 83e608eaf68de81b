import type {FastifyInstance} from 'fastify';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {readInvariantViolations} from '../../src/db/invariants.ts';
import {changeTask, readTask} from '../../src/db/tasks.ts';
import type {Positions} from '../../src/loops/positions.ts';
import {at, bring, EVIDENCE, type Market, MINUTE_MS, NOW_MS, newId, offer, openMarket, rows} from '../db/market.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {fakeDispatch, fakeServer, quietPositions} from './world.ts';

let database: TestDatabase;
let market: Market;
let positions: Positions;
let app: FastifyInstance;

beforeAll(async () => {
  database = await createDatabase();
  market = await openMarket(database.db, {drivers: 8, tasks: 8});
  positions = quietPositions(database.db);
  app = fakeServer(database.db, {dispatch: fakeDispatch({regions: [market.regionId]}), positions});
});
afterAll(async () => {
  expect(await readInvariantViolations(database.db, market.regionId)).toEqual([]);
  await app.close();
  await database.drop();
});

const send = async (method: 'POST' | 'PUT', url: string, payload: object) =>
  (await app.inject({method, url, payload})).json();
const shift = (driverId: string, action: 'shift-on' | 'shift-off', body: object = {}) =>
  send('POST', `/v1/drivers/${driverId}/${action}`, body);
const driver = async (id: string) => (await app.inject(`/v1/drivers/${id}`)).json();

let used = 0;
const fresh = () => ({taskId: market.tasks[used]!, driverId: market.drivers[used++]!});

test('a shift ends and begins, each as often as asked', async () => {
  const {driverId} = fresh();
  const off = {id: driverId, shiftOn: false, status: 'OFF', rejectedOffers: [], allowedActions: ['shift-on']};
  expect(await shift(driverId, 'shift-off')).toEqual({...off, repeated: false});
  expect(await shift(driverId, 'shift-off')).toEqual({...off, repeated: true});
  expect(await shift(driverId, 'shift-on')).toMatchObject({shiftOn: true, status: 'AVAILABLE', repeated: false});
  expect(await driver(driverId)).toMatchObject({shiftOn: true, status: 'AVAILABLE'});
  expect(await shift(newId(), 'shift-on')).toMatchObject({status: 404, code: 'DRIVER_NOT_FOUND'});
});

test('the open offer ends with the shift: rejected, and the task waits for another driver', async () => {
  const {taskId, driverId} = fresh();
  const offerId = await offer(market, taskId, driverId);
  expect(await shift(driverId, 'shift-off')).toMatchObject({status: 'OFF', rejectedOffers: [offerId]});
  expect(await readTask(database.db, market.regionId, taskId)).toMatchObject({state: 'PENDING', driverId: null});
  const [log] = await rows(database.db, 'select outcome, outcome_reason from offer_logs where offer_id = $1', [
    offerId,
  ]);
  expect(log).toEqual({outcome: 'REJECTED', outcome_reason: 'SHIFT_OFF'});
});

test('an offer that was due already is timed out, not rejected', async () => {
  const {taskId, driverId} = fresh();
  const offerId = await offer(market, taskId, driverId);
  await at(database.db, NOW_MS + MINUTE_MS);
  expect(await shift(driverId, 'shift-off')).toMatchObject({status: 'OFF', rejectedOffers: []});
  expect((await app.inject(`/v1/offers/${offerId}`)).json()).toMatchObject({state: 'TIMEOUT'});
  expect(await readTask(database.db, market.regionId, taskId)).toMatchObject({state: 'EXPIRED'});
  await at(database.db, NOW_MS);
});

test.each([
  ['ASSIGNED', 'EN_ROUTE'],
  ['PICKED_UP', 'CARRYING'],
  ['RETURNING', 'RETURNING'],
] as const)('with a task %s in hand a shift does not end, unless after work', async (state, status) => {
  const {taskId, driverId} = fresh();
  await bring(market, taskId, driverId, state);
  expect(await shift(driverId, 'shift-off')).toMatchObject({
    status: 409,
    code: 'TASKS_IN_HAND',
    state: status,
    tasks: [{id: taskId, state}],
    allowedActions: ['shift-off'],
  });
  expect(await driver(driverId)).toMatchObject({shiftOn: true});
  expect(await shift(driverId, 'shift-off', {afterWork: true})).toMatchObject({shiftOn: false, status});
  const last = {ASSIGNED: 'release', PICKED_UP: 'deliver', RETURNING: 'return'} as const;
  await changeTask(database.db, market.regionId, taskId, last[state], {driverId, ...EVIDENCE[last[state]]});
  expect(await driver(driverId)).toMatchObject({shiftOn: false, status: 'OFF'});
});

test('one position is put; an older one changes nothing, and an unknown driver is told', async () => {
  const {driverId} = fresh();
  const put = (id: string, recordedAtMs: number) =>
    send('PUT', `/v1/drivers/${id}/position`, {
      lon: -97.7,
      lat: 30.25,
      recordedAt: new Date(recordedAtMs).toISOString(),
    });
  await at(database.db, NOW_MS + MINUTE_MS);
  expect(await put(driverId, NOW_MS + MINUTE_MS)).toEqual({recorded: true});
  expect(await put(driverId, NOW_MS + MINUTE_MS - 1)).toEqual({recorded: false});
  await positions.write();
  expect((await driver(driverId)).position).toMatchObject({lon: -97.7, lat: 30.25});
  expect(await put(newId(), NOW_MS)).toMatchObject({status: 404, code: 'DRIVER_NOT_FOUND'});
  await at(database.db, NOW_MS);
});
