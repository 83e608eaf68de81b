// Checks an answer to a network without trusting the solver that made it, and shares no code with it.
//
// - A flow is one if it keeps its bounds and every node's balance.
// - It is optimal if it costs what its prices prove to be the least (weak duality, network.ts).
// - There is none where some nodes cannot get rid of what they are bound to have (A. J. Hoffman, "Some recent
//   applications of the theory of linear inequalities to extremal combinatorial analysis", 1960).
// - There is no least one where a flow can go round an unlimited cycle that pays.
//
// Sums of amounts are exact by the limits of validate.ts; products are summed as bigints.

import {ANY_AMOUNT, type Answer, type Flow, type Network, PRICE_LIMIT} from './network.ts';

export type AnswerFlaw =
  | {readonly kind: 'wrong-length'; readonly array: 'flow' | 'price' | 'inCut'; readonly length: number}
  | {readonly kind: 'out-of-bounds'; readonly arc: number; readonly amount: number}
  | {readonly kind: 'not-conserved'; readonly node: number; readonly excess: number}
  | {readonly kind: 'price-out-of-range'; readonly node: number; readonly price: number}
  | {readonly kind: 'wrong-cost'; readonly stated: bigint; readonly found: bigint}
  | {readonly kind: 'wrong-bound'; readonly stated: bigint | undefined; readonly found: bigint | undefined}
  | {readonly kind: 'wrong-excess'; readonly stated: number; readonly found: number}
  | {readonly kind: 'bounds-do-not-cross'; readonly arc: number}
  | {readonly kind: 'no-paying-cycle'; readonly why: 'limited' | 'not closed' | 'costs'};

/** `undefined` when all that `answer` states of a well-formed `network` is proven; else the first flaw. O(arcs). */
export function answerFlaw(network: Network, answer: Answer): AnswerFlaw | undefined {
  switch (answer.kind) {
    case 'optimal':
      return flowFlaw(network, answer) ?? boundFlaw(network, answer.price, answer.cost);
    case 'budget':
      return (answer.found && flowFlaw(network, answer.found)) ?? boundFlaw(network, answer.price, answer.bound);
    case 'unbounded':
      return flowFlaw(network, answer) ?? cycleFlaw(network, answer.cycle);
    case 'unbalanced':
      return excessFlaw(answer.excess, sumOf(network.supply));
    case 'infeasible':
      return cutFlaw(network, answer.inCut, answer.excess);
    case 'crossed-bounds': {
      const {arc} = answer;
      return network.capacity[arc] < network.lower[arc] ? undefined : {kind: 'bounds-do-not-cross', arc};
    }
    default:
      return answer satisfies never;
  }
}

function flowFlaw({nodeCount, arcCount, supply, tail, head, ...arcs}: Network, stated: Flow): AnswerFlaw | undefined {
  const {flow} = stated;
  if (flow.length !== arcCount) return {kind: 'wrong-length', array: 'flow', length: flow.length};
  const excess = supply.slice();
  let cost = 0n;
  for (let arc = 0; arc < arcCount; arc++) {
    const amount = flow[arc];
    const isWithin = amount >= arcs.lower[arc] && amount <= arcs.capacity[arc];
    if (!isWithin || !Number.isSafeInteger(amount)) return {kind: 'out-of-bounds', arc, amount};
    excess[tail[arc]] -= amount;
    excess[head[arc]] += amount;
    if (amount !== 0) cost += BigInt(amount) * BigInt(arcs.cost[arc]);
  }
  for (let node = 0; node < nodeCount; node++) {
    if (excess[node] !== 0) return {kind: 'not-conserved', node, excess: excess[node]};
  }
  return cost === stated.cost ? undefined : {kind: 'wrong-cost', stated: stated.cost, found: cost};
}

function boundFlaw(network: Network, price: Float64Array, stated: bigint | undefined): AnswerFlaw | undefined {
  const {nodeCount, arcCount, supply, tail, head, lower, capacity, cost} = network;
  if (price.length !== nodeCount) return {kind: 'wrong-length', array: 'price', length: price.length};
  let found: bigint | undefined = 0n;
  for (let node = 0; node < nodeCount; node++) {
    if (!Number.isInteger(price[node]) || Math.abs(price[node]) >= PRICE_LIMIT) {
      return {kind: 'price-out-of-range', node, price: price[node]};
    }
    if (supply[node] !== 0) found -= BigInt(price[node]) * BigInt(supply[node]);
  }
  for (let arc = 0; arc < arcCount && found !== undefined; arc++) {
    const reduced = cost[arc] + price[tail[arc]] - price[head[arc]];
    const amount = reduced < 0 ? capacity[arc] : lower[arc];
    if (amount === ANY_AMOUNT) found = undefined;
    else if (reduced !== 0 && amount !== 0) found += BigInt(reduced) * BigInt(amount);
  }
  return found === stated ? undefined : {kind: 'wrong-bound', stated, found};
}

function cutFlaw({supply, arcCount, tail, head, lower, capacity}: Network, inCut: Uint8Array, stated: number) {
  if (inCut.length !== supply.length) return {kind: 'wrong-length', array: 'inCut', length: inCut.length} as const;
  let excess = sumOf(supply.filter((_, node) => inCut[node] === 1));
  for (let arc = 0; arc < arcCount; arc++) {
    const isFrom = inCut[tail[arc]] === 1;
    if (isFrom === (inCut[head[arc]] === 1)) continue;
    excess += isFrom ? -capacity[arc] : lower[arc];
  }
  return excessFlaw(stated, excess, excess > 0);
}

function cycleFlaw({tail, head, capacity, cost}: Network, cycle: Int32Array): AnswerFlaw | undefined {
  let sum = 0n;
  for (const [i, arc] of cycle.entries()) {
    if (capacity[arc] !== ANY_AMOUNT) return {kind: 'no-paying-cycle', why: 'limited'};
    if (head[arc] !== tail[cycle[(i + 1) % cycle.length]]) return {kind: 'no-paying-cycle', why: 'not closed'};
    sum += BigInt(cost[arc]);
  }
  return sum < 0n ? undefined : {kind: 'no-paying-cycle', why: 'costs'};
}

const sumOf = (amounts: Float64Array): number => amounts.reduce((sum, amount) => sum + amount, 0);

const excessFlaw = (stated: number, found: number, isOne = found !== 0): AnswerFlaw | undefined =>
  stated === found && isOne ? undefined : {kind: 'wrong-excess', stated, found};
