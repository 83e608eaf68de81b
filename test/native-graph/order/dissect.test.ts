import {expect, test} from 'vitest';
import {assemble, assembleUnranked} from '../../../native-graph/build/assemble.ts';
import {wrapE7} from '../../../native-graph/geometry.ts';
import type {RoadGraph} from '../../../native-graph/layout.ts';
import {createCellScratch, partCell} from '../../../native-graph/order/cell.ts';
import {type CellJob, type CellRunner, dissect, dissectCell, dissectHere} from '../../../native-graph/order/dissect.ts';
import {type Field, layOut, overlayField} from '../../../native-graph/order/field.ts';
import {MERGE_EDGES} from '../../../native-graph/order/merge.ts';
import {verify} from '../../../native-graph/verify.ts';
import {withCellThreads} from '../../../src/cli/build-threads.ts';
import {type Random, randomStream} from '../../../src/domain/random.ts';
import {gridNetwork} from '../../support/grid-network.ts';
import {below, randomNetwork} from '../../support/random-network.ts';
import {town} from '../../support/town.ts';

/** Enough edges that the first cells are handed out one by one. */
const large = assembleUnranked(gridNetwork(100, 70, 5)).graph;

/** By segment: how many segments lie above it in the elimination tree, itself included. */
function heights(g: RoadGraph): Uint32Array {
  const at = new Uint32Array(g.segmentCount);
  g.rank.forEach((rank, s) => {
    at[rank] = s;
  });
  const above = Array.from({length: g.segmentCount}, () => new Set<number>());
  for (let s = 0; s < g.segmentCount; s++) {
    for (let arc = g.firstArc[s]; arc < g.firstArc[s + 1]; arc++) {
      const [low, high] = [g.rank[s], g.rank[g.head[arc]]].sort((a, b) => a - b);
      if (low !== high) above[low].add(high);
    }
  }
  const parent = above.map((higher, rank) => {
    const lowest = Math.min(...higher);
    for (const other of higher) if (other !== lowest) above[lowest].add(other);
    above[rank] = new Set();
    return lowest;
  });
  const height = new Uint32Array(g.segmentCount);
  for (let rank = g.segmentCount - 1; rank >= 0; rank--) {
    height[at[rank]] = 1 + (Number.isFinite(parent[rank]) ? height[at[parent[rank]]] : 0);
  }
  return height;
}

const highest = (g: RoadGraph): number => heights(g).reduce((a, b) => Math.max(a, b));

test('the order of any network is a permutation of its segments, those of an edge together', () => {
  for (let seed = 0; seed < 2_000; seed++) {
    const {graph} = assemble(randomNetwork(randomStream(seed, 'order')), {minComponentSegments: 1});
    expect(verify(graph), `seed ${seed}`).toBeUndefined();
  }
});

/** Edges between any junctions: loops, parallel ones, trees and parts that hang together by nothing. */
function tangle(random: Random): Field {
  const junctionCount = 20 + below(random, 100);
  const edgeCount = 33 + below(random, 120);
  const junctions = (): Uint32Array => Uint32Array.from({length: edgeCount}, () => below(random, junctionCount));
  const places = (): Int32Array => Int32Array.from({length: junctionCount}, () => below(random, 10));
  return {
    edgeTail: junctions(),
    edgeHead: junctions(),
    edgeSegments: Uint32Array.from({length: edgeCount}, () => 1 + below(random, 3)),
    order: Uint32Array.from({length: edgeCount}, (_, edge) => edge),
    around: new Uint32Array(junctionCount).fill(4),
    x: places(),
    y: places(),
  };
}

test('the parts of a cell have no junction in common, and what parts them comes last', () => {
  for (let seed = 0; seed < 400; seed++) {
    const random = randomStream(seed, 'parts');
    const isTown = seed % 4 === 0;
    const town = () => layOut(assembleUnranked(gridNetwork(5 + below(random, 9), 5 + below(random, 9), seed)).graph);
    const f = isTown ? overlayField(town()) : tangle(random);
    const scratch = createCellScratch();
    const open = [{first: 0, end: f.order.length}];
    let parted = 0;
    for (let cell = open.pop(); cell !== undefined; cell = open.pop()) {
      const before = f.order.slice(cell.first, cell.end).sort();
      const parts = partCell(f, scratch, cell);
      expect(f.order.slice(cell.first, cell.end).sort()).toEqual(before);
      if (parts.length === 0) continue;
      parted++;
      const partOf = new Map<number, number>();
      let at = cell.first;
      parts.forEach(({first, end}, part) => {
        expect(first).toBe(at);
        expect(end - first, `seed ${seed}`).toBeLessThan(cell.end - cell.first);
        at = end;
        for (const edge of f.order.subarray(first, end)) {
          for (const junction of [f.edgeTail[edge], f.edgeHead[edge]]) {
            expect(partOf.get(junction) ?? part, `seed ${seed}`).toBe(part);
            partOf.set(junction, part);
          }
        }
      });
      for (const edge of f.order.subarray(at, cell.end)) {
        const [tail, head] = [partOf.get(f.edgeTail[edge]), partOf.get(f.edgeHead[edge])];
        // A junction that is a part by itself has no edge there.
        if (tail !== undefined) expect(head, `seed ${seed}`).not.toBe(tail);
      }
      open.push(...parts.filter(({first, end}) => end - first > 1));
    }
    if (isTown && f.order.length > 100) expect(parted).toBeGreaterThan(2);
  }
});

