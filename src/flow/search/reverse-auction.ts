// The reverse auction: drivers bid for tasks by lowering the tasks' prices. Where drivers are scarce or just enough it
// finds prices close to the optimal ones, which leaves only short searches to do.
//
// D. P. Bertsekas, D. A. Castanon, P. Tsaknakis, "Reverse auction and the solution of inequality constrained
// assignment problems", SIAM J. Optimization 3 (1993), 268-297; scaling: D. P. Bertsekas, "Auction algorithms for
// network flow problems", Computational Optimization and Applications 1 (1992), 7-66.
//
// Every task starts at its penalty and falls. A driver with a free place looks for the least and the second least of
// c - u over its tasks, 0 being what it gains by staying free; it takes the least task, and the price of its places
// becomes the second least plus epsilon. Who held the task bids again. A driver with several places has one price, so
// when it rises the tasks it holds fall with it. Epsilon is what guarantees progress; it starts large, where price wars
// are short, and each phase starts again from the last prices, raised by the error they may carry.
//
// Invariant, within a phase: u + v <= c + epsilon for every arc of a driver that has bid, and u + v = c for every
// arc that is held. The result is a start for `settle`, nothing more: it need not be optimal, nor complete.

import type {Rows} from '../layout/arrange.ts';
import type {Columns} from '../layout/columns.ts';
import {leave, take, vacate, WAITING, type Workspace} from './workspace.ts';

const INFINITE_MS = 0x7fff_ffff;
const UNBID_MS = -(2 ** 30);

export const tuning = {bids: 40, fwd: 1,  first: 8, ratio: 8, last: 1, bump: 2, dbg: [] as any[], phases: null as null | number[]};

/** The mean step between neighbours in the rows: the natural unit of epsilon, whatever the unit of cost. At least 1. */
export function meanStepMs(rows: Rows): number {
  const {taskCount, firstArc, costMs} = rows;
  let sumMs = 0;
  let steps = 0;
  for (let t = 0; t < taskCount; t++) {
    const count = firstArc[t + 1] - firstArc[t];
    if (count < 2) continue;
    sumMs += costMs[firstArc[t + 1] - 1] - costMs[firstArc[t]];
    steps += count - 1;
  }
  return steps === 0 ? 1 : Math.max(1, Math.round(sumMs / steps));
}

export function auctionDrivers(rows: Rows, columns: Columns, w: Workspace): void {
  const {taskCount, driverCount, penaltyMs} = rows;
  const {taskPriceMs, driverOf} = w;
  taskPriceMs.set(penaltyMs.subarray(0, taskCount));

  const stepMs = meanStepMs(rows);
  const last = Math.max(1, Math.round(stepMs * tuning.last));
  const phases = tuning.phases ?? [last * tuning.ratio, last];
  for (let i = 0; i < phases.length; i++) {
    if (i > 0)
      for (let t = 0; t < taskCount; t++)
        taskPriceMs[t] = driverOf[t] >= 0 ? Math.min(penaltyMs[t], taskPriceMs[t] + tuning.bump * phases[i - 1]) : penaltyMs[t];
    vacate(w, rows);
    w.driverPriceMs.fill(UNBID_MS, 0, driverCount);
    const w0 = w.work;
    auctionPhase(rows, columns, w, phases[i], tuning.bids * driverCount);
    const w1 = w.work;
    if (tuning.fwd) forwardPhase(rows, w, phases[i], tuning.bids * taskCount);
    tuning.dbg.push(`eps ${phases[i]}: ${w1 - w0}+${w.work - w1}`);
  }
}

