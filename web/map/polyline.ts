// Encoded polylines of precision 6, read into world coordinates (src/api/osrm/polyline.ts writes them).

import type {Place} from './live-picture.ts';
import {worldX, worldY} from './mercator.ts';

const FIRST_CHARACTER = 63;
const MORE = 0x20;
const PER_DEGREE = 1e6;

export function placesOf(text: string): Place[] {
  const places: Place[] = [];
  const sums = [0, 0];
  for (let at = 0, axis = 0; at < text.length; axis ^= 1) {
    let [value, shift, bits] = [0, 0, MORE];
    for (; bits >= MORE; shift += 5) {
      bits = text.charCodeAt(at++) - FIRST_CHARACTER;
      value |= (bits & (MORE - 1)) << shift;
    }
    sums[axis] = sums[axis]! + ((value & 1) === 1 ? ~(value >> 1) : value >> 1);
    if (axis === 1) places.push([worldX(sums[1]! / PER_DEGREE), worldY(sums[0]! / PER_DEGREE)]);
  }
  return places;
}
