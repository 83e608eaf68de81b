import type {FastifyInstance} from 'fastify';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {ROAD_CLASSES, type RoadClass} from '../../native-graph/profile/car.ts';
import {type EtaReport, readEtaReport} from '../../src/api/eta-report.ts';
import {openTripRoads} from '../../src/api/eta-ways.ts';
import {ETA_FRESH_MS, ETA_REPORT, type EtaLimits} from '../../src/api/limits.ts';
import type {Roads, WithRoads} from '../../src/api/osrm/roads.ts';
import {upsertStores} from '../../src/db/stores.ts';
import {carryOut} from '../db/deliveries.ts';
import {at, DAY_MS, HOUR_MS, type Market, MINUTE_MS, NOW_MS, openMarket} from '../db/market.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {plainRoads} from '../support/plain-roads.ts';
import {BLOCK_E7, drawnNetwork, town} from '../support/town.ts';
import {fakeDispatch, fakeServer} from './world.ts';

const STREET = 'a-b-c-d-e-f-g-h-i-j-k-l-m-n-o-p-q-r-s-t-u-v-w-x-y-z';
/** Of 25 blocks, 100 m each: twelve of a primary road, then thirteen of a residential one. */
const PRIMARY_BLOCKS = 12;
const classes = drawnNetwork(STREET).edgeClass.map((_, block) =>
  ROAD_CLASSES.indexOf((block < PRIMARY_BLOCKS ? 'primary' : 'residential') satisfies RoadClass),
);
const {graph} = town(STREET, {}, {edgeClass: classes});
const plain = plainRoads(graph);
let searched = 0;
const roads: Roads = {
  ...plain,
  ways(pairs) {
    searched += pairs.length;
    return plain.ways(pairs);
  },
};

let database: TestDatabase;
let market: Market;
let app: FastifyInstance;
let nowMs = 1;

const minutes = (count: number) => count * MINUTE_MS;
const blocks = (count: number) => ({dropLatE7: 0, dropLonE7: Math.round(count * BLOCK_E7)});

/** The end of the day of the deliveries. */
const UNTIL_MS = NOW_MS + 6 * HOUR_MS;

beforeAll(async () => {
  database = await createDatabase();
  const {db} = database;
  market = await openMarket(db, {drivers: 1, tasks: 0});
  await upsertStores(db, [{...market.store, latE7: 0, lonE7: Math.round(BLOCK_E7 / 2)}]);
  const [driverId] = market.drivers as [string];
  const early = NOW_MS + minutes(5);
  const late = NOW_MS + 4 * HOUR_MS;
  await carryOut(market, {
    driverId,
    offeredAtMs: early,
    pickupAtMs: [early + minutes(4), early + minutes(3)],
    dropAtMs: [early + minutes(16), early + minutes(15)],
    task: blocks(5),
  });
  await carryOut(market, {
    driverId,
    offeredAtMs: early + minutes(20),
    pickupAtMs: [early + minutes(32), early + minutes(33)],
    dropAtMs: [early + minutes(42), early + minutes(46)],
    pickupMs: minutes(12),
    task: {...blocks(19), category: 'tobacco'},
  });
  await carryOut(market, {
    driverId,
    offeredAtMs: late,
    pickupAtMs: [late + minutes(6), late + minutes(9)],
    dropAtMs: [late + minutes(19), late + minutes(28)],
    pickupCorrectionMs: minutes(1),
    dropCorrectionMs: minutes(2),
    pickupMs: minutes(5),
    task: blocks(25),
  });
  await at(db, UNTIL_MS);
  app = fakeServer(db, {
    dispatch: fakeDispatch({regions: [market.regionId]}),
    clock: {wallMs: () => 0, monotonicMs: () => nowMs},
    routing: (): WithRoads => (use) => use(roads),
  });
});
afterAll(async () => {
  await app?.close();
  await database?.drop();
});

const ask = async (query = '') => {
  const answer = await app.inject(`/internal/etas?${query}`);
  return {status: answer.statusCode, body: answer.json()};
};

/** Of some groups: how many deliveries, and their median error in minutes. */
const told = (groups: readonly {name: string; deliveries: number; p50Ms: number}[]) =>
  groups.map(({name, deliveries, p50Ms}) => [name, deliveries, p50Ms / MINUTE_MS]);

