// The outlines of sets of hexagons that lie one within the other, as polygons with holes.
//
// A side of a hexagon leads from one corner to the next, anticlockwise; that of the hexagon beyond leads back. Sides of
// the set beyond which nothing of it lies are its border. Three hexagons meet at a corner, so at most one side of the
// border leaves it, and going on from corner to corner closes rings that touch nowhere: anticlockwise around what is in
// the set, clockwise around holes. All rings of a component are one polygon, of which one goes anticlockwise.
//
// Invariant: as many sides of a border lead to a corner as leave it.

import {CIRCLE_E7, wrapE7} from '../geometry.ts';
import type {Hexagons} from './hexagons.ts';

/** Of a GeoJSON MultiPolygon: polygons of rings of [lon, lat] in degrees. */
export type Polygons = readonly (readonly (readonly Point[])[])[];
type Point = readonly [lon: number, lat: number];

const DEGREES_DIGITS = 6;
const E7_PER_DIGIT = 1e7 / 10 ** DEGREES_DIGITS;

/** Corners in one square, of about a metre, are one. Two hexagons tell of a corner alike but for less than SLACK. */
const SQUARE_E7 = 100;
const SLACK = 1e-3;

/** Sides, hexagon by hexagon; a side too short to have two corners is left out. */
type Sides = {
  /** By corner. Longitudes are within half a circle of where they are wanted. */
  readonly points: readonly Point[];
  /** By side: corners, and hexagons, NONE_BEYOND where there is none. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly owner: Int32Array;
  readonly beyond: Int32Array;
};

const NONE_BEYOND = -1;

/**
 * By level 0 .. levelCount - 1: the hexagons of that level or less. Longitudes lie within half a circle of `lonE7`.
 * O(hexagons * levels).
 */
export function outlinesOf(hexagons: Hexagons, levelCount: number, lonE7: number): Polygons[] {
  const {levels} = hexagons;
  const {points, from, to, owner, beyond} = sidesOf(hexagons, lonE7);
  const components = createComponents(levels.length);
  /** By corner: the side of the border that leaves it. */
  const leaving = new Int32Array(points.length);
  const border = new Uint8Array(from.length);
  return Array.from({length: levelCount}, (_, level) => {
    for (let side = 0; side < from.length; side++) {
      border[side] = 0;
      if (levels[owner[side]] > level) continue;
      if (beyond[side] !== NONE_BEYOND && levels[beyond[side]] <= level) components.join(owner[side], beyond[side]);
      else {
        border[side] = 1;
        leaving[from[side]] = side;
      }
    }
    const polygons = new Map<number, Point[][]>();
    for (let start = 0; start < from.length; start++) {
      if (border[start] === 0) continue;
      const ring = [points[from[start]]];
      let side = start;
      do {
        border[side] = 0;
        ring.push(points[to[side]]);
        side = leaving[to[side]];
      } while (side !== start);
      const component = components.of(owner[start]);
      const rings = polygons.get(component);
      if (!rings) polygons.set(component, [ring]);
      else if (isAnticlockwise(ring)) rings.unshift(ring);
      else rings.push(ring);
    }
    return [...polygons.values()];
  });
}

function sidesOf({corners}: Hexagons, lonE7: number): Sides {
  const most = corners.reduce((sum, {length}) => sum + length / 2, 0);
  const [from, to, owner] = [new Int32Array(most), new Int32Array(most), new Int32Array(most)];
  const known = createCorners(lonE7);
  let count = 0;
  for (const [hexagon, own] of corners.entries()) {
    const first = known.at(own[0], own[1]);
    let corner = first;
    for (let i = 2; i <= own.length; i += 2) {
      const next = i < own.length ? known.at(own[i], own[i + 1]) : first;
      if (next === corner) continue;
      from[count] = corner;
      to[count] = next;
      owner[count++] = hexagon;
      corner = next;
    }
  }
  const {points} = known;
  /** By corner the last side that leaves it, by side the one before. */
  const lastFrom = new Int32Array(points.length).fill(-1);
  const before = new Int32Array(count);
  const beyond = new Int32Array(count).fill(NONE_BEYOND);
  for (let side = 0; side < count; side++) {
    for (let other = lastFrom[to[side]]; other >= 0; other = before[other]) {
      if (to[other] !== from[side]) continue;
      beyond[side] = owner[other];
      beyond[other] = owner[side];
    }
    before[side] = lastFrom[from[side]];
    lastFrom[from[side]] = side;
  }
  return {points, from: from.subarray(0, count), to: to.subarray(0, count), owner, beyond};
}

/** Corners by number. Two hexagons need not have theirs to the last bit, so that squares have some slack. */
function createCorners(lonE7: number) {
  const points: Point[] = [];
  const known = new Map<number, number>();
  const rounded = (e7: number): number => Math.round(e7 / E7_PER_DIGIT) / 10 ** DEGREES_DIGITS;
  const key = (row: number, column: number): number => row * (CIRCLE_E7 / SQUARE_E7) + column;
  function at(latE7: number, cornerLonE7: number): number {
    const eastE7 = wrapE7((cornerLonE7 - lonE7) % CIRCLE_E7);
    const [lat, lon] = [latE7 / SQUARE_E7, eastE7 / SQUARE_E7];
    for (let row = Math.floor(lat - SLACK); row <= lat + SLACK; row++) {
      for (let column = Math.floor(lon - SLACK); column <= lon + SLACK; column++) {
        const found = known.get(key(row, column));
        if (found !== undefined) return found;
      }
    }
    known.set(key(Math.floor(lat), Math.floor(lon)), points.length);
    return points.push([rounded(lonE7 + eastE7), rounded(latE7)]) - 1;
  }
  return {points, at};
}

/** Sets of hexagons that are joined. */
function createComponents(count: number) {
  const parent = Int32Array.from({length: count}, (_, i) => i);
  function of(hexagon: number): number {
    let at = hexagon;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]];
      at = parent[at];
    }
    return at;
  }
  return {
    of,
    join(a: number, b: number): void {
      const [rootA, rootB] = [of(a), of(b)];
      if (rootA < rootB) parent[rootB] = rootA;
      else parent[rootA] = rootB;
    },
  };
}

/** Whether a ring has its inside on the left. */
function isAnticlockwise(ring: readonly Point[]): boolean {
  const [[lon, lat]] = ring;
  let twice = 0;
  for (let i = 1; i < ring.length; i++) {
    twice += (ring[i - 1][0] - lon) * (ring[i][1] - lat) - (ring[i][0] - lon) * (ring[i - 1][1] - lat);
  }
  return twice > 0;
}
