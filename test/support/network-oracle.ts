// Slow truths for networks: every flow tried one by one, and cycles cancelled one by one. Neither has prices or a tree.

import type {Network} from '../../src/flow/network/network.ts';

export type Truth = {readonly kind: 'infeasible' | 'unbounded'} | {readonly kind: 'optimal'; readonly cost: number};

/** Tries every flow of a network without unlimited arcs. O(product of widths + 1). */
export function everyFlow({nodeCount, arcCount, supply, tail, head, lower, capacity, cost}: Network): Truth {
  const excess = Array.from(supply);
  let best = Number.POSITIVE_INFINITY;
  const tryFrom = (arc: number, spent: number): void => {
    if (arc === arcCount) {
      if (spent < best && excess.every((units) => units === 0)) best = spent;
      return;
    }
    for (let amount = lower[arc]; amount <= capacity[arc]; amount++) {
      excess[tail[arc]] -= amount;
      excess[head[arc]] += amount;
      tryFrom(arc + 1, spent + amount * cost[arc]);
      excess[tail[arc]] += amount;
      excess[head[arc]] -= amount;
    }
  };
  if (nodeCount > 0 || arcCount === 0) tryFrom(0, 0);
  return best === Number.POSITIVE_INFINITY ? {kind: 'infeasible'} : {kind: 'optimal', cost: best};
}

type Residual = {from: number; to: number; left: number; cost: number; back: number};

/**
 * Meets the supplies by paths from a source to a sink of its own, then cancels cycles that cost less than 0 while there
 * are any (M. Klein, "A primal method for minimal cost flows", Management Science 14 (1967), 205-220).
 */
export function cancelCycles({nodeCount, arcCount, supply, tail, head, lower, capacity, cost}: Network): Truth {
  const [source, sink] = [nodeCount, nodeCount + 1];
  const arcs: Residual[] = [];
  const connect = (from: number, to: number, left: number, unitCost: number): void => {
    arcs.push({from, to, left, cost: unitCost, back: arcs.length + 1});
    arcs.push({from: to, to: from, left: 0, cost: -unitCost, back: arcs.length - 1});
  };
  const need = supply.slice();
  let spent = 0;
  for (let arc = 0; arc < arcCount; arc++) {
    if (capacity[arc] < lower[arc]) return {kind: 'infeasible'};
    connect(tail[arc], head[arc], capacity[arc] - lower[arc], cost[arc]);
    need[tail[arc]] -= lower[arc];
    need[head[arc]] += lower[arc];
    spent += lower[arc] * cost[arc];
  }
  let wanted = 0;
  need.forEach((units, node) => {
    if (units > 0) connect(source, node, units, 0);
    else connect(node, sink, -units, 0);
    wanted += Math.max(0, units);
  });

  const send = (way: readonly Residual[]): number => {
    const amount = Math.min(...way.map(({left}) => left));
    for (const arc of way) {
      arc.left -= amount;
      arcs[arc.back].left += amount;
      spent += amount * arc.cost;
    }
    return amount;
  };
  while (wanted > 0) {
    const way = anyWay(arcs, source, sink);
    if (way === undefined) return {kind: 'infeasible'};
    wanted -= send(way);
  }
  for (;;) {
    const cycle = payingCycle(arcs, nodeCount + 2);
    if (cycle === undefined) return {kind: 'optimal', cost: spent + 0};
    if (cycle.every(({left}) => left === Number.POSITIVE_INFINITY)) return {kind: 'unbounded'};
    send(cycle);
  }
}

function anyWay(arcs: readonly Residual[], source: number, sink: number): Residual[] | undefined {
  const via = new Map<number, Residual | undefined>([[source, undefined]]);
  for (const node of via.keys()) {
    for (const arc of arcs) if (arc.from === node && arc.left > 0 && !via.has(arc.to)) via.set(arc.to, arc);
  }
  if (!via.has(sink)) return undefined;
  const way: Residual[] = [];
  for (let arc = via.get(sink); arc; arc = via.get(arc.from)) way.push(arc);
  return way;
}

/** By Bellman and Ford from all nodes at once. */
function payingCycle(arcs: readonly Residual[], nodeCount: number): Residual[] | undefined {
  const dist = new Array<number>(nodeCount).fill(0);
  const via = new Array<Residual | undefined>(nodeCount);
  let changed: Residual | undefined;
  for (let round = 0; round < nodeCount; round++) {
    changed = undefined;
    for (const arc of arcs) {
      if (arc.left === 0 || dist[arc.from] + arc.cost >= dist[arc.to]) continue;
      dist[arc.to] = dist[arc.from] + arc.cost;
      via[arc.to] = arc;
      changed = arc;
    }
    if (changed === undefined) return undefined;
  }
  let node = changed!.to;
  for (let i = 0; i < nodeCount; i++) node = via[node]!.from;
  const cycle: Residual[] = [];
  for (let at = node; cycle.length === 0 || at !== node; at = via[at]!.from) cycle.push(via[at]!);
  return cycle;
}
