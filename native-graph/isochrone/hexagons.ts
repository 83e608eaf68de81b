// The hexagons of H3 that lines pass, in the order in which lines first come to them.
//
// A line goes from hexagon to hexagon: where it leaves one, its sides tell; which one lies a step further on, a guess
// that its sides bear out, or else H3. Hexagons are convex, so a line whose end lies in the same one has not left it.
//
// Sides are taken as straight in the plane around the centre. That makes them nearer or further than they are by a
// share that grows with that distance over the radius of the parallel: by a quarter of that ratio at most, as measured
// over resolutions 6 to 10 up to 80 degrees north and south. Nearer to a side than UNSURE of it, H3 is asked.

import {cellToBoundary, latLngToCell} from 'h3-js';
import {METRES_PER_E7, RADIANS_PER_E7, wrapE7} from '../geometry.ts';

/** A corner that a line cuts off by less may be missed. */
const STEP_E7 = 0.1 / METRES_PER_E7;
const UNSURE = 0.5;

/** For guesses the plane is parted into squares; about so many lie side by side in a hexagon. */
const SQUARES_ACROSS = 2;
/** Squares share the entries of the table, which is a power of two. */
const GUESSES = 1 << 16;
/** Between opposite sides of a hexagon of resolution 0; the next finer is narrower by the root of 7. */
const WIDTH_M = 2_200_000;

export type Hexagons = {
  /** H3 indices, each once, in the order in which they were come to. */
  readonly ids: readonly string[];
  /** By hexagon: the least level of the lines that pass it. */
  readonly levels: readonly number[];
  /** By hexagon: its corners anticlockwise, latitude and longitude of each in E7, unrounded. */
  readonly corners: readonly Float64Array[];
  /** Begins a line. */
  moveTo(latE7: number, lonE7: number, level: number): void;
  /** Goes on from where the line is, straight in degrees. */
  lineTo(latE7: number, lonE7: number): void;
};

/** What tells whether a point lies in a hexagon. */
type Sides = {
  readonly latE7: number;
  readonly lonE7: number;
  /** Of longitude, around the centre. */
  readonly shrink: number;
  /** Three entries a side: north and east of its outward normal, and how far it lies from the centre in E7. */
  readonly normal: Float64Array;
  /** The share of those distances that surely lies inside. */
  readonly surely: number;
  /** By side: the hexagon in which a point beyond it lay the last time, or -1. */
  readonly beyond: Int32Array;
};

/** `resolution` is H3's, 0 .. 15. */
export function createHexagons(resolution: number): Hexagons {
  const ids: string[] = [];
  const levels: number[] = [];
  const corners: Float64Array[] = [];
  const sides: Sides[] = [];
  const known = new Map<string, number>();
  const guesses = new Int32Array(GUESSES).fill(-1);
  const squareE7 = WIDTH_M / Math.sqrt(7) ** resolution / SQUARES_ACROSS / METRES_PER_E7;
  let latE7 = 0;
  let lonE7 = 0;
  let hexagon = -1;
  let level = 0;

  /** The number of the hexagon around a point; `near` is a guess. */
  function at(lat: number, lon: number, near: number): number {
    if (near >= 0 && sideTowards(sides[near], lat, lon) < 0) return near;
    const row = Math.floor(lat / squareE7);
    const column = Math.floor(lon / squareE7);
    const square = (Math.imul(row, 0x9e3779b1) ^ Math.imul(column, 0x85ebca6b)) >>> 16;
    const guess = guesses[square];
    if (guess < 0) return (guesses[square] = asked(lat, lon));
    const side = sideTowards(sides[guess], lat, lon);
    if (side < 0) return guess;
    const {beyond} = sides[guess];
    if (beyond[side] >= 0 && sideTowards(sides[beyond[side]], lat, lon) < 0) return beyond[side];
    const found = asked(lat, lon);
    if (found !== guess) beyond[side] = found;
    return found;
  }

  function asked(lat: number, lon: number): number {
    const id = latLngToCell(lat / 1e7, lon / 1e7, resolution);
    const found = known.get(id);
    if (found !== undefined) return found;
    known.set(id, ids.length);
    const own = cornersOf(id);
    corners.push(own);
    sides.push(sidesOf(own));
    levels.push(level);
    return ids.push(id) - 1;
  }

  function enter(found: number): void {
    hexagon = found;
    if (level < levels[found]) levels[found] = level;
  }

  return {
    ids,
    levels,
    corners,
    moveTo(lat, lon, lineLevel) {
      latE7 = lat;
      lonE7 = lon;
      level = lineLevel;
      enter(at(lat, lon, hexagon));
    },
    lineTo(lat, lon) {
      const end = at(lat, lon, hexagon);
      if (end !== hexagon) {
        const north = lat - latE7;
        const east = wrapE7(lon - lonE7);
        const step = STEP_E7 / Math.max(STEP_E7, Math.abs(north), Math.abs(east));
        for (let share = 0; hexagon !== end; ) {
          share = Math.max(share, leavesAt(sides[hexagon], latE7, lonE7, north, east)) + step;
          if (share >= 1) break;
          enter(at(latE7 + share * north, wrapE7(lonE7 + share * east), end));
        }
        enter(end);
      }
      latE7 = lat;
      lonE7 = lon;
    },
  };
}

