// Distances and fractions along edges. Short ones only, so a local plane serves: latitude as it is, longitude shrunk by
// the cosine of the latitude, on a sphere of the mean radius (IUGG R1). Between two points a line is straight in
// degrees. Differences of longitude wrap, so that a street may cross the antimeridian.

import type {RoadGraph} from './layout.ts';

const EARTH_RADIUS_M = 6_371_008.8;
export const RADIANS_PER_E7 = Math.PI / 180 / 1e7;
export const METRES_PER_E7 = EARTH_RADIUS_M * RADIANS_PER_E7;
/** A full circle in E7. */
export const CIRCLE_E7 = 3_600_000_000;
const HALF_E7 = CIRCLE_E7 / 2;

/** A difference of two longitudes taken the short way round: -180 .. 180 degrees. */
export function wrapE7(differenceE7: number): number {
  if (differenceE7 >= HALF_E7) return differenceE7 - CIRCLE_E7;
  if (differenceE7 < -HALF_E7) return differenceE7 + CIRCLE_E7;
  return differenceE7;
}

/** Metres between two points a street's length apart. */
function metresBetween(latA: number, lonA: number, latB: number, lonB: number): number {
  const shrink = Math.cos(((latA + latB) / 2) * RADIANS_PER_E7);
  return Math.hypot(latB - latA, wrapE7(lonB - lonA) * shrink) * METRES_PER_E7;
}

/** For each point of an edge, how far along the edge it lies: from 0, never falling, to 1. Allocates the answer. */
export function pointFractions(g: RoadGraph, edge: number): Float64Array {
  const {pointLatE7: lat, pointLonE7: lon} = g;
  const first = g.firstPoint[edge];
  const count = g.firstPoint[edge + 1] - first;
  const fractions = new Float64Array(count);
  for (let i = 1; i < count; i++) {
    const p = first + i;
    fractions[i] = fractions[i - 1] + metresBetween(lat[p - 1], lon[p - 1], lat[p], lon[p]);
  }
  const totalM = fractions[count - 1];
  for (let i = 1; i < count; i++) fractions[i] = totalM > 0 ? fractions[i] / totalM : i / (count - 1);
  return fractions;
}

/** The point `t` of the way from A to B, unrounded. */
export function pointBetween(
  latA: number,
  lonA: number,
  latB: number,
  lonB: number,
  t: number,
): {latE7: number; lonE7: number} {
  return {latE7: latA + t * (latB - latA), lonE7: wrapE7(lonA + t * wrapE7(lonB - lonA))};
}
