// Regrets: how much worse the optimum becomes if somebody decides otherwise for one task.
//
// Forcing task t upon driver d takes a place of d and gives back that of t's driver, so the unit of flow that served t
// must get from t to d some other way: regret = (c - u - v) + the shortest way from t to d, over drivers or through the
// hub, whichever is shorter. The first part is the reduced cost, which alone is a lower bound. Forbidding what was
// chosen for a task is forcing the best of its other choices.
//
// Invariant: a way is at most as long as the shorter of the two that were found, and at least as long as the shorter of
// their lower bounds; where both are equal, the regret is exact.

import assert from 'node:assert/strict';
import {keyOf} from '../search/heap.ts';
import {byHub, type Change, changeOf, type Move, refilled} from './change.ts';
import {fromHubAtLeastMs, fromHubMs, type Sensitivity, toHubAtLeastMs, toHubMs} from './hub.ts';
import {mustBeCost, mustBeDriver, mustBeTask} from './residual.ts';
import {begin, enqueue, reach, scanColumn, scanRows, settleWanted, wayAtLeastMs, wayMs} from './search.ts';

/**
 * By pair: how much worse it is to force it; 0 if it was chosen, Infinity if its driver has no capacity. The regret
 * lies between the first two, which are equal where `kind` is 'exact'; they differ where the budget ended the search.
 */
export type Regrets = {
  readonly kind: 'exact' | 'over-budget';
  readonly atLeastMs: Float64Array;
  readonly atMostMs: Float64Array;
  /** The reduced costs: what the prices alone say. Lower bounds of the regrets, not the regrets. */
  readonly priceBoundMs: Float64Array;
};

/**
 * The reduced cost of a pair, at the cost that the problem gives or at `costMs`: a lower bound of its regret, not the
 * regret. O(1), or O(pairs of the task) to look the cost up.
 */
export function regretBoundMs(s: Sensitivity, task: number, driver: number, costMs = costOf(s, task, driver)): number {
  mustBeTask(s, task);
  mustBeDriver(s, driver);
  mustBeCost(costMs);
  return reducedMs(s, task, driver, costMs);
}

const reducedMs = ({w}: Sensitivity, task: number, driver: number, costMs: number): number =>
  costMs - w.taskPriceMs[task] - w.driverPriceMs[driver];

/**
 * How much worse it is to have `driver` serve `task`, at the cost that the problem gives or at `costMs`, in [0,
 * COST_LIMIT_MS); a pair that would have been chosen at that cost makes it better: below 0. The moves tell that of the
 * task, then who makes room for it, then who fills the place that it left. 'infeasible' if the driver has no capacity.
 * One search: O(pairs log drivers) at most, and rarely far from the task.
 */
export function force(s: Sensitivity, task: number, driver: number, costMs = costOf(s, task, driver)): Change {
  const boundMs = regretBoundMs(s, task, driver, costMs);
  if (s.problem.capacity[driver] === 0) return {kind: 'infeasible'};
  const from = s.w.driverOf[task];
  const settledMs = settleFrom(s, from, Int32Array.of(driver));
  const atLeastMs = boundMs + atLeastFrom(s, from, driver, settledMs);
  return changeOf(atLeastMs, boundMs + atMostFrom(s, from, driver), boundMs, () => forced(s, task, driver));
}

/** How much worse it is to leave `task` unassigned. No search: O(moves). */
export function unassign(s: Sensitivity, task: number): Change {
  mustBeTask(s, task);
  const from = s.w.driverOf[task];
  const boundMs = s.problem.unassignedMs[task] - s.w.taskPriceMs[task];
  return changeOf(boundMs + toHubAtLeastMs(s, from), boundMs + toHubMs(s, from), boundMs, () => forced(s, task, -1));
}

/**
 * How much worse it is if `task` must not be served by the driver that was chosen for it, and what is best then:
 * another driver, or -1 for unassigned. Of equals the driver with the least id, and unassigned last. One search.
 */
export function forbid(s: Sensitivity, task: number): {readonly driver: number; readonly change: Change} {
  mustBeTask(s, task);
  const {firstPair, driver, unassignedMs} = s.problem;
  const chosen = s.w.driverOf[task];
  assert(chosen >= 0, `no driver was chosen for task ${task}`);
  const regrets = regretsOfTask(s, task);

  let best = -1;
  let boundMs = unassignedMs[task] - s.w.taskPriceMs[task];
  let atLeastMs = boundMs + toHubAtLeastMs(s, chosen);
  let atMostMs = boundMs + toHubMs(s, chosen);
  for (let i = 0; i < regrets.atMostMs.length; i++) {
    const d = driver[firstPair[task] + i];
    if (d === chosen || regrets.atMostMs[i] === Number.POSITIVE_INFINITY) continue;
    boundMs = Math.min(boundMs, regrets.priceBoundMs[i]);
    atLeastMs = Math.min(atLeastMs, regrets.atLeastMs[i]);
    if (regrets.atMostMs[i] > atMostMs || (regrets.atMostMs[i] === atMostMs && best >= 0)) continue;
    atMostMs = regrets.atMostMs[i];
    best = d;
  }
  return {driver: best, change: changeOf(atLeastMs, atMostMs, boundMs, () => forced(s, task, best))};
}

