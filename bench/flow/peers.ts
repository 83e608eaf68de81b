// Solvers from the registry, each made ready for one assignment: what they are given is built before the clock runs,
// and their answer is the least cost. `undefined` where a peer cannot take a problem of that size in some seconds.

import {linearSumAssignment} from 'linear-sum-assignment';
import {minCostFlowForNumberNodes} from 'min-cost-flow';
import munkres from 'munkres';
import type {Problem} from '../../src/flow/problem.ts';
import {linearSolver, programOf} from '../../test/support/linear-program.ts';
import {asNetwork} from '../../test/support/networks.ts';

type Ready = {readonly name: string; readonly run: () => number | Promise<number>};
type Peer = (problem: Problem) => Ready | undefined;

/** It is no dependency: it is large, and only here for a comparison that a stranger may want to repeat. */
const OR_TOOLS = 'or-tools-wasm/network-flow';
export const OR_TOOLS_INSTALL = 'npm install --no-save or-tools-wasm@0.9.1';

const LINEAR_PAIRS = 10_000;
/** It holds nodes times nodes. */
const FLOW_NODES = 400;
/** Cells of a dense matrix: of what takes the square of that, and of what takes the cube of its side. */
const DENSE_CELLS = 5_000_000;
const MUNKRES_CELLS = 50_000;
const OR_TOOLS_PAIRS = 1_000_000;

/** The last is there when it is installed. */
export async function peers(): Promise<{readonly all: readonly Peer[]; readonly hasOrTools: boolean}> {
  const linear = await linearSolver();
  const byHighs: Peer = (problem) => {
    if (problem.driver.length > LINEAR_PAIRS) return undefined;
    const program = programOf(networkOf(problem));
    const run = (): number => {
      const truth = linear(program);
      return truth.kind === 'optimal' ? truth.cost : -1;
    };
    return {name: 'highs', run};
  };
  const orTools = await loadOrTools();
  const dense = [byFlow, byLinearSumAssignment, byMunkres];
  return {all: [byHighs, ...dense, ...(orTools ? [orTools] : [])], hasOrTools: orTools !== undefined};
}

/** Drivers and tasks are nodes; a task takes a unit from a driver or by an arc of its own. */
const networkOf = (problem: Problem) => asNetwork(problem, false);

const byFlow: Peer = (problem) => {
  const {driverCount, taskCount, firstPair, driver, costMs, capacity, unassignedMs} = problem;
  const sink = 1 + driverCount + taskCount;
  if (sink >= FLOW_NODES) return undefined;
  const edges = Array.from(capacity, (most, d) => ({from: 0, to: 1 + d, capacity: most, cost: 0}));
  for (let t = 0; t < taskCount; t++) {
    const to = 1 + driverCount + t;
    for (let pair = firstPair[t]; pair < firstPair[t + 1]; pair++) {
      edges.push({from: 1 + driver[pair], to, capacity: 1, cost: costMs[pair]});
    }
    edges.push({from: 0, to, capacity: 1, cost: unassignedMs[t]}, {from: to, to: sink, capacity: 1, cost: 0});
  }
  const run = () => minCostFlowForNumberNodes(edges, taskCount).reduce((sum, {flow, cost}) => sum + flow * cost, 0);
  return {name: 'min-cost-flow', run};
};

const byLinearSumAssignment: Peer = (problem) => {
  const matrix = matrixOf(problem, DENSE_CELLS);
  if (!matrix) return undefined;
  const run = (): number => linearSumAssignment(matrix, {maximaze: false}).gain;
  return {name: 'linear-sum-assignment', run};
};

const byMunkres: Peer = (problem) => {
  const matrix = matrixOf(problem, MUNKRES_CELLS);
  if (!matrix) return undefined;
  return {name: 'munkres', run: () => munkres(matrix).reduce((sum, [t, d]) => sum + matrix[t][d], 0)};
};

/**
 * By task, then driver. What is no pair costs as much as leaving the task alone, and means that; so there are at least
 * as many columns as tasks. Only where drivers take one task each.
 */
function matrixOf({driverCount, taskCount, firstPair, driver, costMs, capacity, unassignedMs}: Problem, cells: number) {
  const columns = Math.max(driverCount, taskCount);
  if (taskCount * columns > cells || capacity.some((most) => most !== 1)) return undefined;
  return Array.from(unassignedMs, (penaltyMs, t) => {
    const row = new Array<number>(columns).fill(penaltyMs);
    for (let pair = firstPair[t]; pair < firstPair[t + 1]; pair++) {
      row[driver[pair]] = Math.min(penaltyMs, costMs[pair]);
    }
    return row;
  });
}

type OrTools = {
  readonly NetworkFlow: {
    readonly initNetworkFlow: () => Promise<void>;
    readonly SimpleMinCostFlow: new () => {
      addArcWithCapacityAndUnitCost(tail: number, head: number, capacity: number, cost: number): void;
      setNodeSupply(node: number, supply: number): void;
      solve(): unknown;
      optimalCost(): number | bigint;
      delete?(): void;
    };
  };
};

async function loadOrTools(): Promise<Peer | undefined> {
  let found: OrTools;
  try {
    found = (await import(OR_TOOLS)) as OrTools;
  } catch {
    return undefined;
  }
  const {NetworkFlow} = found;
  await NetworkFlow.initNetworkFlow();
  return (problem) => {
    if (problem.driver.length > OR_TOOLS_PAIRS) return undefined;
    const {nodeCount, arcCount, tail, head, capacity, cost, supply} = networkOf(problem);
    const run = async (): Promise<number> => {
      const flow = new NetworkFlow.SimpleMinCostFlow();
      for (let arc = 0; arc < arcCount; arc++) {
        flow.addArcWithCapacityAndUnitCost(tail[arc], head[arc], capacity[arc], cost[arc]);
      }
      for (let node = 0; node < nodeCount; node++) flow.setNodeSupply(node, supply[node]);
      await flow.solve();
      const least = Number(flow.optimalCost());
      flow.delete?.();
      return least;
    };
    return {name: 'or-tools-wasm', run};
  };
}
