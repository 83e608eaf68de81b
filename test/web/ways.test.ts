// What of a reading is drawn along the roads, without a browser: ways that are asked for, cut, and asked for anew.
import {expect, test} from 'vitest';
import {encodePolyline} from '../../src/api/osrm/polyline.ts';
import {LEG_FLOATS} from '../../web/map/live-legs.ts';
import {DOT_FLOATS, type Picture, pictureOf} from '../../web/map/live-picture.ts';
import {worldX, worldY} from '../../web/map/mercator.ts';
import {placesOf} from '../../web/map/polyline.ts';
import {type AskWays, startWays} from '../../web/map/ways.ts';
import type {LiveMap} from '../../web/wire.ts';

// A street along the equator, with a store at 0.05; a degree is 111 km.
const STATES = ['ASSIGNED', 'PICKED_UP', 'OFFERED', 'PENDING'];
type Given = {readonly driver: number; readonly state: string; readonly drop?: number; readonly lat?: number};

/** Task i has driver i. */
const reading = (...given: Given[]): LiveMap => ({
  at: '',
  limit: 100,
  statuses: ['EN_ROUTE'],
  states: STATES,
  drivers: given.map(({driver, lat = 0}, i) => [`d${i}`, driver, lat, 0]),
  stores: [['store', 0.05, 0]],
  tasks: given.map(({state, drop = 0.5}, i) => [`t${i}`, drop, 0, STATES.indexOf(state), 0, i, 0, -1, -1]),
});

/** A way along the equator, with a place of its own at 0.2. */
function lineOf(pair: string): string {
  const [from, , to] = pair.split(',').map(Number) as [number, number, number];
  const lons = [from, ...(from < 0.2 && to > 0.2 ? [0.2] : []), to].map((lon) => Math.round(lon * 1e6));
  return encodePolyline(
    lons.map(() => 0),
    lons,
    6,
  );
}

function opened(sees: (lon: number) => boolean = () => true) {
  const asked: string[][] = [];
  const regions: string[] = [];
  const clock = {nowMs: 0};
  let answer: AskWays = async (_, pairs) => pairs.map(lineOf);
  const ways = startWays(
    {view: () => sees, live: {legsShown: true}},
    async (regionId, pairs, signal) => {
      regions.push(regionId);
      asked.push([...pairs]);
      return answer(regionId, pairs, signal);
    },
    () => clock.nowMs,
  );
  ways.restart('a');
  let last: Picture | undefined;
  return {
    asked,
    /** Of each request. */
    regions,
    clock,
    restart: ways.restart,
    answerBy(next: AskWays) {
      answer = next;
    },
    /** Takes a reading, and waits until what was asked for has come. */
    async take(live: LiveMap) {
      const told = ways.expect(live);
      const before = last;
      last = pictureOf(live, 1, before, (i) => before!.drivers[i]!, ways.wayOf);
      await new Promise((later) => setImmediate(later));
      return {...told, stretches: stretchesOf(last)};
    },
  };
}

/** Of each stretch: longitudes of its start, where that moves to, and of its end; between which shares of the glide. */
function stretchesOf({legs, legCount, origin}: Picture): [string, ...number[]][] {
  const lon = (x: number) => Number(((x + origin[0] - 0.5) * 360).toFixed(4));
  return Array.from({length: legCount}, (_, i) => {
    const [a, , b, , end, , , isStraight, from, to] = Array.from(legs.subarray(i * LEG_FLOATS, (i + 1) * LEG_FLOATS));
    const share = (value: number) => Number(value.toFixed(3));
    return [isStraight === 1 ? 'straight' : 'road', lon(a!), lon(b!), lon(end!), share(from!), share(to!)];
  });
}

