// A scaled auction from both sides: it finds prices within a small epsilon of optimal ones, which leaves the exact
// searches little to do. It is the start of a solve where drivers are scarce or just enough.
//
// D. P. Bertsekas, D. A. Castanon, P. Tsaknakis, "Reverse auction and the solution of inequality constrained
// assignment problems", SIAM J. Optimization 3 (1993), 268-297; scaling: D. P. Bertsekas, "Auction algorithms for
// network flow problems", Computational Optimization and Applications 1 (1992), 7-66.
//
// At the optimum every driver with a free place has v = 0, and every unassigned task u = penalty. Each phase is a round
// of both sides at one epsilon. Drivers bid first (driver-auction.ts): all start free, task prices only fall, and in
// the end a driver is full or has v = 0. What may be wrong then is a task that nobody took although its price stands
// below its penalty, because an earlier phase let it fall too far. Such tasks bid in turn (task-auction.ts): driver
// prices only fall, no driver loses a place, and in the end every task is served or stands at its penalty.
//
// A bid moves a price by at least epsilon, so a war over something scarce lasts about penalty / epsilon bids. Epsilon
// therefore starts near the penalties and shrinks to the natural step between costs, whatever the unit of cost and
// however far the penalties stand above it. (Measured on 20,000 x 20,000 x 16 with penalties 500 times the costs: 575
// ms with the last two epsilons alone, 150 ms with all.)
//
// The result is a start for `settle`, nothing more: it need not be optimal, nor complete.

import type {Rows} from '../layout/arrange.ts';
import {priceStopped, unbid} from './driver-auction.ts';
import {columnsOfRun, everywhere, type Run} from './run.ts';
import {listBidders, pricePlaces} from './task-auction.ts';
import {vacate, type Workspace} from './workspace.ts';

/** Each phase divides epsilon by this. */
const EPSILON_RATIO = 5;
/** The first epsilon is at most this part of the mean penalty. */
const FIRST_EPSILON_PART = 8;
/** The most bids of one side in one phase, times its number of bidders: no price war outlasts it. */
const BIDS_PER_BIDDER = 40;

/** Leaves driver prices of at most 0 and a partial matching. Stops early when the budget is spent. */
export function auction(run: Run): void {
  const {rows, w} = run;
  for (let t = 0; t < rows.taskCount; t++) w.taskPriceMs[t] = rows.penaltyMs[t];
  let lastMs = 0;
  for (const epsilonMs of epsilonsMs(rows)) {
    if (lastMs > 0) forgive(rows, w, lastMs);
    vacate(w, rows);
    bidByDrivers(run, epsilonMs);
    bidByTasks(run, epsilonMs);
    if (w.work > w.budget) return;
    lastMs = epsilonMs;
  }
}

/** Expects a vacated workspace and any task prices in [0, penalty]. */
export function bidByDrivers(run: Run, epsilonMs: number, bidsPerDriver = BIDS_PER_BIDDER): void {
  const {rows, w} = run;
  const columns = columnsOfRun(run);
  unbid(rows, columns, w);
  everywhere(run, 'letDriversBid', (part) => {
    part.epsilonMs = epsilonMs;
    part.bidLimit = bidsPerDriver * (part.endDriver - part.firstDriver);
  });
  priceStopped(rows, columns, w);
}

/** Expects what bidByDrivers left. */
export function bidByTasks(run: Run, epsilonMs: number, bidsPerTask = BIDS_PER_BIDDER): void {
  const {rows, w} = run;
  listBidders(rows, w);
  if (w.waitingCount === 0) return;
  pricePlaces(rows, w);
  everywhere(run, 'letTasksBid', (part) => {
    part.epsilonMs = epsilonMs;
    part.bidLimit = bidsPerTask * (part.endTask - part.firstTask);
    listBidders(rows, part);
  });
}

/** Raises prices by the error that bids of `epsilonMs` may have left in them: within a phase they can only fall. */
function forgive(rows: Rows, w: Workspace, epsilonMs: number): void {
  const {taskCount, penaltyMs} = rows;
  const {taskPriceMs, driverOf} = w;
  for (let t = 0; t < taskCount; t++) {
    taskPriceMs[t] = driverOf[t] >= 0 ? Math.min(penaltyMs[t], taskPriceMs[t] + epsilonMs) : penaltyMs[t];
  }
}

/** Falling by EPSILON_RATIO to the mean step between neighbours in the rows. */
function epsilonsMs(rows: Rows): number[] {
  const {taskCount, firstArc, costMs, penaltyMs} = rows;
  let stepsMs = 0;
  let steps = 0;
  let penaltiesMs = 0;
  for (let t = 0; t < taskCount; t++) {
    penaltiesMs += penaltyMs[t];
    const last = firstArc[t + 1] - 1;
    if (last <= firstArc[t]) continue;
    stepsMs += costMs[last] - costMs[firstArc[t]];
    steps += last - firstArc[t];
  }
  const epsilons = [Math.max(1, Math.round(stepsMs / Math.max(1, steps)))];
  const limitMs = penaltiesMs / taskCount / FIRST_EPSILON_PART;
  while (epsilons[0] * EPSILON_RATIO <= limitMs) epsilons.unshift(epsilons[0] * EPSILON_RATIO);
  return epsilons;
}
