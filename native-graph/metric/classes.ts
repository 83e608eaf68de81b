// Which segments are one node of a hierarchy: those that are the same to whoever has just driven them, because the same
// turns leave them at the same cost.
//
// R. Geisberger, C. Vetter, "Efficient Routing in Road Networks with Turn Costs", SEA 2011, LNCS 6630, 100-111: most
// turns of a junction cost the same from one approach as from another. Where turns are free and drivers may turn back,
// the classes are the junctions; where the angle of each turn has its price, nearly every segment is its own class.
//
// A node's label is the time to the end of any segment of its class, so classes depend on turns and their costs, not on
// how long segments take: they stay while speeds change, and while segments are closed.

import {NONE, type RoadGraph} from '../layout.ts';

/** The nodes of a hierarchy, numbered in the order in which they are contracted. */
export type Classes = {
  readonly nodeCount: number;
  /** By segment: its node. */
  readonly nodeOf: Uint32Array;
  /** By node: 1 where it stands for several segments. */
  readonly isShared: Uint8Array;
};

/** O(m) expected. */
export const classesOf = (g: RoadGraph): Classes => classesInOrder(g, groupAlike(g));

/** By segment: the first segment with the same turns. */
function groupAlike(g: RoadGraph): Uint32Array {
  const {segmentCount, firstArc, head, arcMs, travelMs} = g;
  const size = 2 ** Math.ceil(Math.log2(2 * segmentCount + 1));
  // Open addressing; entries are segments + 1.
  const table = new Uint32Array(size);
  const like = new Uint32Array(segmentCount);
  for (let s = 0; s < segmentCount; s++) {
    let hash = 0;
    for (let arc = firstArc[s]; arc < firstArc[s + 1]; arc++) {
      hash = Math.imul(hash ^ head[arc], 0x9e37_79b1);
      hash = Math.imul(hash ^ (hash >>> 15) ^ (arcMs[arc] - travelMs[head[arc]]), 0x85eb_ca6b);
    }
    let slot = (hash ^ (hash >>> 16)) & (size - 1);
    while (table[slot] !== 0 && !isAlike(g, table[slot] - 1, s)) slot = (slot + 1) & (size - 1);
    if (table[slot] === 0) table[slot] = s + 1;
    like[s] = table[slot] - 1;
  }
  return like;
}

function isAlike({firstArc, head, arcMs}: RoadGraph, a: number, b: number): boolean {
  const count = firstArc[a + 1] - firstArc[a];
  if (firstArc[b + 1] - firstArc[b] !== count) return false;
  for (let i = 0; i < count; i++) {
    // The costs of equal turns differ as their times do.
    if (head[firstArc[a] + i] !== head[firstArc[b] + i] || arcMs[firstArc[a] + i] !== arcMs[firstArc[b] + i])
      return false;
  }
  return true;
}

/**
 * Numbers the classes so that what parts segments parts classes. A segment of a separator puts its class there, unless
 * all segments before it have theirs there already: then nobody gets past it without passing one of those, and its
 * class can lie on either side. Where classes are junctions, a street of the separator puts one of its ends there
 * instead of both: on DIMACS New York 1.39 million arcs up instead of 1.86. O(m).
 */
function classesInOrder(g: RoadGraph, like: Uint32Array): Classes {
  const {segmentCount, rank, firstArcIn, tail} = g;
  const segmentAt = new Uint32Array(segmentCount);
  /** By class, named by its first segment: its segments, those not yet met, and how many classes were placed above. */
  const size = new Uint32Array(segmentCount);
  for (let s = 0; s < segmentCount; s++) {
    segmentAt[rank[s]] = s;
    size[like[s]]++;
  }
  const left = size.slice();
  const above = new Uint32Array(segmentCount).fill(NONE);
  let nodeCount = 0;
  for (let r = segmentCount - 1; r >= 0; r--) {
    const s = segmentAt[r];
    left[like[s]]--;
    if (above[like[s]] !== NONE) continue;
    let isParted = left[like[s]] > 0;
    for (let arc = firstArcIn[s]; isParted && arc < firstArcIn[s + 1]; arc++)
      isParted = above[like[tail[arc]]] !== NONE;
    if (!isParted) above[like[s]] = nodeCount++;
  }
  const nodeOf = new Uint32Array(segmentCount);
  const isShared = new Uint8Array(nodeCount);
  for (let s = 0; s < segmentCount; s++) {
    nodeOf[s] = nodeCount - 1 - above[like[s]];
    if (size[like[s]] > 1) isShared[nodeOf[s]] = 1;
  }
  return {nodeCount, nodeOf, isShared};
}