test('drivers glide from where they were, and face where they went, whatever the list does', () => {
  const at = (...drivers: [string, number][]): LiveMap => ({
    ...reading(),
    drivers: drivers.map(([id, lon]) => [id, lon, 0, 0]),
  });
  const still = (before: Picture) => (i: number) => before.drivers[i]!;
  const first = pictureOf(
    at(['a', 1], ['b', 2]),
    1,
    undefined,
    () => [0, 0],
    () => undefined,
  );
  const second = pictureOf(at(['b', 3], ['c', 4], ['a', 1]), 1, first, still(first), () => undefined);
  const third = pictureOf(at(['a', 1], ['b', 3]), 1, second, still(second), () => undefined);
  const moves = ({dots, origin, drivers}: Picture) =>
    drivers.map((_, i) =>
      [0, 2].map((axis) => Math.round((dots[(i + 1) * DOT_FLOATS + axis]! + origin[0] - 0.5) * 360)),
    );
  expect([moves(first), moves(second)]).toEqual([
    [
      [1, 1],
      [2, 2],
    ],
    [
      [2, 3],
      [4, 4],
      [1, 1],
    ],
  ]);
  const east = Math.fround(Math.PI / 2);
  expect([[...first.turns], [...second.turns], [...third.turns]]).toEqual([
    [Number.NaN, Number.NaN],
    [east, Number.NaN, Number.NaN],
    [Number.NaN, east],
  ]);
});

test('a polyline is read as it was written', () => {
  const [lat, lon] = [
    [57_700_001, 57_699_999, -1],
    [11_900_000, -179_999_999, 179_999_999],
  ];
  const expected = lat.map((e6, i) => [worldX(lon[i]! / 1e6), worldY(e6 / 1e6)]);
  expect(placesOf(encodePolyline(lat, lon, 6))).toEqual(expected);
  expect(placesOf('')).toEqual([]);
});

test('a leg is straight until its way has come; then the way is cut behind the driver as it glides', async () => {
  const {take, asked} = opened();
  const first = await take(reading({driver: 0.1, state: 'PICKED_UP'}));
  expect(first).toMatchObject({inView: 1, drawn: 0, stretches: [['straight', 0.1, 0.1, 0.5, 0, 1]]});
  expect(asked).toEqual([['0.100000,0.000000,0.500000,0.000000']]);
  const {stretches, drawn} = await take(reading({driver: 0.3, state: 'PICKED_UP'}));
  expect(drawn).toBe(1);
  // Half of the glide lies before the corner; what is ahead stays.
  expect(stretches).toEqual([
    ['road', 0.1, 0.2, 0.2, 0, 0.5],
    ['road', 0.2, 0.3, 0.3, 0.5, 1],
    ['road', 0.3, 0.3, 0.5, 2, 3],
  ]);
  expect((await take(reading({driver: 0.5, state: 'PICKED_UP'}))).stretches[0]).toEqual(['road', 0.3, 0.5, 0.5, 0, 1]);
  expect(asked).toHaveLength(1);
});

test('it is asked for anew when the driver has left it, and when there is another stop', async () => {
  const {take, asked} = opened();
  await take(reading({driver: 0.1, state: 'PICKED_UP'}));
  // 50 m beside it is on it, and 80 m is not; what is drawn stays until the next comes.
  await take(reading({driver: 0.12, lat: 0.000_45, state: 'PICKED_UP'}));
  await take(reading({driver: 0.14, lat: 0.000_72, state: 'PICKED_UP'}));
  expect(asked).toHaveLength(1);
  const left = await take(reading({driver: 0.14, lat: 0.000_72, state: 'PICKED_UP'}));
  expect([asked.length, left.stretches[0]![0]]).toEqual([2, 'road']);
  // The new one begins there: the driver is as far from it as it was from the road.
  await take(reading({driver: 0.16, lat: 0.000_72, state: 'PICKED_UP'}));
  await take(reading({driver: 0.16, lat: 0.000_72, state: 'PICKED_UP'}));
  expect(asked).toHaveLength(2);
  const turned = await take(reading({driver: 0.16, lat: 0.000_72, state: 'PICKED_UP', drop: 0.6}));
  expect([asked.length, turned.stretches[0]![0]]).toEqual([3, 'straight']);
  // Far off, the old way is no likeness of the new one.
  const far = await take(reading({driver: 0.16, lat: 0.02, state: 'PICKED_UP', drop: 0.6}));
  expect(far.stretches[0]![0]).toBe('straight');
});

test('offers stay straight; of tasks that nobody has there is no leg', async () => {
  const {take, asked} = opened();
  const {inView, stretches} = await take(reading({driver: 0.1, state: 'OFFERED'}, {driver: 0.1, state: 'PENDING'}));
  expect([inView, stretches, asked]).toEqual([0, [['straight', 0.1, 0.1, 0.05, 0, 1]], []]);
});

