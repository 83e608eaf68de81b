// The metric-independent half of a customizable contraction hierarchy: which shortcuts there may ever be, given the
// order alone.
//
// J. Dibbelt, B. Strasser, D. Wagner, "Customizable Contraction Hierarchies", ACM J. Exp. Algorithmics 21 (2016).
// V. Buchhold, D. Wagner, T. Zeitz, M. Zündorf, "Customizable Contraction Hierarchies with Turn Costs", ATMOS 2020.
//
// Nodes are classes of segments (classes.ts), named by when they are contracted. Contracting v joins its higher
// neighbours, so that the pairs of them become neighbours too. Without directions that is a chordal completion, and the
// higher neighbours of a node are its own and those of its children in the elimination tree. But turns have directions,
// and most of the joined pairs can be driven one way or not at all, whatever the speeds: a second pass finds the
// directions for which there is some way.
//
// Invariant: for all kept arcs u -> v -> w with u, w above v and u != w, the arc u -> w is kept.

import {Column} from '../osm/column.ts';
import type {Classes} from './classes.ts';
import {partsOf} from './parts.ts';

/** The arcs of a hierarchy, each kept at its lower end. Each list ascends. */
export type Contraction = {
  readonly nodeCount: number;
  /** nodeCount + 1 entries: the arcs v -> w to higher w are [upFirst[v], upFirst[v + 1]). */
  readonly upFirst: Uint32Array;
  readonly upHead: Uint32Array;
  /** nodeCount + 1 entries: the arcs u -> v from higher u are [downFirst[v], downFirst[v + 1]). */
  readonly downFirst: Uint32Array;
  readonly downTail: Uint32Array;
  /** By node: its parent in the elimination tree, the lowest of all that it leads up to or that lead down; or -1. */
  readonly parent: Int32Array;
  /** No node leads up to more nodes than this, itself included: the height of the tree. */
  readonly height: number;
  /** By node: its part (parts.ts). */
  readonly part: Uint8Array;
};

/** What of a road graph a contraction needs. */
export type Turns = {
  readonly segmentCount: number;
  readonly firstArc: Uint32Array;
  readonly head: Uint32Array;
};

/** Higher neighbours, without directions: those of v are end[first[v]] .. end[first[v + 1] - 1]. */
type Neighbours = {readonly first: Uint32Array; readonly end: Uint32Array};

const UP = 1;
const DOWN = 2;

/** O(triangles); memory for the undirected completion three times over. */
export function contract(g: Turns, classes: Pick<Classes, 'nodeCount' | 'nodeOf'>): Contraction {
  const {nodeCount} = classes;
  const chordal = complete(nodeCount, neighboursOf(g, classes));
  const directions = directionsOf(g, classes.nodeOf, chordal);
  const parent = parentsOf(chordal);
  const up = keep(chordal, directions, UP);
  const down = keep(chordal, directions, DOWN);
  return {
    nodeCount,
    upFirst: up.first,
    upHead: up.end,
    downFirst: down.first,
    downTail: down.end,
    parent,
    height: heightOf(parent),
    part: partsOf(chordal),
  };
}

/** The graph's own arcs, each at its lower end; repeats are harmless. */
function neighboursOf(g: Turns, {nodeCount, nodeOf}: Pick<Classes, 'nodeCount' | 'nodeOf'>): Neighbours {
  const lower = new Uint32Array(g.head.length);
  const higher = new Uint32Array(g.head.length);
  let count = 0;
  forEachArc(g, nodeOf, (tail, head) => {
    lower[count] = Math.min(tail, head);
    higher[count++] = Math.max(tail, head);
  });
  const {first, item} = groupBy(lower.subarray(0, count), nodeCount);
  return {first, end: item.map((arc) => higher[arc])};
}

/** Calls with the nodes at both ends of every arc but those from a node into itself, which no fastest way drives. */
function forEachArc(g: Turns, nodeOf: Uint32Array, call: (tail: number, head: number) => void): void {
  for (let s = 0; s < g.segmentCount; s++) {
    for (let arc = g.firstArc[s]; arc < g.firstArc[s + 1]; arc++) {
      const [tail, head] = [nodeOf[s], nodeOf[g.head[arc]]];
      if (tail !== head) call(tail, head);
    }
  }
}

/** Items by key, ascending: those of key k are item[first[k]] .. item[first[k + 1] - 1]. */
export function groupBy(keys: Uint32Array, keyCount: number): {first: Uint32Array; item: Uint32Array} {
  const first = new Uint32Array(keyCount + 1);
  for (const key of keys) first[key + 1]++;
  for (let key = 0; key < keyCount; key++) first[key + 1] += first[key];
  const next = first.slice(0, keyCount);
  const item = new Uint32Array(keys.length);
  for (let i = 0; i < keys.length; i++) item[next[keys[i]]++] = i;
  return {first, item};
}

