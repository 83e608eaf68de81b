// The roads of one cell as a graph of its own, with dense node ids, so that a small cell is small in memory as well.

import type {Cell, Field} from './field.ts';

/** Undirected: every edge is two arcs, each the other's twin. No loops; edges may be parallel. */
export type CellGraph = {
  nodeCount: number;
  /** nodeCount + 1 entries: the arcs of v are [firstArc[v], firstArc[v + 1]). */
  readonly firstArc: Uint32Array;
  /** By arc: the node at its other end, and the arc back. */
  readonly head: Uint32Array;
  readonly twin: Uint32Array;
  /** By arc: how many segments its edge has. */
  readonly segments: Uint32Array;
  /** By node: its junction. */
  readonly junction: Uint32Array;
};

export const createCellGraph = (nodeLimit: number, edgeLimit: number): CellGraph => ({
  nodeCount: 0,
  firstArc: new Uint32Array(nodeLimit + 1),
  head: new Uint32Array(2 * edgeLimit),
  twin: new Uint32Array(2 * edgeLimit),
  segments: new Uint32Array(2 * edgeLimit),
  junction: new Uint32Array(nodeLimit),
});

/** Nodes are numbered as the edges name them. `nodeOf`, by junction, may hold junk before, the cell's nodes after. */
export function buildCellGraph(f: Field, {first, end}: Cell, nodeOf: Uint32Array, g: CellGraph): void {
  const {edgeTail, edgeHead, edgeSegments, order} = f;
  const {firstArc, head, twin, segments, junction} = g;
  let nodeCount = 0;
  const node = (j: number): number => {
    const known = nodeOf[j];
    if (known < nodeCount && junction[known] === j) return known;
    junction[nodeCount] = j;
    firstArc[nodeCount] = 0;
    nodeOf[j] = nodeCount;
    return nodeCount++;
  };
  for (let i = first; i < end; i++) {
    const a = node(edgeTail[order[i]]);
    const b = node(edgeHead[order[i]]);
    if (a === b) continue;
    firstArc[a]++;
    firstArc[b]++;
  }
  for (let v = 1; v < nodeCount; v++) firstArc[v] += firstArc[v - 1];
  firstArc[nodeCount] = firstArc[nodeCount - 1];
  g.nodeCount = nodeCount;
  // Entries are the ends of their nodes' arcs; filled from the back, they become the beginnings.
  for (let i = end - 1; i >= first; i--) {
    const a = nodeOf[edgeTail[order[i]]];
    const b = nodeOf[edgeHead[order[i]]];
    if (a === b) continue;
    const [out, back] = [--firstArc[a], --firstArc[b]];
    head[out] = b;
    head[back] = a;
    twin[out] = back;
    twin[back] = out;
    segments[out] = segments[back] = edgeSegments[order[i]];
  }
}
