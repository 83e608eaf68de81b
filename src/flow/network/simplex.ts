// The primal network simplex, for a network whose supplies add up to 0.
//
// The tree (tree.ts) starts as a star of artificial arcs, each of which costs more than any path of real ones, so that
// they are given up wherever the network can do without. Every arc outside the tree is empty: one that leaves the tree
// full is turned round, which makes it an empty one of opposite cost (and what may be sent over it, its width, stays).
// So the arc that enters is any with a reduced cost below 0, whichever way it was given.
//
// - Entering: arcs are scanned in blocks, round and round; the best of the first block that has one enters. (M. D.
//   Grigoriadis, "An efficient implementation of the network simplex method", Math. Prog. Study 26 (1986), 83-111.)
// - Leaving: of the arcs that block the cycle, the last one met going round it from its apex, in the direction of the
//   flow. So from every node some flow could still be sent to the root, the tree is strongly feasible, and no basis
//   comes again: the simplex ends. (W. H. Cunningham, "A network simplex method", Math. Prog. 11 (1976), 105-116.)
//
// Textbook: R. K. Ahuja, T. L. Magnanti, J. B. Orlin, "Network Flows", 1993, ch. 11.

import type {Layout} from './arrange.ts';
import {ARTIFICIAL, hangElsewhere, type Link, starOf, type Tree} from './tree.ts';

/** Arcs of a block, at least; else the square root of all arcs. */
const LEAST_BLOCK = 16;
const NO_ARC = -1;

export type Simplex = {
  readonly layout: Layout;
  readonly tree: Tree;
  /** By position: ends and cost as they stand, turned where `isTurned` is 1. */
  readonly tail: Int32Array;
  readonly head: Int32Array;
  readonly cost: Float64Array;
  readonly isTurned: Uint8Array;
  /** Where the next scan begins. */
  scanFrom: number;
  /** Arcs scanned and nodes visited so far. */
  work: number;
};

/** How a run ended; 'ray': the cycle that `entering` closes carries any amount and costs less than 0. */
export type Ending =
  | {readonly kind: 'done'}
  | {readonly kind: 'ray'; readonly entering: number}
  | {readonly kind: 'budget'};

/** `costs` by position replace those of the layout. The artificial arcs outweigh any path of these. */
export function createSimplex(layout: Layout, costs = layout.cost): Simplex {
  let largest = 0;
  for (const cost of costs) largest = Math.max(largest, Math.abs(cost));
  return {
    layout,
    tree: starOf(layout.need, layout.nodeCount * largest + 1),
    tail: layout.tail.slice(),
    head: layout.head.slice(),
    cost: costs.slice(),
    isTurned: new Uint8Array(layout.arcCount),
    scanFrom: 0,
    work: 0,
  };
}

/** Pivots until no arc has a reduced cost below 0. The budget is looked at before every pivot. */
export function run(simplex: Simplex, budget: number): Ending {
  const {arcCount} = simplex.layout;
  const blockSize = Math.max(LEAST_BLOCK, Math.ceil(Math.sqrt(arcCount)));
  const exit: Exit = {apex: 0, top: 0, isTailSide: false, amount: 0};
  const link: Link = {arc: 0, node: 0, parent: 0, upRoom: 0, downRoom: 0};
  for (;;) {
    if (simplex.work > budget) return {kind: 'budget'};
    const entering = findEntering(simplex, blockSize);
    if (entering === NO_ARC) return {kind: 'done'};
    findExit(simplex, entering, exit);
    if (exit.amount === Number.POSITIVE_INFINITY) return {kind: 'ray', entering};
    pivot(simplex, entering, exit, link);
  }
}

