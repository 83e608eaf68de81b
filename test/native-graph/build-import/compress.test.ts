import {describe, expect, test} from 'vitest';
import {importNetwork} from '../../../native-graph/build/import.ts';
import type {RoadNetwork} from '../../../native-graph/build/network.ts';
import {node, type ObjectData, row, toXml, way} from '../../support/map-data.ts';
import {mapFiles} from '../../support/map-file.ts';
import {expectValid} from '../../support/valid-network.ts';

const write = mapFiles();

async function networkOf(objects: readonly ObjectData[]): Promise<RoadNetwork> {
  const network = await importNetwork(write(toXml(objects)));
  expectValid(network);
  return network;
}

/** Edges as "tail points head", by OSM node id, a point by the node that stands there; a lone place has no letter. */
function drawn(network: RoadNetwork, objects: readonly ObjectData[]): string[] {
  const at = new Map(
    objects.flatMap((o) => (o.kind === 'node' ? [[`${o.latE7},${o.lonE7}`, o.id]] : [])) as [string, number][],
  );
  return Array.from(network.edgeTail, (tail, edge) => {
    const points: number[] = [];
    for (let p = network.firstPoint[edge]; p < network.firstPoint[edge + 1]; p++) {
      points.push(at.get(`${network.pointLatE7[p]},${network.pointLonE7[p]}`) as number);
    }
    const sign = network.edgeBackwardMs[edge] === 0 ? '>' : network.edgeForwardMs[edge] === 0 ? '<' : '-';
    const [from, to] = [network.junctionOsmId[tail], network.junctionOsmId[network.edgeHead[edge]]];
    return `${from}${sign}${[...points, ''].join(sign)}${to}`;
  });
}

const edgesOf = async (objects: readonly ObjectData[]): Promise<string[]> => drawn(await networkOf(objects), objects);
const droppedOf = async (objects: readonly ObjectData[]) => (await networkOf(objects)).source.dropped;

describe('roads become edges', () => {
  test('between their ends, with the nodes in between as points', async () => {
    expect(await edgesOf([...row(4), way(1, [1, 2, 3, 4])])).toEqual(['1-2-3-4']);
  });

  test('cut where roads meet, cross or end on each other', async () => {
    expect(await edgesOf([...row(7), way(1, [1, 2, 3]), way(2, [4, 2, 5]), way(3, [6, 5])])).toEqual([
      '1-2',
      '2-3',
      '4-2',
      '2-5',
      '6-5',
    ]);
    expect(await edgesOf([...row(3), way(1, [1, 2]), way(2, [2, 3])])).toEqual(['1-2', '2-3']);
  });

  test('not cut where something else meets them', async () => {
    expect(await edgesOf([...row(4), way(1, [1, 2, 3]), way(2, [4, 2], {highway: 'footway'})])).toEqual(['1-2-3']);
  });

  test('cut where a road crosses itself', async () => {
    expect(await edgesOf([...row(6), way(1, [1, 2, 3, 4, 2, 5])])).toEqual(['1-2', '2-3-4-2', '2-5']);
    expect(await edgesOf([...row(4), way(1, [1, 2, 3, 1])])).toEqual(['1-2-3-1']);
    expect(await edgesOf([...row(4), way(1, [1, 2, 1])])).toEqual(['1-2-1']);
  });

  test('drivable as the profile says', async () => {
    const oneways = [
      way(1, [1, 2, 3], {highway: 'service', oneway: 'yes'}),
      way(2, [3, 4], {highway: 'road', oneway: '-1'}),
    ];
    expect(await edgesOf([...row(4), ...oneways])).toEqual(['1>2>3', '3<4']);
  });

  test('in the order of way ids, numbering junctions and names as they come', async () => {
    const ways = [
      way(9, [1, 2], {highway: 'primary', name: 'A'}),
      way(7, [3, 4], {highway: 'service', ref: 'R 1'}),
      way(8, [4, 1], {highway: 'service', name: 'B', ref: 'R 2'}),
      way(-1, [5, 6], {highway: 'service', name: ''}),
      way(10, [6, 7], {highway: 'footway', name: 'not drivable'}),
      way(11, [6, 7], {highway: 'service', name: 'A'}),
    ];
    const network = await networkOf([...row(7), ...ways]);
    expect(drawn(network, row(7))).toEqual(['5-6', '3-4', '4-1', '1-2', '6-7']);
    expect([...network.junctionOsmId]).toEqual([5, 6, 3, 4, 1, 2, 7]);
    expect(network.names).toEqual(['', 'R 1', 'B', 'A']);
    expect([...network.edgeName]).toEqual([0, 1, 2, 3, 3]);
  });
});

