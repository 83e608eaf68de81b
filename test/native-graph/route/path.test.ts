import assert from 'node:assert/strict';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {METRES_PER_E7} from '../../../native-graph/geometry.ts';
import {UNREACHABLE_MS} from '../../../native-graph/layout.ts';
import type {Position} from '../../../native-graph/position.ts';
import {pointAfter, type Route, route} from '../../../native-graph/route/path.ts';
import {createScratch} from '../../../native-graph/route/scratch.ts';
import {randomWorld, type World} from '../../support/random-network.ts';
import {runs} from '../../support/runs.ts';
import {BLOCK_E7, BLOCK_M, BLOCK_MS, town} from '../../support/town.ts';

const RUNS = runs(1_000);

/** The time of a way by its segments alone. */
function timeOfWay({graph: g, places}: World, from: number, to: number, way: Route): number {
  const rest = (i: number, segment: number): number => {
    const place = places[i]!;
    const fraction = place.forward === segment ? place.fraction : 1 - place.fraction;
    return g.travelMs[segment] - Math.round(fraction * g.travelMs[segment]);
  };
  let ms = rest(from, way.segments[0]) - rest(to, way.segments[way.segments.length - 1]);
  way.segments.slice(1).forEach((segment, i) => {
    const before = way.segments[i];
    const arc = g.head.indexOf(segment, g.firstArc[before]);
    assert(arc < g.firstArc[before + 1]);
    ms += g.arcMs[arc];
  });
  return ms;
}

// Plain assertions here: `expect` would take most of the time of a hundred thousand ways.
test('a way takes the time of the table, is drivable, and its drawing runs from place to place', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const world = randomWorld(seed);
      const {graph, places, truthMs} = world;
      const scratch = createScratch(graph);
      for (let from = 0; from < places.length; from++) {
        for (let to = 0; to < places.length; to++) {
          const [start, end] = [places[from], places[to]];
          if (start === null || end === null) continue;
          const way = route(graph, scratch, start, end);
          assert.equal(way?.durationMs ?? UNREACHABLE_MS, truthMs[from][to]);
          if (way === null) continue;
          assert.equal(timeOfWay(world, from, to, way), way.durationMs);
          checkDrawing(way);
          checkNear(way.lonLat[0], start);
          checkNear(way.lonLat[way.lonLat.length - 1], end);
        }
      }
    }),
    {numRuns: RUNS},
  );
});

function checkDrawing({lonLat, cumulativeMs, durationMs, lengthM}: Route): void {
  assert(lonLat.length >= 2 && cumulativeMs.length === lonLat.length);
  assert.equal(cumulativeMs[0], 0);
  assert.equal(cumulativeMs[cumulativeMs.length - 1], durationMs);
  assert(cumulativeMs.every((ms, i) => i === 0 || ms >= cumulativeMs[i - 1]));
  assert(lengthM >= 0);
}

function checkNear([lon, lat]: readonly [number, number], place: Position): void {
  assert(Math.abs(lat * 1e7 - place.latE7) <= 1.01 && Math.abs(lon * 1e7 - place.lonE7) <= 1.01);
}

const crossing = town(`
  a-b>c
    |
    d
`);

test('a route knows its length, its streets and its corners', () => {
  const {graph, on, segment} = crossing;
  const way = route(graph, createScratch(graph), on('ab', 0.5), on('bd', 0.25));
  expect(way).not.toBeNull();
  expect(way!.durationMs).toBe(0.75 * BLOCK_MS);
  expect(way!.lengthM).toBeCloseTo(0.75 * BLOCK_M, 6);
  expect(way!.segments).toEqual([segment('ab'), segment('bd')]);
  const inBlocks = way!.lonLat.map(([lon, lat]) => [(lon * 1e7) / BLOCK_E7, (lat * 1e7) / BLOCK_E7]);
  expect(inBlocks.flat().map((part) => Math.round(part * 1000) / 1000)).toEqual([0.5, 0, 1, 0, 1, -0.25]);
  expect(way!.cumulativeMs).toEqual([0, 0.5 * BLOCK_MS, 0.75 * BLOCK_MS]);
});

test('a driver moves along the route, from its start to its end and no further', () => {
  const {graph, on} = crossing;
  const way = route(graph, createScratch(graph), on('ab', 0), on('bd', 1))!;
  const blocksAfter = (ms: number): number[] =>
    pointAfter(way, ms).map((degrees) => Math.round((degrees * 1e7 * 1000) / BLOCK_E7) / 1000);
  expect(blocksAfter(-5)).toEqual([0, 0]);
  expect(blocksAfter(0.3 * BLOCK_MS)).toEqual([0.3, 0]);
  expect(blocksAfter(BLOCK_MS)).toEqual([1, 0]);
  expect(blocksAfter(1.5 * BLOCK_MS)).toEqual([1, -0.5]);
  expect(blocksAfter(2 * BLOCK_MS)).toEqual([1, -1]);
  expect(blocksAfter(9 * BLOCK_MS)).toEqual([1, -1]);
});

test('a driver goes no faster than the road between two moments', () => {
  fc.assert(
    fc.property(fc.double({min: 0, max: 2, noNaN: true}), fc.double({min: 0, max: 2, noNaN: true}), (one, other) => {
      const {graph, on} = crossing;
      const way = route(graph, createScratch(graph), on('ab', 0), on('bd', 1))!;
      const [a, b] = [pointAfter(way, one * BLOCK_MS), pointAfter(way, other * BLOCK_MS)];
      const metres = Math.hypot(a[0] - b[0], a[1] - b[1]) * 1e7 * METRES_PER_E7;
      expect(metres).toBeLessThanOrEqual(Math.abs(one - other) * BLOCK_M * 1.001 + 0.05);
    }),
    {numRuns: 300},
  );
});

test('from a place to itself is a route of no length with two points', () => {
  const {graph, on} = crossing;
  const way = route(graph, createScratch(graph), on('bc', 0.5), on('bc', 0.5))!;
  expect(way).toMatchObject({durationMs: 0, lengthM: 0, cumulativeMs: [0, 0]});
  expect(way.lonLat[0]).toEqual(way.lonLat[1]);
});

test('there is no route beyond the limit', () => {
  const {graph, on} = crossing;
  const scratch = createScratch(graph);
  expect(route(graph, scratch, on('ab', 0), on('bd', 1), 2 * BLOCK_MS)).not.toBeNull();
  expect(route(graph, scratch, on('ab', 0), on('bd', 1), 2 * BLOCK_MS - 1)).toBeNull();
});
