import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {Problem} from '../../../src/flow/problem.ts';
import type {Change} from '../../../src/flow/sensitivity/change.ts';
import {enoughWork, sensitivityOf} from '../../../src/flow/sensitivity/hub.ts';
import {
  driverLess,
  driverMore,
  type NewDriver,
  type NewTask,
  placeLess,
  placeMore,
  taskLess,
  taskMore,
} from '../../../src/flow/sensitivity/margins.ts';
import {solve} from '../../../src/flow/solve.ts';
import {
  type Asked,
  alone,
  altered,
  ask,
  expectChange,
  type Oracle,
  provenMs,
  withPlaces,
} from '../../support/flow-changes.ts';
import {bruteForceMs} from '../../support/flow-oracle.ts';
import {anyProblem, chance, metroOf, metroProblem, problemOf} from '../../support/flow-problems.ts';
import {runs} from '../../support/runs.ts';

const SOLVE_BUDGET = 1e12;

function expectTaskLess(asked: Asked, task: number): void {
  const {problem, answer, s, optimumMs} = asked;
  const without = alone(problem, task, 0);
  const others = {...asked, answer: {...answer, driverOf: answer.driverOf.with(task, -1)}};
  expectChange(others, taskLess(s, task), without, optimumMs(without));
}

function expectPlaces(asked: Asked, driver: number): void {
  const {problem, s, optimumMs} = asked;
  const more = withPlaces(problem, driver, 1);
  expectChange(asked, placeMore(s, driver), more, optimumMs(more));
  const gone = withPlaces(problem, driver, -problem.capacity[driver]);
  expectChange(asked, driverLess(s, driver, SOLVE_BUDGET), gone, optimumMs(gone));
  if (problem.capacity[driver] === 0) {
    expect(placeLess(s, driver)).toEqual({kind: 'infeasible'});
    return;
  }
  const less = withPlaces(problem, driver, -1);
  expectChange(asked, placeLess(s, driver), less, optimumMs(less));
}

function expectTaskMore(asked: Asked, task: NewTask): void {
  const more = altered(asked.problem, ({rows, unassignedMs}) => {
    rows.push(Array.from(task.driver, (d, i): [number, number] => [d, task.costMs[i]]));
    unassignedMs.push(task.unassignedMs);
  });
  expectChange(asked, taskMore(asked.s, task), more, asked.optimumMs(more));
}

function expectDriverMore(asked: Asked, driver: NewDriver): void {
  const more = altered(asked.problem, ({rows, capacity}) => {
    driver.task.forEach((t, i) => {
      rows[t].push([capacity.length, driver.costMs[i]]);
    });
    capacity.push(driver.capacity);
  });
  expectChange(asked, driverMore(asked.s, driver, SOLVE_BUDGET), more, asked.optimumMs(more));
}

/** Some of `count` ids, ascending, each at a cost that the problem knows, or 0. */
function someOf(problem: Problem, count: number, share: number, next: () => number) {
  const known = [0, ...problem.costMs.subarray(0, 50), ...problem.unassignedMs];
  const ms = () => known[Math.floor(next() * known.length)];
  const ids = Int32Array.from({length: count}, (_, id) => id).filter(() => next() < share);
  return {ids, costMs: ids.map(ms), oneMs: ms()};
}

function expectNewcomers(asked: Asked, next: () => number, share: number): void {
  const {problem} = asked;
  const pairs = someOf(problem, problem.driverCount, share, next);
  expectTaskMore(asked, {driver: pairs.ids, costMs: pairs.costMs, unassignedMs: pairs.oneMs});
  const row = someOf(problem, problem.taskCount, share, next);
  expectDriverMore(asked, {capacity: Math.floor(next() * 4), task: row.ids, costMs: row.costMs});
}

