// From cold to optimal on one thread: a start, and the exact searches that end every solve.
//
// Two starts are chosen between: row reduction, cheap and nearly complete where places are plenty, and the scaled
// auction where they are scarce. Where they are just enough, row reduction is tried and given up early: the searches
// after it take a few passes over the arcs or a hundred, and the first tell which.
//
// Whatever the start, the searches keep the invariant of workspace.ts: first task searches until no task waits, then
// driver searches until no driver with a free place has a price below 0.

import type {Rows} from '../layout/arrange.ts';
import {type Columns, columnsOf} from '../layout/columns.ts';
import {auction} from './auction.ts';
import {searchFromDriver} from './driver-search.ts';
import {reduceRows} from './row-reduction.ts';
import {settle} from './settle.ts';
import {searchFromTask} from './task-search.ts';
import type {Workspace} from './workspace.ts';

/** Places for each task that has an arc, from which on row reduction starts the solve: surely, or as a trial. */
const PLENTY_OF_PLACES = 1.1;
const ENOUGH_PLACES = 0.95;
/** Bids of the row reduction, times tasks. */
const REDUCTION_BIDS_PER_TASK = 3;

/** How much the searches may scan, in passes over the arcs, when they have served this share of the waiting tasks. */
export type Patience = (share: number) => number;
export const TRUSTING: Patience = () => 25;
/**
 * Searches get dearer as free places run out, about with the cube of the share: what is dear early will be too dear.
 */
const WARY: Patience = (share) => 0.3 + 10 * share ** 3;
const ENDLESS: Patience = () => Number.POSITIVE_INFINITY;

/** Columns are made when a step first wants them. */
export type Run = {
  readonly rows: Rows;
  readonly w: Workspace;
  readonly budget: number;
  columns?: Columns;
};
export const columnsOfRun = (run: Run): Columns => (run.columns ??= columnsOf(run.rows));

const placesPerTask = ({reachablePlaces, reachableTasks}: Rows): number => reachablePlaces / reachableTasks;
export const hasPlenty = (rows: Rows): boolean => !(placesPerTask(rows) < PLENTY_OF_PLACES);

/** Row reduction, then searches; false when those cost too much. */
export function reduceAndSearch(run: Run): boolean {
  const {rows, w, budget} = run;
  w.budget = budget;
  const left = reduceRows(rows, w, REDUCTION_BIDS_PER_TASK * rows.taskCount);
  return searchAll(run, left, hasPlenty(rows) ? TRUSTING : WARY);
}

/** Solves from cold; false when that takes more than the budget. */
export function solveCold(run: Run): boolean {
  const {rows, w, budget} = run;
  if (placesPerTask(rows) >= ENOUGH_PLACES && reduceAndSearch(run)) return true;
  return w.work <= budget && auctionAndSearch(run);
}

export function auctionAndSearch(run: Run): boolean {
  const {rows, w, budget} = run;
  w.budget = budget;
  auction(rows, columnsOfRun(run), w);
  return w.work <= budget && searchAll(run, settle(rows, w), ENDLESS);
}

/** Searches until total and bound meet; false when that takes more than the budget, or than `patience` grants. */
export function searchAll(run: Run, left: number, patience: Patience): boolean {
  const {rows, w, budget} = run;
  const startWork = w.work;
  const grant = (share: number): void => {
    w.budget = Math.min(budget, startWork + patience(share) * rows.arcCount);
  };
  for (let i = 0; i < left; i++) {
    grant(i / left);
    if (!searchFromTask(rows, w, w.waiting[i])) return false;
  }
  grant(1);
  for (let d = 0; d < rows.driverCount; d++) {
    while (w.driverPriceMs[d] < 0 && w.used[d] < rows.places[d]) {
      if (!searchFromDriver(columnsOfRun(run), w, d)) return false;
    }
  }
  return true;
}
