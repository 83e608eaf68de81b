// The exact assignment of one tick, chosen adaptively between three starts and always ended by the same exact searches.
//
// - From a seed (an earlier answer): its driver prices, and what of its matching is still tight at them.
// - By row reduction, cheap and nearly complete where places are plenty. Where they are just enough it is tried too,
//   and given up early: the searches after it take a few passes over the arcs or a hundred, and the first tell which.
// - By the scaled auction where places are scarce, or where searches after either of these cost too much.
//
// A large problem whose ids lie scattered is renumbered by neighbourhood before all that takes many passes over it.
//
// Whatever the start, the searches keep the invariant of workspace.ts: first task searches until no task waits, then
// driver searches until no driver with a free place has a price below 0. Then total and bound are equal, which is the
// proof of optimality that certificate.ts checks.
//
// The answer is a pure function of the problem, the seed and the budget: every limit counts work, never time, ties are
// broken by id, and the workspace is reset before each solve.

import assert from 'node:assert/strict';
import {bestAnswer, optimalAnswer} from './answer.ts';
import {arrange, type Rows} from './layout/arrange.ts';
import {type Columns, columnsOf} from './layout/columns.ts';
import {isScattered, neighbourOrder, renumbered, restore} from './layout/renumber.ts';
import type {Problem, Solution} from './problem.ts';
import {adopt} from './search/adopt.ts';
import {auction} from './search/auction.ts';
import {searchFromDriver} from './search/driver-search.ts';
import {reduceRows} from './search/row-reduction.ts';
import {settle} from './search/settle.ts';
import {searchFromTask} from './search/task-search.ts';
import {createWorkspace, layOut, prepare, type Workspace} from './search/workspace.ts';
import {type Seed, seedFlaw} from './seed.ts';
import {problemFlaw} from './validate.ts';

/** Places for each task that has an arc, from which on row reduction starts the solve: surely, or as a trial. */
const PLENTY_OF_PLACES = 1.1;
const ENOUGH_PLACES = 0.95;
/** Bids of the row reduction, times tasks. */
const REDUCTION_BIDS_PER_TASK = 3;

/** How much the searches may scan, in passes over the arcs, when they have served this share of the waiting tasks. */
type Patience = (share: number) => number;
const TRUSTING: Patience = () => 25;
/**
 * Searches get dearer as free places run out, about with the cube of the share: what is dear early will be too dear.
 */
const WARY: Patience = (share) => 0.3 + 10 * share ** 3;
const ENDLESS: Patience = () => Number.POSITIVE_INFINITY;

export type SolveOptions = {
  /** Arcs that may be scanned, 0 or more. The fixed passes that sort, settle and read out are not counted. */
  readonly budget: number;
  readonly seed?: Seed;
};

/**
 * Solves `problem` exactly, or as well as the budget allows. Throws only when the problem or the seed is malformed.
 * `workspace` saves allocations from solve to solve and changes no answer.
 */
export function solve(problem: Problem, {budget, seed}: SolveOptions, workspace = createWorkspace()): Solution {
  const problemIs = problemFlaw(problem);
  assert(problemIs === undefined, `malformed problem: ${JSON.stringify(problemIs)}`);
  const seedIs = seed && seedFlaw(problem, seed);
  assert(seedIs === undefined, `malformed seed: ${JSON.stringify(seedIs)}`);
  assert(budget >= 0, `budget ${budget} is below 0`);

  const rows = arrange(problem);
  prepare(workspace, rows);
  const run: Run = {rows, w: workspace, budget, columns: undefined};
  const solved = solveCheaply(run, seed) || (workspace.work <= budget && solveThoroughly(run, seed));
  return solved ? optimalAnswer(problem, rows, workspace) : bestAnswer(problem, rows, workspace);
}

/** Columns are made when a step first wants them. */
type Run = {readonly rows: Rows; readonly w: Workspace; readonly budget: number; columns: Columns | undefined};
const columnsOfRun = (run: Run): Columns => (run.columns ??= columnsOf(run.rows));

const placesPerTask = ({reachablePlaces, reachableTasks}: Rows): number => reachablePlaces / reachableTasks;

/** False when neither a seed nor plenty of places makes the solve a short one, or the searches cost too much. */
function solveCheaply(run: Run, seed: Seed | undefined): boolean {
  const {rows, w, budget} = run;
  w.budget = budget;
  if (seed !== undefined) {
    adopt(rows, w, seed);
    const left = settle(rows, w);
    w.saved = rows.reachableTasks - left;
    return searchAll(run, left, TRUSTING);
  }
  return !(placesPerTask(rows) < PLENTY_OF_PLACES) && searchAll(run, reduced(run), TRUSTING);
}

/** Passes many times over the arcs, so it pays to have what it touches next close by. */
function solveThoroughly(run: Run, seed: Seed | undefined): boolean {
  run.w.saved = 0;
  const mayReduce = seed === undefined && placesPerTask(run.rows) < PLENTY_OF_PLACES;
  if (!isScattered(run.rows)) return reduceOrAuction(run, mayReduce);
  const order = neighbourOrder(run.rows, columnsOfRun(run));
  const rows = renumbered(run.rows, order);
  layOut(run.w, rows);
  const solved = reduceOrAuction({...run, rows, columns: undefined}, mayReduce);
  restore(run.w, order);
  return solved;
}

/** Row reduction is tried unless it was already, or places are scarce. */
function reduceOrAuction(run: Run, mayReduce: boolean): boolean {
  const {rows, w, budget} = run;
  w.budget = budget;
  if (mayReduce && placesPerTask(rows) >= ENOUGH_PLACES && searchAll(run, reduced(run), WARY)) return true;
  return w.work <= budget && auctionAndSearch(run);
}

const reduced = ({rows, w}: Run): number => reduceRows(rows, w, REDUCTION_BIDS_PER_TASK * rows.taskCount);

function auctionAndSearch(run: Run): boolean {
  const {rows, w, budget} = run;
  w.budget = budget;
  auction(rows, columnsOfRun(run), w);
  return w.work <= budget && searchAll(run, settle(rows, w), ENDLESS);
}

/** Searches until total and bound meet; false when that takes more than the budget, or than `patience` grants. */
function searchAll(run: Run, left: number, patience: Patience): boolean {
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
