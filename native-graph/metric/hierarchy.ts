// A hierarchy ready for queries: the arcs that perfect customization keeps, of one metric, in a memory of their own.
//
// Nodes are classes of segments (classes.ts), lowest first: whoever has driven any of a class may go on as from any
// other. A fastest way climbs by up arcs to its highest node and descends from there by down arcs.

import {allocate, overlay} from '../kernels/memory.ts';
import type {RoadGraph} from '../layout.ts';
import {IMPROVED, KEPT, type Weighted, type WeightedArcs} from './weighted.ts';

/** What tells where a hierarchy lies in its memory; can be sent to another thread. */
export type HierarchyHandle = {
  readonly memory: WebAssembly.Memory;
  readonly segmentCount: number;
  readonly nodeCount: number;
  /** Arcs that there is room for: those of the contraction, whatever an epoch keeps of them. */
  readonly upRoom: number;
  readonly downRoom: number;
  /** No node leads up to more nodes than this, itself included. */
  readonly height: number;
};

/** The arcs of one direction, kept at their lower ends. */
export type Arcs = {
  /** nodeCount + 1 entries: the arcs of v are [first[v], first[v + 1]). */
  readonly first: Uint32Array;
  /** Two entries an arc: its higher end, ascending within v, and milliseconds, 1 .. UNREACHABLE_MS - 1. */
  readonly arcs: Int32Array;
  /** Two entries an arc: the arcs of `down` and `up` that make its way; for a turn of the graph -1, segment entered. */
  readonly via: Int32Array;
  /** By arc: from the end of a segment it leaves to the end of the one it enters. */
  readonly lengthCm: Int32Array;
};

/** Never written once it is made. */
export type Hierarchy = HierarchyHandle & {
  /** v -> w to higher w. */
  readonly up: Arcs;
  /** u -> v from higher u. */
  readonly down: Arcs;
  /** By segment: its node. */
  readonly nodeOf: Uint32Array;
  /** By node: 1 where it stands for several segments. */
  readonly isShared: Uint8Array;
};

type Sizes = Pick<HierarchyHandle, 'segmentCount' | 'nodeCount' | 'upRoom' | 'downRoom'>;

// What every query walks stands first.
const columnsOf = ({segmentCount, nodeCount, upRoom, downRoom}: Sizes) =>
  ({
    upFirst: [Uint32Array, nodeCount + 1],
    upArcs: [Int32Array, 2 * upRoom],
    downFirst: [Uint32Array, nodeCount + 1],
    downArcs: [Int32Array, 2 * downRoom],
    nodeOf: [Uint32Array, segmentCount],
    isShared: [Uint8Array, nodeCount],
    upLengthCm: [Int32Array, upRoom],
    downLengthCm: [Int32Array, downRoom],
    upVia: [Int32Array, 2 * upRoom],
    downVia: [Int32Array, 2 * downRoom],
  }) as const;

/** Views over a hierarchy that another thread has made. O(1). */
export function attach(handle: HierarchyHandle): Hierarchy {
  const c = overlay(handle.memory, columnsOf(handle));
  return {
    ...handle,
    up: {first: c.upFirst, arcs: c.upArcs, via: c.upVia, lengthCm: c.upLengthCm},
    down: {first: c.downFirst, arcs: c.downArcs, via: c.downVia, lengthCm: c.downLengthCm},
    nodeOf: c.nodeOf,
    isShared: c.isShared,
  };
}

export const handleOf = ({memory, segmentCount, nodeCount, upRoom, downRoom, height}: Hierarchy): HierarchyHandle => ({
  memory,
  segmentCount,
  nodeCount,
  upRoom,
  downRoom,
  height,
});

/**
 * Takes what queries need out of a perfectly customized contraction, into the memory of an earlier hierarchy of the same
 * contraction, where nobody searches any more, or into a new one. O(arcs). Throws InputFailure `GRAPH_TOO_LARGE`.
 */
