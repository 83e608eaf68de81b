import {execFileSync, spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, describe, expect, test} from 'vitest';
import {assemble} from '../../../native-graph/build/assemble.ts';
import {importNetwork} from '../../../native-graph/build/import.ts';
import {openMap} from '../../../native-graph/osm/map.ts';
import {synthesize} from '../../../native-graph/synth/synth.ts';
import {expectValid} from '../../support/valid-network.ts';

const folder = mkdtempSync(join(tmpdir(), 'cloudrun-synth-'));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

function world(junctions: number, seed: number, name = `${junctions}-${seed}`): string {
  const path = join(folder, `${name}.osm.pbf`);
  synthesize(path, {junctions, seed});
  return path;
}
const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

/** How many ways and relations have each `key=value` of these keys. */
async function tagCounts(path: string, keys: readonly string[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const count = (tags: {get(key: string): string | undefined}): void => {
    for (const key of keys) {
      const value = tags.get(key);
      if (value !== undefined) counts[`${key}=${value}`] = (counts[`${key}=${value}`] ?? 0) + 1;
    }
  };
  await (await openMap(path)).read({way: (_, __, tags) => count(tags), relation: (_, __, tags) => count(tags)});
  return counts;
}

describe('a synthetic world', () => {
  test('is the same bytes for the same size and seed, on every machine, and another for another seed', () => {
    const path = world(2_000, 7);
    expect(sha256(world(2_000, 7, 'again'))).toBe(sha256(path));
    expect(sha256(world(2_000, 8))).not.toBe(sha256(path));
    expect(sha256(path)).toBe('79462357c1827676331094f2e2e164c83bcb8c50116ccebdb5ddc41995b6b5b9');
  });

  test.each(process.env.CLOUDRUN_SOAK ? [500, 3_000, 20_000, 90_000] : [500, 3_000, 20_000])(
    'of %i junctions has them to within a few percent, nearly all in one component',
    async (junctions) => {
      for (const seed of junctions > 10_000 ? [1] : [1, 2, 3]) {
        const network = await importNetwork(world(junctions, seed));
        expectValid(network);
        expect(Math.abs(network.junctionOsmId.length / junctions - 1), `seed ${seed}`).toBeLessThan(
          0.02 + 1.5 / Math.sqrt(junctions),
        );
        expect(network.source.dropped).toEqual({});
        const {report} = assemble(network);
        expect(report.componentSegments, `seed ${seed}`).toHaveLength(1);
        expect(report.segmentsDropped).toBeLessThan(report.segmentsRead * 0.002);
      }
    },
  );

  test('has what makes roads hard: one-way pairs, ramps, bridges, restrictions, and what is no road', async () => {
    const path = world(90_000, 1);
    const counts = await tagCounts(path, [
      'highway',
      'oneway',
      'bridge',
      'restriction',
      'building',
      'waterway',
      'maxspeed',
    ]);
    for (const tag of [
      ...['motorway', 'motorway_link', 'trunk', 'primary', 'secondary', 'tertiary', 'residential', 'unclassified'].map(
        (highway) => `highway=${highway}`,
      ),
      ...['oneway=yes', 'oneway=-1', 'bridge=yes', 'waterway=river', 'maxspeed=25 mph', 'maxspeed=75 mph'],
      ...['restriction=no_left_turn', 'restriction=no_u_turn', 'restriction=only_straight_on'],
    ]) {
      expect(counts[tag], tag).toBeGreaterThan(0);
    }
    expect(counts['building=yes']).toBeGreaterThan(10_000);
  });

  test('names only what it holds, in ascending ids, and restrictions that join at their via', async () => {
    const ends = new Map<number, [number, number]>();
    const nodes = new Set<number>();
    let last = 0;
    const rises = (id: number): void => {
      expect(id).toBeGreaterThan(last);
      last = id;
    };
    let kind = '';
    const begin = (next: string): void => {
      if (next !== kind) last = 0;
      kind = next;
    };
    let viaWays = 0;
    await (await openMap(world(20_000, 1))).read({
      node: (id) => {
        begin('node');
        rises(id);
        nodes.add(id);
      },
      way: (id, refs) => {
        begin('way');
        rises(id);
        if (!Array.from(refs).every((ref) => nodes.has(ref))) throw new Error(`way ${id} lacks a node`);
        ends.set(id, [refs[0], refs[refs.length - 1]]);
      },
      relation: (id, members) => {
        begin('relation');
        rises(id);
        const [from, via, to] = members;
        const across = via.kind === 'node' ? [via.id, via.id] : (ends.get(via.id) as [number, number]);
        if (via.kind === 'way') viaWays++;
        expect(ends.get(from.id), `relation ${id}`).toContain(across[0]);
        expect(ends.get(to.id), `relation ${id}`).toContain(across[1]);
      },
    });
    expect(viaWays).toBeGreaterThan(0);
  });

  test.each([499, 1.5, 20_000_001, Number.NaN])('of %d junctions is refused', (junctions) => {
    expect(() => synthesize(join(folder, 'none'), {junctions, seed: 1})).toThrow(
      expect.objectContaining({code: 'SYNTH_SIZE'}),
    );
  });

  test('that cannot be written leaves nothing behind', () => {
    const before = readdirSync(folder);
    expect(() => synthesize(join(folder, 'absent/x'), {junctions: 500, seed: 1})).toThrow(
      expect.objectContaining({code: 'MAP_UNWRITABLE'}),
    );
    const defect = (): never => {
      throw new TypeError('a defect');
    };
    const options = {junctions: 500, seed: 1, onProgress: defect};
    expect(() => synthesize(join(folder, 'half'), options)).toThrow(TypeError);
    expect(readdirSync(folder)).toEqual(before);
  });

  const OSMIUM: string = 'osmium';
  const osmium = spawnSync(OSMIUM, ['--version']).status === 0;
  test.skipIf(!osmium)('is accepted by osmium: sorted, complete, of the size that was asked for', () => {
    const path = world(20_000, 1, 'osmium');
    const facts = JSON.parse(execFileSync(OSMIUM, ['fileinfo', '--extended', '--json', path], {encoding: 'utf8'}));
    expect(facts.data).toMatchObject({objects_ordered: true, multiple_versions: false});
    expect(facts.header.boxes[0][0]).toBeLessThan(facts.data.bbox[0]);
    expect(facts.header.boxes[0][3]).toBeGreaterThan(facts.data.bbox[3]);
    // Exit code 1 where a reference leads nowhere.
    execFileSync(OSMIUM, ['check-refs', '--check-relations', path], {stdio: 'pipe'});
  });
});
