// A contraction with the weights of one metric, in the memory that customization works on: those of the last epoch, and
// what tells which of them the next one changes.

import {endOf, memoryOf, overlay} from '../kernels/memory.ts';
import type {RoadGraph} from '../layout.ts';
import {Column} from '../osm/column.ts';
import {type Classes, classesOf} from './classes.ts';
import {type Contraction, contract, groupBy, search} from './contraction.ts';
import {SHARES} from './parts.ts';

/** States of an arc after perfect customization. Another way by higher nodes is as fast: a search can do without it. */
export const DOMINATED = 0;
/** It is faster than any other way that was looked at. */
export const KEPT = 1;
/** Another way by higher nodes is faster. */
export const IMPROVED = 2;

/** The arcs of one direction, kept at their lower ends. */
export type WeightedArcs = {
  /** nodeCount + 1 entries: the arcs of v are [first[v], first[v + 1]). */
  readonly first: Uint32Array;
  /** By arc: its higher end, ascending within v. */
  readonly end: Uint32Array;
  /** By arc: milliseconds of the fastest way by lower nodes, UNREACHABLE_MS where there is none. */
  readonly ms: Int32Array;
  /**
   * Two entries an arc: the arc of `down` and the arc of `up` that make that way; for a turn of the graph -1 and the
   * segment entered; -1, -1 where there is no way.
   */
  readonly via: Int32Array;
  /** By arc: the length of that way, from the end of a segment to the end of the one entered; 0 where there is none. */
  readonly cm: Int32Array;
  /** By arc: `ms`, or that of a faster way over higher nodes which perfect customization has found. */
  readonly leastMs: Int32Array;
  /** By arc: DOMINATED, KEPT or IMPROVED, by its own triangles; and what counts once ways are told by kept arcs. */
  readonly state: Uint8Array;
  readonly settled: Uint8Array;
  /** nodeCount + 1 entries, and two an arc: the arcs whose higher end is x, as their lower end, ascending, and arc. */
  readonly belowFirst: Uint32Array;
  readonly below: Int32Array;
  /**
   * nodeCount + 1 entries, and four a turn of the graph that is an arc of v: that arc, the segment entered,
   * milliseconds, and the turn's arc in the graph. Ascending by arc; for one arc the shortest segment comes first.
   */
  readonly turnFirst: Uint32Array;
  readonly turns: Int32Array;
};

/** What tells where a contraction lies in its memory; can be sent to another thread. */
export type WeightedHandle = {
  readonly memory: WebAssembly.Memory;
  readonly segmentCount: number;
  readonly nodeCount: number;
  readonly upCount: number;
  readonly downCount: number;
  readonly upTurnCount: number;
  readonly downTurnCount: number;
  /** No node leads up to more nodes than this. */
  readonly height: number;
};

export type Weighted = WeightedHandle & {
  readonly classes: Classes;
  /** By node: its part (parts.ts). */
  readonly part: Uint8Array;
  /** By node: its parent in the elimination tree, or -1. */
  readonly parent: Int32Array;
  /** By segment. */
  readonly segmentCm: Int32Array;
  /** v -> w to higher w. */
  readonly up: WeightedArcs;
  /** u -> v from higher u. */
  readonly down: WeightedArcs;
  /** By node: 1 where the weights of its arcs, or the least ones, are still to be made for the epoch at hand. */
  readonly isStale: Uint8Array;
  readonly isLeastStale: Uint8Array;
  /** One entry: 1 where all is there for the last epoch, so that the next may begin from it. */
  readonly isWhole: Uint8Array;
  /** By share (parts.ts): what a kernel notes that is at it; the first, where it has the contraction to itself. */
  readonly notes: readonly Notes[];
};

/** By node: what a kernel notes about the node at hand. */
export type Notes = {readonly a: Uint32Array; readonly b: Uint32Array};

type Sizes = Omit<WeightedHandle, 'memory' | 'height'>;

