import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, describe, expect, test} from 'vitest';
import {saveGraph} from '../../native-graph/file.ts';
import {readPoints} from '../../src/cli/points.ts';
import {run} from '../support/cloudrun.ts';
import {BLOCK_E7, town} from '../support/town.ts';

const folder = mkdtempSync(join(tmpdir(), 'cloudrun-routes-'));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

// Two islands: gh and all else.
const {graph} = town(`
  a-b-c g
  |   | |
  d-e-f h
  v   ^
  k>l>m
`);
const crg = join(folder, 'town.crg');
saveGraph(graph, crg);

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
/** Blocks right of and below the first letter's corner. */
const point = (x: number, y: number): string => `${(x * BLOCK_E7) / 1e7},${(-y * BLOCK_E7) / 1e7}`;
const [A, B, C, E, G] = [point(0.02, 0), point(0.98, 0), point(1.5, 2), point(0.5, 2), point(3, 0.5)];
const places = file('places.txt', `${[A, B, C, E, G].join('\n')}\n`);

async function answerOf(...args: string[]) {
  const ended = await run([...args, '--json']);
  expect(ended).toMatchObject({code: 0, stderr: ''});
  expect(ended.stdout).toMatch(/^[^\n]+\n$/);
  return JSON.parse(ended.stdout);
}

test('a table holds the times of the routes between its points, and null between islands', async () => {
  const [one, two] = await Promise.all(
    ['1', '2'].map((threads) =>
      answerOf('table', crg, '--sources', places, '--destinations', places, '--threads', threads),
    ),
  );
  expect(one.durationsS).toEqual(two.durationsS);
  expect(one.computeMs).toBeGreaterThan(0);
  expect(one.durationsS.map((row: unknown[]) => row[4])).toEqual([null, null, null, null, 0]);
  expect(one.durationsS[0][1]).toBeCloseTo(9.6, 2);
  // One-way: back from the street lm to the street kl leads round by m, f, e, d and k.
  expect(one.durationsS[3][2]).toBeCloseTo(10, 2);
  expect(one.durationsS[2][3]).toBeCloseTo(50, 2);

  const way = await answerOf('route', crg, '--from', C, '--to', E, '--router', 'dijkstra');
  expect(way.durationS).toBe(one.durationsS[2][3]);
  expect(way.distanceM).toBeCloseTo(way.durationS * 10, 0);
  expect(way.geometry.type).toBe('LineString');
  expect(way.geometry.coordinates.at(-1)).toEqual(E.split(',').map((degrees) => expect.closeTo(Number(degrees), 6)));
  const none = await answerOf('route', crg, '--from', A, '--to', G);
  expect(none).toEqual({durationS: null, distanceM: null, geometry: null, computeMs: expect.any(Number)});
});

test('the nearest drivers come in order of their time, ties by index, without those that cannot come', async () => {
  const drivers = file('drivers.txt', `${G}\n${A}\n${B}\n${A}`);
  const {nearest} = await answerOf('nearest-drivers', crg, '--drivers', drivers, '--tasks', places, '-k', '3');
  expect(nearest[0]).toEqual([
    {driver: 1, durationS: 0},
    {driver: 3, durationS: 0},
    {driver: 2, durationS: expect.closeTo(9.6, 2)},
  ]);
  expect(nearest[4]).toEqual([{driver: 0, durationS: 0}]);
});

test('an isochrone is GeoJSON, the same by either router, that grows with its minutes', async () => {
  const [over, by] = await Promise.all(
    ['cch', 'dijkstra'].map((router) =>
      answerOf('isochrone', crg, '--from', A, '--minutes', '1,2', '--router', router),
    ),
  );
  expect({...over, computeMs: 0}).toEqual({...by, computeMs: 0});
  const {type, place, features, computeMs} = over;
  expect([type, place.distanceM, computeMs > 0]).toEqual(['FeatureCollection', 0, true]);
  expect(features.map(({properties}: {properties: object}) => properties)).toEqual([
    {minutes: 1, direction: 'from', segments: expect.any(Number)},
    {minutes: 2, direction: 'from', segments: expect.any(Number)},
  ]);
  // All but the island and what nobody comes back from.
  expect(features[0].properties.segments).toBeLessThanOrEqual(features[1].properties.segments);
  expect(features[1].geometry).toMatchObject({type: 'MultiPolygon'});
  const back = await answerOf('isochrone', crg, '--to', G);
  expect(back.features.map(({properties}: {properties: {segments: number}}) => properties.segments)).toEqual([2, 2, 2]);
  const told = await run(['isochrone', crg, '--to', G, '--minutes', '1']);
  expect(told.stdout).toMatch(/^1 min: 2 segments, an outline of \d+ points\nin [\d.]+ ms\n$/);
});