test('what is out of view is not asked for, and not drawn across the streets of others', async () => {
  const {take, asked} = opened((lon) => lon < 1);
  const live = reading({driver: 0.1, state: 'ASSIGNED'}, {driver: 3, drop: 4, state: 'PICKED_UP'});
  expect((await take(live)).stretches).toEqual([['straight', 0.1, 0.1, 0.05, 0, 1]]);
  expect(asked).toEqual([['0.100000,0.000000,0.050000,0.000000']]);
});

test('of more than 300 in view all are straight, and none is asked for', async () => {
  const {take, asked} = opened();
  const many = (count: number) => reading(...Array<Given>(count).fill({driver: 0.1, state: 'PICKED_UP'}));
  expect(await take(many(301))).toMatchObject({inView: 301, drawn: 0});
  expect([asked.length, (await take(many(301))).stretches.length]).toEqual([0, 301]);
  await take(many(300));
  expect((await take(many(300))).drawn).toBe(300);
  expect(asked.map(({length}) => length)).toEqual([50, 50, 50, 50, 50, 50]);
});

test('where there is no way the leg stays straight; where nobody answered, it is asked for again', async () => {
  const {take, asked, answerBy} = opened();
  answerBy(async () => Promise.reject(new Error('gone')));
  await take(reading({driver: 0.1, state: 'PICKED_UP'}));
  answerBy(async (_, pairs) => pairs.map(() => null));
  await take(reading({driver: 0.1, state: 'PICKED_UP'}));
  const {stretches} = await take(reading({driver: 0.101, state: 'PICKED_UP'}));
  expect([asked.length, stretches]).toEqual([2, [['straight', 0.1, 0.101, 0.5, 0, 1]]]);
});

test('where there was no way it is asked for again after 200 m of the driver, or 30 s', async () => {
  const {take, asked, answerBy, clock} = opened();
  answerBy(async (_, pairs) => pairs.map(() => null));
  await take(reading({driver: 0.1, state: 'PICKED_UP'}));
  // 178 m, then 223 m from there.
  await take(reading({driver: 0.1016, state: 'PICKED_UP'}));
  expect(asked).toHaveLength(1);
  await take(reading({driver: 0.102, state: 'PICKED_UP'}));
  expect(asked).toHaveLength(2);
  clock.nowMs = 30_000;
  await take(reading({driver: 0.102, state: 'PICKED_UP'}));
  expect(asked).toHaveLength(2);
  clock.nowMs = 30_001;
  answerBy(async (_, pairs) => pairs.map(lineOf));
  await take(reading({driver: 0.102, state: 'PICKED_UP'}));
  expect([asked.length, (await take(reading({driver: 0.102, state: 'PICKED_UP'}))).drawn]).toEqual([3, 1]);
});

test('a driver that was off the roads when asked for may be less far off once it is on them', async () => {
  const {take, asked} = opened();
  // 200 m beside the street, then on it, then 80 m beside it.
  await take(reading({driver: 0.1, lat: 0.0018, state: 'PICKED_UP'}));
  for (const lat of [0.0018, 0, 0.000_72, 0.000_72]) await take(reading({driver: 0.11, lat, state: 'PICKED_UP'}));
  expect(asked).toHaveLength(2);
});

test('what is asked for of a region is asked with its id, and is not known of the next one', async () => {
  const {take, asked, regions, restart, answerBy} = opened();
  const answers = [Promise.withResolvers<(string | null)[]>(), Promise.withResolvers<(string | null)[]>()];
  answerBy((regionId) => answers[regionId === 'a' ? 0 : 1]!.promise);
  const live = reading(...Array<Given>(60).fill({driver: 0.1, state: 'PICKED_UP'}));
  await take(live);
  restart('b');
  await take(live);
  answers[0]!.resolve(asked[0]!.map(lineOf));
  expect((await take(live)).drawn).toBe(0);
  expect((await take(live)).drawn).toBe(0);
  expect(regions).toEqual(['a', 'b']);
  answers[1]!.resolve(asked[0]!.map(lineOf));
  await take(live);
  expect([(await take(live)).drawn, regions]).toEqual([60, ['a', 'b', 'b']]);
});
