// The upward search of a contraction hierarchy: from some seeds to all nodes above them that a fastest way may pass.
//
// J. Dibbelt, B. Strasser, D. Wagner, "Customizable Contraction Hierarchies", ACM J. Exp. Algorithmics 21 (2016): all
// that a node leads up to are its ancestors in the elimination tree. So a climb goes through these from low to high and
// needs no queue; a label is final when its node's turn comes.
//
// Going by arcs upward only, a label may be more than that of a way which comes down to the node from above. No fastest
// way needs it: at a meeting there, that way and what follows it are one that climbs and then descends, and less. So
// labels of places that many others meet are pruned, from high to low; the least meeting is the same with and without.
//
// Labels are (milliseconds, centimetres), compared in this order, so that a table and a route take the same one of
// equally fast ways.

import {UNREACHABLE_MS} from '../../layout.ts';
import type {Arcs} from '../../metric/hierarchy.ts';

/** One thread's memory for climbs, by node. */
export type ClimbScratch = {
  /** Two entries a node: centimetres and milliseconds; 0 and UNREACHABLE_MS between climbs. */
  readonly label: Int32Array;
  /** The nodes that were reached, ascending. */
  readonly path: Int32Array;
  /** Where the climb stands below nodes that it has not come to: one node for each seed, until their ancestors meet. */
  readonly front: Int32Array;
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
export type Sides = {
  readonly side: Arcs;
  readonly other: Arcs;
  readonly parent: Int32Array;
  readonly height: number;
};

/**
 * Sets the labels of the places firstPlace .. endPlace - 1, starting from their seeds: all up to `limitMs`, or only
 * those that no way from above is less than; nodes ascend. `labels.first[firstPlace]` is set. Returns one past the last
 * place that was sure to have room in `capacity` labels: a seed has at most `height`. Allocates nothing.
 */
export function climbAll(
  sides: Sides,
  s: ClimbScratch,
  seeds: Lists,
  firstPlace: number,
  endPlace: number,
  limitMs: number,
  isPruned: boolean,
  labels: Lists,
  capacity: number,
): number {
  let count = labels.first[firstPlace];
  for (let p = firstPlace; p < endPlace; p++) {
    if (count + (seeds.first[p + 1] - seeds.first[p]) * sides.height > capacity) return p;
    const reached = climb(sides, s, seeds, p, limitMs);
    if (isPruned) prune(sides.other, s, reached);
    count = writeLabels(s, reached, labels, count);
    labels.first[p + 1] = count;
  }
  return endPlace;
}

/** Returns how many nodes it has reached. */
function climb({side, parent}: Sides, {label, path, front}: ClimbScratch, seeds: Lists, p: number, limitMs: number) {
  let fronts = 0;
  for (let seed = seeds.first[p]; seed < seeds.first[p + 1]; seed++) {
    const node = seeds.node[seed];
    if (seeds.ms[seed] > limitMs) continue;
    if (label[2 * node + 1] === UNREACHABLE_MS) front[fronts++] = node;
    lower(label, node, seeds.ms[seed], seeds.cm[seed]);
  }
  let reached = 0;
  while (fronts > 0) {
    let v = front[0];
    for (let i = 1; i < fronts; i++) v = Math.min(v, front[i]);
    let above = parent[v];
    for (let i = fronts - 1; i >= 0; i--) {
      if (front[i] !== v) continue;
      front[i] = above >= 0 ? above : front[--fronts];
      above = -1;
    }
    const ms = label[2 * v + 1];
    if (ms === UNREACHABLE_MS) continue;
    path[reached++] = v;
    for (let arc = side.first[v]; arc < side.first[v + 1]; arc++) {
      const wMs = ms + side.arcs[2 * arc + 1];
      if (wMs <= limitMs) lower(label, side.arcs[2 * arc], wMs, label[2 * v] + side.lengthCm[arc]);
    }
  }
  return reached;
}

function lower(label: Int32Array, node: number, ms: number, cm: number): void {
  if (ms > label[2 * node + 1] || (ms === label[2 * node + 1] && cm >= label[2 * node])) return;
  label[2 * node] = cm;
  label[2 * node + 1] = ms;
}

/** Lowers each label to the least that comes from above, and takes the nodes of which it was more off the path. */
function prune({first, arcs, lengthCm}: Arcs, {label, path}: ClimbScratch, reached: number): void {
  for (let i = reached - 1; i >= 0; i--) {
    const v = path[i];
    const [cm, ms] = [label[2 * v], label[2 * v + 1]];
    for (let arc = first[v]; arc < first[v + 1]; arc++) {
      const u = arcs[2 * arc];
      if (label[2 * u + 1] === UNREACHABLE_MS) continue;
      lower(label, v, label[2 * u + 1] + arcs[2 * arc + 1], label[2 * u] + lengthCm[arc]);
    }
    if (label[2 * v + 1] !== ms || label[2 * v] !== cm) path[i] = -1 - v;
  }
}

/** Writes the labels of one place from entry `count` on, and returns where the next place's begin. */
function writeLabels({label, path}: ClimbScratch, reached: number, labels: Lists, count: number): number {
  for (let i = 0; i < reached; i++) {
    const isLess = path[i] < 0;
    const v = isLess ? -1 - path[i] : path[i];
    if (!isLess) {
      labels.node[count] = v;
      labels.ms[count] = label[2 * v + 1];
      labels.cm[count++] = label[2 * v];
    }
    label[2 * v] = 0;
    label[2 * v + 1] = UNREACHABLE_MS;
  }
  return count;
}
