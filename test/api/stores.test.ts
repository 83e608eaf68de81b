import type {FastifyInstance} from 'fastify';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {DAY_MS, type Market, NOW_MS, newId, openMarket} from '../db/market.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {fakeDispatch, fakeServer} from './world.ts';

let database: TestDatabase;
let market: Market;
let other: Market;
let app: FastifyInstance;

beforeAll(async () => {
  database = await createDatabase();
  market = await openMarket(database.db, {drivers: 0, tasks: 0});
  other = await openMarket(database.db);
  app = fakeServer(database.db, {dispatch: fakeDispatch({regions: [market.regionId]})});
});
afterAll(async () => {
  await app.close();
  await database.drop();
});

const get = async (url: string) => (await app.inject(url)).json();
const upsert = async (payload: object) => (await app.inject({method: 'POST', url: '/v1/stores', payload})).json();

const allDay = Array.from({length: 7}, () => [[600, 1_500]]);
const corner = (given: object = {}) => ({id: newId(), name: 'Corner & Co', at: {lon: -97.74, lat: 30.27}, ...given});

test('stores are written with hours and permit, and read back as they are', async () => {
  const permitUntil = new Date(NOW_MS + DAY_MS).toISOString();
  const [open, plain] = [corner({hours: allDay, permitUntil}), corner()];
  expect(await upsert([open, plain])).toEqual({upserted: 2});
  const {stores, nextCursor} = await get('/v1/stores');
  expect(nextCursor).toBeNull();
  expect(stores).toContainEqual({...open, regionId: market.regionId});
  expect(stores).toContainEqual({...plain, regionId: market.regionId, hours: null, permitUntil: null});
});

test('hours are of seven days, from an opening to a close', async () => {
  for (const hours of [[], allDay.slice(1), [...allDay.slice(1), [[600]]], [...allDay.slice(1), [['600', 700]]]]) {
    expect(await upsert(corner({hours}))).toMatchObject({status: 400, code: 'INVALID'});
  }
  const backwards = [...allDay.slice(1), [[700, 600]]];
  expect(await upsert(corner({hours: backwards}))).toMatchObject({errors: [{field: 'hours.6.0'}]});
});

test('a region that other daemons dispatch is reached by name, one that is not there is 404', async () => {
  expect(await upsert(corner({regionId: other.regionId}))).toEqual({upserted: 1});
  expect((await get(`/v1/stores?regionId=${other.regionId}`)).stores).toHaveLength(2);
  expect(await upsert([corner(), corner({regionId: 'nowhere'})])).toMatchObject({status: 404, code: 'REGION_UNKNOWN'});
  expect(await upsert([corner(), corner({regionId: other.regionId})])).toMatchObject({
    status: 422,
    code: 'REGIONS_MIXED',
  });
  expect((await get(`/v1/stores?regionId=${other.regionId}`)).stores).toHaveLength(2);
});