function complete(nodeCount: number, own: Neighbours): Neighbours {
  const first = new Uint32Array(nodeCount + 1);
  const end = new Column(Uint32Array, 2 * own.end.length + 1);
  // Children in the elimination tree as linked lists of child + 1; 0 ends them.
  const firstChild = new Uint32Array(nodeCount);
  const nextChild = new Uint32Array(nodeCount);
  const seen = new Uint32Array(nodeCount);
  for (let v = 0; v < nodeCount; v++) {
    const stamp = v + 1;
    seen[v] = stamp;
    for (let i = own.first[v]; i < own.first[v + 1]; i++) {
      if (seen[own.end[i]] === stamp) continue;
      seen[own.end[i]] = stamp;
      end.push(own.end[i]);
    }
    for (let child = firstChild[v]; child !== 0; child = nextChild[child - 1]) {
      for (let i = first[child - 1]; i < first[child]; i++) {
        const w = end.at(i);
        if (seen[w] === stamp) continue;
        seen[w] = stamp;
        end.push(w);
      }
    }
    first[v + 1] = end.length;
    if (end.length === first[v]) continue;
    const parent = end.view().subarray(first[v]).sort()[0];
    nextChild[v] = firstChild[parent];
    firstChild[parent] = stamp;
  }
  return {first, end: end.copy()};
}

const parentsOf = ({first, end}: Neighbours): Int32Array =>
  Int32Array.from({length: first.length - 1}, (_, v) => (first[v] < first[v + 1] ? end[first[v]] : -1));

/** All that a node leads up to are its ancestors. */
function heightOf(parent: Int32Array): number {
  const depth = new Uint32Array(parent.length);
  let height = 0;
  for (let v = depth.length - 1; v >= 0; v--) {
    depth[v] = parent[v] < 0 ? 1 : depth[parent[v]] + 1;
    height = Math.max(height, depth[v]);
  }
  return height;
}

/** By neighbour: UP where the lower node may lead to the higher one, DOWN where the higher leads to the lower. */
function directionsOf(g: Turns, nodeOf: Uint32Array, {first, end}: Neighbours): Uint8Array {
  const directions = new Uint8Array(end.length);
  forEachArc(g, nodeOf, (tail, head) => {
    const at = search(end, first[Math.min(tail, head)], first[Math.min(tail, head) + 1], Math.max(tail, head));
    directions[at] |= tail < head ? UP : DOWN;
  });
  const nodeCount = first.length - 1;
  const {first: firstLower, item: slotOf} = groupBy(end, nodeCount);
  const lowerOf = ownersOf(first, slotOf);
  const at = new Uint32Array(nodeCount);
  for (let x = 0; x < nodeCount; x++) {
    for (let i = first[x]; i < first[x + 1]; i++) at[end[i]] = i;
    for (let i = firstLower[x]; i < firstLower[x + 1]; i++) {
      const z = lowerOf[i];
      // x -> z -> y where x -> z, y -> z -> x where z -> x.
      const mask = ((directions[slotOf[i]] & DOWN) >>> 1) | ((directions[slotOf[i]] & UP) << 1);
      if (mask === 0) continue;
      for (let j = slotOf[i] + 1; j < first[z + 1]; j++) directions[at[end[j]]] |= directions[j] & mask;
    }
  }
  return directions;
}

/** By slot in this order: the node whose list it stands in. */
function ownersOf(first: Uint32Array, slots: Uint32Array): Uint32Array {
  const owner = new Uint32Array(slots.length);
  for (let v = 0; v + 1 < first.length; v++) owner.fill(v, first[v], first[v + 1]);
  return slots.map((slot) => owner[slot]);
}

function keep({first, end}: Neighbours, directions: Uint8Array, direction: number): Neighbours {
  let count = 0;
  for (const d of directions) if ((d & direction) !== 0) count++;
  const kept = {first: new Uint32Array(first.length), end: new Uint32Array(count)};
  count = 0;
  for (let v = 0; v + 1 < first.length; v++) {
    for (let i = first[v]; i < first[v + 1]; i++) if ((directions[i] & direction) !== 0) kept.end[count++] = end[i];
    kept.first[v + 1] = count;
  }
  return kept;
}

/** Where `value` stands in the ascending items [from, to); it is there. */
export function search(items: Uint32Array, from: number, to: number, value: number): number {
  let low = from;
  let high = to - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (items[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
