// The upward search of a contraction hierarchy: from some seeds to all nodes above them that a fastest way may pass.
//
// R. Geisberger et al., "Contraction Hierarchies", WEA 2008; stall-on-demand after D. Schultes. Going by a node's arcs
// upward only, a label may be longer than the fastest way, which comes down to the node from above. Such a node is
// stalled: no fastest way needs its label.
//
// Labels are (milliseconds, centimetres), compared in this order, so that a table and a route take the same one of
// equally fast ways.

import {UNREACHABLE_MS} from '../../layout.ts';
import type {Arcs} from '../../metric/hierarchy.ts';

/** One thread's memory for climbs, by node. */
export type ClimbScratch = {
  /** Two entries a node: centimetres and milliseconds; 0 and UNREACHABLE_MS between climbs. */
  readonly label: Int32Array;
  /** Where the node stands in the heap, plus 1; 0 where it does not. */
  readonly place: Int32Array;
  readonly heap: Int32Array;
  readonly reached: Int32Array;
};

/**
 * By place p: the nodes first[p] .. first[p + 1] - 1, each with milliseconds, which may be below 0, and centimetres.
 */
export type Lists = {
  readonly first: Int32Array;
  readonly node: Int32Array;
  readonly ms: Int32Array;
  readonly cm: Int32Array;
};

/** The arcs to climb by, and those of the other direction. */
export type Sides = {readonly side: Arcs; readonly other: Arcs; readonly height: number};

/**
 * Sets the labels of the places firstPlace .. endPlace - 1, starting from their seeds: the nodes that are settled and
 * not stalled, up to `limitMs`, in the order of their labels. `labels.first[firstPlace]` is set. Returns one past the
 * last place that was sure to have room in `capacity` labels: a seed has at most `height`. Allocates nothing.
 */
export function climbAll(
  sides: Sides,
  s: ClimbScratch,
  seeds: Lists,
  firstPlace: number,
  endPlace: number,
  limitMs: number,
  labels: Lists,
  capacity: number,
): number {
  let count = labels.first[firstPlace];
  for (let p = firstPlace; p < endPlace; p++) {
    if (count + (seeds.first[p + 1] - seeds.first[p]) * sides.height > capacity) return p;
    count = climb(sides, s, seeds, p, limitMs, labels, count);
    labels.first[p + 1] = count;
  }
  return endPlace;
}

/** Writes the labels of one place from entry `count` on, and returns where the next place's begin. */
function climb(
  {side, other}: Sides,
  s: ClimbScratch,
  seeds: Lists,
  p: number,
  limitMs: number,
  labels: Lists,
  count: number,
): number {
  const {label, place, heap, reached} = s;
  let reachedCount = 0;
  let heapSize = 0;
  const reach = (node: number, ms: number, cm: number): void => {
    const isNew = label[2 * node + 1] === UNREACHABLE_MS;
    if (!isNew && !isLess(ms, cm, label, node)) return;
    if (isNew) reached[reachedCount++] = node;
    label[2 * node] = cm;
    label[2 * node + 1] = ms;
    rise(s, isNew ? heapSize++ : place[node] - 1, node);
  };
  for (let seed = seeds.first[p]; seed < seeds.first[p + 1]; seed++) {
    reach(seeds.node[seed], seeds.ms[seed], seeds.cm[seed]);
  }
  while (heapSize > 0) {
    const v = heap[0];
    const cm = label[2 * v];
    const ms = label[2 * v + 1];
    place[v] = 0;
    heapSize--;
    if (heapSize > 0) sink(s, heapSize, heap[heapSize]);
    if (ms > limitMs) break;
    if (isStalled(other, label, v, ms, cm)) continue;
    labels.node[count] = v;
    labels.ms[count] = ms;
    labels.cm[count++] = cm;
    for (let arc = side.first[v]; arc < side.first[v + 1]; arc++) {
      const wMs = ms + side.arcs[2 * arc + 1];
      if (wMs < UNREACHABLE_MS) reach(side.arcs[2 * arc], wMs, cm + side.lengthCm[arc]);
    }
  }
  for (let i = 0; i < heapSize; i++) place[heap[i]] = 0;
  for (let i = 0; i < reachedCount; i++) {
    label[2 * reached[i]] = 0;
    label[2 * reached[i] + 1] = UNREACHABLE_MS;
  }
  return count;
}

/** Whether a label is less than that of a node. */
const isLess = (ms: number, cm: number, label: Int32Array, node: number): boolean =>
  ms < label[2 * node + 1] || (ms === label[2 * node + 1] && cm < label[2 * node]);

function isStalled(other: Arcs, label: Int32Array, v: number, ms: number, cm: number): boolean {
  for (let arc = other.first[v]; arc < other.first[v + 1]; arc++) {
    const u = other.arcs[2 * arc];
    const uMs = label[2 * u + 1];
    if (uMs === UNREACHABLE_MS) continue;
    const byU = uMs + other.arcs[2 * arc + 1];
    if (byU < ms || (byU === ms && label[2 * u] + other.lengthCm[arc] < cm)) return true;
  }
  return false;
}

/** Puts a node into the hole at `i` of the heap, or above it. */
function rise({label, place, heap}: ClimbScratch, i: number, node: number): void {
  const cm = label[2 * node];
  const ms = label[2 * node + 1];
  while (i > 0) {
    const parent = (i - 1) >> 2;
    const other = heap[parent];
    if (!isLess(ms, cm, label, other)) break;
    heap[i] = other;
    place[other] = i + 1;
    i = parent;
  }
  heap[i] = node;
  place[node] = i + 1;
}

/** Puts a node into the hole at the top of a heap of `size`, or below it. */
function sink({label, place, heap}: ClimbScratch, size: number, node: number): void {
  let i = 0;
  for (;;) {
    const first = 4 * i + 1;
    if (first >= size) break;
    const end = Math.min(first + 4, size);
    let least = first;
    for (let child = first + 1; child < end; child++) {
      if (isLess(label[2 * heap[child] + 1], label[2 * heap[child]], label, heap[least])) least = child;
    }
    const other = heap[least];
    if (!isLess(label[2 * other + 1], label[2 * other], label, node)) break;
    heap[i] = other;
    place[other] = i + 1;
    i = least;
  }
  heap[i] = node;
  place[node] = i + 1;
}
