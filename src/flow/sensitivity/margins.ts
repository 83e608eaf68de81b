// One more or one less: places, tasks and drivers.
//
// A place more is a unit of flow from its driver to the hub, a place less one from the hub to its driver, and a task
// likewise: the shortest ways of hub.ts say what the optimum changes by. Prices alone are a bound: a place more saves
// at most -v, a place less costs at least -v, a task less saves at most u, a task more costs at least what it would be
// priced at. A driver of several places may take several ways that depend on each other, so the problem without it, or
// with it, is solved again from this answer.

import assert from 'node:assert/strict';
import type {Problem} from '../problem.ts';
import {type Seed, UNPRICED_MS} from '../seed.ts';
import {solve} from '../solve.ts';
import {type Change, changeOf, displaced, type Move, refilled} from './change.ts';
import {fromHubAtLeastMs, fromHubMs, type Sensitivity, toHubAtLeastMs, toHubMs} from './hub.ts';
import {mustBeCost, mustBeDriver, mustBeTask} from './residual.ts';

/** One more unit of the driver's capacity: 0 or less. O(moves). */
export function placeMore(s: Sensitivity, driver: number): Change {
  mustBeDriver(s, driver);
  const priceMs = s.w.driverPriceMs[driver];
  return changeOf(priceMs + toHubAtLeastMs(s, driver), priceMs + toHubMs(s, driver), priceMs, () =>
    refilled(s, driver),
  );
}

/** One less: 0 or more, 'infeasible' where there is none. Of a driver with capacity 1 it is the driver. O(moves). */
export function placeLess(s: Sensitivity, driver: number): Change {
  mustBeDriver(s, driver);
  if (s.problem.capacity[driver] === 0) return {kind: 'infeasible'};
  const priceMs = s.w.driverPriceMs[driver];
  const atLeastMs = fromHubAtLeastMs(s, driver) - priceMs;
  return changeOf(atLeastMs, fromHubMs(s, driver) - priceMs, 0 - priceMs, () => displaced(s, driver));
}

/** Without the task, its unassigned cost included: 0 or less. The moves are those of others. O(moves). */
export function taskLess(s: Sensitivity, task: number): Change {
  mustBeTask(s, task);
  const from = s.w.driverOf[task];
  const priceMs = s.w.taskPriceMs[task];
  return changeOf(toHubAtLeastMs(s, from) - priceMs, toHubMs(s, from) - priceMs, 0 - priceMs, () => refilled(s, from));
}

/** A task that the problem does not have: its pairs, in any order, and the cost of leaving it unassigned. */
export type NewTask = {readonly driver: Int32Array; readonly costMs: Int32Array; readonly unassignedMs: number};

/** With one task more, whose id is taskCount in the moves. O(its pairs + moves). */
export function taskMore(s: Sensitivity, {driver, costMs, unassignedMs}: NewTask): Change {
  assert(driver.length === costMs.length, `${driver.length} drivers with ${costMs.length} costs`);
  mustBeCost(unassignedMs);
  let best = -1;
  let atLeastMs = unassignedMs;
  let atMostMs = unassignedMs;
  let boundMs = unassignedMs;
  for (let i = 0; i < driver.length; i++) {
    const d = driver[i];
    mustBeDriver(s, d);
    mustBeCost(costMs[i]);
    if (s.problem.capacity[d] === 0) continue;
    const reducedMs = costMs[i] - s.w.driverPriceMs[d];
    boundMs = Math.min(boundMs, reducedMs);
    atLeastMs = Math.min(atLeastMs, reducedMs + fromHubAtLeastMs(s, d));
    if (reducedMs + fromHubMs(s, d) >= atMostMs) continue;
    atMostMs = reducedMs + fromHubMs(s, d);
    best = d;
  }
  return changeOf(atLeastMs, atMostMs, boundMs, () =>
    best < 0 ? [] : [[s.problem.taskCount, -1, best], ...displaced(s, best)],
  );
}

/** A driver that the problem does not have; `task` ascending. */
export type NewDriver = {readonly capacity: number; readonly task: Int32Array; readonly costMs: Int32Array};

/**
 * With one driver more, whose id is driverCount in the moves: 0 or less. O(its pairs + moves) if its capacity is 1;
 * else a warm solve: O(pairs), and a few searches that may scan `solveBudget` arcs.
 */
