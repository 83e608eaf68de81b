// The drivers' side of the auction: drivers with a free place bid for tasks by lowering the tasks' prices.
//
// A driver looks for the least and the second least of c - u over the tasks it does not hold, 0 being what it has from
// staying free. It takes the least task, and its price becomes the second least plus epsilon, at most 0. All its places
// have this one price, so when it rises, the prices of the tasks it holds fall with it. Who held the task bids again.
//
// Invariant: u + v <= c + epsilon for every arc of a driver that has bid, u + v = c for every arc that is held; task
// prices never rise.
//
// In a tile only drivers bid whose tasks all lie within it, and none for a task that is held by another kind: who is
// left with a free place and a price below 0 bids in a later step, so the state says it all.

import type {Rows} from '../layout/arrange.ts';
import type {Columns} from '../layout/columns.ts';
import {isInside, leave, take, WAITING, type Workspace} from './workspace.ts';

const INFINITE_MS = 0x7fff_ffff;
/** Below every price that a bid can set. */
const UNBID_MS = -(2 ** 30);

/** No driver has bid yet; those without arcs have nothing to bid for. */
export function unbid({driverCount}: Rows, {firstArc}: Columns, w: Workspace): void {
  for (let d = 0; d < driverCount; d++) w.driverPriceMs[d] = firstArc[d] === firstArc[d + 1] ? 0 : UNBID_MS;
}

/**
 * Expects any task prices in [0, penalty]. Ends when every driver inside is full or has price 0 or waits for a later
 * step, or after `w.bidLimit` bids, or when the budget is spent.
 */
export function letDriversBid(rows: Rows, columns: Columns, w: Workspace): void {
  const {places} = rows;
  const {firstArc, task, costMs} = columns;
  const {taskPriceMs, driverPriceMs, driverOf, used, firstPlace, placeTask, tree: stack} = w;
  const {epsilonMs, bidLimit, budget} = w;

  // The drivers with a free place and something to gain, as a stack; the least id is on top.
  let stackSize = 0;
  for (let d = w.endDriver - 1; d >= w.firstDriver; d--) {
    if (used[d] < places[d] && driverPriceMs[d] < 0 && isInside(w, columns, d)) stack[stackSize++] = d;
  }

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

    const outbid = best < 0 ? WAITING : driverOf[best];
    if (outbid !== WAITING && !isInside(w, columns, outbid)) {
      stackSize--;
      continue;
    }

    const oldMs = driverPriceMs[d];
    const newMs = best < 0 ? 0 : Math.max(oldMs, Math.min(0, second + epsilonMs));
    driverPriceMs[d] = newMs;
    if (used[d] > 0 && newMs > oldMs) {
      const last = firstPlace[d] + used[d];
      for (let place = firstPlace[d]; place < last; place++) taskPriceMs[placeTask[place]] -= newMs - oldMs;
      work += used[d];
    }
    if (best < 0) {
      stackSize--;
      continue;
    }

    taskPriceMs[best] += least - newMs;
    take(w, d, best);
    if (used[d] === places[d]) stackSize--;
    if (outbid !== WAITING) {
      // A driver that was full comes back; one that was not stands here already, or has nothing to gain.
      if (used[outbid] === places[outbid]) stack[stackSize++] = outbid;
      leave(w, outbid, best);
    }
  }
  w.work = work;
}

/** Who was stopped in mid-war gets the price that the tasks allow. */
export function priceStopped({driverCount, places}: Rows, {firstArc, task, costMs}: Columns, w: Workspace): void {
  const {taskPriceMs, driverPriceMs, used} = w;
  for (let d = 0; d < driverCount; d++) {
    if (used[d] === places[d] || driverPriceMs[d] === 0) continue;
    let priceMs = 0;
    for (let arc = firstArc[d]; arc < firstArc[d + 1]; arc++) {
      priceMs = Math.min(priceMs, costMs[arc] - taskPriceMs[task[arc]]);
    }
    driverPriceMs[d] = priceMs;
  }
}