/** The best arc of the first block that has one with a reduced cost below 0. */
function findEntering(simplex: Simplex, blockSize: number): number {
  const {tail, head, cost, tree} = simplex;
  const {price} = tree;
  const {arcCount} = simplex.layout;
  let best = 0;
  let entering = NO_ARC;
  let at = simplex.scanFrom;
  for (let left = arcCount; left > 0; ) {
    const end = Math.min(arcCount, at + Math.min(left, blockSize));
    for (let arc = at; arc < end; arc++) {
      const reduced = cost[arc] + price[tail[arc]] - price[head[arc]];
      if (reduced < best) {
        best = reduced;
        entering = arc;
      }
    }
    left -= end - at;
    simplex.work += end - at;
    at = end === arcCount ? 0 : end;
    if (entering !== NO_ARC) break;
  }
  simplex.scanFrom = at;
  return entering;
}

/** What stops the cycle of the entering arc. */
type Exit = {
  /** Where the tree paths of both ends meet. */
  apex: number;
  /** The node whose arc to its parent leaves, on the path of the entering arc's tail or head; -1: the entering arc. */
  top: number;
  isTailSide: boolean;
  /** How much can be sent round. */
  amount: number;
};

function findExit(simplex: Simplex, entering: number, exit: Exit): void {
  const {parent, upRoom, downRoom, size} = simplex.tree;
  let onTail = simplex.tail[entering]; // the flow comes down to here
  let onHead = simplex.head[entering]; // and goes up from here
  let tailTop = -1;
  let headTop = -1;
  let tailAmount = simplex.layout.width[entering];
  let headAmount = Number.POSITIVE_INFINITY;
  let steps = 0;
  // The last one met: on the tail's path the lowest of equals, on the head's the highest, and that before any other.
  while (onTail !== onHead) {
    steps++;
    if (size[onTail] < size[onHead]) {
      if (downRoom[onTail] < tailAmount) {
        tailAmount = downRoom[onTail];
        tailTop = onTail;
      }
      onTail = parent[onTail];
    } else {
      if (upRoom[onHead] <= headAmount) {
        headAmount = upRoom[onHead];
        headTop = onHead;
      }
      onHead = parent[onHead];
    }
  }
  simplex.work += steps;
  exit.apex = onTail;
  exit.isTailSide = tailAmount < headAmount;
  exit.top = exit.isTailSide ? tailTop : headTop;
  exit.amount = Math.min(tailAmount, headAmount);
}

function pivot(simplex: Simplex, entering: number, {apex, top, isTailSide, amount}: Exit, link: Link): void {
  const {tail, head, cost, tree} = simplex;
  const {parent, upRoom, downRoom} = tree;
  const from = tail[entering];
  const to = head[entering];
  if (amount > 0) {
    for (let node = from; node !== apex; node = parent[node]) {
      downRoom[node] -= amount;
      upRoom[node] += amount;
    }
    for (let node = to; node !== apex; node = parent[node]) {
      upRoom[node] -= amount;
      downRoom[node] += amount;
    }
  }
  if (top === -1) {
    turn(simplex, entering);
    return;
  }

  const leaving = tree.arc[top];
  // Full where nothing more can be sent the way it leads.
  if (leaving !== ARTIFICIAL && (tail[leaving] === top ? upRoom[top] : downRoom[top]) === 0) turn(simplex, leaving);

  const reduced = cost[entering] + tree.price[from] - tree.price[to];
  const left = simplex.layout.width[entering] - amount;
  link.arc = entering;
  link.node = isTailSide ? from : to;
  link.parent = isTailSide ? to : from;
  link.upRoom = isTailSide ? left : amount;
  link.downRoom = isTailSide ? amount : left;
  hangElsewhere(tree, top, link, apex);
  shiftPrices(tree, link.node, isTailSide ? -reduced : reduced);
  simplex.work += tree.size[link.node];
}

/** Makes a full arc an empty one in the other direction. */
function turn({tail, head, cost, isTurned}: Simplex, arc: number): void {
  const from = tail[arc];
  tail[arc] = head[arc];
  head[arc] = from;
  cost[arc] = -cost[arc];
  isTurned[arc] ^= 1;
}

function shiftPrices({price, next, size}: Tree, top: number, by: number): void {
  let node = top;
  for (let left = size[top]; left > 0; left--) {
    price[node] += by;
    node = next[node];
  }
}