test('at the curb a driver comes round to the side of the street where the point lies', async () => {
  // South of de lies on the right of the way from d to e; north of it on the right of the way back.
  const [south, north] = [point(0.5, 1.1), point(0.5, 0.9)];
  const secondsTo = async (to: string, ...more: string[]) =>
    (await answerOf('route', crg, '--from', A, '--to', to, ...more)).durationS;
  expect(await secondsTo(north)).toBeCloseTo(0.2 + 10 + 5, 1);
  expect(await secondsTo(south, '--approaches', 'curb')).toBeCloseTo(0.2 + 10 + 5, 1);
  expect(await secondsTo(north, '--approaches', 'curb')).toBeCloseTo(9.8 + 30 + 5, 1);
});

test('with live speeds, routes, tables and nearest drivers go by them, and by each other', async () => {
  const slow = file('slow.csv', '97,98,18\n98,97,18\n98,99,0\n');
  const way = async (from: string, to: string, ...more: string[]) =>
    (await answerOf('route', crg, '--from', from, '--to', to, ...more)).durationS;
  expect(await way(A, B, '--speeds', slow)).toBeCloseTo(2 * (await way(A, B)), 2);
  const [table, nearest] = await Promise.all([
    answerOf('table', crg, '--sources', places, '--destinations', places, '--threads', '2', '--speeds', slow),
    answerOf('nearest-drivers', crg, '--drivers', places, '--tasks', places, '-k', '9', '--speeds', slow),
  ]);
  expect(table.durationsS[0][1]).toBe(await way(A, B, '--speeds', slow));
  for (const [task, list] of nearest.nearest.entries()) {
    for (const {driver, durationS} of list) expect(table.durationsS[driver][task]).toBe(durationS);
  }
});

test('rows of live speeds that cannot be used are told, and a file of such rows is refused', async () => {
  const args = ['route', crg, '--from', A, '--to', B, '--speeds'];
  const mixed = await run([...args, file('mixed.csv', '97,98,18\nx\n1,2,3\n'), '--json']);
  expect(mixed.code).toBe(0);
  expect(mixed.stderr).toContain('1 rows applied, 1 unknown, 0 repeated, 1 bad; line 2: "x" is not from,to,km/h\n');
  const refused = await run([...args, file('foreign.csv', 'x\n1,2,3\n')]);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('cloudrun: SPEEDS_REFUSED: ')]);
  const missing = await run([...args, join(folder, 'none.csv')]);
  expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('SPEEDS_UNREADABLE')]);
});

describe('what is no point is refused in one line with exit code 2', () => {
  test.each([
    [['route', crg, '--from', '1', '--to', A], 'POINT_MALFORMED: --from: "1" is not LON,LAT'],
    [['route', crg, '--from', A, '--to', '1,91'], 'POINT_MALFORMED: --to'],
    [['route', crg, '--from', A, '--to', '0x1,1'], 'POINT_MALFORMED: --to'],
    [['route', 'no.crg', '--from', A, '--to', A], 'GRAPH_MISSING'],
    [['route', crg, '--from', A, '--to', A, '--router', 'magic'], 'USAGE'],
    [['isochrone', crg], 'POINT_MISSING: give a point with --from, or with --to'],
    [['isochrone', crg, '--from', A, '--to', A], 'POINT_MISSING'],
    [['isochrone', crg, '--from', '1'], 'POINT_MALFORMED: --from: "1" is not LON,LAT'],
    [['isochrone', crg, '--from', A, '--minutes', '9,5'], 'MINUTES_MALFORMED: --minutes: 9,5: must ascend'],
    [['isochrone', crg, '--from', A, '--minutes', '61'], 'MINUTES_MALFORMED'],
    [['table', crg, '--sources', 'none.txt', '--destinations', places], 'POINTS_UNREADABLE: none.txt'],
  ])('%j', async (args, message) => {
    const ended = await run(args);
    expect([ended.code, ended.stdout]).toEqual([2, '']);
    expect(ended.stderr).toMatch(/^cloudrun: [^\n]+\n$/);
    expect(ended.stderr).toContain(`cloudrun: ${message}`);
  });

  test.each([
    ['1,2\n\n3,4\n', 'line 2: "" is not LON,LAT'],
    ['1,2\nlon,lat\n', 'line 2: "lon,lat"'],
    ['1,2,3\n', 'line 1'],
    ['1e3,2\n', 'line 1'],
    ['181,2\n', 'line 1'],
    ['\n', 'holds no point'],
  ])('a file of points %j', (text, message) => {
    expect(() => readPoints(file('bad.txt', text))).toThrow(message);
  });

  test('line ends of either kind, blanks and signs are read', () => {
    expect(readPoints(file('good.txt', '-8.61, +41.15\r\n.5,-0\r\n'))).toEqual([
      {latE7: 411_500_000, lonE7: -86_100_000},
      {latE7: -0, lonE7: 5_000_000},
    ]);
  });
});
