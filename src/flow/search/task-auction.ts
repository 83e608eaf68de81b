// The tasks' side of the auction: tasks left below their penalty bid for drivers by lowering the drivers' prices.
//
// A task looks for the least and the second least of c - v over its drivers and of its penalty, and pays the second
// least plus epsilon, at most its penalty. Each place of a full driver has a price of its own; the bidder takes the
// place with the highest and the second highest counts as an offer too. The driver's price is that of its dearest
// place, so a task in a place that costs less may turn out not to be tight: `settle` sees to that.
//
// Invariant: u + v <= c + epsilon for every arc of a task that is served or has bid; driver prices never rise; no
// driver loses a place.
//
// In a tile only tasks bid whose two best drivers lie within it. Whoever waits below its penalty bids in a later step.

import type {Rows} from '../layout/arrange.ts';
import {take, WAITING, type Workspace} from './workspace.ts';

const INFINITE_MS = 0x7fff_ffff;
/** Below every price of a place. */
const NO_PLACE_MS = -(2 ** 30);

/** Every place costs what its driver does. */
export function pricePlaces({driverCount}: Rows, {firstPlace, placePriceMs, driverPriceMs}: Workspace): void {
  for (let d = 0; d < driverCount; d++) placePriceMs.fill(driverPriceMs[d], firstPlace[d], firstPlace[d + 1]);
}

/** Lists the tasks that may bid, as a stack; the least id is on top. */
export function listBidders({penaltyMs}: Rows, w: Workspace): void {
  const {driverOf, taskPriceMs, waiting} = w;
  let count = 0;
  for (let t = w.endTask - 1; t >= w.firstTask; t--) {
    if (driverOf[t] === WAITING && taskPriceMs[t] < penaltyMs[t]) waiting[count++] = t;
  }
  w.waitingCount = count;
}

/**
 * Expects what letDriversBid left, with places priced and bidders listed. Ends when all of these are served or stand at
 * their penalty or wait for a later step, or after `w.bidLimit` bids, or when the budget is spent.
 */
export function letTasksBid(rows: Rows, w: Workspace): void {
  const {firstArc, driver, costMs, penaltyMs, places} = rows;
  const {taskPriceMs, driverPriceMs, borderPriceMs, driverOf, used, firstPlace, placeTask, placePriceMs} = w;
  const {waiting: stack, firstTask, endTask, firstDriver, endDriver, epsilonMs, bidLimit, budget} = w;
  const isInside = (d: number): boolean => d >= firstDriver && d < endDriver;
  let stackSize = w.waitingCount;

  let work = w.work;
  for (let bids = 0; stackSize > 0 && bids < bidLimit && work <= budget; bids++) {
    const task = stack[--stackSize];
    const penalty = penaltyMs[task];
    let least = penalty;
    let second = INFINITE_MS;
    let best = -1;
    let runnerUp = -1;
    const start = firstArc[task];
    const end = firstArc[task + 1];
    let arc = start;
    for (; arc < end; arc++) {
      const cost = costMs[arc];
      if (cost >= second) break;
      const d = driver[arc];
      const offer = cost - (isInside(d) ? driverPriceMs[d] : borderPriceMs[d]);
      if (offer >= second) continue;
      if (offer < least) {
        second = least;
        runnerUp = best;
        least = offer;
        best = d;
      } else {
        second = offer;
        runnerUp = d;
      }
    }
    work += arc - start + 1;
    if ((best >= 0 && !isInside(best)) || (runnerUp >= 0 && !isInside(runnerUp))) continue;
    if (best < 0) {
      taskPriceMs[task] = penalty;
      continue;
    }
    if (used[best] < places[best] && places[best] > 1) {
      taskPriceMs[task] = least;
      take(w, best, task);
      continue;
    }

    const from = firstPlace[best];
    const to = firstPlace[best + 1];
    let place = from;
    let nextPriceMs = NO_PLACE_MS;
    for (let p = from + 1; p < to; p++) {
      if (placePriceMs[p] > placePriceMs[place]) {
        nextPriceMs = placePriceMs[place];
        place = p;
      } else nextPriceMs = Math.max(nextPriceMs, placePriceMs[p]);
    }
    work += to - from - 1;

    const cost = least + placePriceMs[place];
    const payMs = Math.min(penalty, Math.min(second, cost - nextPriceMs) + epsilonMs);
    taskPriceMs[task] = payMs;
    placePriceMs[place] = cost - payMs;
    driverPriceMs[best] = Math.max(nextPriceMs, cost - payMs);
    if (used[best] === places[best]) {
      const outbid = placeTask[place];
      driverOf[outbid] = WAITING;
      if (outbid >= firstTask && outbid < endTask) stack[stackSize++] = outbid;
    } else used[best]++;
    placeTask[place] = task;
    driverOf[task] = best;
  }
  w.work = work;
}
