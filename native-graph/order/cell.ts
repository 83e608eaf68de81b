// One cell of a dissection, taken apart: into what hangs together by nothing, or else into two where few edges cross.
// A small one is put in order at once.
//
// Invariant: afterwards the places of the cell hold, first to last, the edges of its parts, each part in a range of its
// own, and the edges between its parts. No junction belongs to two parts.

import {NONE} from '../layout.ts';
import {type Bisection, bisect, createBisection} from './bisect.ts';
import {buildCellGraph} from './cell-graph.ts';
import type {Cell, Field} from './field.ts';
import {createMerging, MERGE_EDGES, type Merging, mergeCell} from './merge.ts';

/** What one thread writes while it parts a cell; grows to the largest it has seen. */
export type CellScratch = {
  bisection: Bisection;
  /** By junction: junk, or its node. */
  nodeOf: Uint32Array;
  /** By node: the part it belongs to, NONE while unknown. */
  part: Uint32Array;
  /** By edge of the cell: its part, or the number of parts if it joins two of them; and the edge itself. */
  group: Uint32Array;
  edge: Uint32Array;
  readonly merging: Merging;
};

export const createCellScratch = (): CellScratch => ({
  bisection: createBisection(0, 0),
  nodeOf: new Uint32Array(0),
  part: new Uint32Array(0),
  group: new Uint32Array(0),
  edge: new Uint32Array(0),
  merging: createMerging(),
});

function reserve(s: CellScratch, junctionCount: number, edgeCount: number): void {
  if (s.nodeOf.length < junctionCount) s.nodeOf = new Uint32Array(junctionCount);
  if (s.group.length >= edgeCount) return;
  const nodeLimit = Math.min(2 * edgeCount, junctionCount);
  s.bisection = createBisection(nodeLimit, edgeCount);
  s.part = new Uint32Array(nodeLimit);
  s.group = new Uint32Array(edgeCount);
  s.edge = new Uint32Array(edgeCount);
}

/**
 * Puts the edges of each part of a cell next to one another, and those between parts last; returns the parts, or none
 * where all is in its final order.
 */
export function partCell(f: Field, s: CellScratch, cell: Cell): Cell[] {
  const {edgeTail, edgeHead, order} = f;
  reserve(s, f.x.length, cell.end - cell.first);
  const {bisection, nodeOf, part, group} = s;
  buildCellGraph(f, cell, nodeOf, bisection.g);
  if (cell.end - cell.first <= MERGE_EDGES) {
    mergeCell(f, cell, bisection.g, nodeOf, s.merging);
    return [];
  }
  let parts = labelComponents(s);
  if (parts === 1) {
    if (bisection.g.nodeCount === 1) return [];
    bisect(f, bisection);
    parts = 2;
    for (let v = 0; v < bisection.g.nodeCount; v++) part[v] = bisection.side[v];
  }
  for (let i = cell.first; i < cell.end; i++) {
    const [tail, head] = [part[nodeOf[edgeTail[order[i]]]], part[nodeOf[edgeHead[order[i]]]]];
    group[i - cell.first] = tail === head ? tail : parts;
  }
  return regroup(f, s, cell, parts);
}

/** Numbers the connected components of the cell's graph by their first node, into `s.part`; returns how many. */
function labelComponents({bisection, part}: CellScratch): number {
  const {nodeCount, firstArc, head} = bisection.g;
  const {queue} = bisection.flow;
  part.fill(NONE, 0, nodeCount);
  let count = 0;
  for (let root = 0; root < nodeCount; root++) {
    if (part[root] !== NONE) continue;
    part[root] = count;
    queue[0] = root;
    let end = 1;
    for (let i = 0; i < end; i++) {
      for (let arc = firstArc[queue[i]]; arc < firstArc[queue[i] + 1]; arc++) {
        if (part[head[arc]] !== NONE) continue;
        part[head[arc]] = count;
        queue[end++] = head[arc];
      }
    }
    count++;
  }
  return count;
}

/** Sorts a cell's edges by group, otherwise in the order they were in. */
function regroup({order}: Field, {group, edge}: CellScratch, {first, end}: Cell, parts: number): Cell[] {
  const next = new Uint32Array(parts + 2);
  for (let i = first; i < end; i++) {
    edge[i - first] = order[i];
    next[group[i - first] + 1]++;
  }
  for (let part = 0; part < parts; part++) next[part + 1] += next[part];
  for (let i = 0; i < end - first; i++) order[first + next[group[i]]++] = edge[i];
  return Array.from({length: parts}, (_, part) => ({first: first + (part && next[part - 1]), end: first + next[part]}));
}
