// The exact assignment of one tick, chosen adaptively between three starts and always ended by the same exact searches.
//
// - From a seed (an earlier answer): its driver prices, and what of its matching is still tight at them; unless that is
//   too little, or prices so low say that there is little to save.
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
import {carryOver, isScattered, neighbourOrder, renumbered, restore} from './layout/renumber.ts';
import type {Problem, Solution} from './problem.ts';
import {adopt} from './search/adopt.ts';
import {auction} from './search/auction.ts';
import {searchFromDriver} from './search/driver-search.ts';
import {reduceRows} from './search/row-reduction.ts';
import {settle} from './search/settle.ts';
import {searchFromTask} from './search/task-search.ts';
import {createWorkspace, layOut, prepare, type Workspace} from './search/workspace.ts';
import {type Seed, seedFlaw, UNPRICED_MS} from './seed.ts';
import {problemFlaw} from './validate.ts';

/** Places for each task that has an arc, from which on row reduction starts the solve: surely, or as a trial. */
const PLENTY_OF_PLACES = 1.1;
const ENOUGH_PLACES = 0.95;
/** Bids of the row reduction, times tasks. */
const REDUCTION_BIDS_PER_TASK = 3;

/** A seed that knows no price of a greater part of the tasks than this is no good. */
const NEW_PART = 1 / 3;
/**
 * Where places are plenty and prices, on the mean over the tasks, are below this part of what their rows span, row
 * reduction is quicker. (Measured at 1 % churn: at 0.14 a seed took 1.3 times the time of none, at 0.24 half of it.)
 */
const LOW_PRICE_PART = 0.2;

/** How much the searches may scan, in passes over the arcs, when they have served this share of the waiting tasks. */
type Patience = (share: number) => number;
const TRUSTING: Patience = () => 25;
/**
 * Searches get dearer as free places run out, about with the cube of the share: what is dear early will be too dear.
 */
const WARY: Patience = (share) => 0.3 + 10 * share ** 3;
/** After a small change searches are few and short: the ids may stay as they are. */
const SHORT: Patience = () => 3;
/** More than this, and it is dearer than from nothing. Searches from a seed cost about the same from first to last. */
const STEADY: Patience = (share) => 5 + 40 * share;
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
  const left = seed && settleFrom(run, seed);
  const cheaply = left === undefined ? solveCheaply(run) : solveFromSeed(run, left);
  const solved = cheaply || (workspace.work <= budget && solveThoroughly(run, left !== undefined));
  return solved ? optimalAnswer(problem, rows, workspace) : bestAnswer(problem, rows, workspace);
}

/** Columns are made when a step first wants them. */
type Run = {readonly rows: Rows; readonly w: Workspace; readonly budget: number; columns: Columns | undefined};
const columnsOfRun = (run: Run): Columns => (run.columns ??= columnsOf(run.rows));

const placesPerTask = ({reachablePlaces, reachableTasks}: Rows): number => reachablePlaces / reachableTasks;

/** Starts from the seed and returns how many tasks wait; undefined, having changed nothing, where it is of no use. */
function settleFrom({rows, w}: Run, seed: Seed): number | undefined {
  if (knowsFew(rows, seed) || (placesPerTask(rows) >= PLENTY_OF_PLACES && arePricesLow(rows, seed))) return undefined;
  adopt(rows, w, seed);
  const left = settle(rows, w);
  w.saved = rows.reachableTasks - left;
  return left;
}

function knowsFew({taskCount, firstArc, reachableTasks}: Rows, {taskPriceMs}: Seed): boolean {
  let unknown = 0;
  for (let t = 0; t < taskCount; t++) if (taskPriceMs[t] === UNPRICED_MS && firstArc[t] < firstArc[t + 1]) unknown++;
  return unknown > NEW_PART * reachableTasks;
}

function arePricesLow({taskCount, firstArc, costMs}: Rows, {driverPriceMs}: Seed): boolean {
  let pricesMs = 0;
  for (const priceMs of driverPriceMs) if (priceMs !== UNPRICED_MS) pricesMs -= priceMs;
  let spansMs = 0;
  for (let t = 0; t < taskCount; t++) {
    if (firstArc[t] < firstArc[t + 1]) spansMs += costMs[firstArc[t + 1] - 1] - costMs[firstArc[t]];
  }
  return pricesMs < LOW_PRICE_PART * spansMs;
}

/** Where the searches take long, they go on by neighbourhood. False when they cost too much. */
function solveFromSeed(run: Run, left: number): boolean {
  const {rows, w, budget} = run;
  if (searchAll(run, left, SHORT)) return true;
  if (w.work > budget) return false;
  if (!isScattered(rows)) return searchAll(run, settle(rows, w), STEADY);
  const order = neighbourOrder(rows, columnsOfRun(run));
  const near: Run = {...run, rows: renumbered(rows, order), columns: undefined};
  carryOver(w, near.rows, order);
  const solved = searchAll(near, settle(near.rows, w), STEADY);
  restore(w, order);
  return solved;
}

/** False when places are not plenty, so that the solve is no short one, or the searches cost too much. */
function solveCheaply(run: Run): boolean {
  run.w.budget = run.budget;
  return !(placesPerTask(run.rows) < PLENTY_OF_PLACES) && searchAll(run, reduced(run), TRUSTING);
}

/** Passes many times over the arcs, so it pays to have what it touches next close by. */
function solveThoroughly(run: Run, isSeeded: boolean): boolean {
  run.w.saved = 0;
  const mayReduce = !isSeeded && placesPerTask(run.rows) < PLENTY_OF_PLACES;
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
