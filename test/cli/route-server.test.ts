import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, expect, test} from 'vitest';
import {saveGraph} from '../../native-graph/file.ts';
import {run, start} from '../support/cloudrun.ts';
import {BLOCK_E7, town} from '../support/town.ts';

const folder = mkdtempSync(join(tmpdir(), 'cloudrun-route-server-'));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

const {graph} = town(`
  a-b-c g
  |   | |
  d-e-f h
`);
const crg = join(folder, 'town.crg');
saveGraph(graph, crg);

const place = (x: number, y: number): string => `${(x * BLOCK_E7) / 1e7},${(-y * BLOCK_E7) / 1e7}`;
const places = [place(0.2, 0), place(1.5, 0), place(0.5, 1), place(3, 0.5)];

test('it serves routes, tables and isochrones from its threads until a signal', async () => {
  const server = start(['route-server', crg, '--port', '0', '--threads', '2', '--json']);
  const [line] = await server.printed(/^\{"address".*\}$/m);
  const {address, ...more} = JSON.parse(line);
  expect(more).toEqual({graph: crg, segments: graph.segmentCount, threads: 2});
  // biome-ignore lint/suspicious/noExplicitAny: as JSON comes
  const ask = async (path: string): Promise<any> => (await fetch(`${address}${path}`)).json();

  const table = await ask(`/table/v1/driving/${places.join(';')}?annotations=duration,distance`);
  for (const [i, from] of places.entries()) {
    for (const [j, to] of places.entries()) {
      const {code, routes} = await ask(`/route/v1/car/${from};${to}?overview=false`);
      const expected = code === 'Ok' ? [routes[0].duration, routes[0].distance] : [null, null];
      expect([table.durations[i][j], table.distances[i][j]]).toEqual(expected);
    }
  }
  // Fewer destinations than sources: searched backward, the same figures.
  const tall = await ask(`/table/v1/driving/${places.join(';')}?destinations=1`);
  expect(tall.durations).toEqual(table.durations.map((row: number[]) => [row[1]]));
  expect((await ask(`/nearest/v1/driving/${places[0]}`)).waypoints[0].name).toBe('ab');
  const [lon, lat] = places[3].split(',');
  const isochrones = await ask(`/v1/isochrones?lon=${lon}&lat=${lat}&minutes=1`);
  // The island of one street, both ways.
  expect(isochrones.features.map(({properties}: {properties: object}) => properties)).toEqual([
    {minutes: 1, direction: 'from', segments: 2},
  ]);

  server.child.kill('SIGTERM');
  expect(await server.ended).toMatchObject({code: 0, stderr: ''});
});

test('what is wrong with its arguments is one line', async () => {
  const wrong = await Promise.all([
    run(['route-server', crg]),
    run(['route-server', join(folder, 'none.crg'), '--port', '0']),
    run(['route-server', crg, '--port', '0', '--host', '192.0.2.1']),
  ]);
  expect(wrong.map(({code}) => code)).toEqual([2, 2, 2]);
  for (const {stdout, stderr} of wrong) {
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^cloudrun: [A-Z_]+: .+\n$/);
  }
  expect(wrong[2].stderr).toContain('HOST_UNKNOWN');
});
