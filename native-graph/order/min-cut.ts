// The fewest segments that part the sources of a graph from its sinks, as a greatest flow.
//
// E. A. Dinic, "Algorithm for solution of a problem of maximum flow in networks with power estimation", Soviet Math.
// Doklady 11 (1970), 1277-1280. An edge takes a unit per segment, either way, whatever way its segments are driven.
//
// Invariant: `left` of an arc and of its twin add up to twice the segments of their edge, and what enters a node that
// is neither source nor sink leaves it again.

import type {CellGraph} from './cell-graph.ts';

export const INNER = 0;
export const SOURCE = 1;
export const SINK = 2;

export type Flow = {
  /** By node: INNER, SOURCE or SINK; what a caller asks. */
  readonly role: Uint8Array;
  /** By arc: how many more units it takes. */
  readonly left: Uint32Array;
  /** By node: base + its distance from the sources, SOURCE_LEVEL for these; below base, not reached. */
  readonly level: Int32Array;
  /** By node: the first of its arcs that this phase has not yet tried. */
  readonly next: Uint32Array;
  readonly queue: Uint32Array;
  /** The sources with a neighbour that is none. */
  readonly frontier: Uint32Array;
  /** The sinks of the last level, and the arcs from one of them back to where the search for a source stands. */
  readonly sinks: Uint32Array;
  readonly path: Uint32Array;
  base: number;
  /** The units that flow. */
  sent: number;
};

const SOURCE_LEVEL = 0x7fff_ffff;

export function createFlow(nodeCount: number, arcCount: number): Flow {
  return {
    role: new Uint8Array(nodeCount),
    left: new Uint32Array(arcCount),
    level: new Int32Array(nodeCount),
    next: new Uint32Array(nodeCount),
    queue: new Uint32Array(nodeCount),
    frontier: new Uint32Array(nodeCount),
    sinks: new Uint32Array(nodeCount),
    path: new Uint32Array(nodeCount),
    base: 0,
    sent: 0,
  };
}

/** Nothing flows. */
export function stopFlow(g: CellGraph, f: Flow): void {
  f.left.set(g.segments.subarray(0, g.firstArc[g.nodeCount]));
  f.sent = 0;
}

/**
 * How many segments a least cut between the sources and the sinks of `f.role` has, or `limit` once it is known to have
 * as many. Goes on from what flows already, so since `stopFlow` nodes may have become sources or sinks, never ceased to
 * be. O(m) per phase; allocates nothing. Below the limit, the nodes that `isBehind` are the smallest source side.
 */
export function leastCut(g: CellGraph, f: Flow, limit: number): number {
  const {nodeCount, firstArc, head} = g;
  const {role, level, frontier} = f;
  f.base = 1;
  let frontierSize = 0;
  for (let v = 0; v < nodeCount; v++) {
    level[v] = role[v] === SOURCE ? SOURCE_LEVEL : 0;
    if (role[v] !== SOURCE) continue;
    for (let arc = firstArc[v]; arc < firstArc[v + 1]; arc++) {
      if (role[head[arc]] === SOURCE) continue;
      frontier[frontierSize++] = v;
      break;
    }
  }
  while (f.sent < limit) {
    const sinkCount = layer(g, f, frontierSize);
    if (sinkCount === 0) return f.sent;
    const sinkLevel = level[f.sinks[0]];
    f.sent += block(g, f, sinkCount, limit - f.sent);
    f.base = sinkLevel + 1;
  }
  return limit;
}

/** Whether a node is on the smallest source side of the cut that was found. */
export const isBehind = (f: Flow, node: number): boolean => f.level[node] >= f.base;

/** Levels by distance from the sources, up to that of the nearest sinks; these in `f.sinks`, and how many they are. */
function layer(g: CellGraph, f: Flow, frontierSize: number): number {
  const {firstArc, head} = g;
  const {role, left, level, next, queue, sinks, base} = f;
  for (let i = 0; i < frontierSize; i++) queue[i] = f.frontier[i];
  let sinkCount = 0;
  let begin = 0;
  let end = frontierSize;
  for (let at = base + 1; sinkCount === 0 && begin < end; at++) {
    const layerEnd = end;
    for (; begin < layerEnd; begin++) {
      const v = queue[begin];
      for (let arc = firstArc[v]; arc < firstArc[v + 1]; arc++) {
        const w = head[arc];
        if (level[w] >= base || left[arc] === 0) continue;
        level[w] = at;
        next[w] = firstArc[w];
        if (role[w] === SINK) sinks[sinkCount++] = w;
        else queue[end++] = w;
      }
    }
  }
  return sinkCount;
}

/** Sends units along shortest paths until there are no more, or `limit` of them; found backward from the sinks. */
function block(g: CellGraph, f: Flow, sinkCount: number, limit: number): number {
  const {firstArc, head, twin} = g;
  const {left, level, next, sinks, path, base} = f;
  let sent = 0;
  for (let i = 0; i < sinkCount; i++) {
    const sink = sinks[i];
    let depth = 0;
    let at = sink;
    for (;;) {
      const below = level[at] === base + 1 ? SOURCE_LEVEL : level[at] - 1;
      const end = firstArc[at + 1];
      let arc = next[at];
      while (arc < end && (level[head[arc]] !== below || left[twin[arc]] === 0)) arc++;
      next[at] = arc;
      if (arc === end) {
        if (depth === 0) break;
        at = head[path[--depth]];
        next[at]++;
        continue;
      }
      path[depth++] = twin[arc];
      at = head[arc];
      if (below !== SOURCE_LEVEL) continue;
      for (let d = 0; d < depth; d++) {
        left[path[d]]--;
        left[twin[path[d]]]++;
      }
      if (++sent === limit) return sent;
      depth = 0;
      at = sink;
    }
  }
  return sent;
}

/** Marks with 1 in `marked` (by node, all 0 before) the smallest sink side of the cut that was found; their number. */
export function markSinkSide(g: CellGraph, f: Flow, marked: Uint8Array): number {
  const {nodeCount, firstArc, head, twin} = g;
  const {role, left, queue} = f;
  let end = 0;
  for (let v = 0; v < nodeCount; v++) {
    if (role[v] !== SINK) continue;
    marked[v] = 1;
    queue[end++] = v;
  }
  for (let i = 0; i < end; i++) {
    const v = queue[i];
    for (let arc = firstArc[v]; arc < firstArc[v + 1]; arc++) {
      const w = head[arc];
      if (marked[w] === 1 || left[twin[arc]] === 0) continue;
      marked[w] = 1;
      queue[end++] = w;
    }
  }
  return end;
}
