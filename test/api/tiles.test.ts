import {gunzipSync} from 'node:zlib';
import {expect, test} from 'vitest';
import type {Roads} from '../../src/api/osrm/roads.ts';
import {plainRoads} from '../support/plain-roads.ts';
import {town} from '../support/town.ts';
import {databaseGone, fakeServer, REGION} from './world.ts';

const {graph} = town(`
  a-b-c
  |   |
  d-e-f
`);
const plain = plainRoads(graph);
let drawn = 0;
const roads: Roads = {
  ...plain,
  tile(...asked) {
    drawn++;
    return plain.tile(...asked);
  },
};
const app = fakeServer(databaseGone, {routing: () => (use) => use(roads)});
// The town lies at 0, 0: its first junction is in one of the four tiles there.
const TILE = '/tiles/14/8192/8191.mvt';

test('a tile comes packed to who asks, once to who has it, and is drawn once', async () => {
  const [one, another] = await Promise.all([app.inject(TILE), app.inject(TILE)]);
  expect(one.headers['content-type']).toBe('application/vnd.mapbox-vector-tile');
  expect(one.rawPayload.equals(another.rawPayload)).toBe(true);
  const packed = await app.inject({url: TILE, headers: {'accept-encoding': 'gzip, br'}});
  expect(packed.headers['content-encoding']).toBe('gzip');
  expect(gunzipSync(packed.rawPayload).equals(one.rawPayload)).toBe(true);
  const again = await app.inject({url: TILE, headers: {'if-none-match': String(one.headers.etag)}});
  expect([again.statusCode, again.body]).toEqual([304, '']);
  expect(drawn).toBe(1);
});

test('the four tiles around the town hold it', async () => {
  const bodies = await Promise.all(
    [8191, 8192].flatMap((x) => [8191, 8192].map((y) => app.inject(`/tiles/14/${x}/${y}.mvt?regionId=${REGION}`))),
  );
  expect(bodies.some(({rawPayload}) => rawPayload.length > 0)).toBe(true);
});

test.each([
  ['/tiles/15/0/0.mvt', 'params.z'],
  ['/tiles/3/8/0.mvt', 'params.x'],
  ['/tiles/3/0/8.mvt', 'params.y'],
  ['/tiles/3/0/-1.mvt', 'params.y'],
  ['/tiles/3/a/0.mvt', 'params.x'],
])('%s names no tile', async (url, field) => {
  const {statusCode, ...answer} = await app.inject(url);
  expect([statusCode, answer.json()]).toMatchObject([400, {code: 'INVALID', errors: [{field}]}]);
});

test('tiles of a graph that loads are 503 with Retry-After, and of no region 404', async () => {
  const loading = fakeServer(databaseGone);
  const answer = await loading.inject(TILE);
  expect(answer.json()).toMatchObject({status: 503, code: 'LOADING'});
  expect(answer.headers['retry-after']).toBe('1');
  expect((await app.inject(`${TILE}?regionId=nowhere`)).statusCode).toBe(404);
});
