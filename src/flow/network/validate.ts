// What a network must satisfy before the solver may trust it, and why its arithmetic is then exact:
//
// 1. Supplies and lower bounds, all of them, add up to less than FLOW_LIMIT (as absolute values). So do the needs that
//    they make, and what artificial arcs carry, which never grows.
// 2. At each node, capacities of its arcs add up to less than FLOW_LIMIT, and so does what flows in or out.
// 3. Where an arc is unlimited, (2) holds over the whole network: in a tree solution every unit comes from a supply, a
//    lower bound or a full arc, so no unlimited arc and no node carries more than all these together.
// 4. A path and an artificial arc cost less than (2 * nodes + 1) times the largest cost, so prices stay below
//    PRICE_LIMIT.
//
// Bounds that cross and supplies that do not add up to 0 are no flaws: they are answered by kind.

import {ANY_AMOUNT, ARC_LIMIT, FLOW_LIMIT, type Network, NODE_LIMIT, PRICE_LIMIT} from './network.ts';

export type NetworkFlaw =
  | {readonly kind: 'too-many'; readonly what: 'nodes' | 'arcs'; readonly count: number; readonly limit: number}
  | {readonly kind: 'wrong-length'; readonly array: keyof Network; readonly length: number; readonly expected: number}
  | {readonly kind: 'not-whole'; readonly array: keyof Network; readonly at: number; readonly value: number}
  | {readonly kind: 'no-such-node'; readonly arc: number; readonly node: number}
  | {readonly kind: 'flow-too-large'; readonly what: 'supplies and lower bounds' | 'capacities'; readonly sum: number}
  | {readonly kind: 'cost-too-large'; readonly largest: number; readonly limit: number};

/** `undefined` when `network` is well-formed; else the first flaw. O(nodes + arcs). */
export function networkFlaw(network: Network): NetworkFlaw | undefined {
  const {nodeCount, arcCount, supply, tail, head, lower, capacity, cost} = network;
  if (!isCount(nodeCount, NODE_LIMIT)) return {kind: 'too-many', what: 'nodes', count: nodeCount, limit: NODE_LIMIT};
  if (!isCount(arcCount, ARC_LIMIT)) return {kind: 'too-many', what: 'arcs', count: arcCount, limit: ARC_LIMIT};
  if (supply.length !== nodeCount) {
    return {kind: 'wrong-length', array: 'supply', length: supply.length, expected: nodeCount};
  }
  for (const array of ['tail', 'head', 'lower', 'capacity', 'cost'] as const) {
    const {length} = network[array];
    if (length !== arcCount) return {kind: 'wrong-length', array, length, expected: arcCount};
  }

  let fixed = 0;
  for (let node = 0; node < nodeCount; node++) {
    if (!Number.isSafeInteger(supply[node])) {
      return {kind: 'not-whole', array: 'supply', at: node, value: supply[node]};
    }
    fixed += Math.abs(supply[node]);
  }
  const atNode = new Float64Array(nodeCount);
  let capacities = 0;
  let isLimited = true;
  let largest = 0;
  for (let arc = 0; arc < arcCount; arc++) {
    const from = tail[arc];
    const to = head[arc];
    const most = capacity[arc];
    if (!(from >= 0 && from < nodeCount)) return {kind: 'no-such-node', arc, node: from};
    if (!(to >= 0 && to < nodeCount)) return {kind: 'no-such-node', arc, node: to};
    if (!Number.isSafeInteger(lower[arc])) return {kind: 'not-whole', array: 'lower', at: arc, value: lower[arc]};
    if (!Number.isSafeInteger(cost[arc])) return {kind: 'not-whole', array: 'cost', at: arc, value: cost[arc]};
    fixed += Math.abs(lower[arc]);
    largest = Math.max(largest, Math.abs(cost[arc]));
    if (most === ANY_AMOUNT) {
      isLimited = false;
      continue;
    }
    if (!Number.isSafeInteger(most)) return {kind: 'not-whole', array: 'capacity', at: arc, value: most};
    capacities += Math.abs(most);
    atNode[from] += Math.abs(most);
    atNode[to] += Math.abs(most);
  }
  if (fixed >= FLOW_LIMIT) return {kind: 'flow-too-large', what: 'supplies and lower bounds', sum: fixed};
  const most = isLimited ? atNode.reduce((a, b) => Math.max(a, b), 0) : capacities;
  if (most >= FLOW_LIMIT) return {kind: 'flow-too-large', what: 'capacities', sum: most};
  const limit = PRICE_LIMIT / (2 * nodeCount + 1);
  return largest < limit ? undefined : {kind: 'cost-too-large', largest, limit: Math.floor(limit)};
}

const isCount = (count: number, limit: number): boolean => Number.isInteger(count) && count >= 0 && count <= limit;
