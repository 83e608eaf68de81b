// The index that snapping searches: a packed R-tree (flatbush) of the edges' boxes.
//
// Boxes are in microdegrees, rounded outward, as int32. An edge that crosses the antimeridian runs on past 180 degrees, which
// tenths of microdegrees would not leave room for.

import Flatbush from 'flatbush';
import {CIRCLE_E7, wrapE7} from '../geometry.ts';

type Drawn = {readonly firstPoint: Uint32Array; readonly pointLatE7: Int32Array; readonly pointLonE7: Int32Array};

/** West, south, east, north in microdegrees. East may pass 180 degrees and west -180, never by a full circle. */
export type Box = readonly [west: number, south: number, east: number, north: number];

export function edgeBox({firstPoint, pointLatE7, pointLonE7}: Drawn, edge: number): Box {
  const first = firstPoint[edge];
  let south = pointLatE7[first];
  let north = south;
  let lon = pointLonE7[first];
  let west = lon;
  let east = lon;
  for (let p = first + 1; p < firstPoint[edge + 1]; p++) {
    south = Math.min(south, pointLatE7[p]);
    north = Math.max(north, pointLatE7[p]);
    lon += wrapE7(pointLonE7[p] - pointLonE7[p - 1]);
    west = Math.min(west, lon);
    east = Math.max(east, lon);
  }
  if (east - west >= CIRCLE_E7) [west, east] = [-CIRCLE_E7 / 2, CIRCLE_E7 / 2];
  return [Math.floor(west / 10), Math.floor(south / 10), Math.ceil(east / 10), Math.ceil(north / 10)];
}

/** The bytes of an index whose item e is edge e. O(n log n). */
export function buildIndex(drawn: Drawn): Uint8Array {
  const edgeCount = drawn.firstPoint.length - 1;
  const index = new Flatbush(edgeCount, 16, Int32Array);
  for (let edge = 0; edge < edgeCount; edge++) index.add(...edgeBox(drawn, edge));
  index.finish();
  return new Uint8Array(index.data);
}