/** The side beyond which a point lies, or may lie, -1 where it surely lies inside. */
function sideTowards({latE7, lonE7, shrink, normal, surely}: Sides, lat: number, lon: number): number {
  const north = lat - latE7;
  const east = wrapE7(lon - lonE7) * shrink;
  for (let i = 0; i < normal.length; i += 3) {
    if (north * normal[i] + east * normal[i + 1] > surely * normal[i + 2]) return i / 3;
  }
  return -1;
}

/** Which share of a line, from a point inside on, lies before the first side that it meets. */
function leavesAt(s: Sides, lat: number, lon: number, north: number, east: number): number {
  const {normal} = s;
  const fromNorth = lat - s.latE7;
  const fromEast = wrapE7(lon - s.lonE7) * s.shrink;
  let share = 1;
  for (let i = 0; i < normal.length; i += 3) {
    const outward = north * normal[i] + east * s.shrink * normal[i + 1];
    if (outward <= 0) continue;
    share = Math.min(share, (normal[i + 2] - fromNorth * normal[i] - fromEast * normal[i + 1]) / outward);
  }
  return share;
}

function cornersOf(id: string): Float64Array {
  const boundary = cellToBoundary(id);
  const corners = new Float64Array(2 * boundary.length);
  for (let i = 0; i < boundary.length; i++) {
    corners[2 * i] = boundary[i][0] * 1e7;
    corners[2 * i + 1] = boundary[i][1] * 1e7;
  }
  return corners;
}

/** The centre is the mean of the corners. */
function sidesOf(corners: Float64Array): Sides {
  const count = corners.length / 2;
  let latE7 = 0;
  let lonE7 = 0;
  for (let i = 0; i < count; i++) {
    latE7 += corners[2 * i] / count;
    lonE7 += wrapE7(corners[2 * i + 1] - corners[1]) / count;
  }
  lonE7 = wrapE7(lonE7 + corners[1]);
  const shrink = Math.cos(latE7 * RADIANS_PER_E7);
  const normal = new Float64Array(3 * count);
  for (let i = 0; i < count; i++) {
    const next = i + 1 < count ? i + 1 : 0;
    const north = corners[2 * i] - latE7;
    const east = wrapE7(corners[2 * i + 1] - lonE7) * shrink;
    const nextNorth = corners[2 * next] - latE7;
    const nextEast = wrapE7(corners[2 * next + 1] - lonE7) * shrink;
    const length = Math.hypot(nextNorth - north, nextEast - east);
    // Corners go round anticlockwise.
    const outNorth = (east - nextEast) / length;
    const outEast = (nextNorth - north) / length;
    normal[3 * i] = outNorth;
    normal[3 * i + 1] = outEast;
    normal[3 * i + 2] = outNorth * north + outEast * east;
  }
  const surely = 1 - (UNSURE * normal[2] * RADIANS_PER_E7) / shrink;
  return {latE7, lonE7, shrink, normal, surely, beyond: new Int32Array(count).fill(-1)};
}
