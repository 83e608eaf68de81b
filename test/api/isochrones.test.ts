import {describe, expect, test} from 'vitest';
import {createSnapper, snap} from '../../native-graph/snap.ts';
import {ISOCHRONES_WAITING_LIMIT} from '../../src/api/limits.ts';
import type {Roads, WithRoads} from '../../src/api/osrm/roads.ts';
import {roadsOf} from '../../src/cli/roads.ts';
import {threadedRoads} from '../../src/cli/threaded-roads.ts';
import {systemClock} from '../../src/domain/clock.ts';
import {createPlaceThreads} from '../../src/pool/place-threads.ts';
import {gothenburgGraph} from '../support/city.ts';
import {plainRoads} from '../support/plain-roads.ts';
import {BLOCK_E7, town} from '../support/town.ts';
import {townServer} from './osrm/town-server.ts';
import {databaseGone, fakeDispatch, fakeServer, REGION} from './world.ts';

// A street of nearly a kilometre, and another island.
const {graph} = town('a-b-c-d-e-f-g-h-i-j   k-l');
const roads: Roads = {...plainRoads(graph), epoch: 7};
const lent =
  (over: Partial<Roads> = {}): WithRoads =>
  (use) =>
    use({...roads, ...over});
const app = fakeServer(databaseGone, {routing: () => lent()});

/** Blocks right of the first letter's corner. */
const at = (x: number, y = 0): string => `lon=${(x * BLOCK_E7) / 1e7}&lat=${(-y * BLOCK_E7) / 1e7}`;
const ask = (query: string, server = app) => server.inject(`/v1/isochrones?${query}`);
const east = (feature: {geometry: {coordinates: number[][][][]}}): number =>
  Math.max(...feature.geometry.coordinates.flat(2).map(([lon]) => lon!));

