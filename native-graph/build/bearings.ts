// Which way a directed edge leads where it begins, and how far a driver turns from one into another.
//
// The drawing right at a junction is noise (a kerb radius, the middle of a wide road), so the bearing is taken to the
// place 10 m along the edge, or to its end.

import {METRES_PER_E7, RADIANS_PER_E7, wrapE7} from '../geometry.ts';
import type {NetworkArrays} from './network.ts';
import {headOf, tailOf} from './turns.ts';

const LOOK_AHEAD_M = 10;

/** Degrees, clockwise from north, in -180 .. 180. 0 where the edge never leaves its place. */
export function bearingDeg(network: NetworkArrays, directed: number): number {
  const {firstPoint, pointLatE7, pointLonE7, junctionLatE7, junctionLonE7} = network;
  const edge = directed >>> 1;
  const [tail, head] = [tailOf(network, directed), headOf(network, directed)];
  const shrink = Math.cos(junctionLatE7[tail] * RADIANS_PER_E7);
  const count = firstPoint[edge + 1] - firstPoint[edge];
  let north = 0;
  let east = 0;
  for (let i = 0, goneM = 0; i <= count && goneM < LOOK_AHEAD_M; i++) {
    const p = (directed & 1) === 0 ? firstPoint[edge] + i : firstPoint[edge + 1] - 1 - i;
    const lat = i === count ? junctionLatE7[head] : pointLatE7[p];
    const lon = i === count ? junctionLonE7[head] : pointLonE7[p];
    const stepNorth = (lat - junctionLatE7[tail]) * METRES_PER_E7 - north;
    const stepEast = wrapE7(lon - junctionLonE7[tail]) * shrink * METRES_PER_E7 - east;
    const stepM = Math.hypot(stepNorth, stepEast);
    const share = stepM > 0 ? Math.min(1, (LOOK_AHEAD_M - goneM) / stepM) : 0;
    north += share * stepNorth;
    east += share * stepEast;
    goneM += stepM;
  }
  return (Math.atan2(east, north) * 180) / Math.PI;
}

/** Degrees in -180 .. 180: 0 straight on, positive to the right, 180 back. */
export const turnAngleDeg = (network: NetworkArrays, from: number, to: number): number =>
  angleBetween(bearingDeg(network, from ^ 1), bearingDeg(network, to));

/** From the bearing back the way one came, to the bearing one leaves by. */
export function angleBetween(backDeg: number, onDeg: number): number {
  const angle = onDeg - backDeg - 180;
  return angle <= -540 ? angle + 720 : angle <= -180 ? angle + 360 : angle;
}
