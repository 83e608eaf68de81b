import type {FastifyInstance} from 'fastify';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {HOUR_MS, type Market, NOW_MS, newId, openMarket, rows} from '../db/market.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {fakeDispatch, fakeServer} from './world.ts';

let database: TestDatabase;
let market: Market;
let app: FastifyInstance;

beforeAll(async () => {
  database = await createDatabase();
  market = await openMarket(database.db, {drivers: 0, tasks: 0});
  app = fakeServer(database.db, {dispatch: fakeDispatch({regions: [market.regionId]})});
});
afterAll(async () => {
  await app.close();
  await database.drop();
});

const post = (url: string, payload: object) => app.inject({method: 'POST', url, payload});
const get = async (url: string) => (await app.inject(url)).json();
const iso = (ms: number) => new Date(ms).toISOString();
const home = (given: object = {}) => ({
  id: newId(),
  customerId: newId(),
  address: '12 Ångström Lane, 2nd floor',
  at: {lon: -97.75, lat: 30.28},
  ...given,
});

test('an address is written, read by its id and corrected; of an unknown one nothing is told', async () => {
  const one = home();
  expect((await post('/v1/addresses', one)).json()).toEqual({upserted: 1});
  expect(await get(`/v1/addresses/${one.id.toUpperCase()}`)).toEqual({...one, regionId: market.regionId});
  const corrected = {...one, address: '14 Ångström Lane', at: {lon: -97.76, lat: 30.29}};
  expect((await post('/v1/addresses', [corrected, home()])).json()).toEqual({upserted: 2});
  expect(await get(`/v1/addresses/${one.id}`)).toMatchObject(corrected);
  expect(await get(`/v1/addresses/${newId()}`)).toMatchObject({status: 404, code: 'ADDRESS_NOT_FOUND'});
});

test("an address stays its customer's, and of a batch with another's nothing is written", async () => {
  const one = home();
  await post('/v1/addresses', one);
  const other = home();
  const answer = await post('/v1/addresses', [other, {...one, customerId: newId()}]);
  expect(answer.json()).toMatchObject({status: 422, code: 'ADDRESS_TAKEN'});
  expect(await get(`/v1/addresses/${other.id}`)).toMatchObject({status: 404});
});

test('a task to an address goes where it was then, and its dossier names the id alone', async () => {
  const one = home();
  await post('/v1/addresses', one);
  const order = {
    id: newId(),
    storeId: market.store.id,
    customerAddressId: one.id,
    readyAt: iso(NOW_MS),
    dueAt: iso(NOW_MS + HOUR_MS),
    latestAt: iso(NOW_MS + 2 * HOUR_MS),
    category: 'vape',
    valueCents: 4_500,
    units: 2,
    payCents: 900,
    purchaserHmac: 'ab'.repeat(32),
  };
  const made = await post('/v1/tasks', order);
  expect(made.statusCode).toBe(201);
  expect(made.json()).toMatchObject({customerAddressId: one.id, drop: one.at, purchaserKnown: true});
  expect(made.body, 'who bought is for the scan to show').not.toContain('abab');

  await post('/v1/addresses', {...one, at: {lon: -97.7, lat: 30.2}});
  const again = await post('/v1/tasks', order);
  expect([again.statusCode, again.json().drop]).toEqual([200, one.at]);
  const {purchaserHmac: _, ...unknown} = order;
  expect((await post('/v1/tasks', unknown)).json()).toMatchObject({status: 409, code: 'TASK_ID_REUSED'});

  const [event] = await rows<{body: string}>(database.db, 'select body from dossier_events where task_id = $1', [
    order.id,
  ]);
  const {detail} = JSON.parse(event!.body);
  expect(detail).toMatchObject({address: one.id, purchaserHmac: 'ab'.repeat(32)});
  const told = 'address ageCheckUntil category dueAt latestAt payCents purchaserHmac readyAt store units valueCents';
  expect(Object.keys(detail).join(' ')).toBe(told);
});