describe('what is missing or doubled', () => {
  test('parts a road where nodes are absent, and each gap is counted', async () => {
    const objects = [...row(5), way(1, [1, 2, 99, 98, 3, 4, 97, 5])];
    expect(await edgesOf(objects)).toEqual(['1-2', '3-4']);
    expect(await droppedOf(objects)).toEqual({'missing-nodes': 2});
  });

  test('drops ways of fewer than two nodes, and counts them', async () => {
    const objects = [...row(3), way(1, [1, 2]), way(2, [3]), way(3, [3, 3]), way(4, [])];
    expect(await edgesOf(objects)).toEqual(['1-2']);
    expect(await droppedOf(objects)).toEqual({'too-few-nodes': 3});
  });

  test('takes a way that is given twice once, but keeps one that has changed', async () => {
    const objects = [...row(3), way(1, [1, 2]), way(2, [2, 3]), way(1, [1, 2]), way(1, [1, 2, 3])];
    expect(await edgesOf(objects)).toEqual(['1-2', '1-2', '2-3', '2-3']);
    expect(await droppedOf(objects)).toEqual({'duplicate-way': 1});
  });

  test('drops nodes and points that repeat the one before', async () => {
    const twin = [node(12, 0, 2_000), node(13, 0, 3_000)];
    expect(await edgesOf([...row(4), way(1, [1, 1, 2, 2, 3, 3])])).toEqual(['1-2-3']);
    expect(await edgesOf([...row(4), ...twin, way(1, [1, 2, 12, 3])])).toEqual(['1-12-3']);
    expect(await edgesOf([...row(4), ...twin, way(1, [13, 3, 4, 13])])).toEqual(['13-4-13']);
    expect(await edgesOf([...row(4), ...twin, way(1, [1, 13, 3])])).toEqual(['1-3']);
  });
});

describe('a barrier', () => {
  const bollard = (id: number): ObjectData => node(id, 0, 1_000 * id, {barrier: 'bollard'});
  const streets = (id: number): ObjectData[] => row(9).map((n) => (n.id === id ? bollard(id) : n));

  test('parts the road it stands on, so that nothing passes', async () => {
    const objects = [...streets(2), way(1, [1, 2, 3])];
    const network = await networkOf(objects);
    expect(drawn(network, objects)).toEqual(['1-2', '2-3']);
    expect(network.edgeHead[0]).not.toBe(network.edgeTail[1]);
    expect([...network.junctionOsmId]).toEqual([1, 2, 2, 3]);
    expect(network.source.dropped).toEqual({barrier: 1});
  });

  test('at a crossing parts all roads there', async () => {
    const network = await networkOf([...streets(2), way(1, [1, 2, 3]), way(2, [4, 2]), way(3, [2, 5, 6, 2])]);
    expect([...network.junctionOsmId].filter((id) => id === 2)).toHaveLength(5);
    expect(new Set([...network.edgeTail, ...network.edgeHead]).size).toBe(8);
  });

  test('at the end of a road changes nothing', async () => {
    const objects = [...streets(3), way(1, [1, 2, 3])];
    expect(await edgesOf(objects)).toEqual(['1-2-3']);
    expect(await droppedOf(objects)).toEqual({});
  });

  test('that opens for cars parts nothing', async () => {
    const gate = node(2, 0, 2_000, {barrier: 'gate', access: 'private'});
    expect(await edgesOf([...streets(8).filter((n) => n.id !== 2), gate, way(1, [1, 2, 3])])).toEqual(['1-2-3']);
  });
});

describe('lengths and times', () => {
  test('follow the points, by speed and direction', async () => {
    // A degree of the equator is 111,195.08 m on a sphere of radius 6,371,008.8 m; 1 E7 is 1.11 cm.
    const objects = [node(1, 0, 0), node(2, 0, 10_000), node(3, 10_000, 10_000)];
    const fast = way(1, [1, 2, 3], {highway: 'primary', 'maxspeed:forward': '90', oneway: 'no'});
    const network = await networkOf([...objects, fast]);
    expect(network.edgeLengthCm[0]).toBe(22_239);
    expect(network.edgeForwardMs[0]).toBe(Math.round((222.390_16 * 3600) / 72));
    expect(network.edgeBackwardMs[0]).toBe(Math.round((222.390_16 * 3600) / 65));
  });

  test('follow the great circle, over the pole too', async () => {
    const places = [node(1, 600_000_000, 0), node(2, 600_000_000, 1_800_000_000), node(3, 0, 1_800_000_000)];
    const network = await networkOf([...places, way(1, [1, 2]), way(2, [2, 3])]);
    const kmADegree = 111.195_08;
    expect(network.edgeLengthCm[0] / 1e5).toBeCloseTo(60 * kmADegree, 2);
    expect(network.edgeLengthCm[1] / 1e5).toBeCloseTo(60 * kmADegree, 2);
  });

  test('are right across the antimeridian', async () => {
    const east = node(1, 0, 1_799_995_000);
    const west = node(2, 0, -1_799_995_000);
    const network = await networkOf([east, west, way(1, [1, 2])]);
    expect(network.edgeLengthCm[0]).toBe(11_120);
  });

  test('are at least a millisecond, even between junctions at one place', async () => {
    const network = await networkOf([node(1, 5, 5), node(2, 5, 5), node(3, 5, 6), way(1, [1, 2]), way(2, [2, 3])]);
    expect([...network.edgeLengthCm]).toEqual([0, 1]);
    expect([...network.edgeForwardMs]).toEqual([1, 2]);
  });

  test('of a loop that never leaves its place leave it one point to be drawn', async () => {
    const objects = [node(1, 5, 5), node(2, 5, 5), way(1, [1, 2, 1])];
    const network = await networkOf(objects);
    expect([...network.pointLatE7]).toEqual([5]);
    expect([...network.edgeForwardMs]).toEqual([1]);
  });

  test('stay within their arrays when coordinates are damaged', async () => {
    const far = [node(1, 0, 0), node(2, 0, 1_800_000_000), node(3, 0, 1), node(4, 0, 1_700_000_000), node(5, 0, -9)];
    const network = await networkOf([...far, way(1, [1, 2, 3, 4, 5], {highway: 'service'})]);
    expect([...network.edgeForwardMs]).toEqual([2 ** 29]);
    expect([...network.edgeLengthCm]).toEqual([2 ** 32 - 1]);
  });
});