function expectAll(problem: Problem, seed: number, optimumMs: Oracle): void {
  const asked = ask(problem, optimumMs);
  for (let t = 0; t < problem.taskCount; t++) expectTaskLess(asked, t);
  for (let d = 0; d < problem.driverCount; d++) expectPlaces(asked, d);
  for (let i = 0; i < 3; i++) expectNewcomers(asked, chance(seed + i), 0.5);
}

describe('one more or one less changes what solving anew finds', () => {
  test('by brute force on the tiniest problems', () => {
    fc.assert(
      fc.property(anyProblem(3, 4), fc.integer(), (problem, seed) => expectAll(problem, seed, bruteForceMs)),
      {numRuns: runs(5_000)},
    );
  });

  test('by certified cold solves on tiny problems', () => {
    fc.assert(
      fc.property(anyProblem(6, 8), fc.integer(), (problem, seed) => expectAll(problem, seed, provenMs)),
      {numRuns: runs(5_000)},
    );
  });

  test.each([
    {drivers: 200, tasks: 200, capacity: 1, penaltyMs: 3_600_000},
    {drivers: 200, tasks: 200, capacity: 1, penaltyMs: 300_000},
    {drivers: 80, tasks: 200, capacity: 3, penaltyMs: 3_600_000},
    {drivers: 200, tasks: 120, capacity: 2, penaltyMs: 800_000_000},
  ])('on clustered problems: $drivers × $capacity for $tasks, penalty $penaltyMs', (shape) => {
    const {drivers, tasks, capacity, penaltyMs} = shape;
    const problem = metroProblem(metroOf(drivers, drivers, tasks), {pairsPerTask: 12, capacity, penaltyMs});
    const asked = ask(problem, provenMs);
    for (let t = 0; t < tasks; t += 5) expectTaskLess(asked, t);
    for (let d = 0; d < drivers; d += 5) expectPlaces(asked, d);
    for (let i = 0; i < 20; i++) expectNewcomers(asked, chance(i), 0.1);
  });
});

test('the prices bound a change, and need not be it', () => {
  // Any price of driver 0 from -7 to -4 proves this answer: a place less costs one end, one more saves the other.
  const problem = problemOf(
    [
      [
        [0, 0],
        [1, 4],
      ],
      [[0, 7]],
    ],
    [1, 1],
    [10, 14],
  );
  const {s} = ask(problem, provenMs);
  expect(placeLess(s, 0)).toMatchObject({kind: 'exact', changeMs: 7, moves: {task: Int32Array.of(1)}});
  expect(placeMore(s, 0)).toMatchObject({kind: 'exact', changeMs: -4, moves: {task: Int32Array.of(0)}});
  const bounds = [placeLess(s, 0), placeMore(s, 0)].map((change) => change.kind === 'exact' && change.priceBoundMs);
  expect(bounds[0]).toBe(0 - Number(bounds[1])); // one price cannot be both
});

test('a newcomer goes by the next free id in the moves', () => {
  const {s} = ask(problemOf([[[0, 5]]], [1], [9]), provenMs);
  const task = {driver: Int32Array.of(0), costMs: Int32Array.of(1), unassignedMs: 9};
  expect(taskMore(s, task)).toMatchObject({changeMs: 5, moves: {task: Int32Array.of(1, 0), to: Int32Array.of(0, -1)}});
  for (const capacity of [1, 2, 2 ** 31 - 1]) {
    const driver = {capacity, task: Int32Array.of(0), costMs: Int32Array.of(2)};
    const change = driverMore(s, driver, SOLVE_BUDGET);
    expect(change).toMatchObject({changeMs: -3, moves: {task: Int32Array.of(0), to: Int32Array.of(1)}});
  }
});

