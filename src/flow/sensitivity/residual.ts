// The residual graph of an optimal answer: what may change without leaving the problem, and at which extra cost.
//
// R. K. Ahuja, T. L. Magnanti, J. B. Orlin, "Network Flows", 1993, ch. 9: after an optimal flow, a unit moved along the
// shortest path of the residual graph keeps the flow optimal, so the length of that path is exactly what the optimum
// changes by. With the prices of the answer as potentials no arc is shorter than 0, so Dijkstra's search finds it.
//
// Nodes are tasks, drivers and one **hub**, where places lie free and tasks lie unassigned. Arcs and their lengths,
// with u, v the prices of task and driver, c the cost of a pair, p the unassigned cost:
//   task -> the driver that serves it, or the hub if nobody does    0           it leaves its place
//   driver -> a task that it does not serve                         c - u - v   the task takes its free place
//   driver that serves someone -> hub                               -v          its free place stays free
//   hub -> driver with a free place                                 0           a free place is used
//   hub -> task that is served                                      p - u       it goes unassigned
// A task has one way out, so searches go from driver to driver; the hub's part of every way is known (hub.ts).
//
// Why nothing overflows: 0 <= u < L and -L < v <= 0 (problem.ts), and no way to or from the hub is longer than L, so no
// shortest way is longer than 2 L - 2 < 2^31 - 1.

import assert from 'node:assert/strict';
import {flaw} from '../certificate.ts';
import {type Columns, columnsOf} from '../layout/columns.ts';
import {COST_LIMIT_MS, type Problem, type Solution} from '../problem.ts';
import {prepare, take, UNASSIGNED, type Workspace} from '../search/workspace.ts';
import {problemFlaw} from '../validate.ts';

/** Longer than every way. */
export const UNREACHED_MS = 0x7fff_ffff;

export type Residual = {
  readonly problem: Problem;
  readonly solution: Solution;
  /** All pairs of the problem by driver. */
  readonly columns: Columns;
  /** Holds prices and matching of the answer, and the scratch of the searches. */
  readonly w: Workspace;
  /** Arcs that one search may scan. */
  readonly budget: number;
};

/**
 * Lays the answer out in `w`, which serves nobody else until the last question is asked. O(pairs). Throws when the
 * problem is malformed, or the answer is not a proven optimum of it with prices in the solver's range.
 */
export function residualOf(problem: Problem, solution: Solution, budget: number, w: Workspace): Residual {
  const problemIs = problemFlaw(problem);
  assert(problemIs === undefined, `malformed problem: ${JSON.stringify(problemIs)}`);
  const solutionIs = flaw(problem, solution);
  assert(solutionIs === undefined, `flawed answer: ${JSON.stringify(solutionIs)}`);
  assert(solution.kind === 'optimal', `an answer that is ${solution.kind} has no regrets`);
  assert(budget >= 0, `budget ${budget} is below 0`);
  const {driverCount, taskCount, firstPair, driver, costMs, capacity} = problem;
  const {driverOf, taskPriceMs, driverPriceMs} = solution;
  const inRange = taskPriceMs.every((ms) => ms >= 0) && driverPriceMs.every((ms) => ms > -COST_LIMIT_MS);
  assert(inRange, 'prices are not in the range that the solver keeps');

  const columns = columnsOf({driverCount, taskCount, arcCount: driver.length, firstArc: firstPair, driver, costMs});
  const places = capacity.map((count, d) => Math.min(count, columns.firstArc[d + 1] - columns.firstArc[d] + 1));
  prepare(w, {driverCount, taskCount, places});
  w.taskPriceMs.set(taskPriceMs);
  w.driverPriceMs.set(driverPriceMs);
  for (let t = 0; t < taskCount; t++) {
    if (driverOf[t] < 0) w.driverOf[t] = UNASSIGNED;
    else take(w, driverOf[t], t);
  }
  return {problem, solution, columns, w, budget};
}

export function mustBeTask({problem: {taskCount}}: Residual, task: number): void {
  assert(Number.isInteger(task) && task >= 0 && task < taskCount, `there is no task ${task} of ${taskCount}`);
}

export function mustBeDriver({problem: {driverCount}}: Residual, driver: number): void {
  assert(
    Number.isInteger(driver) && driver >= 0 && driver < driverCount,
    `there is no driver ${driver} of ${driverCount}`,
  );
}

export const mustBeCost = (ms: number): void =>
  assert(isBelow(COST_LIMIT_MS, ms), `${ms} ms is not a cost: 0 .. ${COST_LIMIT_MS - 1}`);

const isBelow = (limit: number, value: number): boolean => Number.isInteger(value) && value >= 0 && value < limit;
