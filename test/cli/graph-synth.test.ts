// A synthetic state, drawn and built by the commands: the build reads it on worker threads.
import {mkdtempSync, readdirSync, rmSync, statSync, truncateSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, expect, test} from 'vitest';
import {run} from '../support/cloudrun.ts';

const folder = mkdtempSync(join(tmpdir(), 'cloudrun-graph-synth-'));
afterAll(() => rmSync(folder, {recursive: true, force: true}));
const map = join(folder, 'state.osm.pbf');
const graph = join(folder, 'state.crg');
/** Enough that the file is worth threads. */
const JUNCTIONS = 160_000;

test('a drawn state is built, phase by phase, and refused when it is cut', async () => {
  const drawn = await run(['graph', 'synth', '--junctions', String(JUNCTIONS), '--seed', '3', map, '--json']);
  expect(drawn.code, drawn.stderr).toBe(0);
  expect(JSON.parse(drawn.stdout)).toMatchObject({junctions: JUNCTIONS, seed: 3, bytes: statSync(map).size});

  const built = await run(['graph', 'build', map, graph, '--json']);
  expect(built.code, built.stderr).toBe(0);
  const facts = JSON.parse(built.stdout);
  expect(Math.abs(facts.junctions / JUNCTIONS - 1)).toBeLessThan(0.03);
  expect(built.stderr).toMatch(
    /^reading ways \.\.\.\n {2}[\d.]+ s, [\d.]+ MB\/s\nreading nodes \.\.\.\n {2}[\d.]+ s, /,
  );
  for (const phase of ['compressing', 'turns', 'components', 'ordering', 'filling', 'dissecting', 'writing']) {
    expect(built.stderr).toMatch(new RegExp(`^${phase}`, 'm'));
  }

  truncateSync(map, statSync(map).size - 1_000);
  rmSync(graph);
  const refused = await run(['graph', 'build', map, graph]);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/\ncloudrun: PBF_DAMAGED: .*: the file ends within a blob\n$/);
  expect(readdirSync(folder)).toEqual(['state.osm.pbf']);
});

test.each([['499'], ['many'], ['20000001']])('a state of %s junctions is refused', async (junctions) => {
  const ended = await run(['graph', 'synth', '--junctions', junctions, map]);
  expect(ended.code).toBe(2);
  expect(ended.stderr).toMatch(/^cloudrun: USAGE: .*\n$/);
});
