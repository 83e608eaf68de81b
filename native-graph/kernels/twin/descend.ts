// One to all: what a climb has settled, carried down to every node.
//
// D. Delling, A. Goldberg, A. Nowatzyk, R. Werneck, "PHAST: Hardware-Accelerated Shortest Path Trees", IPDPS 2011.
// The fastest way to a node climbs and then descends by arcs that are kept at their lower ends. From the top down, all
// nodes that an arc comes from are final before it is looked at: no heap is needed, and arcs are read in one direction.
//
// Invariant: an entry is at most UNREACHABLE_MS before an addition and weights are below it, so that sums fit an int32.

import {UNREACHABLE_MS} from '../../layout.ts';
import type {Lists} from './climb.ts';

type Arcs = {readonly first: Uint32Array; readonly arcs: Int32Array};

/**
 * Sets out[v] for every node v to the least of the labels of place 0 and of the ways down from them by arcs of `side`,
 * UNREACHABLE_MS where that is over `limitMs`. O(nodes + arcs), whatever the limit; allocates nothing.
 */
export function descend(nodeCount: number, {first, arcs}: Arcs, labels: Lists, limitMs: number, out: Int32Array): void {
  out.fill(UNREACHABLE_MS, 0, nodeCount);
  for (let i = labels.first[0]; i < labels.first[1]; i++) out[labels.node[i]] = labels.ms[i];
  for (let v = nodeCount - 1; v >= 0; v--) {
    let best = out[v];
    for (let arc = first[v]; arc < first[v + 1]; arc++) {
      const ms = out[arcs[2 * arc]] + arcs[2 * arc + 1];
      if (ms < best) best = ms;
    }
    out[v] = best <= limitMs ? best : UNREACHABLE_MS;
  }
}
