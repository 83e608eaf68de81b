import fc from 'fast-check';
import {expect, test} from 'vitest';
import {compress} from '../../../native-graph/build/compress.ts';
import {haversineM} from '../../../native-graph/build/edges.ts';
import {type Drops, RoadCollector} from '../../../native-graph/build/roads.ts';
import {createNodeTable, NodePlacer} from '../../../native-graph/osm/node-table.ts';
import {blocksCars} from '../../../native-graph/profile/node.ts';
import {driveWay} from '../../../native-graph/profile/way.ts';
import type {NodeData, ObjectData, WayData} from '../../support/map-data.ts';
import {randomMaps} from '../../support/random-maps.ts';
import {runs} from '../../support/runs.ts';

const tagsOf = (o: ObjectData): Map<string, string> => new Map(Object.entries(o.tags));
const nodesOf = (map: readonly ObjectData[]): NodeData[] => map.filter((o) => o.kind === 'node');
const waysOf = (map: readonly ObjectData[]): WayData[] => map.filter((o) => o.kind === 'way');

function networkOf(map: readonly ObjectData[]) {
  const collector = new RoadCollector();
  for (const way of waysOf(map)) collector.way(way.id, way.refs, tagsOf(way));
  const roads = collector.roads();
  const table = createNodeTable(roads.refs);
  const placer = new NodePlacer(table, blocksCars);
  for (const node of nodesOf(map)) placer.node(node.id, node.latE7, node.lonE7, tagsOf(node));
  const drops: Drops = {};
  return compress(roads, table, drops);
}

type Network = ReturnType<typeof networkOf>;

/** The node ids along an edge, found by place: the maps have no two nodes at one. */
function nodesAlong(network: Network, edge: number, map: readonly ObjectData[]): number[] {
  const points: number[] = [];
  for (let p = network.firstPoint[edge]; p < network.firstPoint[edge + 1]; p++) {
    const [latE7, lonE7] = [network.pointLatE7[p], network.pointLonE7[p]];
    points.push((nodesOf(map).find((node) => node.latE7 === latE7 && node.lonE7 === lonE7) as NodeData).id);
  }
  const {junctionOsmId, edgeTail, edgeHead} = network;
  return [junctionOsmId[edgeTail[edge]], ...points, junctionOsmId[edgeHead[edge]]];
}

const edgesOf = (network: Network): number[] => Array.from(network.edgeTail, (_, edge) => edge);

test('the edges of a network are the steps from node to node of the drivable ways, each once', () => {
  fc.assert(
    fc.property(randomMaps, (map) => {
      const network = networkOf(map);
      const known = new Set(nodesOf(map).map((node) => node.id));
      const steps: string[] = [];
      for (const way of waysOf(map)) {
        const drive = driveWay(tagsOf(way));
        if (typeof drive !== 'object') continue;
        const directions = `${drive.forwardKmh > 0} ${drive.backwardKmh > 0} ${drive.roadClass} ${way.tags.name ?? ''}`;
        way.refs.forEach((ref, i) => {
          const next = way.refs[i + 1];
          if (ref !== next && known.has(ref) && known.has(next)) steps.push(`${ref} ${next} ${directions}`);
        });
      }
      const found = edgesOf(network).flatMap((e) => {
        const along = nodesAlong(network, e, map);
        const directions = `${network.edgeForwardMs[e] > 0} ${network.edgeBackwardMs[e] > 0}`;
        const rest = `${directions} ${network.edgeClass[e]} ${network.names[network.edgeName[e]]}`;
        return along.slice(1).map((next, i) => `${along[i]} ${next} ${rest}`);
      });
      expect(found.toSorted()).toEqual(steps.toSorted());
    }),
    {numRuns: runs(3_000)},
  );
});

test('a node is one junction, or at a barrier one for each end of a road; else it is a point of one edge', () => {
  fc.assert(
    fc.property(randomMaps, (map) => {
      const network = networkOf(map);
      const blocked = new Set(
        nodesOf(map)
          .filter((n) => blocksCars(tagsOf(n)))
          .map((n) => n.id),
      );
      const ends = [...network.edgeTail, ...network.edgeHead];
      const points = edgesOf(network).flatMap((e) => nodesAlong(network, e, map).slice(1, -1));
      expect(new Set(points).size).toBe(points.length);
      network.junctionOsmId.forEach((id, junction) => {
        expect(points).not.toContain(id);
        const endCount = ends.filter((end) => end === junction).length;
        if (blocked.has(id)) expect(endCount).toBe(1);
        else expect(network.junctionOsmId.filter((other) => other === id)).toHaveLength(1);
      });
    }),
    {numRuns: runs(2_000)},
  );
});

test('the length of an edge is that of its drawing', () => {
  fc.assert(
    fc.property(randomMaps, (map) => {
      const network = networkOf(map);
      const at = new Map(nodesOf(map).map((node) => [node.id, node]));
      for (const edge of edgesOf(network)) {
        const along = nodesAlong(network, edge, map).map((id) => at.get(id) as NodeData);
        const metres = along
          .slice(1)
          .map((b, i) => haversineM(along[i].latE7, along[i].lonE7, b.latE7, b.lonE7))
          .reduce((sum, step) => sum + step, 0);
        expect(Math.abs(network.edgeLengthCm[edge] - 100 * metres)).toBeLessThanOrEqual(0.501);
      }
    }),
    {numRuns: runs(500)},
  );
});
