import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {importNetwork} from '../../../native-graph/build/import.ts';
import type {RoadNetwork} from '../../../native-graph/build/network.ts';
import {PROFILE_ID, ROAD_CLASSES} from '../../../native-graph/profile/car.ts';
import {CROSSING, node, toGeoJson, toXml, way} from '../../support/map-data.ts';
import {mapFiles} from '../../support/map-file.ts';
import {toPbf} from '../../support/pbf-writer.ts';
import {randomMaps} from '../../support/random-maps.ts';
import {runs} from '../../support/runs.ts';
import {sharedFile} from '../../support/shared.ts';
import {expectValid} from '../../support/valid-network.ts';

const write = mapFiles();

/** The network without what tells where it came from. */
const arraysOf = ({source, ...arrays}: RoadNetwork) => ({...arrays, dropped: source.dropped});

describe('importing a map', () => {
  test('gives the same network from every format, in every order of objects', async () => {
    const shuffled = randomMaps.chain((map) =>
      fc.tuple(fc.constant(map), fc.shuffledSubarray(map, {minLength: map.length})),
    );
    const blockSize = fc.integer({min: 1, max: 30});
    let networks = 0;
    await fc.assert(
      fc.asyncProperty(shuffled, blockSize, fc.boolean(), async ([map, mixed], size, dense) => {
        const results = [];
        for (const content of [toXml(map), toXml(mixed), toPbf(map), toPbf(mixed, {blockSize: size, dense})]) {
          results.push(
            await importNetwork(write(content)).then(arraysOf, (e) => [e.code, String(e).replace(/^.*: no/, 'no')]),
          );
        }
        expect(results.slice(1)).toEqual([results[0], results[0], results[0]]);
        if (!Array.isArray(results[0])) networks++;
      }),
      {numRuns: runs(200)},
    );
    expect(networks).toBeGreaterThan(runs(50));
  });

  test('gives the same roads from GeoJSON, but for ids', async () => {
    const fromPbf = await importNetwork(write(toPbf(CROSSING)));
    const fromGeoJson = await importNetwork(write(toGeoJson(CROSSING)));
    // GeoJSON has no relations.
    const {junctionOsmId: ids, restrictions, ...rest} = arraysOf(fromGeoJson);
    expect(rest).toEqual((({junctionOsmId, restrictions, ...others}) => others)(arraysOf(fromPbf)));
    expect(restrictions).toEqual([]);
    expect(new Set(ids).size).toBe(5);
  });

  test('reports what was read and what was left out, and how far it is', async () => {
    const content = toPbf([
      ...CROSSING,
      way(13, [1, 3], {highway: 'steps'}),
      way(14, [1, 4], {highway: 'road', access: 'no'}),
    ]);
    const heard: [number, number][] = [];
    const path = write(content, 'crossing.osm.pbf');
    const network = await importNetwork(path, {onProgress: (read, total) => heard.push([read, total])});
    expectValid(network);
    expect(network.source).toEqual({
      file: path,
      format: 'osm-pbf',
      state: {},
      attribution: '© OpenStreetMap contributors, ODbL 1.0',
      profile: PROFILE_ID,
      nodes: 5,
      ways: 5,
      drivableWays: 2,
      dropped: {access: 1, 'no-car-road': 1},
      drivingSide: 'right',
      restrictions: 1,
    });
    const total = 2 * content.length;
    expect(heard.at(-1)).toEqual([total, total]);
    expect(heard.map(([read]) => read)).toEqual(heard.map(([read]) => read).toSorted((a, b) => a - b));
    expect(network.names).toEqual(['', 'Rua do Álamo', 'N 12']);
    expect(Array.from(network.edgeClass, (c) => ROAD_CLASSES[c])).toEqual([
      'residential',
      'residential',
      'primary',
      'primary',
    ]);
  });

  test('takes a ferry as long as it says, over what there is of it, and counts what holds at times only', async () => {
    const ferry = way(1, [1, 2, 3], {route: 'ferry', duration: '00:10'});
    const street = way(2, [3, 4], {
      highway: 'residential',
      'maxspeed:advisory': '20',
      'maxspeed:conditional': '30 @ wet',
    });
    const nodes = [node(1, 0, 0), node(2, 0, 5_000), node(3, 0, 20_000), node(4, 0, 30_000)];
    const network = await importNetwork(write(toXml([...nodes, ferry, street])));
    expect(Array.from(network.edgeForwardMs)).toEqual([600_000, 16_012]);
    expect(Array.from(network.edgeBackwardMs)).toEqual([600_000, 16_012]);
    expect(network.source.dropped).toEqual({'limit-advisory': 1, 'limit-conditional': 1});
  });

  test('refuses a map without roads in one line that says what it held', async () => {
    const content = toXml([
      node(1, 0, 0),
      node(2, 0, 9),
      way(1, [1, 2], {highway: 'path'}),
      way(2, [1, 2], {building: 'yes'}),
    ]);
    await expect(importNetwork(write(content, 'park'))).rejects.toMatchObject({
      code: 'MAP_WITHOUT_ROADS',
      message: expect.stringMatching(
        /park: no road that cars may drive \(2 nodes, 2 ways, dropped: {"no-car-road":1}\)$/,
      ),
    });
  });
});

