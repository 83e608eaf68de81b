// Row reduction: waiting tasks bid for drivers as in an auction with epsilon 0. Cheap, and where drivers are plenty it
// serves nearly every task by itself.
//
// D. P. Bertsekas, "A distributed algorithm for the assignment problem", MIT (1979); as "augmenting row reduction" in
// R. Jonker, A. Volgenant, "A shortest augmenting path algorithm for dense and sparse linear assignment problems",
// Computing 38 (1987), 325-340.
//
// A task looks for the least and the second least of c - v over its drivers and of its penalty. A driver with one
// place goes to the bidder, its price falling by the difference, which makes the arc tight at the second least; who
// was served there waits again. A driver with several places has one price for all of them, so it is taken only while
// a place is free. At a tie with the second least nothing would fall: such a task waits for a search instead.
//
// Invariant: that of workspace.ts, and v < 0 only for full drivers with one place.

import type {Rows} from '../layout/arrange.ts';
import {take, UNASSIGNED, WAITING, type Workspace} from './workspace.ts';

const INFINITE_MS = 0x7fff_ffff;

/** Handles up to `w.bidLimit` bids, beginning with all tasks waiting at driver prices 0. */
export function reduceRows(rows: Rows, w: Workspace): void {
  const {taskCount, firstArc, driver, costMs, penaltyMs, places} = rows;
  const {taskPriceMs, driverPriceMs, driverOf, used, waiting, firstPlace, placeTask, bidLimit} = w;

  // `waiting` is a stack; the least id is on top.
  let stackSize = taskCount;
  for (let t = 0; t < taskCount; t++) waiting[t] = taskCount - 1 - t;

  let work = w.work;
  for (let bids = 0; stackSize > 0 && bids < bidLimit && work <= w.budget; bids++) {
    const task = waiting[--stackSize];
    let least = penaltyMs[task];
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
      const offer = cost - driverPriceMs[d];
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

    taskPriceMs[task] = least;
    if (best < 0) {
      driverOf[task] = UNASSIGNED;
      continue;
    }
    if (places[best] === 1 && least < second) {
      taskPriceMs[task] = second;
      driverPriceMs[best] -= second - least;
      if (used[best] === 1) {
        const outbid = placeTask[firstPlace[best]];
        used[best] = 0;
        driverOf[outbid] = WAITING;
        waiting[stackSize++] = outbid;
      }
      take(w, best, task);
    } else if (used[best] < places[best]) take(w, best, task);
    else if (least === second && used[runnerUp] < places[runnerUp]) take(w, runnerUp, task);
  }
  w.work = work;
}
