// From the workspace of a solve to an answer by the ids of the problem, with prices that hold for every pair of it.

import assert from 'node:assert/strict';
import {type Greedy, greedyOn} from './greedy.ts';
import type {Rows} from './layout/arrange.ts';
import {type Order, restore} from './layout/renumber.ts';
import type {Problem, Solution} from './problem.ts';
import {UNASSIGNED, WAITING, type Workspace} from './search/workspace.ts';

/** Reads a finished matching and its prices. `order` says whose ids those of `rows` are. O(pairs). */
export function optimalAnswer(problem: Problem, rows: Rows, w: Workspace, order?: Order): Solution {
  const totalMs = totalOf(rows, w.driverOf);
  if (order) restore(w, order);
  const driverOf = w.driverOf.slice(0, rows.taskCount);
  const taskPriceMs = w.taskPriceMs.slice(0, rows.taskCount);
  const driverPriceMs = w.driverPriceMs.slice(0, rows.driverCount);
  priceTheIdle(problem, taskPriceMs, driverPriceMs);
  const boundMs = boundOf(problem, taskPriceMs, driverPriceMs);
  assert(totalMs === boundMs, `the solver ended at ${totalMs} ms with a bound of ${boundMs} ms`);
  const {work, augmentations, saved} = w;
  return {kind: 'optimal', driverOf, taskPriceMs, driverPriceMs, totalMs, boundMs, work, augmentations, saved};
}

/**
 * Reads whatever the solve had when its budget ended: the cheaper of its matching, completed, and the greedy one; the
 * higher of the bound that its prices give, made feasible, and the bound of prices 0. O(pairs log tasks).
 * Expects rows by the problem's ids; `order` says whose those of `w` are.
 */
export function bestAnswer(problem: Problem, rows: Rows, w: Workspace, order?: Order): Solution {
  if (order) restore(w, order);
  const found = completed(rows, w);
  const {driverOf, totalMs} = [found, greedyOn(rows)].reduce((a, b) => (b.totalMs < a.totalMs ? b : a));

  const reached = feasiblePrices(rows, w.taskPriceMs);
  const plain = {driverPriceMs: new Int32Array(rows.driverCount), taskPriceMs: new Int32Array(rows.taskCount)};
  raiseTaskPrices(rows, plain.driverPriceMs, plain.taskPriceMs);
  const [best] = [reached, plain]
    .map((prices) => {
      priceTheIdle(problem, prices.taskPriceMs, prices.driverPriceMs);
      return {...prices, boundMs: boundOf(problem, prices.taskPriceMs, prices.driverPriceMs)};
    })
    .sort((a, b) => b.boundMs - a.boundMs);

  const kind = totalMs === best.boundMs ? 'optimal' : 'over-budget';
  const {work, augmentations, saved} = w;
  return {...best, kind, driverOf, totalMs, work, augmentations, saved};
}

/** The matching as it stands; tasks still waiting take their cheapest driver with a free place, in the order of ids. */
function completed(rows: Rows, w: Workspace): Greedy {
  const {taskCount, firstArc, driver, places} = rows;
  const driverOf = w.driverOf.slice(0, taskCount);
  const used = new Int32Array(rows.driverCount);
  for (const d of driverOf) if (d >= 0) used[d]++;
  for (let task = 0; task < taskCount; task++) {
    if (driverOf[task] !== WAITING) continue;
    driverOf[task] = UNASSIGNED;
    for (let arc = firstArc[task]; arc < firstArc[task + 1]; arc++) {
      const d = driver[arc];
      if (used[d] === places[d]) continue;
      used[d]++;
      driverOf[task] = d;
      break;
    }
  }
  return {driverOf, totalMs: totalOf(rows, driverOf)};
}

/** Feasible prices from any task prices: v = min(0, min(c - u)), then u = min(penalty, min(c - v)). */
function feasiblePrices(rows: Rows, startMs: Int32Array): {driverPriceMs: Int32Array; taskPriceMs: Int32Array} {
  const driverPriceMs = new Int32Array(rows.driverCount);
  const taskPriceMs = startMs.slice(0, rows.taskCount);
  lowerDriverPrices(rows, taskPriceMs, driverPriceMs);
  raiseTaskPrices(rows, driverPriceMs, taskPriceMs);
  return {driverPriceMs, taskPriceMs};
}

/** Expects driver prices 0. */
function lowerDriverPrices(rows: Rows, taskPriceMs: Int32Array, driverPriceMs: Int32Array): void {
  const {taskCount, firstArc, driver, costMs} = rows;
  for (let task = 0; task < taskCount; task++) {
    for (let arc = firstArc[task]; arc < firstArc[task + 1]; arc++) {
      const limitMs = costMs[arc] - taskPriceMs[task];
      if (limitMs < driverPriceMs[driver[arc]]) driverPriceMs[driver[arc]] = limitMs;
    }
  }
}

function raiseTaskPrices(rows: Rows, driverPriceMs: Int32Array, taskPriceMs: Int32Array): void {
  const {taskCount, firstArc, driver, costMs, penaltyMs} = rows;
  for (let task = 0; task < taskCount; task++) {
    let least = penaltyMs[task];
    for (let arc = firstArc[task]; arc < firstArc[task + 1]; arc++) {
      least = Math.min(least, costMs[arc] - driverPriceMs[driver[arc]]);
    }
    taskPriceMs[task] = least;
  }
}

/** Drivers without capacity take no part in the solve; any price that keeps their pairs feasible costs nothing. */
function priceTheIdle(problem: Problem, taskPriceMs: Int32Array, driverPriceMs: Int32Array): void {
  const {taskCount, firstPair, driver, costMs, capacity} = problem;
  if (!capacity.includes(0)) return;
  for (let task = 0; task < taskCount; task++) {
    for (let pair = firstPair[task]; pair < firstPair[task + 1]; pair++) {
      const d = driver[pair];
      if (capacity[d] > 0) continue;
      driverPriceMs[d] = Math.min(driverPriceMs[d], costMs[pair] - taskPriceMs[task]);
    }
  }
}

function totalOf(rows: Rows, driverOf: Int32Array): number {
  const {taskCount, firstArc, driver, costMs, penaltyMs} = rows;
  let totalMs = 0;
  for (let task = 0; task < taskCount; task++) {
    if (driverOf[task] < 0) {
      totalMs += penaltyMs[task];
      continue;
    }
    let arc = firstArc[task];
    while (driver[arc] !== driverOf[task]) arc++;
    totalMs += costMs[arc];
  }
  return totalMs;
}

/** A sum too large to be exact is far below 0, where the bound of prices 0 wins. */
function boundOf(problem: Problem, taskPriceMs: Int32Array, driverPriceMs: Int32Array): number {
  let boundMs = 0;
  for (let t = 0; t < problem.taskCount; t++) boundMs += taskPriceMs[t];
  for (let d = 0; d < problem.driverCount; d++) boundMs += problem.capacity[d] * driverPriceMs[d];
  return boundMs;
}
