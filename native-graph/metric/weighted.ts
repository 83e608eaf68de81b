// A contraction with the weights of one metric, in the memory that customization works on.

import {allocate, overlay, type Scratch} from '../kernels/memory.ts';
import {NONE, type RoadGraph, UNREACHABLE_MS} from '../layout.ts';
import {type Classes, classesOf} from './classes.ts';
import {type Contraction, contract, search} from './contraction.ts';

/** States of an arc after perfect customization. Another way by higher nodes is as fast: a search can do without it. */
export const DOMINATED = 0;
/** It is faster than any other way that was looked at. */
export const KEPT = 1;
/** Another way by higher nodes is faster, and the weight has become that way's, which `via` does not tell. */
export const IMPROVED = 2;

/** The arcs of one direction, kept at their lower ends. */
export type WeightedArcs = {
  /** nodeCount + 1 entries: the arcs of v are [first[v], first[v + 1]). */
  readonly first: Uint32Array;
  /** Two entries an arc: its higher end, ascending within v, and milliseconds, UNREACHABLE_MS where there is no way. */
  readonly arcs: Int32Array;
  /**
   * Two entries an arc: the arc of `down` and the arc of `up` that make its way; for a turn of the graph -1 and the
   * segment entered; -1, -1 where there is no way.
   */
  readonly via: Int32Array;
  /** By arc: DOMINATED, KEPT or IMPROVED. */
  readonly state: Uint8Array;
  /** nodeCount + 1 entries, and two an arc: the arcs whose higher end is x, as their lower end, ascending, and arc. */
  readonly belowFirst: Uint32Array;
  readonly below: Int32Array;
};

/** What tells where a contraction lies in its memory; can be sent to another thread. */
export type WeightedHandle = {
  readonly memory: WebAssembly.Memory;
  readonly segmentCount: number;
  readonly turnCount: number;
  readonly nodeCount: number;
  readonly upCount: number;
  readonly downCount: number;
  /** No node leads up to more nodes than this. */
  readonly height: number;
};

export type Weighted = WeightedHandle & {
  readonly classes: Classes;
  /** By node: its part (parts.ts). */
  readonly part: Uint8Array;
  /** v -> w to higher w. */
  readonly up: WeightedArcs;
  /** u -> v from higher u. */
  readonly down: WeightedArcs;
  /** By arc of the graph: 2 * arc of up, or 2 * arc of down + 1; NONE for an arc from a node into itself. */
  readonly arcOf: Uint32Array;
  /** What a kernel notes that has the contraction to itself. */
  readonly notes: Notes;
};

/** By node: what a kernel notes about the node at hand. */
export type Notes = {readonly a: Uint32Array; readonly b: Uint32Array};

type Sizes = Omit<WeightedHandle, 'memory' | 'height'>;

const columnsOf = ({segmentCount, turnCount, nodeCount, upCount, downCount}: Sizes) =>
  ({
    upFirst: [Uint32Array, nodeCount + 1],
    upArcs: [Int32Array, 2 * upCount],
    upVia: [Int32Array, 2 * upCount],
    upState: [Uint8Array, upCount],
    upBelowFirst: [Uint32Array, nodeCount + 1],
    upBelow: [Int32Array, 2 * upCount],
    downFirst: [Uint32Array, nodeCount + 1],
    downArcs: [Int32Array, 2 * downCount],
    downVia: [Int32Array, 2 * downCount],
    downState: [Uint8Array, downCount],
    downBelowFirst: [Uint32Array, nodeCount + 1],
    downBelow: [Int32Array, 2 * downCount],
    part: [Uint8Array, nodeCount],
    nodeOf: [Uint32Array, segmentCount],
    isShared: [Uint8Array, nodeCount],
    arcOf: [Uint32Array, turnCount],
    notesA: [Uint32Array, nodeCount],
    notesB: [Uint32Array, nodeCount],
  }) as const;

/** Views over a contraction that another thread has made. O(1). */
export function attachWeighted(handle: WeightedHandle): Weighted {
  const c = overlay(handle.memory, columnsOf(handle));
  return {
    ...handle,
    classes: {nodeCount: handle.nodeCount, nodeOf: c.nodeOf, isShared: c.isShared},
    part: c.part,
    up: {
      first: c.upFirst,
      arcs: c.upArcs,
      via: c.upVia,
      state: c.upState,
      belowFirst: c.upBelowFirst,
      below: c.upBelow,
    },
    down: {
      first: c.downFirst,
      arcs: c.downArcs,
      via: c.downVia,
      state: c.downState,
      belowFirst: c.downBelowFirst,
      below: c.downBelow,
    },
    arcOf: c.arcOf,
    notes: {a: c.notesA, b: c.notesB},
  };
}

