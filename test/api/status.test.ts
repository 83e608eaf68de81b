import type {FastifyInstance} from 'fastify';
import {latLngToCell} from 'h3-js';
import {afterAll, beforeAll, expect, test} from 'vitest';
import type {World} from '../../src/api/world.ts';
import {setRegionArea} from '../../src/db/regions.ts';
import {countTick} from '../../src/metrics.ts';
import {at, bring, type Market, NOW_MS, offer, openMarket} from '../db/market.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {fakeDispatch, fakeServer, fakeWorld, header} from './world.ts';

let database: TestDatabase;
let market: Market;
let world: World;
let app: FastifyInstance;

beforeAll(async () => {
  database = await createDatabase();
  market = await openMarket(database.db, {drivers: 2, tasks: 2});
  await bring(market, market.tasks[0]!, market.drivers[0]!, 'PICKED_UP');
  await bring(market, market.tasks[1]!, market.drivers[1]!, 'DELIVERED');
  world = fakeWorld(database.db, {dispatch: fakeDispatch({regions: [market.regionId]})});
  app = fakeServer(database.db, world);
});
afterAll(async () => {
  await app.close();
  await database.drop();
});

const get = async (url: string) => (await app.inject(url)).json();

test('the live map tells drivers with a position, stores, and open tasks with whom they wait for', async () => {
  const [driverId, taskId] = [market.drivers[0]!, market.tasks[0]!];
  const live = await get('/internal/map/live');
  const byId = (list: unknown[][], id: string) => list.find(([each]) => each === id);
  expect(live.at).toBe(new Date(NOW_MS).toISOString());
  expect(live.drivers).toHaveLength(2);
  const driver = byId(live.drivers, driverId)!;
  expect(live.statuses[driver[3] as number]).toBe('CARRYING');
  expect(live.tasks).toHaveLength(1);
  const [, lon, lat, state, store, carrier, waitsS, leftS] = byId(live.tasks, taskId)!;
  expect([waitsS, leftS]).toEqual([0, -1]);
  expect([lon, lat]).toEqual([-97.8, 30.3]);
  expect(live.states[state as number]).toBe('PICKED_UP');
  expect(live.stores[store as number][0]).toBe('Corner');
  expect(live.drivers[carrier as number][0]).toBe(driverId);
});

test('one reading of the live map serves those who ask at the same moment', async () => {
  const [one, another] = await Promise.all([get('/internal/map/live'), get('/internal/map/live')]);
  expect(one).toEqual(another);
});

test('the status shows the region as it stands, and the offers that were counted', async () => {
  countTick(world.metrics, {...header, regionId: market.regionId}, [], 20, NOW_MS);
  const status = await get('/internal/status');
  expect(status).toMatchObject({
    regionId: market.regionId,
    regions: [market.regionId],
    leases: [{regionId: market.regionId, owner: 'here/1', fence: 3, here: true}],
    at: new Date(NOW_MS).toISOString(),
    timeScale: 0,
    paused: false,
    failing: [],
    attribution: '© someone',
    openOffers: 0,
    ticks: [],
  });
  expect(status.tasks).toMatchObject({PICKED_UP: 1, DELIVERED: 1, PENDING: 0});
  expect(status.offers).toMatchObject({landed: 1, refused: 1, accepted: 0});
  expect(status.drivers).toMatchObject({CARRYING: 1, AVAILABLE: 1, OFF: 0});
});

test('regions are told by name, and as they are drawn', async () => {
  const {regionId, db} = market;
  expect(await get('/v1/regions')).toEqual({regions: [{id: regionId, name: 'Market', area: null}]});
  const line = [
    [-98, 30],
    [-97, 30],
    [-97, 31],
    [-98, 30],
  ] as const;
  for (const area of [
    {type: 'Polygon', coordinates: [line, line]},
    {type: 'MultiPolygon', coordinates: [[line]]},
  ] as const) {
    await setRegionArea(db, regionId, area);
    expect(await get('/v1/regions')).toEqual({regions: [{id: regionId, name: 'Market', area}]});
  }
});

test('demand is told by the hexagon of the store: who waits, how long, and the price of the last tick', async () => {
  const waiting = await openMarket(database.db, {drivers: 1, tasks: 3});
  await offer(waiting, waiting.tasks[2]!, waiting.drivers[0]!);
  await at(database.db, NOW_MS + 90_000);
  const taskPrices = () =>
    new Map([
      [waiting.tasks[0]!, 60_000],
      [waiting.tasks[2]!, 75_000],
    ]);
  const dispatch = fakeDispatch({regions: [waiting.regionId], taskPrices});
  const served = fakeServer(database.db, {dispatch});
  const {cells, resolution} = (await served.inject('/internal/map/demand')).json();
  expect(cells).toEqual([
    {
      cell: latLngToCell(30.2672, -97.7431, resolution),
      ring: expect.any(Array),
      waiting: 2,
      oldestS: 90,
      priceMs: 75_000,
    },
  ]);
  expect(cells[0].ring[0]).toEqual(cells[0].ring.at(-1));
  const live = (await served.inject('/internal/map/live')).json();
  const asked = live.tasks.find(([id]: [string]) => id === waiting.tasks[2]);
  expect(live.drivers[asked[5]][0]).toBe(waiting.drivers[0]);
  const [, , , , , , waitsS, leftS, wholeS] = asked;
  expect([waitsS, wholeS - leftS]).toEqual([90, Math.min(90, wholeS)]);
  await served.close();
});
