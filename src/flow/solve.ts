// The exact assignment of one tick, chosen adaptively between three starts and always ended by the same exact searches.
//
// - From a seed (an earlier answer): its driver prices, and what of its matching is still tight at them.
// - Where places are plenty: row reduction, cheap and nearly complete.
// - Where they are not, or where the row reduction left searches that cost too much: the scaled auction.
//
// Whatever the start, `settle` turns its driver prices into a feasible dual and keeps what is tight, and two kinds of
// search complete it, each keeping the invariant of workspace.ts: task searches until no task waits, driver searches
// until no driver with a free place has a price below 0. Then total and bound are equal, which is the proof of
// optimality that certificate.ts checks.
//
// The answer is a pure function of the problem, the seed and the budget: every limit counts work, never time, all ties
// are broken by id, and the workspace is reset before each solve.

import assert from 'node:assert/strict';
import {bestAnswer, optimalAnswer} from './answer.ts';
import {arrange, type Rows} from './layout/arrange.ts';
import {type Columns, columnsOf} from './layout/columns.ts';
import type {Problem, Solution} from './problem.ts';
import {adopt} from './search/adopt.ts';
import {auction} from './search/auction.ts';
import {searchFromDriver} from './search/driver-search.ts';
import {reduceRows} from './search/row-reduction.ts';
import {settle} from './search/settle.ts';
import {searchFromTask} from './search/task-search.ts';
import {createWorkspace, prepare, type Workspace} from './search/workspace.ts';
import type {Seed} from './seed.ts';
import {problemFlaw} from './validate.ts';

/** Bids of the row reduction, times tasks. */
const REDUCTION_BIDS_PER_TASK = 3;
/** Row reduction starts a solve when there are this many places for each task that has an arc. */
const PLENTY_OF_PLACES = 1.1;
/** Searches that need more work than this, times arcs, cost more than an auction would: then it starts over with one. */
const SEARCH_WORK_PER_ARC = 20;

export type SolveOptions = {
  /** Arcs that may be scanned. Sorting, settling and reading out (a dozen passes over the pairs) are not counted. */
  readonly budget: number;
  readonly seed?: Seed;
};

/**
 * Solves `problem` exactly, or within the budget as well as it could. Throws only when the problem or the seed is
 * malformed. `workspace` saves allocations from solve to solve and changes no answer.
 */
export function solve(problem: Problem, options: SolveOptions, workspace: Workspace = createWorkspace()): Solution {
  const problemIs = problemFlaw(problem);
  assert(problemIs === undefined, `malformed problem: ${JSON.stringify(problemIs)}`);
  assert(options.budget >= 0, `budget ${options.budget} is not 0 or more`);

  const rows = arrange(problem);
  const w = workspace;
  prepare(w, rows);
  const run: Run = {rows, w, budget: options.budget, columns: undefined};
  const solved = solveFirst(run, options.seed) || (w.work <= run.budget && solveByAuction(run));
  return solved ? optimalAnswer(problem, rows, w) : bestAnswer(problem, rows, w);
}

/** Columns are made when a step first wants them. */
type Run = {readonly rows: Rows; readonly w: Workspace; readonly budget: number; columns: Columns | undefined};
const columnsOfRun = (run: Run): Columns => (run.columns ??= columnsOf(run.rows));

/** Tries the starts that are cheap where they fit; false when neither fits, or the searches cost too much. */
function solveFirst(run: Run, seed: Seed | undefined): boolean {
  const {rows, w, budget} = run;
  const plenty = rows.reachablePlaces >= PLENTY_OF_PLACES * rows.reachableTasks;
  if (seed === undefined && !plenty) return false;

  w.budget = budget;
  let left: number;
  if (seed === undefined) left = reduceRows(rows, w, REDUCTION_BIDS_PER_TASK * rows.taskCount);
  else {
    adopt(rows, w, seed);
    left = settle(rows, w);
  }
  w.budget = Math.min(budget, w.work + SEARCH_WORK_PER_ARC * rows.arcCount);
  return complete(run, left);
}

function solveByAuction(run: Run): boolean {
  const {rows, w, budget} = run;
  w.budget = budget;
  auction(rows, columnsOfRun(run), w);
  return w.work <= budget && complete(run, settle(rows, w));
}

/** Searches until total and bound meet; false when the work would exceed `w.budget`. */
function complete(run: Run, left: number): boolean {
  const {rows, w} = run;
  for (let i = 0; i < left; i++) if (!searchFromTask(rows, w, w.waiting[i])) return false;
  for (let d = 0; d < rows.driverCount; d++) {
    while (w.driverPriceMs[d] < 0 && w.used[d] < rows.places[d]) {
      if (!searchFromDriver(columnsOfRun(run), w, d)) return false;
    }
  }
  return true;
}