export const weightedHandleOf = (w: WeightedHandle): WeightedHandle => ({
  memory: w.memory,
  segmentCount: w.segmentCount,
  turnCount: w.turnCount,
  nodeCount: w.nodeCount,
  upCount: w.upCount,
  downCount: w.downCount,
  height: w.height,
});

/** Notes for one thread more. */
export function takeNotes({memory, nodeCount}: WeightedHandle, scratch: Scratch): Notes {
  const take = () => {
    const address = scratch.take(4 * nodeCount);
    return new Uint32Array(memory.buffer, address, nodeCount);
  };
  return {a: take(), b: take()};
}

/** Lays out the contraction of a graph. O(triangles). Throws InputFailure `GRAPH_TOO_LARGE`. */
export function weigh(g: RoadGraph): Weighted {
  const classes = classesOf(g);
  const c = contract(g, classes);
  const sizes = {
    segmentCount: g.segmentCount,
    turnCount: g.arcCount,
    nodeCount: c.nodeCount,
    upCount: c.upHead.length,
    downCount: c.downTail.length,
  };
  const w = attachWeighted({...sizes, height: c.height, memory: allocate(columnsOf(sizes)).memory});
  w.classes.nodeOf.set(classes.nodeOf);
  w.classes.isShared.set(classes.isShared);
  w.part.set(c.part);
  fill(w.up, c.upFirst, c.upHead);
  fill(w.down, c.downFirst, c.downTail);
  findArcs(g, c, classes.nodeOf, w.arcOf);
  return w;
}

function fill({first, arcs, belowFirst, below}: WeightedArcs, from: Uint32Array, end: Uint32Array): void {
  first.set(from);
  for (const x of end) belowFirst[x + 1]++;
  for (let x = 0; x + 1 < belowFirst.length; x++) belowFirst[x + 1] += belowFirst[x];
  const next = belowFirst.slice();
  for (let v = 0; v + 1 < from.length; v++) {
    for (let arc = from[v]; arc < from[v + 1]; arc++) {
      arcs[2 * arc] = end[arc];
      const at = 2 * next[end[arc]]++;
      below[at] = v;
      below[at + 1] = arc;
    }
  }
}

function findArcs(g: RoadGraph, c: Contraction, nodeOf: Uint32Array, arcOf: Uint32Array): void {
  for (let s = 0; s < g.segmentCount; s++) {
    for (let arc = g.firstArc[s]; arc < g.firstArc[s + 1]; arc++) {
      const [tail, head] = [nodeOf[s], nodeOf[g.head[arc]]];
      if (tail === head) arcOf[arc] = NONE;
      else if (tail < head) arcOf[arc] = 2 * search(c.upHead, c.upFirst[tail], c.upFirst[tail + 1], head);
      else arcOf[arc] = 2 * search(c.downTail, c.downFirst[head], c.downFirst[head + 1], tail) + 1;
    }
  }
}

/**
 * Sets the weights of the graph's own arcs, and UNREACHABLE_MS for all others. Of several between the same nodes the
 * fastest counts, then the shortest, then the first segment. The graph is the one that was weighed, at any times, but
 * with its turn costs; where a segment is closed, so are all turns into it. O(arcs).
 */
export function setWeights({up, down, arcOf}: Weighted, {head, arcMs, drawn, edgeLengthCm}: RoadGraph): void {
  for (const {arcs, via} of [up, down]) {
    for (let at = 1; at < arcs.length; at += 2) arcs[at] = UNREACHABLE_MS;
    via.fill(-1);
  }
  for (let arc = 0; arc < arcOf.length; arc++) {
    const at = arcOf[arc];
    const ms = arcMs[arc];
    if (at === NONE || ms === UNREACHABLE_MS) continue;
    const {arcs, via} = (at & 1) === 0 ? up : down;
    const entered = at | 1;
    if (ms > arcs[entered]) continue;
    if (ms === arcs[entered]) {
      const longerCm = edgeLengthCm[drawn[head[arc]] >>> 1] - edgeLengthCm[drawn[via[entered]] >>> 1];
      if (longerCm > 0 || (longerCm === 0 && head[arc] >= via[entered])) continue;
    }
    arcs[entered] = ms;
    via[entered] = head[arc];
  }
}
