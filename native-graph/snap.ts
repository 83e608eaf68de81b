// From a point to the nearest place on a road.
//
// The index gives the edges whose boxes touch a square around the point; the square grows until it surely holds the
// nearest. Distance is measured to the drawn line itself, in a plane around the point (geometry.ts), so the answer
// depends on the point alone. Of edges that are equally far, one that is driven both ways goes first, then the lowest:
// a point exactly on a junction, put on a one-way street that meets there, would be reached or left only by a way
// round, although another street passes it.
//
// Invariant: an edge nearer than r has a box that touches the square of half-width r. So once the k-th best found is no
// further than the half-width searched, no better one exists.

import assert from 'node:assert/strict';
import Flatbush from 'flatbush';
import {CIRCLE_E7, METRES_PER_E7, pointBetween, pointFractions, RADIANS_PER_E7, wrapE7} from './geometry.ts';
import {NONE, type RoadGraph, readMeta} from './layout.ts';
import type {Position} from './position.ts';

/** Half-width of the first square: in a town most points have a road within it. */
const FIRST_HALF_WIDTH_M = 30;
const GROWTH = 2;

/**
 * Which directions of a street may be used from a point beside it: both; with `curb` only the one whose traffic passes
 * on the point's side, so that nobody has to cross the road; with `opposite` only the other. A one-way street has one,
 * whichever side it is.
 */
export type Approaches = 'unrestricted' | 'curb' | 'opposite';

/** What one thread needs to snap; cheap to make, since the index stays where it is. */
export type Snapper = {
  readonly graph: RoadGraph;
  readonly index: Flatbush;
  /** West and east of the index in microdegrees. */
  readonly west: number;
  readonly east: number;
  /** 1 where traffic keeps right, -1 where it keeps left. */
  readonly keeps: 1 | -1;
  readonly hit: Hit;
};

/** The place on an edge that is nearest to a point. */
type Hit = {
  /** In E7 of latitude, squared. */
  distance2: number;
  /** The place lies `along` of the way from point `point` to the next. */
  point: number;
  along: number;
  /** Above 0 where the point lies to the right of that piece, below 0 to its left. */
  right: number;
};

type Candidate = {readonly edge: number; readonly distance2: number};

export function createSnapper(graph: RoadGraph): Snapper {
  const index = Flatbush.from(graph.bytes, graph.index.byteOffset);
  const keeps = readMeta(graph).source.drivingSide === 'left' ? -1 : 1;
  return {graph, index, west: index.minX, east: index.maxX, keeps, hit: {distance2: 0, point: 0, along: 0, right: 0}};
}

/** The nearest place on a road, or null when none is within `radiusM`. */
export function snap(
  s: Snapper,
  latE7: number,
  lonE7: number,
  radiusM: number,
  approaches: Approaches = 'unrestricted',
): Position | null {
  return nearestPositions(s, latE7, lonE7, radiusM, 1, approaches)[0] ?? null;
}

/** The nearest places on up to `count` different edges within `radiusM`, nearest first, ties as above. */
export function nearestPositions(
  s: Snapper,
  latE7: number,
  lonE7: number,
  radiusM: number,
  count: number,
  approaches: Approaches = 'unrestricted',
): Position[] {
  assert(Math.abs(latE7) <= CIRCLE_E7 / 4 && Math.abs(lonE7) <= CIRCLE_E7 / 2, `${latE7}, ${lonE7} is not on earth`);
  assert(radiusM >= 0 && count >= 1, `radius ${radiusM} or count ${count} is out of range`);
  const radiusE7 = Math.min(radiusM / METRES_PER_E7, CIRCLE_E7 / 2);
  const shrink = Math.cos(latE7 * RADIANS_PER_E7);
  const best: Candidate[] = [];
  let halfE7 = Math.min(FIRST_HALF_WIDTH_M / METRES_PER_E7, radiusE7);
  for (;;) {
    best.length = 0;
    searchSquare(s, latE7, lonE7, shrink, halfE7, count, best);
    const enoughE7 = best.length === count ? Math.sqrt(best[count - 1].distance2) : radiusE7;
    if (halfE7 >= Math.min(enoughE7, radiusE7)) break;
    // Found but outside the square: the next square has just the size that settles it.
    halfE7 = best.length === count ? Math.min(enoughE7, radiusE7) : Math.min(halfE7 * GROWTH, radiusE7);
  }
  const near = best.filter(({distance2}) => distance2 <= radiusE7 * radiusE7);
  return near.map(({edge}) => place(s, edge, latE7, lonE7, shrink, approaches));
}