describe('promised against actual times', () => {
  test('are summed up by leg, hour, road, distance and category, each to the millisecond', async () => {
    const {status, body} = await ask();
    expect(status).toBe(200);
    const {pickup, drop, ...rest} = body;
    expect(rest).toEqual({
      regionId: market.regionId,
      timeZone: 'America/Chicago',
      since: new Date(UNTIL_MS - 7 * DAY_MS).toISOString(),
      until: new Date(UNTIL_MS).toISOString(),
      deliveries: 3,
      cut: false,
      onRoads: 3,
    });
    // Errors of -1, 4 and 9 minutes; without what was learned, of -1, 4 and 11.
    expect(drop.all).toEqual({
      name: 'all',
      deliveries: 3,
      meanMs: minutes(4),
      meanAbsMs: Math.round(minutes(14 / 3)),
      p10Ms: 0,
      p50Ms: minutes(4),
      p90Ms: minutes(8),
      onTime: 1,
      promisedMs: minutes(19),
      uncorrected: {
        deliveries: 3,
        meanMs: Math.round(minutes(14 / 3)),
        meanAbsMs: Math.round(minutes(16 / 3)),
        p10Ms: 0,
        p50Ms: minutes(4),
        p90Ms: minutes(9.6),
      },
    });
    expect([drop.corrected, pickup.corrected]).toEqual([1, 1]);
    expect(told(drop.byHour)).toEqual([
      ['13', 2, 1.5],
      ['17', 1, 9],
    ]);
    expect(drop.byHour[0].uncorrected).toBeNull();
    expect(drop.byHour[1].uncorrected.p50Ms).toBe(minutes(11));
    // The last is driven on the primary road for eleven and a half blocks, on the other for thirteen.
    expect(told(drop.byRoad)).toEqual([
      ['primary', 2, 1.5],
      ['minor', 1, 9],
    ]);
    expect(told(drop.byDistance)).toEqual([
      ['0-1 km', 1, -1],
      ['1-2 km', 1, 4],
      ['2-4 km', 1, 9],
    ]);
    expect(told(drop.byCategory)).toEqual([
      ['vape', 2, 4],
      ['tobacco', 1, 4],
    ]);
    expect(told(drop.byPromise)).toEqual([
      ['15-20 min', 2, 4],
      ['20-25 min', 1, 4],
    ]);
    expect(told(drop.byTrip)).toEqual([['10-20 min', 3, 4]]);

    expect([pickup.all.p50Ms, pickup.all.onTime, pickup.all.uncorrected.p90Ms]).toEqual([minutes(1), 2, minutes(3.4)]);
    expect(told(pickup.byTrip)).toEqual([
      ['0-5 min', 1, -1],
      ['5-10 min', 1, 3],
      ['10-20 min', 1, 1],
    ]);
    // Of the pickup only the road at the store is known.
    expect(told(pickup.byRoad)).toEqual([['primary', 3, 1]]);
    expect(pickup.byDistance).toEqual([]);
    const points = [
      [minutes(16), minutes(-1)],
      [minutes(19), minutes(9)],
      [minutes(22), minutes(4)],
    ];
    expect(drop.points.sort(([a]: number[], [b]: number[]) => a! - b!)).toEqual(points);
  });

  test('are of the hand-overs of the time that is asked about, and empty where there is none', async () => {
    const since = new Date(NOW_MS + 2 * HOUR_MS).toISOString();
    expect((await ask(`since=${since}`)).body).toMatchObject({deliveries: 1, since, drop: {all: {meanMs: minutes(9)}}});
    const {body} = await ask(
      `since=${new Date(NOW_MS - DAY_MS).toISOString()}&until=${new Date(NOW_MS).toISOString()}`,
    );
    expect(body).toMatchObject({deliveries: 0, cut: false, onRoads: 0});
    expect(body.pickup).toMatchObject({all: {deliveries: 0, p50Ms: 0, uncorrected: null}, byHour: [], points: []});
  });

  test('stand for half a minute, and a way is not searched again', async () => {
    await ask();
    const first = searched;
    await ask(`regionId=${market.regionId}&since=${new Date(NOW_MS).toISOString()}`);
    expect(searched).toBe(first);
    await at(database.db, UNTIL_MS + HOUR_MS);
    expect((await ask()).body.until).toBe(new Date(UNTIL_MS).toISOString());
    nowMs += ETA_FRESH_MS + 1;
    expect((await ask()).body.until).toBe(new Date(UNTIL_MS + HOUR_MS).toISOString());
    await at(database.db, UNTIL_MS);
    nowMs += ETA_FRESH_MS + 1;
  });

  test.each([
    ['since=2026-06-02T00:00:00Z&until=2026-06-01T00:00:00Z', 400, 'INVALID'],
    ['since=2026-05-01T00:00:00Z&until=2026-06-01T00:00:00Z', 400, 'INVALID'],
    ['since=yesterday', 400, 'INVALID'],
    ['days=3', 400, 'INVALID'],
    ['regionId=nowhere', 404, 'REGION_UNKNOWN'],
  ])('refuse %s', async (query, status, code) => {
    expect(await ask(query)).toMatchObject({status, body: {code}});
  });
});

describe('a report of more than its limits', () => {
  const read = (limits: Partial<EtaLimits>, withRoads?: WithRoads): Promise<EtaReport> =>
    readEtaReport({
      db: database.db,
      regionId: market.regionId,
      sinceMs: UNTIL_MS - 28 * DAY_MS,
      untilMs: UNTIL_MS,
      limits: {...ETA_REPORT, ...limits},
      tripRoadsOf: openTripRoads(),
      withRoads,
    });

  test('is of the newest deliveries, and says from when on', async () => {
    expect(await read({})).toMatchObject({deliveries: 3, cut: false, sinceMs: UNTIL_MS - 28 * DAY_MS});
    const two = await read({deliveries: 2});
    expect(two).toMatchObject({deliveries: 2, cut: true, drop: {all: {meanMs: minutes(6.5)}}});
    // From before the hand-over of the second, and after that of the first.
    expect(two.sinceMs).toBeGreaterThan(NOW_MS + minutes(20));
    expect(two.sinceMs).toBeLessThanOrEqual(NOW_MS + minutes(51));
    expect(await read({deliveries: 1})).toMatchObject({deliveries: 1, cut: true, drop: {all: {meanMs: minutes(9)}}});
  });

  test('looks up the ways of some deliveries and tells some one by one, always the same', async () => {
    const lent: WithRoads = (use) => use(roads);
    const one = await read({ways: 2, points: 1}, lent);
    expect(await read({ways: 2, points: 1}, lent)).toEqual(one);
    expect(one).toMatchObject({deliveries: 3, onRoads: 2});
    expect(one.drop.byRoad.reduce((sum, {deliveries}) => sum + deliveries, 0)).toBe(2);
    expect(one.drop.points).toHaveLength(1);
    // Without roads, as while they load, the rest is the same.
    const {onRoads, drop} = await read({ways: 2, points: 1});
    expect([onRoads, drop]).toEqual([0, {...one.drop, byRoad: [], byDistance: []}]);
  });
});
