// Settling: from any driver prices at most 0, the best task prices they allow, u = min(penalty, min(c - v)), and the
// part of the matching that is tight at them. What is not tight waits for a search.

import type {Rows} from '../layout/arrange.ts';
import {take, UNASSIGNED, WAITING, type Workspace} from './workspace.ts';

/**
 * Reads driver prices and `driverOf`; establishes the invariant of workspace.ts. Who is not settled waits.
 * O(arcs), not charged to the budget.
 */
export function settle(rows: Rows, w: Workspace): void {
  const {taskCount, driverCount, firstArc, driver, costMs, penaltyMs, places} = rows;
  const {taskPriceMs, driverPriceMs, driverOf, used} = w;
  used.fill(0, 0, driverCount);

  for (let task = 0; task < taskCount; task++) {
    const held = driverOf[task];
    let least = penaltyMs[task];
    let heldMs = -1;
    const end = firstArc[task + 1];
    for (let arc = firstArc[task]; arc < end; arc++) {
      const cost = costMs[arc];
      if (cost > least) break; // v <= 0: nothing cheaper follows, and an arc above the least is not tight
      const d = driver[arc];
      const offer = cost - driverPriceMs[d];
      if (offer < least) least = offer;
      if (d === held) heldMs = offer;
    }
    taskPriceMs[task] = least;
    if (held >= 0 && heldMs === least && used[held] < places[held]) take(w, held, task);
    else if (least === penaltyMs[task]) driverOf[task] = UNASSIGNED;
    else driverOf[task] = WAITING;
  }
}
