import type {FastifyInstance} from 'fastify';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {DRIVERS_PER_CALL, POSITIONS_PER_CALL} from '../../src/api/limits.ts';
import type {Positions} from '../../src/loops/positions.ts';
import {bring, DAY_MS, type Market, NOW_MS, newId, openMarket, rows} from '../db/market.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {fakeDispatch, fakeServer, quietPositions} from './world.ts';

let database: TestDatabase;
let market: Market;
let positions: Positions;
let app: FastifyInstance;

beforeAll(async () => {
  database = await createDatabase();
  market = await openMarket(database.db, {drivers: 3, tasks: 2});
  positions = quietPositions(database.db);
  app = fakeServer(database.db, {dispatch: fakeDispatch({regions: [market.regionId]}), positions});
});
afterAll(async () => {
  await app.close();
  await database.drop();
});

const profile = (given: object = {}) => ({
  id: newId(),
  name: 'Åsa Öberg',
  bornOn: '1990-05-17',
  optedIn: true,
  capacity: 2,
  shiftOn: true,
  ...given,
});
const iso = (ms: number) => new Date(ms).toISOString();
const send = (method: 'POST' | 'PUT', url: string, payload: object) => app.inject({method, url, payload});
const get = async (url: string) => (await app.inject(url)).json();

test('one driver is written as an object, several as an array, and again to replace', async () => {
  const one = profile();
  expect((await send('POST', '/v1/drivers', one)).json()).toEqual({upserted: 1});
  expect(await get(`/v1/drivers/${one.id}`)).toEqual({
    ...one,
    regionId: market.regionId,
    status: 'AVAILABLE',
    openOffers: 0,
    activeTasks: 0,
    position: null,
  });
  const both = [profile(), {...one, shiftOn: false, regionId: market.regionId}];
  expect((await send('POST', '/v1/drivers', both)).json()).toEqual({upserted: 2});
  expect(await get(`/v1/drivers/${one.id}`)).toMatchObject({shiftOn: false, status: 'OFF'});
});

test('a batch is limited, and nothing of one that is not valid is written', async () => {
  const many = Array.from({length: DRIVERS_PER_CALL + 1}, () => profile());
  expect((await send('POST', '/v1/drivers', many)).json()).toMatchObject({status: 400, code: 'INVALID'});
  const spoiled = [profile(), profile({bornOn: '1990-02-30'})];
  const answer = await send('POST', '/v1/drivers', spoiled);
  expect(answer.json().errors[0].field).toBe('1.bornOn');
  expect(await get(`/v1/drivers/${spoiled[0]!.id}`)).toMatchObject({status: 404, code: 'DRIVER_NOT_FOUND'});
});

test('a capacity below the work in hand is a conflict', async () => {
  const [driverId, taskId] = [market.drivers[0]!, market.tasks[0]!];
  await send('POST', '/v1/drivers', profile({id: driverId, capacity: 2}));
  await bring(market, taskId, driverId, 'ASSIGNED');
  await bring(market, market.tasks[1]!, driverId, 'ASSIGNED');
  const answer = await send('POST', '/v1/drivers', profile({id: driverId, capacity: 1}));
  expect(answer.json()).toMatchObject({status: 409, code: 'CAPACITY_BELOW_LOAD'});
});

test('lists run in pages, filtered by status', async () => {
  const all = (await get('/v1/drivers?limit=1000')).drivers;
  const paged = [];
  for (let cursor = ''; ; ) {
    const page = await get(`/v1/drivers?limit=2${cursor}`);
    paged.push(...page.drivers);
    if (page.nextCursor === null) break;
    cursor = `&cursor=${page.nextCursor}`;
  }
  expect(paged).toEqual(all);
  const {drivers} = await get('/v1/drivers?status=EN_ROUTE');
  expect(drivers.map(({id}: {id: string}) => id)).toEqual([market.drivers[0]]);
});