test('the elimination tree of a town is some of its widths high; that of a street, a few blocks of it', () => {
  const {graph} = assemble(gridNetwork(30, 30, 1));
  expect(graph.segmentCount).toBeGreaterThan(2_500);
  expect(highest(graph)).toBeLessThan(30 * 8);
  const row = gridNetwork(800, 1, 1, 0);
  const edgeForwardMs = row.edgeBackwardMs.fill(10_000);
  const street = assemble({...row, edgeForwardMs}).graph;
  expect(street.segmentCount).toBe(1_598);
  // The last cell is contracted from its dead end on.
  expect(highest(street)).toBeLessThan(2 * (MERGE_EDGES + 10));
});

test('whoever parts the cells, in whatever order, the ranks are the same', async () => {
  dissectHere(large);
  const ranks = large.rank.slice();
  const inTurn = (cellsInFlight: number, seed: number): CellRunner => {
    const random = randomStream(seed, 'runner');
    const scratch = createCellScratch();
    const waiting: (() => void)[] = [];
    return {
      cellsInFlight,
      async run(job: CellJob) {
        const turn = new Promise<void>((resolve) => waiting.splice(below(random, waiting.length + 1), 0, resolve));
        setImmediate(() => waiting.shift()!());
        await turn;
        return dissectCell(overlayField(job), scratch, job);
      },
    };
  };
  for (const [cellsInFlight, seed] of [
    [1, 1],
    [2, 2],
    [9, 3],
    [9, 4],
  ]) {
    large.rank.fill(0);
    const shares: number[] = [];
    await dissect(large, inTurn(cellsInFlight, seed), (done, total) => shares.push(done / total));
    expect(large.rank).toEqual(ranks);
    expect(shares.length).toBeGreaterThan(2);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares.at(-1)).toBeCloseTo(1, 9);
  }
  for (const threads of [1, 3]) {
    large.rank.fill(0);
    await withCellThreads((runner) => dissect(large, runner), threads);
    expect(large.rank).toEqual(ranks);
  }
});

test('a runner that fails fails the dissection', async () => {
  const failing: CellRunner = {cellsInFlight: 2, run: async () => Promise.reject(new Error('the thread died'))};
  await expect(dissect(large, failing)).rejects.toThrow('the thread died');
});

test('all at one place, the roads are parted all the same', () => {
  const network = gridNetwork(40, 20, 2);
  network.junctionLatE7.fill(0);
  network.junctionLonE7.fill(1_800_000_000);
  const {graph} = assemble(network);
  expect(verify(graph)).toBeUndefined();
  expect(highest(graph)).toBeLessThan(graph.segmentCount / 4);
});

test('a town across the antimeridian is parted as it would be elsewhere', () => {
  const network = gridNetwork(30, 30, 3);
  const across = network.junctionLonE7.map((lonE7) => wrapE7(lonE7 + 1_799_900_000));
  expect(across.some((lonE7) => lonE7 < 0)).toBe(true);
  expect(highest(assemble({...network, junctionLonE7: across}).graph)).toBeLessThan(30 * 8);
});

test.each([
  ['one street', 'a-b', 2],
  ['a street driven one way round', 'a>b\n^ v\nd<c', 4],
  ['a star', '  b  \n  |  \nc-a-d\n  |  \n  e  ', 8],
  ['two towns', 'a-b d-e\n| | | |\nc-f g-h', 16],
])('%s', (_, picture, segments) => {
  const {graph} = town(picture);
  expect([...graph.rank].sort((a, b) => a - b)).toEqual(Array.from({length: segments}, (_, rank) => rank));
});

test('towns that hang together by nothing keep apart in rank', () => {
  const {graph} = town('a-b d-e\n| | | |\nc-f g-h');
  const inFirst = Array.from({length: 16}, (_, rank) => {
    const junction = graph.tailJunction[graph.rank.indexOf(rank)];
    return 'abcf'.includes(String.fromCharCode(graph.junctionOsmId[junction]));
  });
  expect(inFirst.filter((first, rank) => rank > 0 && first !== inFirst[rank - 1])).toHaveLength(1);
});
