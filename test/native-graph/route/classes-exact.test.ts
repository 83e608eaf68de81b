// Everything that is asked of a hierarchy, where its nodes stand for several segments, against Dijkstra and the truth.
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {assemble} from '../../../native-graph/build/assemble.ts';
import {freeTurns} from '../../../native-graph/build/turns.ts';
import {twins} from '../../../native-graph/kernels/kernels.ts';
import {NONE, type RoadGraph, UNREACHABLE_MS} from '../../../native-graph/layout.ts';
import {customized} from '../../../native-graph/metric/customization.ts';
import {weigh} from '../../../native-graph/metric/weighted.ts';
import {type Position, positionsOf} from '../../../native-graph/position.ts';
import {everyPick, NO_LIMIT_MS, timesFrom} from '../../../native-graph/route/dijkstra.ts';
import {table, tableWithLengths} from '../../../native-graph/route/many-to-many.ts';
import {createDriverIndex, moveDrivers, nearestDrivers} from '../../../native-graph/route/nearest.ts';
import {arcBetween} from '../../../native-graph/route/path.ts';
import {wayOver} from '../../../native-graph/route/point-to-point.ts';
import {createScratch} from '../../../native-graph/route/scratch.ts';
import {segmentTimes, segmentTimesOver} from '../../../native-graph/route/segment-pairs.ts';
import {createWorkspace, type Workspace} from '../../../native-graph/route/workspace.ts';
import {randomStream} from '../../../src/domain/random.ts';
import {live} from '../../support/live-graph.ts';
import {below, randomWorld, unevenTurns, withoutTurns} from '../../support/random-network.ts';
import {networkOf, rowsFor} from '../../support/random-speeds.ts';
import {runs} from '../../support/runs.ts';

type Places = readonly (Position | null)[];

const seeds = fc.integer({min: 0, max: 2 ** 31});

/** By place, by place. */
function dijkstraTimes(g: RoadGraph, places: Places): number[][] {
  const at = positionsOf(places);
  const out = new Int32Array(at.count);
  const scratch = createScratch(g);
  return places.map((_, from) => {
    timesFrom(g, scratch, at, from, at, everyPick(at), NO_LIMIT_MS, out);
    return Array.from(out);
  });
}

function expectExact(ws: Workspace, places: Places, timesMs: number[][]): void {
  const at = positionsOf(places);
  const count = at.count;
  const whole = {from: at, firstRow: 0, endRow: count, to: at};
  const out = new Int32Array(count * count);
  const lengthsCm = new Int32Array(count * count);
  for (const method of ['buckets', 'sweep'] as const) {
    table(ws, whole, NO_LIMIT_MS, out, method);
    expect(Array.from(out), method).toEqual(timesMs.flat());
  }
  // Fewer columns than rows make the sweeps start from the columns.
  const few = positionsOf(places.slice(0, 3));
  const narrow = new Int32Array(count * few.count);
  table(ws, {...whole, to: few}, NO_LIMIT_MS, narrow, 'sweep');
  expect(Array.from(narrow), 'narrow').toEqual(timesMs.flatMap((row) => row.slice(0, few.count)));
  tableWithLengths(ws, whole, NO_LIMIT_MS, out, lengthsCm);
  expect(Array.from(out), 'with lengths').toEqual(timesMs.flat());
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) expectWay(ws, places, i, j, timesMs[i][j], lengthsCm[i * count + j]);
  }
  expectPairs(ws);
  expectNearest(ws, places, timesMs, 1 + (count >> 1), NO_LIMIT_MS);
  expectNearest(ws, places, timesMs, count, timesMs[0].length * 7);
}

function expectWay({g, ...ws}: Workspace, places: Places, i: number, j: number, ms: number, cm: number): void {
  const at = positionsOf(places);
  const way = wayOver({g, ...ws}, at, i, at, j);
  expect(way?.durationMs ?? UNREACHABLE_MS).toBe(ms);
  if (way === null) return;
  expect(Math.round(way.lengthM * 100)).toBe(Math.max(0, cm));
  const {segments} = way;
  const standsOn = (place: Position | null, segment: number): boolean =>
    [place!.forward, place!.backward].some((named) => named >= 0 && g.drawn[named] === g.drawn[segment]);
  expect(standsOn(places[i], segments[0]) && standsOn(places[j], segments[segments.length - 1])).toBe(true);
  const fractionOn = (place: Position | null, s: number): number =>
    (g.drawn[s] & 1) === 0 ? place!.fraction : 1 - place!.fraction;
  let sumMs = 0;
  for (let k = 1; k < segments.length; k++) {
    const arcMs = arcBetween(g, segments[k - 1], segments[k]);
    expect(arcMs).toBeGreaterThan(0);
    sumMs += arcMs;
  }
  const [first, last] = [segments[0], segments[segments.length - 1]];
  sumMs += g.travelMs[first] - Math.round(fractionOn(places[i], first) * g.travelMs[first]);
  sumMs -= g.travelMs[last] - Math.round(fractionOn(places[j], last) * g.travelMs[last]);
  expect(sumMs).toBe(ms);
}