export function distil(w: Weighted, g: RoadGraph, into?: HierarchyHandle): Hierarchy {
  const {nodeCount, classes, height} = w;
  const cm = measure(w, (segment) => g.edgeLengthCm[g.drawn[segment] >>> 1]);
  keepVias(w);
  const upIndex = indexKept(w.up);
  const downIndex = indexKept(w.down);
  const rooms = {segmentCount: g.segmentCount, nodeCount, upRoom: w.up.state.length, downRoom: w.down.state.length};
  const h = attach(into ?? {height, ...rooms, memory: allocate(columnsOf(rooms)).memory});
  h.nodeOf.set(classes.nodeOf);
  h.isShared.set(classes.isShared);
  const put = (from: WeightedArcs, to: Arcs, fromCm: Int32Array, index: Uint32Array) => {
    for (let v = 0; v < nodeCount; v++) {
      for (let arc = from.first[v]; arc < from.first[v + 1]; arc++) {
        if (from.state[arc] !== KEPT) continue;
        const at = index[arc];
        const isTurn = from.via[2 * arc] < 0;
        to.arcs[2 * at] = from.arcs[2 * arc];
        to.arcs[2 * at + 1] = from.arcs[2 * arc + 1];
        to.via[2 * at] = isTurn ? -1 : downIndex[from.via[2 * arc]];
        to.via[2 * at + 1] = isTurn ? from.via[2 * arc + 1] : upIndex[from.via[2 * arc + 1]];
        to.lengthCm[at] = fromCm[arc];
      }
      to.first[v + 1] = index[from.first[v + 1]];
    }
  };
  put(w.up, h.up, cm.up, upIndex);
  put(w.down, h.down, cm.down, downIndex);
  return h;
}

/**
 * By arc: the length of its way. An arc whose way goes by an improved one is not the fastest way either, though its own
 * triangles did not show it: it is marked as improved too.
 */
function measure(
  {nodeCount, up, down}: Weighted,
  segmentCm: (segment: number) => number,
): {up: Int32Array; down: Int32Array} {
  const upCm = new Int32Array(up.state.length);
  const downCm = new Int32Array(down.state.length);
  const measureArc = ({via, state}: WeightedArcs, cm: Int32Array, arc: number): void => {
    if (state[arc] === IMPROVED || via[2 * arc + 1] < 0) return;
    const fall = via[2 * arc];
    const rise = via[2 * arc + 1];
    if (fall < 0) cm[arc] = segmentCm(rise);
    else if (down.state[fall] === IMPROVED || up.state[rise] === IMPROVED) state[arc] = IMPROVED;
    else cm[arc] = downCm[fall] + upCm[rise];
  };
  for (let v = 0; v < nodeCount; v++) {
    for (let arc = up.first[v]; arc < up.first[v + 1]; arc++) measureArc(up, upCm, arc);
    for (let arc = down.first[v]; arc < down.first[v + 1]; arc++) measureArc(down, downCm, arc);
  }
  return {up: upCm, down: downCm};
}

/** Keeps every arc that the way of a kept arc goes by, so that ways can be told. */
function keepVias({nodeCount, up, down}: Weighted): void {
  for (let v = nodeCount - 1; v >= 0; v--) {
    for (const {first, via, state} of [up, down]) {
      for (let arc = first[v]; arc < first[v + 1]; arc++) {
        if (state[arc] !== KEPT || via[2 * arc] < 0) continue;
        down.state[via[2 * arc]] = KEPT;
        up.state[via[2 * arc + 1]] = KEPT;
      }
    }
  }
}

/** By arc: how many kept ones stand before it; the last entry is how many there are. */
function indexKept({state}: WeightedArcs): Uint32Array {
  const index = new Uint32Array(state.length + 1);
  for (let arc = 0; arc < state.length; arc++) index[arc + 1] = index[arc] + (state[arc] === KEPT ? 1 : 0);
  return index;
}