test('positions come in batches; older ones and unknown drivers change nothing in the database', async () => {
  const [, first, second] = market.drivers;
  const stranger = newId();
  const given = [
    {driverId: first, lon: -97.7, lat: 30.25, recordedAt: iso(NOW_MS - 1)},
    {driverId: second, lon: -97.71, lat: 30.26, recordedAt: iso(NOW_MS - DAY_MS)},
    {driverId: stranger, lon: 0, lat: 0, recordedAt: iso(NOW_MS)},
  ];
  await rows(database.db, 'update driver_positions set recorded_at = recorded_at - interval $$1 minute$$');
  const answer = await send('POST', '/v1/drivers/positions', {positions: given});
  expect(answer.json()).toEqual({received: 3, recorded: 3});
  expect((await send('POST', '/v1/drivers/positions', {positions: given})).json()).toEqual({received: 3, recorded: 0});
  await positions.write();
  expect(positions.backlog()).toEqual([{regionId: market.regionId, held: 2, unwritten: 0, lagMs: 0}]);
  expect((await get(`/v1/drivers/${second}`)).position.recordedAt).toBe(iso(NOW_MS - 60_000));
  expect((await get(`/v1/drivers/${first}`)).position).toEqual({lon: -97.7, lat: 30.25, recordedAt: iso(NOW_MS - 1)});
});

test('a full batch of positions fits, one more does not', async () => {
  const position = {driverId: market.drivers[1], lon: -97.700_123_4, lat: 30.250_123_4, recordedAt: iso(NOW_MS)};
  const full = Array.from({length: POSITIONS_PER_CALL}, () => position);
  const answer = await send('POST', '/v1/drivers/positions', {positions: full});
  expect(answer.json()).toMatchObject({received: POSITIONS_PER_CALL});
  const over = await send('POST', '/v1/drivers/positions', {positions: [...full, position]});
  expect(over.json()).toMatchObject({status: 400, errors: [{field: 'positions'}]});
});

test('drivers on shift near a place are told, the nearest first, by positions that only memory has too', async () => {
  const near = await openMarket(database.db, {drivers: 3, tasks: 0});
  const {regionId} = near;
  const [a, b, c] = near.drivers as [string, string, string];
  const here = {lon: -97.7, lat: 30.2};
  const given = [
    {driverId: b, ...here, lon: -97.701, recordedAt: iso(NOW_MS)},
    {driverId: c, lon: 0, lat: 0, recordedAt: iso(NOW_MS)},
  ];
  await send('POST', '/v1/drivers/positions', {regionId, positions: given});
  const query = `regionId=${regionId}&lon=${here.lon}&lat=${here.lat}`;
  const {drivers} = await get(`/v1/drivers/nearby?${query}&radiusM=1000`);
  expect(drivers.map(({id}: {id: string}) => id)).toEqual([a, b]);
  expect(drivers[1]).toMatchObject({id: b, lon: -97.701, lat: 30.2, recordedAt: iso(NOW_MS)});
  expect(drivers[1].distanceM).toBeCloseTo(96.1, 0);
  expect((await get(`/v1/drivers/nearby?${query}&radiusM=90&limit=1`)).drivers).toMatchObject([{id: a, distanceM: 0}]);
  expect((await get(`/v1/drivers/nearby?${query}&radiusM=0`)).errors[0].field).toBe('query.radiusM');
});

test("documents are put, replaced by kind and start, and refused for a driver who isn't there", async () => {
  const driverId = market.drivers[2]!;
  const licence = {
    kind: 'licence',
    validFrom: iso(NOW_MS),
    validUntil: iso(NOW_MS + DAY_MS),
    checkedAt: iso(NOW_MS),
  };
  const put = (id: string, documents: object[]) => send('PUT', `/v1/drivers/${id}/documents`, {documents});
  expect((await put(driverId, [licence])).json()).toEqual({upserted: 1});
  await put(driverId, [{...licence, validUntil: iso(NOW_MS + 2 * DAY_MS), revoked: true}]);
  const stored = await rows(
    database.db,
    'select valid_until, revoked from driver_documents where driver_id = $1 and kind = $2 and valid_from = $3',
    [driverId, 'licence', NOW_MS],
  );
  expect(stored).toEqual([{valid_until: NOW_MS + 2 * DAY_MS, revoked: true}]);
  expect((await put(newId(), [licence])).json()).toMatchObject({status: 404, code: 'DRIVER_UNKNOWN'});
  const backwards = await put(driverId, [licence, {...licence, kind: 'insurance', validUntil: licence.validFrom}]);
  expect(backwards.json()).toMatchObject({code: 'INVALID', errors: [{field: 'documents.1.validUntil'}]});
});