/** The regrets of all pairs of `task`, in the order of the problem, by one search: costs as those of `force`. */
export function regretsOfTask(s: Sensitivity, task: number): Regrets {
  mustBeTask(s, task);
  const {firstPair, driver, costMs} = s.problem;
  const from = s.w.driverOf[task];
  const first = firstPair[task];
  const row = driver.subarray(first, firstPair[task + 1]);
  const settledMs = settleFrom(s, from, row);
  const priceBoundMs = Float64Array.from(row, (d, i) => reducedMs(s, task, d, costMs[first + i]));
  return regretsOf(
    priceBoundMs.map((ms, i) => ms + atLeastFrom(s, from, row[i], settledMs)),
    priceBoundMs.map((ms, i) => ms + atMostFrom(s, from, row[i])),
    priceBoundMs,
  );
}

/** The regrets of all pairs of `driver`, whose tasks are `task`, ascending; by one search, backwards. */
export function regretsOfDriver(s: Sensitivity, driver: number): Regrets & {readonly task: Int32Array} {
  mustBeDriver(s, driver);
  const {columns, w} = s;
  const {driverOf} = w;
  const first = columns.firstArc[driver];
  const task = columns.task.subarray(first, columns.firstArc[driver + 1]);
  const settledMs = settleTowards(s, driver, task);
  const priceBoundMs = Float64Array.from(task, (t, i) => reducedMs(s, t, driver, columns.costMs[first + i]));
  const hubMs = fromHubMs(s, driver);
  const hubAtLeastMs = fromHubAtLeastMs(s, driver);
  const atLeast = (d: number) => Math.min(wayAtLeastMs(w, d, settledMs), toHubAtLeastMs(s, d) + hubAtLeastMs);
  const atMost = (d: number) => Math.min(wayMs(w, d), toHubMs(s, d) + hubMs);
  const regrets = regretsOf(
    priceBoundMs.map((ms, i) => ms + atLeast(driverOf[task[i]])),
    priceBoundMs.map((ms, i) => ms + atMost(driverOf[task[i]])),
    priceBoundMs,
  );
  return {...regrets, task};
}

const regretsOf = (atLeastMs: Float64Array, atMostMs: Float64Array, priceBoundMs: Float64Array): Regrets => ({
  kind: atLeastMs.every((ms, i) => ms === atMostMs[i]) ? 'exact' : 'over-budget',
  atLeastMs,
  atMostMs,
  priceBoundMs,
});

/** Searches from the driver of a task for those of `targets` that are nearer over drivers than through the hub. */
function settleFrom(s: Sensitivity, from: number, targets: Int32Array): number {
  begin(s.w);
  if (from < 0) return Number.POSITIVE_INFINITY; // unassigned: it stands at the hub
  reach(s.w, from, 0);
  enqueue(s.w, from);
  const others = targets.filter((d) => d !== from && s.w.used[d] > 0);
  const hubMs = toHubMs(s, from);
  return settleWanted(s, scanColumn, Float64Array.from(others, (d) => keyOf(hubMs + s.fromHub.ms[d], d)).sort());
}

/** Searches for the drivers of `tasks` that are nearer to `driver` over drivers than through the hub. */
function settleTowards(s: Sensitivity, driver: number, tasks: Int32Array): number {
  const {driverOf, used} = s.w;
  begin(s.w);
  reach(s.w, driver, 0);
  if (used[driver] === 0) return Number.POSITIVE_INFINITY; // it has no task to give up
  enqueue(s.w, driver);
  const others = tasks.filter((t) => driverOf[t] >= 0 && driverOf[t] !== driver);
  const boundOf = (t: number) => keyOf(toHubMs(s, driverOf[t]) + s.fromHub.ms[driver], driverOf[t]);
  return settleWanted(s, scanRows, Float64Array.from(others, boundOf).sort());
}

const atMostFrom = (s: Sensitivity, from: number, to: number): number =>
  Math.min(wayMs(s.w, to), toHubMs(s, from) + fromHubMs(s, to));

const atLeastFrom = (s: Sensitivity, from: number, to: number, settledMs: number): number =>
  Math.min(wayAtLeastMs(s.w, to, settledMs), toHubAtLeastMs(s, from) + fromHubAtLeastMs(s, to));

/** Who moves when `task` goes to `driver` (-1: unassigned), after a search from the task that reached it. */
function forced(s: Sensitivity, task: number, driver: number): Move[] {
  const {w} = s;
  const from = w.driverOf[task];
  if (from === driver) return [];
  const own: Move = [task, from, driver];
  if (driver < 0) return [own, ...refilled(s, from)];
  if (wayMs(w, driver) > toHubMs(s, from) + fromHubMs(s, driver)) return [own, ...byHub(s, from, driver)];
  const chain = [own];
  for (let d = driver; d !== from; d = w.viaDriver[d]) chain.push([w.viaTask[d], d, w.viaDriver[d]]);
  return chain;
}

function costOf({problem}: Sensitivity, task: number, driver: number): number {
  const {firstPair, costMs} = problem;
  const pair = problem.driver.subarray(firstPair[task], firstPair[task + 1]).indexOf(driver);
  assert(pair >= 0, `task ${task} has no pair with driver ${driver}: say what it would cost`);
  return costMs[firstPair[task] + pair];
}