const arcColumns = (nodeCount: number, arcCount: number, turnCount: number) =>
  ({
    first: [Uint32Array, nodeCount + 1],
    end: [Uint32Array, arcCount],
    ms: [Int32Array, arcCount],
    via: [Int32Array, 2 * arcCount],
    cm: [Int32Array, arcCount],
    leastMs: [Int32Array, arcCount],
    state: [Uint8Array, arcCount],
    settled: [Uint8Array, arcCount],
    belowFirst: [Uint32Array, nodeCount + 1],
    below: [Int32Array, 2 * arcCount],
    turnFirst: [Uint32Array, nodeCount + 1],
    turns: [Int32Array, 4 * turnCount],
  }) as const;

const nodeColumns = ({segmentCount, nodeCount}: Sizes) =>
  ({
    isWhole: [Uint8Array, 1],
    part: [Uint8Array, nodeCount],
    parent: [Int32Array, nodeCount],
    isStale: [Uint8Array, nodeCount],
    isLeastStale: [Uint8Array, nodeCount],
    nodeOf: [Uint32Array, segmentCount],
    segmentCm: [Int32Array, segmentCount],
    isShared: [Uint8Array, nodeCount],
    noted: [Uint32Array, 2 * SHARES * nodeCount],
  }) as const;

/** In this order in the memory, each from where the one before ends. */
function groupsOf(sizes: Sizes) {
  const nodes = nodeColumns(sizes);
  const up = arcColumns(sizes.nodeCount, sizes.upCount, sizes.upTurnCount);
  const down = arcColumns(sizes.nodeCount, sizes.downCount, sizes.downTurnCount);
  const nodesEnd = endOf(nodes);
  const upEnd = endOf(up, nodesEnd);
  return {nodes, up, down, nodesEnd, upEnd, end: endOf(down, upEnd)};
}

/** Views over a contraction that another thread has made. O(1). */
export function attachWeighted(handle: WeightedHandle): Weighted {
  const {nodes, up, down, nodesEnd, upEnd} = groupsOf(handle);
  const {nodeOf, isShared, noted, ...own} = overlay(handle.memory, nodes);
  const noteOf = (i: number): Uint32Array => noted.subarray(i * handle.nodeCount, (i + 1) * handle.nodeCount);
  return {
    ...handle,
    ...own,
    classes: {nodeCount: handle.nodeCount, nodeOf, isShared},
    up: overlay(handle.memory, up, nodesEnd),
    down: overlay(handle.memory, down, upEnd),
    notes: Array.from({length: SHARES}, (_, share) => ({a: noteOf(2 * share), b: noteOf(2 * share + 1)})),
  };
}

export const weightedHandleOf = (w: WeightedHandle): WeightedHandle => ({
  memory: w.memory,
  segmentCount: w.segmentCount,
  nodeCount: w.nodeCount,
  upCount: w.upCount,
  downCount: w.downCount,
  upTurnCount: w.upTurnCount,
  downTurnCount: w.downTurnCount,
  height: w.height,
});

/** Lays out the contraction of a graph. O(triangles). Throws InputFailure `GRAPH_TOO_LARGE`. */
export function weigh(g: RoadGraph): Weighted {
  const classes = classesOf(g);
  const c = contract(g, classes);
  const turns = turnsOf(g, c, classes.nodeOf);
  const sizes = {
    segmentCount: g.segmentCount,
    nodeCount: c.nodeCount,
    upCount: c.upHead.length,
    downCount: c.downTail.length,
    upTurnCount: turns.up.turn.length,
    downTurnCount: turns.down.turn.length,
  };
  const w = attachWeighted({...sizes, height: c.height, memory: memoryOf(groupsOf(sizes).end)});
  w.classes.nodeOf.set(classes.nodeOf);
  w.classes.isShared.set(classes.isShared);
  w.part.set(c.part);
  w.parent.set(c.parent);
  for (let s = 0; s < g.segmentCount; s++) w.segmentCm[s] = segmentCm(g, s);
  fill(w.up, c.upFirst, c.upHead);
  fill(w.down, c.downFirst, c.downTail);
  fillTurns(g, w.up, turns.up);
  fillTurns(g, w.down, turns.down);
  return w;
}