/** Puts the `count` nearest of the edges whose boxes touch the square into `best`, in order. */
function searchSquare(
  s: Snapper,
  latE7: number,
  lonE7: number,
  shrink: number,
  halfE7: number,
  count: number,
  best: Candidate[],
): void {
  const {graph, index, hit} = s;
  // Near a pole the square goes all the way round.
  const halfLonE7 = Math.min(halfE7 / shrink, CIRCLE_E7 / 2);
  for (let turn = -CIRCLE_E7; turn <= CIRCLE_E7; turn += CIRCLE_E7) {
    // A microdegree more on each side outweighs the rounding of these sums.
    const west = (lonE7 - halfLonE7 + turn) / 10 - 1;
    const east = (lonE7 + halfLonE7 + turn) / 10 + 1;
    if (east < s.west || west > s.east) continue;
    for (const edge of index.search(west, (latE7 - halfE7) / 10 - 1, east, (latE7 + halfE7) / 10 + 1)) {
      nearestOnEdge(graph, edge, latE7, lonE7, shrink, hit);
      insert(graph, best, count, edge, hit.distance2);
    }
  }
}

function insert(g: RoadGraph, best: Candidate[], count: number, edge: number, distance2: number): void {
  let i = best.length;
  while (i > 0 && precedes(g, edge, distance2, best[i - 1])) i--;
  // Boxes that pass the antimeridian can be met twice; the second time they stand just before the slot.
  if (i === count || (i > 0 && best[i - 1].edge === edge)) return;
  best.splice(i, 0, {edge, distance2});
  if (best.length > count) best.length = count;
}

function precedes(g: RoadGraph, edge: number, distance2: number, other: Candidate): boolean {
  if (distance2 !== other.distance2) return distance2 < other.distance2;
  const bothWays = isTwoWay(g, edge);
  return bothWays === isTwoWay(g, other.edge) ? edge < other.edge : bothWays;
}

/** Ends of pieces are taken as they stand, not computed, so that edges which share a junction tie exactly. */
function nearestOnEdge(g: RoadGraph, edge: number, latE7: number, lonE7: number, shrink: number, hit: Hit): void {
  const {pointLatE7, pointLonE7} = g;
  const end = g.firstPoint[edge + 1] - 1;
  hit.distance2 = Number.POSITIVE_INFINITY;
  for (let p = g.firstPoint[edge]; p < end; p++) {
    const lon = wrapE7(pointLonE7[p] - lonE7);
    const ax = lon * shrink;
    const ay = pointLatE7[p] - latE7;
    const bx = (lon + wrapE7(pointLonE7[p + 1] - pointLonE7[p])) * shrink;
    const by = pointLatE7[p + 1] - latE7;
    const dx = bx - ax;
    const dy = by - ay;
    const length2 = dx * dx + dy * dy;
    const along = length2 > 0 ? -(ax * dx + ay * dy) / length2 : 0;
    const x = along <= 0 ? ax : along >= 1 ? bx : ax + along * dx;
    const y = along <= 0 ? ay : along >= 1 ? by : ay + along * dy;
    const distance2 = x * x + y * y;
    if (distance2 >= hit.distance2) continue;
    hit.distance2 = distance2;
    hit.point = p;
    hit.along = Math.min(1, Math.max(0, along));
    hit.right = ay * dx - ax * dy;
  }
}

function place(
  s: Snapper,
  edge: number,
  latE7: number,
  lonE7: number,
  shrink: number,
  approaches: Approaches,
): Position {
  const {graph: g, hit} = s;
  nearestOnEdge(g, edge, latE7, lonE7, shrink, hit);
  // Above 0: only traffic along the drawing will do. On the line itself, or past its end, both will.
  const wants = approaches === 'curb' ? s.keeps : -s.keeps;
  const side = approaches !== 'unrestricted' && isTwoWay(g, edge) ? hit.right * wants : 0;
  const {point: p, along} = hit;
  const fractions = pointFractions(g, edge);
  const before = fractions[p - g.firstPoint[edge]];
  const after = fractions[p - g.firstPoint[edge] + 1];
  const at = pointBetween(g.pointLatE7[p], g.pointLonE7[p], g.pointLatE7[p + 1], g.pointLonE7[p + 1], along);
  return {
    forward: side < 0 ? -1 : segmentOrNone(g.edgeForward[edge]),
    backward: side > 0 ? -1 : segmentOrNone(g.edgeBackward[edge]),
    fraction: Math.min(1, before + along * (after - before)),
    latE7: Math.round(at.latE7),
    lonE7: Math.round(at.lonE7),
    distanceM: Math.sqrt(hit.distance2) * METRES_PER_E7,
  };
}

const isTwoWay = (g: RoadGraph, edge: number): boolean => g.edgeForward[edge] !== NONE && g.edgeBackward[edge] !== NONE;

const segmentOrNone = (segment: number): number => (segment === NONE ? -1 : segment);
