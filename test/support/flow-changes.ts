// What a change of the optimum is checked against: problems that differ from another in one respect, certified solves
// of them, and assignments after the moves that a change tells.
import {expect} from 'vitest';
import {flaw} from '../../src/flow/certificate.ts';
import type {Problem, Solution} from '../../src/flow/problem.ts';
import {createWorkspace} from '../../src/flow/search/workspace.ts';
import type {Change, Moves} from '../../src/flow/sensitivity/change.ts';
import {enoughWork, type Sensitivity, sensitivityOf} from '../../src/flow/sensitivity/hub.ts';
import {solve} from '../../src/flow/solve.ts';
import {problemOf} from './flow-problems.ts';

export type Oracle = (problem: Problem) => number;

const AMPLE = {budget: 1e12};
const solver = createWorkspace();
const asker = createWorkspace(); // shared on purpose: nothing may leak from one answer into the next

/** The optimum by a cold solve with its certificate. */
export function provenMs(problem: Problem): number {
  const answer = solve(problem, AMPLE, solver);
  expect(flaw(problem, answer)).toBeUndefined();
  return answer.totalMs;
}

export type Asked = {
  readonly problem: Problem;
  readonly answer: Solution;
  readonly s: Sensitivity;
  readonly optimumMs: Oracle;
};

export function ask(problem: Problem, optimumMs: Oracle, budget = enoughWork(problem)): Asked {
  const answer = solve(problem, AMPLE, solver);
  return {problem, answer, s: sensitivityOf(problem, answer, {budget}, asker), optimumMs};
}

/**
 * The change leads to the optimum of the changed problem, its moves lead there too, and the prices bound it. Returns
 * who serves what after the moves.
 */
export function expectChange({answer}: Asked, change: Change, changed: Problem, newMs: number): number[] {
  if (change.kind !== 'exact') throw new Error(`the change is ${change.kind}`);
  expect(change.changeMs).toBe(newMs - answer.totalMs);
  expect(change.priceBoundMs).toBeLessThanOrEqual(change.changeMs);
  const after = afterMoves(answer, change.moves, changed.taskCount);
  expect(costOfAssignment(changed, after)).toBe(newMs);
  return after;
}

export type Drawn = {rows: [driver: number, costMs: number][][]; capacity: number[]; unassignedMs: number[]};

/** The problem after `change` has altered its rows, capacities or unassigned costs. */
export function altered(problem: Problem, change: (drawn: Drawn) => void): Problem {
  const {taskCount, firstPair, driver, costMs, capacity, unassignedMs} = problem;
  const rows = Array.from({length: taskCount}, (_, t) =>
    Array.from(driver.subarray(firstPair[t], firstPair[t + 1]), (d, i): [number, number] => [
      d,
      costMs[firstPair[t] + i],
    ]),
  );
  const drawn = {rows, capacity: [...capacity], unassignedMs: [...unassignedMs]};
  change(drawn);
  for (const row of rows) row.sort((a, b) => a[0] - b[0]);
  return problemOf(rows, drawn.capacity, drawn.unassignedMs);
}

/** Gives the pair this cost, whether it exists or not. */
export const withPair = (problem: Problem, task: number, driver: number, costMs: number): Problem =>
  altered(problem, ({rows}) => {
    rows[task] = [...rows[task].filter(([d]) => d !== driver), [driver, costMs]];
  });

export const withoutPair = (problem: Problem, task: number, driver: number): Problem =>
  altered(problem, ({rows}) => {
    rows[task] = rows[task].filter(([d]) => d !== driver);
  });

/** Nobody can serve the task, which then costs so much. */
export const alone = (problem: Problem, task: number, unassignedMs: number): Problem =>
  altered(problem, (drawn) => {
    drawn.rows[task] = [];
    drawn.unassignedMs[task] = unassignedMs;
  });

export const withPlaces = (problem: Problem, driver: number, places: number): Problem => ({
  ...problem,
  capacity: problem.capacity.with(driver, problem.capacity[driver] + places),
});

export const rowOf = ({firstPair, driver}: Problem, task: number): number[] => [
  ...driver.subarray(firstPair[task], firstPair[task + 1]),
];

/** Who serves what after the moves; -2 where they do not fit the answer. */
function afterMoves({driverOf}: Solution, {task, from, to}: Moves, taskCount: number): number[] {
  const after = Array.from({length: taskCount}, (_, t) => driverOf[t] ?? -1);
  task.forEach((t, i) => {
    after[t] = after[t] === from[i] && from[i] !== to[i] ? to[i] : -2;
  });
  return new Set(task).size === task.length ? after : after.fill(-2);
}

/** NaN when it takes a pair or a place that there is not. */
function costOfAssignment(problem: Problem, driverOf: readonly number[]): number {
  const left = [...problem.capacity];
  let totalMs = 0;
  driverOf.forEach((d, t) => {
    const at = rowOf(problem, t).indexOf(d);
    if (d === -1) totalMs += problem.unassignedMs[t];
    else totalMs += at < 0 || --left[d] < 0 ? Number.NaN : problem.costMs[problem.firstPair[t] + at];
  });
  return totalMs;
}
