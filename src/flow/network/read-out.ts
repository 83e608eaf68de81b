// From the tree of a simplex to what an answer says, by the ids of the network.

import type {Layout} from './arrange.ts';
import type {Simplex} from './simplex.ts';
import {ARTIFICIAL} from './tree.ts';

/** What still flows over artificial arcs from nodes to the root, and so as much from the root to nodes. O(nodes). */
export function unmet({tree, layout}: Simplex): number {
  let sum = 0;
  for (let node = 0; node < layout.nodeCount; node++) {
    if (tree.arc[node] === ARTIFICIAL && tree.upRoom[node] === Number.POSITIVE_INFINITY) sum += tree.downRoom[node];
  }
  return sum;
}

/** By arc of the network. O(nodes + arcs). */
export function flowOf({tree, layout, tail, isTurned}: Simplex): Float64Array {
  const {nodeCount, arcCount, arcAt, width, base} = layout;
  const flow = base.slice();
  for (let at = 0; at < arcCount; at++) if (isTurned[at] === 1) flow[arcAt[at]] += width[at];
  for (let node = 0; node < nodeCount; node++) {
    const at = tree.arc[node];
    if (at === ARTIFICIAL) continue;
    const sent = tail[at] === node ? tree.downRoom[node] : tree.upRoom[node];
    flow[arcAt[at]] += isTurned[at] === 1 ? -sent : sent;
  }
  return flow;
}

/**
 * By node, 1 where it hangs, at last, by an artificial arc that leads to the root. Artificial costs outweigh all
 * others, so the sign of the price tells. At an optimum every arc from these nodes to the rest is full and every one
 * back is empty, so what flows over artificial arcs is what these nodes have too much.
 */
export const cutOf = ({tree, layout}: Simplex): Uint8Array =>
  Uint8Array.from({length: layout.nodeCount}, (_, node) => (tree.price[node] < 0 ? 1 : 0));

/** The arcs of the network on the cycle that `entering` closes, from it on, head to tail. */
export function cycleOf({tree, layout, tail, head}: Simplex, entering: number): Int32Array {
  const {parent, arc, size} = tree;
  const up: number[] = [];
  const down: number[] = [];
  let onTail = tail[entering];
  let onHead = head[entering];
  while (onTail !== onHead) {
    if (size[onTail] < size[onHead]) {
      down.push(arc[onTail]);
      onTail = parent[onTail];
    } else {
      up.push(arc[onHead]);
      onHead = parent[onHead];
    }
  }
  return networkArcs(layout, [entering, ...up, ...down.reverse()]);
}

const networkArcs = ({arcAt}: Layout, positions: readonly number[]): Int32Array =>
  Int32Array.from(positions, (at) => arcAt[at]);