test('within a budget every change is exact, or lies in the range that is told', () => {
  let cut = 0;
  const inRange = (some: Change, all: Change) => {
    if (all.kind === 'infeasible') return expect(some).toEqual(all);
    if (all.kind !== 'exact') throw new Error('the truth must be exact');
    if (some.kind === 'exact') return expect(some.changeMs).toBe(all.changeMs);
    if (some.kind !== 'over-budget') throw new Error('a range was expected');
    cut++;
    expect(some.atLeastMs).toBeGreaterThanOrEqual(some.priceBoundMs);
    expect(some.atLeastMs).toBeLessThanOrEqual(all.changeMs);
    return expect(some.atMostMs).toBeGreaterThanOrEqual(all.changeMs);
  };
  fc.assert(
    fc.property(anyProblem(8, 10), fc.integer(), (problem, seed) => {
      const answer = solve(problem, {budget: SOLVE_BUDGET});
      const full = sensitivityOf(problem, answer, {budget: enoughWork(problem)});
      const pairs = someOf(problem, problem.driverCount, 0.5, chance(seed));
      const task = {driver: pairs.ids, costMs: pairs.costMs, unassignedMs: pairs.oneMs};
      const row = someOf(problem, problem.taskCount, 0.5, chance(seed));
      for (let budget = 0; budget < enoughWork(problem); budget += 1 + (budget >> 1)) {
        const s = sensitivityOf(problem, answer, {budget});
        for (let t = 0; t < problem.taskCount; t++) inRange(taskLess(s, t), taskLess(full, t));
        for (let d = 0; d < problem.driverCount; d++) {
          inRange(placeMore(s, d), placeMore(full, d));
          inRange(placeLess(s, d), placeLess(full, d));
          inRange(driverLess(s, d, budget), driverLess(full, d, SOLVE_BUDGET));
        }
        inRange(taskMore(s, task), taskMore(full, task));
        for (const capacity of [1, 2]) {
          const driver = {capacity, task: row.ids, costMs: row.costMs};
          inRange(driverMore(s, driver, budget), driverMore(full, driver, SOLVE_BUDGET));
        }
      }
    }),
    {numRuns: runs(400)},
  );
  expect(cut).toBeGreaterThan(100);
});

test('what is malformed is refused', () => {
  const {s} = ask(problemOf([[[0, 1]], [[1, 1]]], [1, 2], [2, 2]), provenMs);
  for (const id of [-1, 2, 0.5, Number.NaN]) {
    expect(() => placeMore(s, id)).toThrow('there is no driver');
    expect(() => placeLess(s, id)).toThrow('there is no driver');
    expect(() => driverLess(s, id, 1)).toThrow('there is no driver');
    expect(() => taskLess(s, id)).toThrow('there is no task');
  }
  const ids = (...values: number[]) => Int32Array.from(values);
  const task = {driver: ids(0), costMs: ids(1), unassignedMs: 2};
  expect(() => taskMore(s, {...task, driver: ids(2)})).toThrow('there is no driver');
  expect(() => taskMore(s, {...task, driver: ids(0, 1)})).toThrow('2 drivers with 1 costs');
  expect(() => taskMore(s, {...task, costMs: ids(-1)})).toThrow('is not a cost');
  expect(() => taskMore(s, {...task, unassignedMs: -1})).toThrow('is not a cost');
  const driver = {capacity: 1, task: ids(0, 1), costMs: ids(1, 1)};
  expect(() => driverMore(s, {...driver, task: ids(1, 0)}, 1)).toThrow('task 0 follows 1');
  expect(() => driverMore(s, {...driver, task: ids(0, 2)}, 1)).toThrow('there is no task');
  expect(() => driverMore(s, {...driver, task: ids(0)}, 1)).toThrow('1 tasks with 2 costs');
  expect(() => driverMore(s, {...driver, costMs: ids(1, -1)}, 1)).toThrow('is not a cost');
  expect(() => driverMore(s, {...driver, capacity: -1}, 1)).toThrow('a capacity cannot be -1');
  expect(() => driverMore(s, {...driver, capacity: 2 ** 31}, 1)).toThrow('a capacity cannot be');
});
