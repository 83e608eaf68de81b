// The hexagons of H3 that lines pass, in the order in which lines first come to them.
//
// A line goes from hexagon to hexagon: where it leaves one, its sides tell; which one it comes to, H3 is asked a step
// further on. Hexagons are convex, so a line whose end lies in the same one has not left it. Their sides are taken as
// straight in the plane around the centre, which they are but for a thousandth: nearer to one than that, H3 is asked.

import {cellToBoundary, cellToLatLng, latLngToCell} from 'h3-js';
import {METRES_PER_E7, RADIANS_PER_E7, wrapE7} from '../geometry.ts';

/** A corner that a line cuts off by less may be missed. */
const STEP_E7 = 0.1 / METRES_PER_E7;
const SURELY = 0.999;

export type Hexagons = {
  /** H3 indices, each once, in the order in which they were come to. */
  readonly ids: readonly string[];
  /** Begins a line. */
  moveTo(latE7: number, lonE7: number): void;
  /** Goes on from where the line is, straight in degrees. */
  lineTo(latE7: number, lonE7: number): void;
};

/** What is kept of a hexagon. */
type Sides = {
  readonly latE7: number;
  readonly lonE7: number;
  /** Of longitude, around the centre. */
  readonly shrink: number;
  /** Three entries a side: north and east of its outward normal, and how far it lies from the centre in E7. */
  readonly normal: Float64Array;
};

/** `resolution` is H3's, 0 .. 15. */
export function createHexagons(resolution: number): Hexagons {
  const ids: string[] = [];
  const sides: Sides[] = [];
  const known = new Map<string, number>();
  let [latE7, lonE7, hexagon] = [0, 0, -1];

  /** The number of the hexagon around a point; `near` is a guess. */
  function at(lat: number, lon: number, near: number): number {
    if (near >= 0 && isInside(sides[near], lat, lon)) return near;
    const id = latLngToCell(lat / 1e7, lon / 1e7, resolution);
    const found = known.get(id);
    if (found !== undefined) return found;
    known.set(id, ids.length);
    sides.push(sidesOf(id));
    return ids.push(id) - 1;
  }

  return {
    ids,
    moveTo(lat, lon) {
      [latE7, lonE7, hexagon] = [lat, lon, at(lat, lon, hexagon)];
    },
    lineTo(lat, lon) {
      const end = at(lat, lon, hexagon);
      const [north, east] = [lat - latE7, wrapE7(lon - lonE7)];
      const step = STEP_E7 / Math.max(STEP_E7, Math.abs(north), Math.abs(east));
      for (let share = 0; hexagon !== end; ) {
        share = Math.max(share, leavesAt(sides[hexagon], latE7, lonE7, north, east)) + step;
        if (share >= 1) break;
        hexagon = at(latE7 + share * north, wrapE7(lonE7 + share * east), end);
      }
      [latE7, lonE7, hexagon] = [lat, lon, end];
    },
  };
}

function isInside({latE7, lonE7, shrink, normal}: Sides, lat: number, lon: number): boolean {
  const north = lat - latE7;
  const east = wrapE7(lon - lonE7) * shrink;
  for (let i = 0; i < normal.length; i += 3) {
    if (north * normal[i] + east * normal[i + 1] > SURELY * normal[i + 2]) return false;
  }
  return true;
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

function sidesOf(id: string): Sides {
  const [lat, lon] = cellToLatLng(id);
  const [latE7, lonE7] = [lat * 1e7, lon * 1e7];
  const shrink = Math.cos(latE7 * RADIANS_PER_E7);
  const corners = cellToBoundary(id).map(([y, x]) => [y * 1e7 - latE7, wrapE7(x * 1e7 - lonE7) * shrink]);
  const normal = new Float64Array(3 * corners.length);
  corners.forEach(([north, east], i) => {
    const [nextNorth, nextEast] = corners[(i + 1) % corners.length];
    const length = Math.hypot(nextNorth - north, nextEast - east);
    // Corners go round anticlockwise.
    const outNorth = (east - nextEast) / length;
    const outEast = (nextNorth - north) / length;
    normal.set([outNorth, outEast, outNorth * north + outEast * east], 3 * i);
  });
  return {latE7, lonE7, shrink, normal};
}
