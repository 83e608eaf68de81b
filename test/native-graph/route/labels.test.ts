// Where rooms that are guessed at first do not do: more labels than are made room for, more scratch than is there.

import {expect, test} from 'vitest';
import {assemble} from '../../../native-graph/build/assemble.ts';
import {kernelsFor} from '../../../native-graph/kernels/kernels.ts';
import {type Position, positionsOf} from '../../../native-graph/position.ts';
import {NO_LIMIT_MS} from '../../../native-graph/route/dijkstra.ts';
import {labelsOf} from '../../../native-graph/route/labels.ts';
import {table} from '../../../native-graph/route/many-to-many.ts';
import {seedsOf} from '../../../native-graph/route/places.ts';
import {backward, forward} from '../../../native-graph/route/workspace.ts';
import {type Random, randomStream} from '../../../src/domain/random.ts';
import {gridNetwork} from '../../support/grid-network.ts';
import {dijkstraTable, workspaceOf} from '../../support/random-hierarchy.ts';
import {below, placeOn} from '../../support/random-network.ts';

/**
 * One long street, up and down, contracted along the way or against it: a place has as many labels as there are
 * segments before or behind it. `climbs` counts how often room for labels was looked for.
 */
function longStreet(seed: number, along: boolean) {
  const random: Random = randomStream(seed, 'long street');
  const line = gridNetwork(300, 1, seed, 0);
  const ms = line.edgeForwardMs.map(() => 1 + below(random, 5_000));
  const network = {...line, edgeForwardMs: ms, edgeBackwardMs: ms};
  const {graph} = assemble(network, {minComponentSegments: 1});
  const rank = new Uint32Array(graph.segmentCount);
  let segment = 0;
  for (let passed = 0; passed < rank.length; passed++) {
    rank[segment] = along ? passed : rank.length - 1 - passed;
    segment = graph.head[graph.firstArc[segment]];
  }
  expect(segment).toBe(0);
  const climbs = {count: 0};
  const g = {...graph, rank};
  const ws = workspaceOf(g, (memory) => {
    const kernels = kernelsFor(memory);
    const climbAll: typeof kernels.climbAll = (...parameters) => {
      climbs.count++;
      return kernels.climbAll(...parameters);
    };
    return {...kernels, climbAll};
  });
  const places = Array.from({length: 300}, (): Position => {
    return placeOn(g, below(random, g.edgeCount), random(), true, below(random, 2) === 0);
  });
  return {g, ws, climbs, places};
}

test('labels of many places are those of each place alone, also where room had to be made for them', () => {
  for (const isStart of [true, false]) {
    const {ws, climbs, places} = longStreet(3, isStart);
    const at = positionsOf(places);
    const sides = isStart ? forward(ws.h) : backward(ws.h);
    climbs.count = 0;
    const all = labelsOf(ws, sides, seedsOf(ws, at, isStart), NO_LIMIT_MS);
    expect(climbs.count).toBeGreaterThan(1);
    const together = places.map((_, p) =>
      [all.node, all.ms, all.cm].map((column) => Array.from(column.subarray(all.first[p], all.first[p + 1]))),
    );
    ws.free();
    const alone = places.map((_, p) => {
      const one = labelsOf(ws, sides, seedsOf(ws, at, isStart, p, p + 1), NO_LIMIT_MS);
      const lists = [one.node, one.ms, one.cm].map((column) => Array.from(column.subarray(0, one.first[1])));
      ws.free();
      return lists;
    });
    expect(together).toEqual(alone);
    for (const [node] of alone) expect(node).toEqual([...node].sort((a, b) => a - b));
  }
});

test('tables are right while the memory grows under them', () => {
  for (const along of [true, false]) {
    const {g, ws, places} = longStreet(4, along);
    const at = positionsOf(places);
    const truth = dijkstraTable(g, at);
    const shape = {from: at, firstRow: 0, endRow: at.count, to: at};
    const before = ws.h.memory.buffer.byteLength;
    for (const method of ['buckets', 'sweep'] as const) {
      const times = new Int32Array(at.count ** 2);
      table(ws, shape, NO_LIMIT_MS, times, method);
      expect(times.every((ms, i) => ms === truth[i])).toBe(true);
    }
    expect(ws.h.memory.buffer.byteLength).toBeGreaterThan(before);
  }
});
