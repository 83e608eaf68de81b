// Solves a network of the shape of an assignment by the assignment solver, and says the answer in the network's terms:
// flows by arc, and prices by node such that the same checker proves them.
//
// With u and v the prices of tasks and drivers in problem.ts, and the source at 0: a driver's node is at -v, a task's
// at u, and a sink at what leaving a task unassigned costs.

import {UNASSIGNED, type Workspace} from '../search/workspace.ts';
import {solve} from '../solve.ts';
import {type AssignmentShape, assignmentShape} from './assignment-shape.ts';
import {boundOf, costOf} from './bound.ts';
import type {Answer, Network} from './network.ts';

/** `undefined` where the network has another shape. Its supplies must add up to 0. */
export function solveAsAssignment(network: Network, budget: number, workspace?: Workspace): Answer | undefined {
  const shape = assignmentShape(network);
  if (shape === undefined) return undefined;
  const solution = solve(shape.problem, {budget}, workspace);
  const {kind, work} = solution;
  const flow = flowOf(network, shape, solution.driverOf);
  const found = {flow, cost: costOf(network, flow)};
  const price = new Float64Array(network.nodeCount);
  shape.driverNode.forEach((node, driver) => {
    price[node] = -solution.driverPriceMs[driver];
  });
  shape.taskNode.forEach((node, task) => {
    price[node] = solution.taskPriceMs[task];
  });
  if (shape.sink !== undefined) price[shape.sink] = shape.problem.unassignedMs[0];
  return kind === 'optimal'
    ? {kind, ...found, price, work}
    : {kind: 'budget', found, price, bound: boundOf(network, price), work};
}

function flowOf({arcCount}: Network, shape: AssignmentShape, driverOf: Int32Array): Float64Array {
  const {problem, pairArc, supplyArc, unassignedArc, sinkArc, sink} = shape;
  const flow = new Float64Array(arcCount);
  for (let task = 0; task < problem.taskCount; task++) {
    const driver = driverOf[task];
    if (driver === UNASSIGNED) {
      flow[unassignedArc[task]]++;
      continue;
    }
    let pair = problem.firstPair[task];
    while (problem.driver[pair] !== driver) pair++;
    flow[pairArc[pair]]++;
    flow[supplyArc[driver]]++;
    if (sink !== undefined) flow[sinkArc[task]]++;
  }
  return flow;
}