describe('isochrones', () => {
  test('are a feature a limit, each with an area, within minutes of the place on the road', async () => {
    const answer = await ask(`${at(0.5, 0.1)}&minutes=1,2`);
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'application/geo+json; charset=utf-8']);
    const body = answer.json();
    expect(body).toMatchObject({type: 'FeatureCollection', h3Resolution: 10, place: {distanceM: 10}});
    expect(body.place.lat).toBeCloseTo(0, 6);
    expect(body.features.map(({properties}: {properties: object}) => properties)).toEqual([
      // Six blocks in a minute, and nobody turns round but at the end.
      {minutes: 1, direction: 'from', epoch: 7, segments: 8},
      {minutes: 2, direction: 'from', epoch: 7, segments: 14},
    ]);
    for (const {type, geometry} of body.features) expect([type, geometry.type]).toEqual(['Feature', 'MultiPolygon']);
    // Hexagons are 130 m wide.
    expect(east(body.features[0])).toBeGreaterThan((6.5 * BLOCK_E7) / 1e7);
    expect(east(body.features[0])).toBeLessThan((8 * BLOCK_E7) / 1e7);
    expect(east(body.features[1])).toBeLessThan((10.5 * BLOCK_E7) / 1e7);
  });

  test.each(['0', '-0.0000001', '1e-7', '.0', '0.'])('take %s for a longitude', async (lon) => {
    expect((await ask(`lon=${lon}&lat=0&minutes=1`)).statusCode).toBe(200);
  });

  test.each(['', '%20', '0x0', 'true', '1_0', '0,', '0%20', 'Infinity', 'NaN', 'null', '-', '.', '1e', '0&lon=0'])(
    'take "%s" for no longitude',
    async (lon) => {
      const {statusCode, body} = await ask(`lat=0&lon=${lon}`);
      expect([statusCode, JSON.parse(body).errors]).toEqual([400, [{field: 'query.lon', message: 'must be number'}]]);
    },
  );

  test('from a place lie ahead of it, to a place behind it', async () => {
    const ring = town(`
      a>b>c>d>e>f>g>h
      ^             v
      i             j
      ^             v
      k             l
      ^             v
      m             n
      ^             v
      o<p<q<r<s<t<u<v
    `);
    const server = fakeServer(databaseGone, {routing: () => lent(plainRoads(ring.graph))});
    const eastOf = async (direction: string) =>
      east((await ask(`${at(1.5)}&minutes=1&direction=${direction}`, server)).json().features[0]) / (BLOCK_E7 / 1e7);
    expect(await eastOf('from')).toBeGreaterThan(7);
    expect(await eastOf('to')).toBeLessThan(3.2);
  });

  test('have five, ten and fifteen minutes from the place unless others are asked for', async () => {
    const {features} = (await ask(at(0))).json();
    expect(features.map(({properties: p}: {properties: {minutes: number; direction: string}}) => p.minutes)).toEqual([
      5, 10, 15,
    ]);
    expect(features[0].properties.direction).toBe('from');
  });

  test.each([
    ['minutes=5', 400, 'INVALID', 'query.lon'],
    [`${at(0)}&minutes=`, 400, 'INVALID', 'query.minutes must be whole minutes from 1 to 60'],
    [`${at(0)}&minutes=0`, 400, 'INVALID', 'query.minutes must be whole minutes'],
    [`${at(0)}&minutes=61`, 400, 'INVALID', 'query.minutes must be whole minutes'],
    [`${at(0)}&minutes=1.5`, 400, 'INVALID', 'query.minutes must be whole minutes'],
    [`${at(0)}&minutes=10,5`, 400, 'INVALID', 'query.minutes must ascend'],
    [`${at(0)}&minutes=5,5`, 400, 'INVALID', 'query.minutes must ascend'],
    [`${at(0)}&minutes=1,2,3,4,5,6,7`, 400, 'INVALID', 'query.minutes must be at most 6 limits'],
    [`${at(0)}&direction=up`, 400, 'INVALID', 'query.direction'],
    [`${at(0)}&seconds=5`, 400, 'INVALID', 'query.seconds is not a known field'],
    ['lon=181&lat=0', 400, 'INVALID', 'query.lon'],
    [`${at(0, 20)}`, 422, 'NO_SEGMENT', 'No road lies within 1000 m of this point.'],
    [`${at(0)}&regionId=elsewhere`, 404, 'REGION_UNKNOWN', 'elsewhere'],
  ])('%s is refused', async (query, status, code, detail) => {
    const answer = await ask(query);
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([
      status,
      'application/problem+json; charset=utf-8',
    ]);
    expect(answer.json()).toMatchObject({status, code, detail: expect.stringContaining(detail)});
  });

  test('wait for the graph, name a region of several, and say when the threads are busy', async () => {
    const failing = (code: string) =>
      lent({
        areas: async () => {
          throw Object.assign(new Error('no'), {code});
        },
      });
    const told = async (routing: WithRoads | undefined, regions = [REGION]) => {
      const server = fakeServer(databaseGone, {dispatch: fakeDispatch({regions}), routing: () => routing});
      const {code, status} = (await ask(at(0), server)).json();
      return [status, code];
    };
    expect(await told(undefined)).toEqual([503, 'LOADING']);
    expect(await told(lent(), ['one', 'two'])).toEqual([400, 'REGION_REQUIRED']);
    expect(await told(failing('POOL_BUSY'))).toEqual([503, 'OVERLOADED']);
    expect(await told(failing('POOL_CLOSED'))).toEqual([503, 'STOPPING']);
    expect(await told(failing('POOL_JOB_TIMED_OUT'))).toEqual([503, 'TOO_SLOW']);
    expect(await told(failing('POOL_JOB_FAILED'))).toEqual([500, 'DEFECT']);
  });

  test('are searched one at a time while a few wait, and more are refused', async () => {
    let [running, most, refused] = [0, 0, 0];
    const gate = Promise.withResolvers<void>();
    const areas: Roads['areas'] = async (...asked) => {
      most = Math.max(most, ++running);
      await gate.promise;
      running--;
      return roads.areas(...asked);
    };
    const server = fakeServer(databaseGone, {routing: () => lent({areas})});
    const surplus = 3;
    const all = Array.from({length: 1 + ISOCHRONES_WAITING_LIMIT + surplus}, async () => {
      const answer = await ask(`${at(0)}&minutes=1`, server);
      if (answer.statusCode === 503 && ++refused === surplus) gate.resolve();
      return answer;
    });
    const answers = await Promise.all(all);
    const told = (status: number) => answers.filter(({statusCode}) => statusCode === status);
    expect([told(200).length, told(503).length, most]).toEqual([1 + ISOCHRONES_WAITING_LIMIT, surplus, 1]);
    for (const answer of told(503)) {
      expect(answer.json()).toMatchObject({code: 'OVERLOADED'});
      expect(answer.headers['retry-after']).toBe('1');
    }
    expect((await ask(at(0), server)).statusCode).toBe(200);
  });

  test('of a client that has gone are not searched, and those behind it are', async () => {
    const gate = Promise.withResolvers<void>();
    const searched: number[] = [];
    const areas: Roads['areas'] = async (place, direction, limitsMs) => {
      searched.push(limitsMs[0]! / 60_000);
      await gate.promise;
      return roads.areas(place, direction, limitsMs);
    };
    let arrived = () => {};
    const server = fakeServer(databaseGone, {
      routing: () => {
        arrived();
        return lent({areas});
      },
    });
    const address = await server.listen({host: '127.0.0.1', port: 0});
    const closed = Promise.withResolvers<void>();
    const asked = async (minutes: number, signal = AbortSignal.timeout(60_000)) => {
      const here = new Promise<void>((resolve) => (arrived = resolve));
      const answer = fetch(`${address}/v1/isochrones?${at(0)}&minutes=${minutes}`, {signal});
      await here;
      return {answer};
    };
    try {
      const first = await asked(1);
      server.server.once('connection', (socket) => socket.once('close', closed.resolve));
      const leaving = new AbortController();
      const second = await asked(2, leaving.signal);
      const third = await asked(3);
      leaving.abort();
      await expect(second.answer).rejects.toThrow('aborted');
      await closed.promise;
      gate.resolve();
      for (const [minutes, {answer}] of [
        [1, first],
        [3, third],
      ] as const) {
        const {features} = (await (await answer).json()) as {features: object[]};
        expect(features).toMatchObject([{properties: {minutes}}]);
      }
      expect(searched).toEqual([1, 3]);
    } finally {
      gate.resolve();
      // fetch keeps one ready in place of that of the client which has gone.
      server.server.closeAllConnections();
      await server.close();
    }
  });

  test('of a route server are the same without an epoch, for pages of every origin', async () => {
    const server = townServer(graph).app;
    const answer = await ask(`${at(0.5, 0.1)}&minutes=1,2`, server);
    expect(answer.headers['access-control-allow-origin']).toBe('*');
    const body = (await ask(`${at(0.5, 0.1)}&minutes=1,2`)).json();
    for (const {properties} of body.features) delete properties.epoch;
    expect(answer.json()).toEqual(body);
    expect((await ask(`${at(0)}&regionId=${REGION}`, server)).json()).toMatchObject({
      status: 404,
      code: 'REGION_UNKNOWN',
    });
    expect((await ask('lon=x', server)).json()).toMatchObject({status: 400, code: 'INVALID'});
  });
});

test('threads answer the same for either router, and what this thread does', async () => {
  const city = await gothenburgGraph();
  const threads = createPlaceThreads([{name: 'city', bytes: city.bytes}], {
    threads: 1,
    monotonicMs: systemClock.monotonicMs,
  });
  try {
    const place = snap(createSnapper(city), 577_000_000, 119_700_000, 10_000)!;
    const limitsMs = [300_000, 600_000, 900_000];
    for (const direction of ['from', 'to'] as const) {
      const wanted = await plainRoads(city).areas(place, direction, limitsMs);
      expect(wanted.areas.every(({segments}) => segments > 1_000)).toBe(true);
      for (const router of ['cch', 'dijkstra'] as const) {
        const {metric} = roadsOf(city, router);
        const found = await threadedRoads('city', city, threads, metric).areas(place, direction, limitsMs);
        expect(found).toEqual(wanted);
      }
    }
  } finally {
    await threads.close();
  }
});