export function driverMore(s: Sensitivity, added: NewDriver, solveBudget: number): Change {
  const {capacity, task, costMs} = added;
  const {taskPriceMs, driverPriceMs, driverOf} = s.w;
  assert(capacity === capacity >> 0 && capacity >= 0, `a capacity cannot be ${capacity}`); // an int32
  assert(task.length === costMs.length, `${task.length} tasks with ${costMs.length} costs`);
  let best = -1;
  let atLeastMs = 0;
  let atMostMs = 0;
  let priceMs = 0;
  for (let i = 0; i < task.length; i++) {
    const t = task[i];
    mustBeTask(s, t);
    mustBeCost(costMs[i]);
    assert(i === 0 || t > task[i - 1], `task ${t} follows ${task[i - 1]}`);
    const reducedMs = costMs[i] - taskPriceMs[t];
    priceMs = Math.min(priceMs, reducedMs);
    atLeastMs = Math.min(atLeastMs, reducedMs + toHubAtLeastMs(s, driverOf[t]));
    if (reducedMs + toHubMs(s, driverOf[t]) >= atMostMs) continue;
    atMostMs = reducedMs + toHubMs(s, driverOf[t]);
    best = t;
  }
  const id = s.problem.driverCount;
  if (capacity === 1) {
    return changeOf(atLeastMs, atMostMs, priceMs, () =>
      best < 0 ? [] : [[best, driverOf[best], id], ...refilled(s, driverOf[best])],
    );
  }
  const seed = {...s.solution, driverPriceMs: followedBy(driverPriceMs.subarray(0, id), UNPRICED_MS)};
  const boundMs = Math.min(capacity, task.length) * priceMs;
  return solvedAgain(s, withDriver(s.problem, added), seed, boundMs, solveBudget);
}

/**
 * Without the driver: 0 or more. O(moves) if its capacity is 1; else a warm solve: O(pairs), and a few searches that
 * may scan `solveBudget` arcs.
 */
export function driverLess(s: Sensitivity, driver: number, solveBudget: number): Change {
  mustBeDriver(s, driver);
  if (s.problem.capacity[driver] === 1) return placeLess(s, driver);
  const capacity = s.problem.capacity.with(driver, 0);
  const boundMs = 0 - s.problem.capacity[driver] * s.w.driverPriceMs[driver];
  return solvedAgain(s, {...s.problem, capacity}, s.solution, boundMs, solveBudget);
}

function solvedAgain({solution}: Sensitivity, problem: Problem, seed: Seed, boundMs: number, budget: number): Change {
  const again = solve(problem, {budget, seed});
  const atLeastMs = Math.max(boundMs, again.boundMs - solution.totalMs);
  return changeOf(atLeastMs, again.totalMs - solution.totalMs, boundMs, () => {
    const chain: Move[] = [];
    again.driverOf.forEach((to, t) => {
      if (to !== solution.driverOf[t]) chain.push([t, solution.driverOf[t], to]);
    });
    return chain;
  });
}

/** The same problem with a driver of the highest id. O(pairs). */
function withDriver(problem: Problem, {capacity, task, costMs}: NewDriver): Problem {
  const {driverCount, taskCount} = problem;
  const firstPair = new Int32Array(taskCount + 1);
  const driver = new Int32Array(problem.driver.length + task.length);
  const pairMs = new Int32Array(driver.length);
  let next = 0;
  for (let t = 0; t < taskCount; t++) {
    const row = [problem.firstPair[t], problem.firstPair[t + 1]] as const;
    driver.set(problem.driver.subarray(...row), row[0] + next);
    pairMs.set(problem.costMs.subarray(...row), row[0] + next);
    if (task[next] === t) {
      driver[row[1] + next] = driverCount;
      pairMs[row[1] + next] = costMs[next];
      next++;
    }
    firstPair[t + 1] = row[1] + next;
  }
  return {
    ...problem,
    driverCount: driverCount + 1,
    firstPair,
    driver,
    costMs: pairMs,
    capacity: followedBy(problem.capacity, capacity),
  };
}

function followedBy(array: Int32Array, last: number): Int32Array {
  const longer = new Int32Array(array.length + 1);
  longer.set(array);
  longer[array.length] = last;
  return longer;
}