describe('real maps', () => {
  /** What data/README.md counts before access rules, and how much of it these and barriers take away at most. */
  const CITIES: [string, number, number, number][] = [
    ['austin_ut_downtown.osm', 345, 763, 0.05],
    ['porto.osm.pbf', 63_774, 148_482, 0.02],
    ['columbus.osm.pbf', 21_138, 57_319, 0.02],
    ['heidelberg.osm.pbf', 14_111, 30_529, 0.14],
    ['washington-dc-cathedral.osm.pbf', 8_567, 21_721, 0.03],
    ['isle-of-man.osm.pbf', 9_425, 20_894, 0.03],
    ['monaco.osm.pbf', 2_347, 4_509, 0.05],
  ];
  for (const [name, junctions, directed, share] of CITIES) {
    const file = sharedFile(`data/osm/${name}`);
    test.skipIf(!file)(`${name} has nearly the junctions and edges that were counted by others`, async () => {
      const network = await importNetwork(file as string);
      expectValid(network);
      const drivable = [...network.edgeForwardMs, ...network.edgeBackwardMs].filter((ms) => ms > 0).length;
      expect(network.junctionOsmId.length).toBeLessThanOrEqual(junctions);
      expect(network.junctionOsmId.length).toBeGreaterThan(junctions * (1 - share));
      expect(drivable).toBeLessThanOrEqual(directed);
      expect(drivable).toBeGreaterThan(directed * (1 - share));
    });
  }

  const EDGE_CASES: [string, number, Record<string, number>][] = [
    [
      'abst-turn_restriction_ltn_boundary.osm',
      18,
      {'no-car-road': 1, 'restriction-incomplete': 1, 'restriction-malformed': 1},
    ],
    ['gh-one_way_dead_end.osm.pbf', 105, {access: 10, area: 1, 'no-car-road': 3}],
    ['gh-test_simple_turncosts.osm.xml', 6, {}],
    ['r5-missing-nodes.osm.pbf', 1, {'missing-nodes': 1}],
  ];
  for (const [name, edges, dropped] of EDGE_CASES) {
    const file = sharedFile(`data/osm/edge-cases/${name}`);
    test.skipIf(!file)(`${name} is read, and what is left out is counted`, async () => {
      const network = await importNetwork(file as string);
      expectValid(network);
      expect([network.edgeTail.length, network.source.dropped]).toEqual([edges, dropped]);
    });
  }

  const fiji = sharedFile('data/osm/edge-cases/r5-fiji-ferry.osm.pbf');
  test.skipIf(!fiji)('no road of Fiji is longer than an island', async () => {
    const network = await importNetwork(fiji as string);
    expectValid(network);
    const ferry = ROAD_CLASSES.indexOf('ferry');
    const roads = network.edgeLengthCm.filter((_, edge) => network.edgeClass[edge] !== ferry);
    expect(Math.max(...roads)).toBeLessThan(50_000_00);
  });

  test('Gothenburg comes with the demo', async () => {
    const city = new URL(import.meta.resolve('geojson-path-finder/test/large-network.json'));
    const network = await importNetwork(city.pathname);
    expectValid(network);
    expect(network.source).toMatchObject({format: 'geojson', ways: 20_227, nodes: 137_735, drivableWays: 9_310});
    expect(network.edgeTail.length).toBe(17_173);
  });
});
