// Which strongly connected components of a network's states become part of the graph.

import {NONE} from '../layout.ts';
import {stronglyConnected} from './components.ts';
import type {RoadNetwork} from './network.ts';
import {type Turns, travelMsOf} from './turns.ts';

export type Kept = {
  /** By state: its component's number among the kept ones, or NONE. */
  readonly componentOf: Uint32Array;
  readonly sizes: number[];
  readonly found: number;
};

/** Largest first; equal sizes in the order of their first state. */
export function chooseComponents(network: RoadNetwork, turns: Turns, minSegments: number): Kept {
  const {componentOf, count} = stronglyConnected(turns.first, turns.to);
  const size = new Uint32Array(count);
  const firstMember = new Uint32Array(count).fill(NONE);
  for (let s = 0; s < componentOf.length; s++) {
    if (travelMsOf(network, turns.directedOf[s]) === 0) continue;
    if (size[componentOf[s]]++ === 0) firstMember[componentOf[s]] = s;
  }
  // Directions that nobody may drive are components of their own, of size 0.
  let found = 0;
  let largest = 0;
  const chosen: number[] = [];
  const before = (a: number, b: number): number => size[b] - size[a] || firstMember[a] - firstMember[b];
  for (let c = 0; c < count; c++) {
    if (size[c] > 0) found++;
    if (before(c, largest) < 0) largest = c;
    if (size[c] > 0 && size[c] >= minSegments) chosen.push(c);
  }
  if (chosen.length === 0) chosen.push(largest);
  chosen.sort(before);
  const rank = new Uint32Array(count).fill(NONE);
  chosen.forEach((c, i) => {
    rank[c] = i;
  });
  return {componentOf: componentOf.map((c) => rank[c]), sizes: chosen.map((c) => size[c]), found};
}
