// Every map in the shared folder becomes a graph file that opens, keeps every invariant and tells of itself; what it
// holds is what docs/FIXTURES.md says, beside what another program counts in the same file.

import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, describe, expect, test} from 'vitest';
import {assemble} from '../../native-graph/build/assemble.ts';
import {importNetwork} from '../../native-graph/build/import.ts';
import {openGraph, saveGraph} from '../../native-graph/file.ts';
import {verify} from '../../native-graph/verify.ts';
import {graphFacts} from '../../src/cli/graph-facts.ts';
import {countRestrictions, GROUPS, roadSums} from '../support/road-sums.ts';
import {sharedFile} from '../support/shared.ts';
import {expectValid} from '../support/valid-network.ts';

const folder = mkdtempSync(join(tmpdir(), 'cloudrun-fixtures-'));
afterAll(() => rmSync(folder, {recursive: true}));

const PATHS_ONLY = 'gh-conditional-restrictions.osm.xml';
const maps = ['data/osm', 'data/osm/edge-cases'].flatMap((under) => {
  const path = sharedFile(under);
  const names = path === undefined ? [] : readdirSync(path).filter((name) => /\.osm(\.|$)/.test(name));
  return names.map((name) => ({name, path: join(path!, name)}));
});
const roads = maps.filter(({name}) => name !== PATHS_ONLY);
const table = readFileSync(new URL('../../docs/FIXTURES.md', import.meta.url), 'utf8');

/** Of a map, the cells [ours, osmium's] of its rows in both tables. */
const cellsOf = (name: string): number[][] =>
  table
    .split('\n')
    .filter((line) => line.startsWith(`| ${name.split('.osm')[0]} |`))
    .flatMap((line) => line.split('|').slice(2, -1))
    .map((cell) => cell.split('/').map(Number));

describe.skipIf(maps.length === 0)('the maps in the shared folder', () => {
  test.each(roads)('$name becomes a graph file with the sums that the documents tell', async ({name, path}) => {
    const network = await importNetwork(path);
    expectValid(network);
    const file = join(folder, `${name}.crg`);
    saveGraph(assemble(network).graph, file);
    const graph = openGraph(file);
    expect(verify(graph)).toBeUndefined();

    const facts = graphFacts(graph);
    expect(facts.segments).toBe(facts.assembly.componentSegments.reduce((sum, size) => sum + size, 0));
    expect(facts.source.ways).toBeGreaterThanOrEqual(facts.source.drivableWays);
    const sections = Object.values(facts.sections).reduce((sum, bytes) => sum + bytes, 0);
    expect(facts.bytes - sections).toBeLessThan(2_000);
    expect(facts.box![0]).toBeLessThan(facts.box![2]);

    const {km, onewayShare} = roadSums(network);
    const cells = cellsOf(name);
    const ours = [...Object.keys(GROUPS).map((group) => km[group as keyof typeof GROUPS]), 100 * onewayShare];
    const rounded = [...ours.map((value) => Number(value.toFixed(1))), await countRestrictions(path)];
    expect(rounded).toEqual(cells.map(([first]) => first));
    // Restrictions and the larger roads are there for both; a mapped path may be private, so the others are no more.
    expect(cells.at(-1)![0]).toBe(cells.at(-1)![1]);
    for (const [i, [mine, osmiums]] of cells.slice(0, 6).entries()) {
      if (name.includes('missing-nodes')) continue;
      expect(mine, `column ${i}`).toBeLessThanOrEqual(osmiums + 0.1);
      if (i >= 1 && i <= 3) expect(mine, `column ${i}`).toBeGreaterThan(0.97 * osmiums - 0.1);
    }
  });

  test('a map of paths alone is refused', async () => {
    const path = maps.find(({name}) => name === PATHS_ONLY)!.path;
    await expect(importNetwork(path)).rejects.toMatchObject({code: 'MAP_WITHOUT_ROADS'});
  });
});
