// Networks to test with: drawn arc by arc, random (with fast-check, so that they shrink), and reordered.

import fc from 'fast-check';
import {ANY_AMOUNT, type Network} from '../../src/flow/network/network.ts';
import type {Problem} from '../../src/flow/problem.ts';

export type DrawnArc = readonly [tail: number, head: number, lower: number, capacity: number, cost: number];

export function networkOf(supply: readonly number[], arcs: readonly DrawnArc[]): Network {
  const column = (at: 0 | 1 | 2 | 3 | 4): number[] => arcs.map((arc) => arc[at]);
  return {
    nodeCount: supply.length,
    arcCount: arcs.length,
    supply: Float64Array.from(supply),
    tail: Int32Array.from(column(0)),
    head: Int32Array.from(column(1)),
    lower: Float64Array.from(column(2)),
    capacity: Float64Array.from(column(3)),
    cost: Float64Array.from(column(4)),
  };
}

export const arcsOf = ({arcCount, tail, head, lower, capacity, cost}: Network): DrawnArc[] =>
  Array.from({length: arcCount}, (_, arc) => [tail[arc], head[arc], lower[arc], capacity[arc], cost[arc]]);

/** The same network with its arcs in another order. */
export const reordered = (network: Network, order: readonly number[]): Network => {
  const arcs = arcsOf(network);
  return networkOf(
    [...network.supply],
    order.map((arc) => arcs[arc]),
  );
};

export type Shape = {
  readonly nodes: number;
  readonly arcs: number;
  readonly width: number;
  /** Whether arcs may be unlimited. */
  readonly unlimited?: boolean;
};

/**
 * Any network up to the given size: loops, parallel arcs, isolated nodes, bounds that are below 0 or leave no width,
 * costs that tie, are 0 or below. Supplies add up to 0 unless `isBalanced` is false.
 */
export function anyNetwork({nodes, arcs, width, unlimited}: Shape, isBalanced = true): fc.Arbitrary<Network> {
  const cost = fc.constantFrom(0, 1, 3, 100).chain((most) => fc.constant(fc.integer({min: -most, max: most})));
  return fc
    .tuple(fc.integer({min: 1, max: nodes}), cost, fc.boolean(), fc.constantFrom(0, 0, 1, 3))
    .chain(([nodeCount, unitCost, isPlain, mostSupply]) => {
      const node = fc.nat(nodeCount - 1);
      const limit = unlimited
        ? fc.oneof({weight: 3, arbitrary: fc.nat(width)}, {weight: 1, arbitrary: fc.constant(ANY_AMOUNT)})
        : fc.nat(width);
      const lower = isPlain ? fc.constant(0) : fc.integer({min: -1, max: 2});
      const arc = fc.tuple(node, node, lower, limit, unitCost).map(([from, to, least, more, units]): DrawnArc => {
        return [from, to, least, least + more, units];
      });
      const supply = fc.array(fc.integer({min: -mostSupply, max: mostSupply}), {
        minLength: nodeCount,
        maxLength: nodeCount,
      });
      return fc.record({supply, arcs: fc.array(arc, {maxLength: arcs})});
    })
    .map(({supply, arcs: drawn}) => {
      const [first, ...rest] = supply;
      const others = rest.reduce((sum, units) => sum + units, 0);
      return networkOf([isBalanced ? 0 - others : first, ...rest], drawn);
    });
}

/**
 * A larger one whose supplies can be met: chains from givers to takers, then arcs from anywhere to anywhere.
 * `next` gives numbers in [0, 1).
 */
export function wideNetwork(next: () => number, nodeCount: number, degree: number, costLimit = 1000): Network {
  const ends = Math.max(1, Math.floor(Math.sqrt(nodeCount) / 2));
  const units = 100;
  const supply = new Array<number>(nodeCount).fill(0);
  const arcs: DrawnArc[] = [];
  const any = (count: number): number => Math.floor(next() * count);
  for (let end = 0; end < ends; end++) {
    supply[end] = units;
    supply[nodeCount - 1 - end] = -units;
    let from = end;
    for (let to = ends + end; to < nodeCount - ends; to += ends) {
      arcs.push([from, to, 0, 2 * units, costLimit]);
      from = to;
    }
    arcs.push([from, nodeCount - 1 - end, 0, 2 * units, costLimit]);
  }
  while (arcs.length < nodeCount * degree) {
    const lower = next() < 0.02 ? 1 : 0;
    arcs.push([any(nodeCount), any(nodeCount), lower, lower + 1 + any(units), any(costLimit)]);
  }
  return networkOf(supply, arcs);
}

/** An assignment as a network, in the shape with a sink or without. */
export function asNetwork(problem: Problem, hasSink: boolean): Network {
  const {driverCount, taskCount, firstPair, driver, costMs, capacity, unassignedMs} = problem;
  const supply = new Array<number>(1 + driverCount + taskCount).fill(0);
  const taskNode = (task: number): number => 1 + driverCount + task;
  const arcs: DrawnArc[] = [];
  supply[0] = taskCount;
  for (let d = 0; d < driverCount; d++) if (capacity[d] > 0) arcs.push([0, 1 + d, 0, capacity[d], 0]);
  for (let t = 0; t < taskCount; t++) {
    for (let pair = firstPair[t]; pair < firstPair[t + 1]; pair++) {
      arcs.push([1 + driver[pair], taskNode(t), 0, 1, costMs[pair]]);
    }
    if (hasSink) arcs.push([taskNode(t), supply.length, 0, 1, 0]);
    else {
      supply[taskNode(t)] = -1;
      arcs.push([0, taskNode(t), 0, 1, unassignedMs[t]]);
    }
  }
  if (hasSink) {
    arcs.push([0, supply.length, 0, taskCount, unassignedMs[0]]);
    supply.push(-taskCount);
  }
  return networkOf(supply, arcs);
}
