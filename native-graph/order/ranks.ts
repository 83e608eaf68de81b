// From an order of edges to the ranks of segments, and what holds of every such ranking.

import {NONE, type RoadGraph} from '../layout.ts';

/** The segments of an edge get ranks next to each other: along the drawing first, copies behind what they are of. */
export function writeRanks(g: RoadGraph, order: Uint32Array): void {
  const {drawn, rank, edgeForward, edgeBackward} = g;
  let next = 0;
  for (const edge of order) {
    for (const named of [edgeForward[edge], edgeBackward[edge]]) {
      if (named === NONE) continue;
      for (let s = named; drawn[s] === drawn[named]; s++) rank[s] = next++;
    }
  }
}

/** The first segment whose rank is too high or that of a segment before it, -1 if none. */
export function firstRepeated({rank, segmentCount}: RoadGraph): number {
  const given = new Uint8Array(segmentCount);
  return rank.findIndex((r) => r >= segmentCount || given[r]++ === 1);
}

/** Of a permutation: a segment that another edge's segments part from its own edge's lower ones, -1 if none. */
export function firstScattered({rank, drawn, segmentCount, edgeCount}: RoadGraph): number {
  const segmentAt = new Uint32Array(segmentCount);
  rank.forEach((r, s) => {
    segmentAt[r] = s;
  });
  const met = new Uint8Array(edgeCount);
  let last = NONE;
  for (const s of segmentAt) {
    const edge = drawn[s] >>> 1;
    if (edge !== last && met[edge]++ === 1) return s;
    last = edge;
  }
  return -1;
}
