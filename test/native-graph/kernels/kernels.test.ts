// Compiled kernels and their twins do the same, bit for bit: every query of these tests runs both over one memory.

import {readFileSync} from 'node:fs';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {kernelsFor, twins} from '../../../native-graph/kernels/kernels.ts';
import {allocate} from '../../../native-graph/kernels/memory.ts';
import {UNREACHABLE_MS} from '../../../native-graph/layout.ts';
import {type Position, positionsOf} from '../../../native-graph/position.ts';
import {NO_LIMIT_MS} from '../../../native-graph/route/dijkstra.ts';
import {labelsOf} from '../../../native-graph/route/labels.ts';
import {table, tableWithLengths} from '../../../native-graph/route/many-to-many.ts';
import {createDriverIndex, moveDrivers, nearestDrivers} from '../../../native-graph/route/nearest.ts';
import {seedsOf} from '../../../native-graph/route/places.ts';
import {routeOver} from '../../../native-graph/route/point-to-point.ts';
import {timesWithinOver} from '../../../native-graph/route/within.ts';
import {backward, forward, type Workspace} from '../../../native-graph/route/workspace.ts';
import {type Random, randomStream} from '../../../src/domain/random.ts';
import {gothenburgGraph} from '../../support/city.ts';
import {KERNEL_NAMES, type KernelName, mirroredKernels} from '../../support/mirrored-kernels.ts';
import {roughWorld, workspaceOf} from '../../support/random-hierarchy.ts';
import {below, placeOn} from '../../support/random-network.ts';
import {runs} from '../../support/runs.ts';

const RUNS = runs(100);
const calls = new Map<KernelName, number>();
const mirrored = (memory: WebAssembly.Memory) => mirroredKernels(memory, calls);

/** Tables of every kind, pairs, ways and nearest drivers, some of them within a limit. */
function askEverything(ws: Workspace, places: readonly (Position | null)[], random: Random): void {
  const some = (most: number) =>
    positionsOf(Array.from({length: below(random, most + 1)}, () => places[below(random, places.length)]));
  const limitMs = [NO_LIMIT_MS, below(random, 20_000)][below(random, 2)];
  const [from, to] = [some(12), some(12)];
  const shape = {from, firstRow: 0, endRow: from.count, to};
  const times = new Int32Array(from.count * to.count);
  table(ws, shape, limitMs, times, 'buckets');
  table(ws, shape, limitMs, times, 'sweep');
  tableWithLengths(ws, shape, limitMs, times, times.slice());
  for (let i = 0; i < 3; i++) {
    const [a, b] = [places[below(random, places.length)], places[below(random, places.length)]];
    if (a !== null && b !== null) routeOver(ws, a, b, limitMs);
  }
  const [drivers, tasks] = [some(12), some(4)];
  const index = createDriverIndex(ws, drivers.count, limitMs);
  moveDrivers(
    index,
    Int32Array.from({length: drivers.count}, (_, driver) => driver),
    drivers,
  );
  const moved = drivers.count === 0 ? [] : [below(random, drivers.count)];
  moveDrivers(index, Int32Array.from(moved), positionsOf(moved.map(() => places[below(random, places.length)])));
  const wanted = {drivers, tasks, firstTask: 0, endTask: tasks.count, limitMs, k: 1 + below(random, 4)};
  nearestDrivers(ws, index.buckets, wanted);
  pairTimes(ws, from, to);
  const reached = new Int32Array(ws.g.segmentCount);
  for (const direction of ['from', 'to'] as const) {
    timesWithinOver(ws, direction, positionsOf(places), below(random, places.length), limitMs, reached);
  }
}

/** By the kernel for pairs: every row with every second column. */
function pairTimes(ws: Workspace, from: ReturnType<typeof positionsOf>, to: typeof from): number[][] {
  const rows = labelsOf(ws, forward(ws.h), seedsOf(ws, from, true), NO_LIMIT_MS);
  const columns = labelsOf(ws, backward(ws.h), seedsOf(ws, to, false), NO_LIMIT_MS);
  const members = Array.from({length: to.count}, (_, column) => column).filter((column) => column % 2 === 0);
  const [member, out] = [ws.take(members.length), ws.take(members.length)];
  member.set(members);
  const found = Array.from({length: from.count}, (_, row) => {
    ws.kernels.meet(rows, row, columns, member, 0, members.length, ws.noted, out);
    return Array.from(out);
  });
  ws.free();
  return found;
}

test('kernels are compiled ones wherever the machine runs SIMD', () => {
  const module = readFileSync(new URL('../../../native-graph/kernels/built/kernels.wasm', import.meta.url));
  const {memory} = allocate({bytes: [Uint8Array, 1]});
  expect(kernelsFor(memory) !== twins).toBe(WebAssembly.validate(module));
});

describe('compiled kernels and their twins', () => {
  test('do the same to the whole memory on random roads, every one of them', () => {
    calls.clear();
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const {graph, places, random} = roughWorld(seed);
        askEverything(workspaceOf(graph, mirrored), places, random);
      }),
      {numRuns: RUNS},
    );
    for (const name of KERNEL_NAMES) expect([name, (calls.get(name) ?? 0) >= RUNS / 2]).toEqual([name, true]);
  });

  test('do the same to the whole memory on the roads of a city', async () => {
    const graph = await gothenburgGraph();
    const random = randomStream(11, 'city');
    const places = Array.from({length: 60}, () => placeOn(graph, below(random, graph.edgeCount), random(), true, true));
    const ws = workspaceOf(graph, mirrored);
    for (let round = 0; round < 3; round++) askEverything(ws, places, random);
  });

  test('for pairs find the times of the table', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const {graph, places} = roughWorld(seed);
        const ws = workspaceOf(graph);
        // On one edge, a table takes other ways.
        const edges = new Set<number>();
        const apart = places.filter((place) => {
          const edge = place === null ? -1 : graph.drawn[Math.max(place.forward, place.backward)] >>> 1;
          return !edges.has(edge) && edges.add(edge);
        });
        const [from, to] = [0, 1].map((odd) => positionsOf(apart.filter((_, i) => i % 2 === odd)));
        const times = new Int32Array(from.count * to.count);
        table(ws, {from, firstRow: 0, endRow: from.count, to}, NO_LIMIT_MS, times);
        pairTimes(ws, from, to).forEach((row, i) => {
          const wanted = times.subarray(i * to.count, (i + 1) * to.count).filter((_, column) => column % 2 === 0);
          expect(row).toEqual(Array.from(wanted));
        });
        expect(ws.noted.every((value) => value === UNREACHABLE_MS)).toBe(true);
      }),
      {numRuns: RUNS},
    );
  });
});
