import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {type RoadGraph, UNREACHABLE_MS} from '../../../native-graph/layout.ts';
import {type Position, positionsOf} from '../../../native-graph/position.ts';
import {NO_LIMIT_MS, restOf, segmentAt} from '../../../native-graph/route/dijkstra.ts';
import {tableWithLengths} from '../../../native-graph/route/many-to-many.ts';
import type {Route} from '../../../native-graph/route/path.ts';
import {routeOver} from '../../../native-graph/route/point-to-point.ts';
import type {Workspace} from '../../../native-graph/route/workspace.ts';
import {roughWorld, someOf, workspaceOf} from '../../support/random-hierarchy.ts';
import {below, placeOn} from '../../support/random-network.ts';
import {runs} from '../../support/runs.ts';
import {BLOCK_M, BLOCK_MS, town} from '../../support/town.ts';

const RUNS = runs(1_000);
const seeds = fc.integer();

/** Pairs of places on roads, most of them on different edges, and many on one. */
function pairsOf({graph, places, random}: ReturnType<typeof roughWorld>): [Position, Position][] {
  const roads = places.filter((place) => place !== null);
  return Array.from({length: 30}, (_, i) => {
    const from = roads[below(random, roads.length)];
    if (i % 3 > 0) return [from, roads[below(random, roads.length)]];
    const edge = graph.drawn[Math.max(from.forward, from.backward)] >>> 1;
    const ways = below(random, 3);
    return [from, placeOn(graph, edge, random(), ways !== 1, ways !== 0)];
  });
}

function timeAndLength(ws: Workspace, from: Position, to: Position): {ms: number; cm: number} {
  const [ms, cm] = [new Int32Array(1), new Int32Array(1)];
  const shape = {from: positionsOf([from]), firstRow: 0, endRow: 1, to: positionsOf([to])};
  tableWithLengths(ws, shape, NO_LIMIT_MS, ms, cm);
  return {ms: ms[0], cm: cm[0]};
}

const centimetresOf = (route: Route): number => Math.round(route.lengthM * 100);

/** The time that the segments of a way take, put together turn by turn; null where two of them are not joined. */
function sumOf(g: RoadGraph, from: Position, to: Position, segments: readonly number[]): number | null {
  const restOn = (place: Position, segment: number): number | null => {
    const at = positionsOf([place]);
    const against = g.drawn[segment] & 1;
    const stands = segmentAt(at, 0, against);
    return stands >= 0 && g.drawn[stands] === g.drawn[segment] ? restOf(g, true, at, 0, against) : null;
  };
  const [first, last] = [segments[0], segments[segments.length - 1]];
  const [startMs, endMs] = [restOn(from, first), restOn(to, last)];
  if (startMs === null || endMs === null) return null;
  let ms = startMs - endMs;
  for (let i = 1; i < segments.length; i++) {
    const arc = g.head.subarray(g.firstArc[segments[i - 1]], g.firstArc[segments[i - 1] + 1]).indexOf(segments[i]);
    if (arc < 0) return null;
    ms += g.arcMs[g.firstArc[segments[i - 1]] + arc];
  }
  return ms;
}

describe('a way over a hierarchy of random roads', () => {
  test('takes the time and has the length that the table has, and is none where the table has none', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const world = roughWorld(seed);
        const ws = workspaceOf(world.graph);
        for (const [from, to] of pairsOf(world)) {
          const wanted = timeAndLength(ws, from, to);
          const way = routeOver(ws, from, to);
          const found = way === null ? {ms: UNREACHABLE_MS, cm: 0} : {ms: way.durationMs, cm: centimetresOf(way)};
          expect(found).toEqual(wanted);
        }
      }),
      {numRuns: RUNS},
    );
  });

  test('goes from the one place to the other by turns of the graph that take its time', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const world = roughWorld(seed);
        const ws = workspaceOf(world.graph);
        for (const [from, to] of pairsOf(world)) {
          const way = routeOver(ws, from, to);
          if (way === null) continue;
          expect(sumOf(world.graph, from, to, way.segments)).toBe(way.durationMs);
          expect([way.cumulativeMs[0], way.cumulativeMs.at(-1)]).toEqual([0, way.durationMs]);
          expect([from.forward, from.backward]).toContain(way.segments[0]);
        }
      }),
      {numRuns: RUNS},
    );
  });

  test('is none beyond a limit, and the same up to it', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const world = roughWorld(seed);
        const ws = workspaceOf(world.graph);
        for (const [from, to] of pairsOf(world)) {
          const way = routeOver(ws, from, to);
          if (way === null) continue;
          expect(routeOver(ws, from, to, way.durationMs)).toEqual(way);
          if (way.durationMs > 0) expect(routeOver(ws, from, to, way.durationMs - 1)).toBeNull();
        }
      }),
      {numRuns: Math.ceil(RUNS / 5)},
    );
  });

  test('does not depend on what the thread was asked before', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const world = roughWorld(seed);
        const used = workspaceOf(world.graph);
        const pairs = pairsOf(world);
        for (const [from, to] of pairs) routeOver(used, from, to);
        const at = someOf(world.places, 20, world.random);
        const room = new Int32Array(400);
        tableWithLengths(used, {from: at, firstRow: 0, endRow: 20, to: at}, NO_LIMIT_MS, room, room.slice());
        const [from, to] = pairs[0];
        expect(routeOver(used, from, to)).toEqual(routeOver(workspaceOf(world.graph), from, to));
      }),
      {numRuns: Math.ceil(RUNS / 5)},
    );
  });
});

describe('in a drawn town', () => {
  const names = (drawn: ReturnType<typeof town>, way: Route | null, streets: string[]): string =>
    (way?.segments ?? []).map((s) => streets.find((street) => drawn.segment(street) === s)).join(' ');

  test('a place behind on a one-way street is reached round the block, one ahead straight on', () => {
    const drawn = town(`
      a>b
      ^ v
      d<c
    `);
    const ws = workspaceOf(drawn.graph);
    const streets = ['ab', 'bc', 'cd', 'da'];
    const round = routeOver(ws, drawn.on('ab', 0.5), drawn.on('ab', 0.25))!;
    expect(names(drawn, round, streets)).toBe('ab bc cd da ab');
    expect([round.durationMs, round.lengthM]).toEqual([3.75 * BLOCK_MS, 3.75 * BLOCK_M]);
    const ahead = routeOver(ws, drawn.on('ab', 0.25), drawn.on('ab', 0.5))!;
    expect(names(drawn, ahead, streets)).toBe('ab');
    expect([ahead.durationMs, ahead.lengthM]).toEqual([0.25 * BLOCK_MS, 0.25 * BLOCK_M]);
  });

  test('a way from a place to itself takes no time on one street', () => {
    const drawn = town('a-b-c');
    const way = routeOver(workspaceOf(drawn.graph), drawn.on('bc', 0.5), drawn.on('bc', 0.5))!;
    expect([way.durationMs, way.lengthM, way.segments.length]).toEqual([0, 0, 1]);
  });

  test('to another island there is no way', () => {
    const drawn = town('a-b c-d');
    expect(routeOver(workspaceOf(drawn.graph), drawn.at.a, drawn.at.d)).toBeNull();
  });
});
