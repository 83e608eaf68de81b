// A hierarchy ready for queries: the arcs that perfect customization keeps, of one metric, in a memory of their own.
//
// Nodes are classes of segments (classes.ts), lowest first: whoever has driven any of a class may go on as from any
// other. A fastest way climbs by up arcs to its highest node and descends from there by down arcs.

import {allocate, overlay} from '../kernels/memory.ts';
import {KEPT, type Weighted, type WeightedArcs} from './weighted.ts';

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
  /** By node: its parent in the elimination tree, or -1: all that it leads up to are its ancestors. */
  readonly parent: Int32Array;
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
    parent: [Int32Array, nodeCount],
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
    parent: c.parent,
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
 * Takes what queries need out of a contraction that is customized and settled, into the memory of an earlier hierarchy
 * of the same contraction, where nobody searches any more, or into a new one. The next epoch may begin from the
 * contraction. O(arcs). Throws InputFailure `GRAPH_TOO_LARGE`.
 */
export function distil(w: Weighted, into?: HierarchyHandle): Hierarchy {
  const {segmentCount, nodeCount, classes, height} = w;
  const rooms = {segmentCount, nodeCount, upRoom: w.upCount, downRoom: w.downCount};
  const h = attach(into ?? {height, ...rooms, memory: allocate(columnsOf(rooms)).memory});
  h.parent.set(w.parent);
  h.nodeOf.set(classes.nodeOf);
  h.isShared.set(classes.isShared);
  const upIndex = indexKept(w.up);
  const downIndex = indexKept(w.down);
  putKept(w.up, h.up, upIndex, downIndex, upIndex);
  putKept(w.down, h.down, downIndex, downIndex, upIndex);
  w.isWhole[0] = 1;
  return h;
}

/** By arc: how many kept ones stand before it; the last entry is how many there are. */
function indexKept({settled}: WeightedArcs): Uint32Array {
  const index = new Uint32Array(settled.length + 1);
  let kept = 0;
  for (let arc = 0; arc < settled.length; arc++) {
    index[arc] = kept;
    if (settled[arc] === KEPT) kept++;
  }
  index[settled.length] = kept;
  return index;
}

function putKept(
  {first, end, ms, via, cm, settled}: WeightedArcs,
  to: Arcs,
  index: Uint32Array,
  downIndex: Uint32Array,
  upIndex: Uint32Array,
): void {
  const {arcs: toArcs, via: toVia, lengthCm: toCm} = to;
  let at = 0;
  for (let arc = 0; arc < settled.length; arc++) {
    if (settled[arc] !== KEPT) continue;
    const fall = via[2 * arc];
    const rise = via[2 * arc + 1];
    toArcs[2 * at] = end[arc];
    toArcs[2 * at + 1] = ms[arc];
    toVia[2 * at] = fall < 0 ? -1 : downIndex[fall];
    toVia[2 * at + 1] = fall < 0 ? rise : upIndex[rise];
    toCm[at] = cm[arc];
    at++;
  }
  for (let v = 0; v < first.length; v++) to.first[v] = index[first[v]];
}