function auctionPhase(rows: Rows, columns: Columns, w: Workspace, epsilonMs: number, bidLimit: number): void {
  const {driverCount, places} = rows;
  const {firstArc, task, costMs} = columns;
  const {taskPriceMs, driverPriceMs, driverOf, used, firstPlace, placeTask, tree: stack, budget} = w;

  // A stack of the drivers with a free place and something to gain; the least id is on top.
  let stackSize = 0;
  for (let d = driverCount - 1; d >= 0; d--) stack[stackSize++] = d;

  let work = w.work;
  for (let bids = 0; stackSize > 0 && bids < bidLimit && work <= budget; bids++) {
    const d = stack[stackSize - 1];
    let least = 0;
    let second = INFINITE_MS;
    let best = -1;
    const start = firstArc[d];
    const end = firstArc[d + 1];
    for (let arc = start; arc < end; arc++) {
      const t = task[arc];
      const gain = costMs[arc] - taskPriceMs[t];
      if (gain >= second || driverOf[t] === d) continue;
      if (gain < least) {
        second = least;
        least = gain;
        best = t;
      } else second = gain;
    }
    work += end - start + 1;

    const oldMs = driverPriceMs[d];
    const newMs = best < 0 ? 0 : Math.max(oldMs, Math.min(0, second + epsilonMs));
    driverPriceMs[d] = newMs;
    if (used[d] > 0 && newMs > oldMs) {
      const last = firstPlace[d] + used[d];
      for (let p = firstPlace[d]; p < last; p++) taskPriceMs[placeTask[p]] -= newMs - oldMs;
    }
    if (best < 0) {
      stackSize--;
      continue;
    }
    taskPriceMs[best] += least - newMs;
    const outbid = driverOf[best];
    take(w, d, best);
    if (used[d] === places[d]) stackSize--;
    if (outbid !== WAITING) {
      if (used[outbid] === places[outbid]) stack[stackSize++] = outbid;
      leave(w, outbid, best);
    }
  }

  // Who still stands here was stopped: its price becomes what the tasks allow.
  for (; stackSize > 0; stackSize--) {
    const d = stack[stackSize - 1];
    let least = 0;
    for (let arc = firstArc[d]; arc < firstArc[d + 1]; arc++) {
      const gain = costMs[arc] - taskPriceMs[task[arc]];
      if (gain < least) least = gain;
    }
    driverPriceMs[d] = least;
  }
  w.work = work;
}

function forwardPhase(rows: Rows, w: Workspace, epsilonMs: number, bidLimit: number): void {
  const {taskCount, firstArc, driver, costMs, penaltyMs, places} = rows;
  const {taskPriceMs, driverPriceMs, driverOf, used, waiting, firstPlace, placeTask} = w;
  let stackSize = 0;
  for (let t = taskCount - 1; t >= 0; t--) if (driverOf[t] < 0 && taskPriceMs[t] < penaltyMs[t]) waiting[stackSize++] = t;
  let work = w.work;
  for (let bids = 0; stackSize > 0 && bids < bidLimit; bids++) {
    const task = waiting[--stackSize];
    let least = penaltyMs[task];
    let second = INFINITE_MS;
    let best = -1;
    const start = firstArc[task];
    const end = firstArc[task + 1];
    let arc = start;
    for (; arc < end; arc++) {
      const cost = costMs[arc];
      if (cost >= second) break;
      const d = driver[arc];
      const offer = cost - driverPriceMs[d];
      if (offer >= second) continue;
      if (places[d] > 1 && used[d] === places[d]) continue;
      if (offer < least) {
        second = least;
        least = offer;
        best = d;
      } else second = offer;
    }
    work += arc - start + 1;
    if (best < 0) {
      taskPriceMs[task] = penaltyMs[task];
      continue;
    }
    if (used[best] < places[best]) {
      if (places[best] === 1) {
        const price = Math.min(penaltyMs[task], second + epsilonMs);
        taskPriceMs[task] = price;
        driverPriceMs[best] -= price - least;
      } else taskPriceMs[task] = least;
    } else {
      const price = Math.min(penaltyMs[task], second + epsilonMs);
      taskPriceMs[task] = price;
      driverPriceMs[best] -= price - least;
      const outbid = placeTask[firstPlace[best]];
      used[best] = 0;
      driverOf[outbid] = WAITING;
      waiting[stackSize++] = outbid;
    }
    take(w, best, task);
  }
  w.work = work;
}
