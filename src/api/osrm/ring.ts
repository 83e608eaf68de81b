// Roundabouts by their shape, since a graph does not keep which ways were tagged as one.
//
// A ring is a closed way of one-way edges that leads round an island the way traffic goes there (anticlockwise where it
// keeps right), nearly circular, and not longer than a large roundabout. Along it a driver goes on by the leftmost road
// (of right-hand traffic), as every exit lies to the other side; a search of some hundred metres finds it or not.
//
// Roundness is 4 pi area / perimeter^2: 1 for a circle, 0.91 for a hexagon, 0.79 for a square, so that a block between
// one-way streets is none.

import {METRES_PER_E7, RADIANS_PER_E7, wrapE7} from '../../../native-graph/geometry.ts';
import {NONE, type RoadGraph} from '../../../native-graph/layout.ts';
import {bearingOut, turnDeg} from './junction.ts';

const PERIMETER_LIMIT_M = 600;
const ROUNDNESS = 0.82;
const EDGES_LIMIT = 40;

/** Remembers what it has found; one for each graph and driving side. */
export type Rings = {
  /** Does the directed drawing of this segment belong to a ring. */
  has(segment: number): boolean;
};

export function ringsOf(g: RoadGraph, drivingSide: 'left' | 'right'): Rings {
  const known = new Map<number, boolean>();
  return {
    has(segment) {
      const drawn = g.drawn[segment];
      const before = known.get(drawn);
      if (before !== undefined) return before;
      const ring = ringFrom(g, segment, drivingSide);
      if (ring === undefined) known.set(drawn, false);
      else for (const each of ring) known.set(g.drawn[each], true);
      return ring !== undefined;
    },
  };
}

/** The segments of the ring that begins with this one; undefined where it belongs to none. */
function ringFrom(g: RoadGraph, first: number, drivingSide: 'left' | 'right'): number[] | undefined {
  const ring: number[] = [];
  let lengthM = 0;
  for (let at = first; ring.length < EDGES_LIMIT; at = nextOnRing(g, at, drivingSide)) {
    if (at < 0 || g.reverse[at] !== NONE) return undefined;
    if (ring.length > 0 && g.drawn[at] === g.drawn[first]) return isRound(g, ring, drivingSide) ? ring : undefined;
    ring.push(at);
    lengthM += g.edgeLengthCm[g.drawn[at] >>> 1] / 100;
    if (lengthM > PERIMETER_LIMIT_M) return undefined;
  }
  return undefined;
}

/** The road that turns most towards the island, or -1. */
function nextOnRing(g: RoadGraph, segment: number, drivingSide: 'left' | 'right'): number {
  const towards = drivingSide === 'right' ? -1 : 1;
  const heading = (bearingOut(g, g.drawn[segment] ^ 1) + 180) % 360;
  let best = -1;
  let bestDeg = -180;
  for (let arc = g.firstArc[segment]; arc < g.firstArc[segment + 1]; arc++) {
    const deg = towards * turnDeg(heading, bearingOut(g, g.drawn[g.head[arc]]));
    if (deg <= bestDeg) continue;
    best = g.head[arc];
    bestDeg = deg;
  }
  return best;
}

function isRound(g: RoadGraph, ring: readonly number[], drivingSide: 'left' | 'right'): boolean {
  const start = pointsOf(g, ring[0])[0];
  const shrink = Math.cos(g.pointLatE7[start] * RADIANS_PER_E7);
  let [area2, perimeterM, x, y] = [0, 0, 0, 0];
  for (const segment of ring) {
    for (const p of pointsOf(g, segment)) {
      const nextX = wrapE7(g.pointLonE7[p] - g.pointLonE7[start]) * shrink * METRES_PER_E7;
      const nextY = (g.pointLatE7[p] - g.pointLatE7[start]) * METRES_PER_E7;
      area2 += x * nextY - nextX * y;
      perimeterM += Math.hypot(nextX - x, nextY - y);
      [x, y] = [nextX, nextY];
    }
  }
  // Twice the signed area is above 0 anticlockwise.
  const areaM2 = (drivingSide === 'right' ? area2 : -area2) / 2;
  return perimeterM > 0 && (4 * Math.PI * areaM2) / perimeterM ** 2 >= ROUNDNESS;
}

/** The points of a segment in driving order. */
function pointsOf(g: RoadGraph, segment: number): number[] {
  const edge = g.drawn[segment] >>> 1;
  const points = Array.from({length: g.firstPoint[edge + 1] - g.firstPoint[edge]}, (_, i) => g.firstPoint[edge] + i);
  return (g.drawn[segment] & 1) === 0 ? points : points.reverse();
}
