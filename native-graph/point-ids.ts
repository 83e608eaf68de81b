// The node ids of the points that edges are drawn through, which live speeds are keyed by. Neighbours on a road were
// mostly mapped together, so an id is stored as its difference to the one before, the tail junction's first: Porto's
// take 2.0 bytes each instead of 8.
//
// A difference is written in bytes of seven bits, the lowest first, the eighth saying that more follow; the lowest bit
// of the first byte is its sign. Junctions keep their own ids and are not repeated here.

import type {RoadNetwork} from './build/network.ts';
import {InputFailure} from './failure.ts';
import type {RoadGraph} from './layout.ts';
import {Column} from './osm/column.ts';
import {coordinateId} from './osm/geojson.ts';

export type PointIds = Pick<RoadGraph, 'firstPointIdByte' | 'pointIdByte'>;

/**
 * The ids between the ends of these edges of the network, in their order; a network without ids gets stable ones from
 * coordinates. Throws InputFailure `NODE_ID_RANGE` where two differ by 2^53 or more, which no map's do.
 */
export function encodePointIds(network: RoadNetwork, edges: Uint32Array): PointIds {
  const {firstPoint, pointLatE7, pointLonE7, pointOsmId, junctionOsmId, edgeTail} = network;
  const bytes = new Column(Uint8Array);
  const firstPointIdByte = new Uint32Array(edges.length + 1);
  edges.forEach((edge, i) => {
    let before = junctionOsmId[edgeTail[edge]];
    for (let p = firstPoint[edge]; p < firstPoint[edge + 1]; p++) {
      const id = pointOsmId ? pointOsmId[p] : coordinateId(pointLatE7[p], pointLonE7[p]);
      if (!Number.isSafeInteger(id - before)) {
        throw new InputFailure('NODE_ID_RANGE', `${network.source.file}: ids ${before} and ${id} are too far apart`);
      }
      write(bytes, id - before);
      before = id;
    }
    firstPointIdByte[i + 1] = bytes.length;
  });
  return {firstPointIdByte, pointIdByte: bytes.view()};
}

/** The node ids of all points of an edge, both junctions' included. Allocates the answer. */
export function pointIds(g: RoadGraph, edge: number): Float64Array {
  const ids = new Float64Array(g.firstPoint[edge + 1] - g.firstPoint[edge]);
  const [forward, backward] = [g.edgeForward[edge], g.edgeBackward[edge]];
  const last = ids.length - 1;
  const isForward = forward < g.segmentCount;
  ids[0] = g.junctionOsmId[isForward ? g.tailJunction[forward] : g.headJunction[backward]];
  ids[last] = g.junctionOsmId[isForward ? g.headJunction[forward] : g.tailJunction[backward]];
  let at = g.firstPointIdByte[edge];
  for (let i = 1; i < last; i++) {
    let byte = g.pointIdByte[at++];
    const sign = (byte & 1) === 1 ? -1 : 1;
    let size = (byte & 0x7f) >>> 1;
    for (let factor = 64; byte >= 0x80; factor *= 128) {
      byte = g.pointIdByte[at++];
      size += (byte & 0x7f) * factor;
    }
    ids[i] = ids[i - 1] + sign * size;
  }
  return ids;
}

function write(bytes: Column<Uint8Array>, difference: number): void {
  let size = Math.abs(difference);
  let low = (size % 64) * 2 + (difference < 0 ? 1 : 0);
  for (size = Math.floor(size / 64); size > 0; size = Math.floor(size / 128)) {
    bytes.push(low + 0x80);
    low = size % 128;
  }
  bytes.push(low);
}

/** How many ids end within bytes [from, to); -1 where the last does not. */
export function countPointIds({pointIdByte}: PointIds, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) if (pointIdByte[at] < 0x80) count++;
  return to > from && pointIdByte[to - 1] >= 0x80 ? -1 : count;
}