const segmentCm = ({edgeLengthCm, drawn}: RoadGraph, segment: number): number => edgeLengthCm[drawn[segment] >>> 1];

function fill({first, end, belowFirst, below}: WeightedArcs, from: Uint32Array, ends: Uint32Array): void {
  first.set(from);
  end.set(ends);
  for (const x of ends) belowFirst[x + 1]++;
  for (let x = 0; x + 1 < belowFirst.length; x++) belowFirst[x + 1] += belowFirst[x];
  const next = belowFirst.slice();
  for (let v = 0; v + 1 < from.length; v++) {
    for (let arc = from[v]; arc < from[v + 1]; arc++) {
      const at = 2 * next[ends[arc]]++;
      below[at] = v;
      below[at + 1] = arc;
    }
  }
}

/** The turns of a graph that are arcs of one direction, and by turn the arc. */
type TurnArcs = {readonly turn: Column<Uint32Array>; readonly arc: Column<Uint32Array>};

function turnsOf(g: RoadGraph, c: Contraction, nodeOf: Uint32Array): {up: TurnArcs; down: TurnArcs} {
  const none = (): TurnArcs => ({turn: new Column(Uint32Array, g.arcCount), arc: new Column(Uint32Array, g.arcCount)});
  const found = {up: none(), down: none()};
  for (let s = 0; s < g.segmentCount; s++) {
    for (let turn = g.firstArc[s]; turn < g.firstArc[s + 1]; turn++) {
      const [tail, head] = [nodeOf[s], nodeOf[g.head[turn]]];
      if (tail === head) continue; // which no fastest way drives
      const side = tail < head ? found.up : found.down;
      side.turn.push(turn);
      if (tail < head) side.arc.push(search(c.upHead, c.upFirst[tail], c.upFirst[tail + 1], head));
      else side.arc.push(search(c.downTail, c.downFirst[head], c.downFirst[head + 1], tail));
    }
  }
  return found;
}

/** Of several turns between the same nodes the fastest counts, then the shortest, then the first segment. */
function fillTurns(g: RoadGraph, {first, end, turnFirst, turns}: WeightedArcs, found: TurnArcs): void {
  const [turnAt, arcAt] = [found.turn.view(), found.arc.view()];
  const {first: firstOf, item} = groupBy(arcAt, end.length);
  const headOf = (i: number): number => g.head[turnAt[i]];
  const shorterFirst = (i: number, j: number): number =>
    segmentCm(g, headOf(i)) - segmentCm(g, headOf(j)) || headOf(i) - headOf(j);
  for (let arc = 0; arc < end.length; arc++) {
    if (firstOf[arc + 1] - firstOf[arc] > 1) item.subarray(firstOf[arc], firstOf[arc + 1]).sort(shorterFirst);
  }
  item.forEach((i, at) => {
    turns[4 * at] = arcAt[i];
    turns[4 * at + 1] = headOf(i);
    turns[4 * at + 3] = turnAt[i];
  });
  for (let v = 0; v + 1 < first.length; v++) turnFirst[v + 1] = firstOf[first[v + 1]];
}

/**
 * Takes the times of an epoch's turns, and marks the nodes that have others than before: all, where the last epoch was
 * not made whole. The graph is the one that was weighed, at any times, but with its turn costs; where a segment is
 * closed, so are all turns into it. O(turns).
 */
export function setTurns(w: Weighted, {arcMs}: RoadGraph): void {
  if (w.isWhole[0] === 0) {
    w.isStale.fill(1);
    w.isLeastStale.fill(1);
  }
  w.isWhole[0] = 0;
  for (const {turnFirst, turns} of [w.up, w.down]) {
    for (let v = 0; v < w.nodeCount; v++) {
      for (let i = 4 * turnFirst[v], end = 4 * turnFirst[v + 1]; i < end; i += 4) {
        const ms = arcMs[turns[i + 3]];
        if (turns[i + 2] === ms) continue;
        turns[i + 2] = ms;
        w.isStale[v] = 1;
      }
    }
  }
}
