import fc from 'fast-check';
import {expect, test} from 'vitest';
import {assemble} from '../../native-graph/build/assemble.ts';
import {importNetwork} from '../../native-graph/build/import.ts';
import {coordinateId} from '../../native-graph/osm/geojson.ts';
import {encodePointIds, pointIds} from '../../native-graph/point-ids.ts';
import {randomStream} from '../../src/domain/random.ts';
import {node, toXml, way} from '../support/map-data.ts';
import {mapFiles} from '../support/map-file.ts';
import {randomNetwork} from '../support/random-network.ts';

const write = mapFiles();

test('every id is found again, near its neighbours or far from them, below zero or up to 2^52', () => {
  const id = fc.oneof(
    fc.integer({min: -200, max: 200}),
    fc.integer(),
    fc.maxSafeInteger().map((n) => Math.floor(n / 2) + 0),
  );
  fc.assert(
    fc.property(fc.integer(), fc.array(id, {minLength: 200, maxLength: 200}), (seed, ids) => {
      const drawn = randomNetwork(randomStream(seed, 'ids'));
      const pointOsmId = Float64Array.from(drawn.pointLatE7, (_, p) => ids[p % ids.length]);
      const junctionOsmId = Float64Array.from(drawn.junctionOsmId, (_, j) => ids[(j * 7) % ids.length]);
      const network = {...drawn, pointOsmId, junctionOsmId};
      const {graph: g} = assemble(network, {minComponentSegments: 1});
      for (let edge = 0; edge < g.edgeCount; edge++) {
        const old = g.edgeName[edge] - 1;
        expect(Array.from(pointIds(g, edge))).toEqual([
          junctionOsmId[network.edgeTail[old]],
          ...pointOsmId.subarray(network.firstPoint[old], network.firstPoint[old + 1]),
          junctionOsmId[network.edgeHead[old]],
        ]);
      }
    }),
    {numRuns: 300},
  );
});

test('a network without ids gets those of its coordinates', () => {
  const network = randomNetwork(randomStream(1, 'without'));
  const {graph: g} = assemble(network, {minComponentSegments: 1});
  for (let edge = 0; edge < g.edgeCount; edge++) {
    const inner = Array.from(pointIds(g, edge)).slice(1, -1);
    const first = g.firstPoint[edge] + 1;
    expect(inner).toEqual(inner.map((_, i) => coordinateId(g.pointLatE7[first + i], g.pointLonE7[first + i])));
  }
});

test('ids that are further apart than a number can say are refused', () => {
  const network = randomNetwork(randomStream(2, 'far'));
  const pointOsmId = new Float64Array(network.pointLatE7.length).fill(Number.MAX_SAFE_INTEGER);
  const junctionOsmId = new Float64Array(network.junctionLatE7.length).fill(Number.MIN_SAFE_INTEGER);
  const every = Uint32Array.from(network.edgeTail.keys());
  expect(() => encodePointIds({...network, pointOsmId, junctionOsmId}, every)).toThrow('too far apart');
});

test('a map keeps the node id of every point of its roads', async () => {
  const objects = [
    ...[11, 5, 900, 7].map((id, i) => node(id, 411_000_000 + i * 900, -86_000_000 + (i % 2) * 400)),
    way(1, [11, 5, 900, 7], {highway: 'residential'}),
  ];
  const {graph: g} = assemble(await importNetwork(write(toXml(objects))));
  expect(Array.from(pointIds(g, 0))).toEqual([11, 5, 900, 7]);
});
