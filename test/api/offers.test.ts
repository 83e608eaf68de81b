import type {FastifyInstance} from 'fastify';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {expireOffers} from '../../src/db/offers.ts';
import {changeTask} from '../../src/db/tasks.ts';
import {at, type Market, MINUTE_MS, NOW_MS, newId, offer, openMarket, rows} from '../db/market.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {fakeDispatch, fakeServer} from './world.ts';

let database: TestDatabase;
let market: Market;
let app: FastifyInstance;

beforeAll(async () => {
  database = await createDatabase();
  market = await openMarket(database.db, {drivers: 10, tasks: 10});
  app = fakeServer(database.db, {dispatch: fakeDispatch({regions: [market.regionId]})});
});
afterAll(async () => {
  await app.close();
  await database.drop();
});

const post = async (url: string, payload: object) => (await app.inject({method: 'POST', url, payload})).json();
const get = async (url: string) => (await app.inject(url)).json();
const iso = (ms: number) => new Date(ms).toISOString();

let used = 0;
async function offered() {
  const taskId = market.tasks[used]!;
  const driverId = market.drivers[used++]!;
  return {taskId, driverId, offerId: await offer(market, taskId, driverId)};
}

test('an offer is read: to whom, for what, until when, and what may be done', async () => {
  const {taskId, driverId, offerId} = await offered();
  expect(await get(`/v1/offers/${offerId}`)).toEqual({
    id: offerId,
    regionId: market.regionId,
    taskId,
    driverId,
    bundleId: offerId,
    stopSequence: 1,
    tickId: expect.any(String),
    state: 'OPEN',
    createdAt: iso(NOW_MS),
    expiresAt: iso(NOW_MS + MINUTE_MS),
    closedAt: null,
    allowedActions: ['accept', 'reject'],
  });
  expect(await get(`/v1/offers/${newId()}`)).toMatchObject({status: 404, code: 'OFFER_NOT_FOUND'});
});

test('an accepted offer stays accepted for whoever asks again, whatever became of the task', async () => {
  const {taskId, driverId, offerId} = await offered();
  const accept = () => post(`/v1/offers/${offerId}/accept`, {driverId});
  const task = {id: taskId, state: 'ASSIGNED', allowedActions: ['pickup', 'release', 'cancel']};
  expect(await accept()).toEqual({id: offerId, state: 'ACCEPTED', repeated: false, task});
  expect(await accept()).toEqual({id: offerId, state: 'ACCEPTED', repeated: true, task});
  await changeTask(database.db, market.regionId, taskId, 'cancel');
  expect(await accept()).toMatchObject({repeated: true, task: {state: 'CANCELLED'}});
  expect(await post(`/v1/offers/${offerId}/reject`, {driverId})).toMatchObject({
    status: 409,
    code: 'ILLEGAL_ANSWER',
    state: 'ACCEPTED',
    allowedActions: [],
  });
});

test("a late call for an old offer does not take the same driver's new one of the same task", async () => {
  const {taskId, driverId, offerId: old} = await offered();
  await post(`/v1/offers/${old}/reject`, {driverId, reason: 'too far'});
  const open = await offer(market, taskId, driverId);
  expect(await post(`/v1/offers/${old}/accept`, {driverId})).toMatchObject({
    status: 409,
    reason: 'OFFER_CLOSED',
    state: 'REJECTED',
  });
  const byTask = await post(`/v1/tasks/${taskId}/accept`, {driverId, offerId: old});
  expect(byTask).toMatchObject({status: 409, reason: 'OFFER_CLOSED', state: 'OFFERED'});
  // Without the id nobody could tell: the rejection is repeated, the new offer is open.
  expect(await post(`/v1/offers/${old}/reject`, {driverId})).toMatchObject({repeated: true, state: 'REJECTED'});
  expect(await get(`/v1/offers/${open}`)).toMatchObject({state: 'OPEN'});
  expect(await post(`/v1/tasks/${taskId}/accept`, {driverId, offerId: open})).toMatchObject({state: 'ASSIGNED'});
});

test('an offer past its time is not answered, before the sweep and after it', async () => {
  const {driverId, offerId} = await offered();
  const accept = () => post(`/v1/offers/${offerId}/accept`, {driverId});
  await at(database.db, NOW_MS + MINUTE_MS);
  const due = {status: 409, code: 'ILLEGAL_ANSWER', reason: 'OFFER_EXPIRED', allowedActions: []};
  expect(await accept()).toMatchObject({...due, state: 'OPEN'});
  await expireOffers(database.db, market.regionId, 100);
  expect(await accept()).toMatchObject({...due, state: 'TIMEOUT'});
  await at(database.db, NOW_MS);
});

test("another driver's offer is not answered", async () => {
  const {offerId} = await offered();
  const stranger = await post(`/v1/offers/${offerId}/accept`, {driverId: newId()});
  expect(stranger).toMatchObject({status: 409, reason: 'NOT_YOURS', state: 'OPEN'});
});

test('offers are listed by task, driver and state, a page at a time', async () => {
  const {taskId, driverId, offerId: first} = await offered();
  await post(`/v1/offers/${first}/reject`, {driverId, reason: 'lunch'});
  const second = await offer(market, taskId, driverId);
  const ids = async (query: string) => (await get(`/v1/offers?${query}`)).offers.map(({id}: {id: string}) => id);
  const both = [first, second].sort();
  expect(await ids(`taskId=${taskId}`)).toEqual(both);
  expect(await ids(`driverId=${driverId}`)).toEqual(both);
  expect(await ids(`driverId=${driverId}&state=OPEN`)).toEqual([second]);
  expect(await ids(`taskId=${taskId}&state=REJECTED&state=TIMEOUT`)).toEqual([first]);
  expect(await ids(`taskId=${newId()}`)).toEqual([]);
  const seen: string[] = [];
  for (let cursor = ''; ; ) {
    const page = await get(`/v1/offers?limit=2${cursor}`);
    seen.push(...page.offers.map(({id}: {id: string}) => id));
    if (page.nextCursor === null) break;
    cursor = `&cursor=${page.nextCursor}`;
  }
  expect(seen).toEqual(await ids('limit=1000'));
  const [{count}] = (await rows<{count: number}>(database.db, 'select count(*) from offers')) as [{count: number}];
  expect(seen).toHaveLength(count);
});