/** From the end of every segment that an edge names to the start of every such, grouped by the one and by the other. */
function expectPairs(ws: Workspace): void {
  const {g} = ws;
  const named = Int32Array.from([...g.edgeForward, ...g.edgeBackward].filter((s) => s !== NONE));
  const count = named.length;
  const firstMember = Int32Array.from({length: count + 1}, (_, i) => i * count);
  const member = Int32Array.from({length: count * count}, (_, i) => named[i % count]);
  const wanted = new Int32Array(count * count);
  const found = new Int32Array(count * count);
  for (const direction of ['from', 'to'] as const) {
    const groups = {direction, group: named, firstMember, member, limitMs: NO_LIMIT_MS};
    segmentTimes(g, createScratch(g), groups, 0, count, wanted);
    segmentTimesOver(ws, groups, 0, count, found);
    expect(found, direction).toEqual(wanted);
  }
}

function expectNearest(ws: Workspace, places: Places, timesMs: number[][], k: number, limitMs: number): void {
  const at = positionsOf(places);
  const drivers = Int32Array.from({length: at.count}, (_, i) => i);
  const index = createDriverIndex(ws, at.count, limitMs);
  moveDrivers(index, drivers, at);
  const shape = {drivers: at, tasks: at, firstTask: 0, endTask: at.count, limitMs, k};
  const found = nearestDrivers(ws, index.buckets, shape);
  for (let task = 0; task < at.count; task++) {
    const near = Array.from(drivers).filter((driver) => timesMs[driver][task] <= limitMs);
    near.sort((a, b) => timesMs[a][task] - timesMs[b][task] || a - b);
    const wanted = near.slice(0, k);
    expect(Array.from(found.driver.subarray(found.first[task], found.first[task + 1]))).toEqual(wanted);
    expect(Array.from(found.ms.subarray(found.first[task], found.first[task + 1]))).toEqual(
      wanted.map((driver) => timesMs[driver][task]),
    );
  }
}

test('where turns are free and drivers may turn back, all that a hierarchy answers is the truth', () => {
  let shared = 0;
  fc.assert(
    fc.property(seeds, (seed) => {
      const {graph: g, places, truthMs} = randomWorld(seed, {turnsBack: true});
      const h = customized(g);
      shared += h.isShared.reduce((sum, one) => sum + one, 0);
      expectExact(createWorkspace(g, h), places, truthMs);
    }),
    {numRuns: runs(700)},
  );
  expect(shared).toBeGreaterThan(runs(1_000));
});

test('with restrictions, turns of any kind and live speeds, a hierarchy answers what Dijkstra finds', () => {
  let copies = 0;
  let closed = 0;
  fc.assert(
    fc.property(seeds, (seed) => {
      const random = randomStream(seed, 'classes and copies');
      const bare = networkOf(random);
      const mode = below(random, 3);
      const network = mode === 0 ? withoutTurns(bare) : bare;
      const turnCostMs = mode === 2 ? unevenTurns : freeTurns;
      const {graph: file} = assemble(network, {minComponentSegments: 1, turnCostMs});
      const contraction = weigh(file);
      // Many roads take the same time, and some are closed.
      const rows = rowsFor(file, random, 0).map(([from, to, kmh]) => [from, to, [0, 10, 10, 20, kmh][kmh % 5]]);
      const g = below(random, 2) === 0 ? file : live(file, rows).graph;
      closed += g.arcMs.filter((ms) => ms === UNREACHABLE_MS).length;
      copies += g.drawn.filter((drawn, s) => s > 0 && drawn === g.drawn[s - 1]).length;
      const places = Array.from({length: 10}, (): Position => {
        const edge = below(random, g.edgeCount);
        const [forward, backward] = [g.edgeForward[edge] | 0, g.edgeBackward[edge] | 0];
        const isHalf = forward >= 0 && backward >= 0 && below(random, 3) === 0;
        const fraction = [0, 1, random()][below(random, 3)];
        return {forward: isHalf ? -1 : forward, backward, fraction, latE7: 0, lonE7: 0, distanceM: 0};
      });
      const ws = createWorkspace(g, customized(g, {contraction}), below(random, 2) === 0 ? twins : undefined);
      expectExact(ws, places, dijkstraTimes(g, places));
    }),
    {numRuns: runs(1_000)},
  );
  expect(copies).toBeGreaterThan(runs(500));
  expect(closed).toBeGreaterThan(runs(500));
});
