// The index that snapping searches: a packed R-tree (flatbush) of the edges' boxes.
//
// Boxes are in microdegrees, rounded outward, as int32. An edge that crosses the antimeridian runs on past 180 degrees,
// which tenths of microdegrees would not leave room for.

import Flatbush from 'flatbush';
import {CIRCLE_E7, wrapE7} from './geometry.ts';

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

/** Entries of a tree node: flatbush's own default, written down because `isIndex` refuses any other. */
const NODE_SIZE = 16;

/** The bytes of an index whose item e is edge e. O(n log n). */
export function buildIndex(drawn: Drawn): Uint8Array {
  const edgeCount = drawn.firstPoint.length - 1;
  const index = new Flatbush(edgeCount, NODE_SIZE, Int32Array);
  for (let edge = 0; edge < edgeCount; edge++) index.add(...edgeBox(drawn, edge));
  index.finish();
  return new Uint8Array(index.data);
}

/** Whether the bytes have the header and the length of such an index; flatbush itself would read past their end. */
export function isIndex(index: Uint8Array, edgeCount: number): boolean {
  if (edgeCount === 0 || index.byteLength < 8) return false;
  const head = new DataView(index.buffer, index.byteOffset, 8);
  // Magic byte 0xfb, then version 3 and type 5 (Int32Array) in one byte; node size; item count.
  if (head.getUint16(0, true) !== 0x35fb || head.getUint16(2, true) !== NODE_SIZE) return false;
  if (head.getUint32(4, true) !== edgeCount) return false;
  let nodeCount = edgeCount;
  for (let level = edgeCount, top = false; !top; top = level === 1) {
    level = Math.ceil(level / NODE_SIZE);
    nodeCount += level;
  }
  // A box of four int32 and an id per node; ids are 16 bits wide in a small tree.
  return index.byteLength === 8 + nodeCount * (16 + (nodeCount < 16_384 ? 2 : 4));
}
