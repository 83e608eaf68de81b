// The exact assignment of one tick, chosen adaptively between three starts and always ended by the same exact searches.
//
// - From a seed (an earlier answer): its driver prices, and what of its matching is still tight at them; unless that is
//   too little, or prices so low say that there is little to save.
// - By row reduction, cheap and nearly complete where places are plenty. Where they are just enough it is tried too,
//   and given up early: the searches after it take a few passes over the arcs or a hundred, and the first tell which.
// - By the scaled auction where places are scarce, or where searches after either of these cost too much.
//
// A problem of some size whose ids lie scattered is renumbered by neighbourhood before all that takes many passes over
// it, and a large one always: then it is cut into tiles, which any number of threads may share (tiles.ts).
//
// Whatever the start, the searches keep the invariant of workspace.ts: first task searches until no task waits, then
// driver searches until no driver with a free place has a price below 0. Then total and bound are equal, which is the
// proof of optimality that certificate.ts checks.
//
// The answer is a pure function of the problem, the seed and the budget: every limit counts work, never time, ties are
// broken by id, and the workspace is reset before each solve.

import assert from 'node:assert/strict';
import {bestAnswer, optimalAnswer} from './answer.ts';
import {compiledKernels} from './kernels/compiled.ts';
import {type Kernels, twins} from './kernels/kernels.ts';
import {createMachine} from './kernels/machine.ts';
import {arrange, type Rows} from './layout/arrange.ts';
import {carryOver, isScattered} from './layout/renumber.ts';
import type {Problem, Solution} from './problem.ts';
import {adopt} from './search/adopt.ts';
import {auction} from './search/auction.ts';
import {columnsOfRun, ENDLESS, type Run, SHORT, STEADY, searchAll, TRUSTING, WARY} from './search/run.ts';
import {createWorkspace, layOut, listWaiting, prepare, type Workspace} from './search/workspace.ts';
import {type Seed, seedFlaw, UNPRICED_MS} from './seed.ts';
import {cutTiles} from './tiles.ts';
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

  const {kernels, w} = means(problem, workspace);
  const start = begin(kernels, kernels.arrange(problem), w, budget);
  const {tiledArcs} = workspace.sizes;
  const isSeeded = seed !== undefined && settleFrom(start, seed);
  let run = start;
  let isSolved = isSeeded ? searchAll(run, SHORT) : solveCheaply(run);
  if (!isSolved && isSeeded && w.work <= budget) {
    run = carriedOver(run, tiledArcs);
    isSolved = searchAll(run, STEADY);
  }
  if (!isSolved && w.work <= budget) {
    run = fromCold(run, tiledArcs);
    isSolved = reduceOrAuction(run, !isSeeded && placesPerTask(run.rows) < PLENTY_OF_PLACES);
  }
  if (isSolved) return optimalAnswer(problem, run.rows, w, run.order);
  return bestAnswer(problem, run.order ? arrange(problem) : run.rows, w, run.order);
}

/** What a problem of this size is solved with. */
function means({driver}: Problem, workspace: Workspace): {kernels: Kernels; w: Workspace} {
  const {sizes} = workspace;
  if (driver.length >= sizes.compiledPairs) workspace.machine ??= createMachine();
  const {machine} = workspace;
  if (machine === undefined || driver.length < sizes.compiledPairs) return {kernels: twins, w: workspace};
  return {kernels: compiledKernels(machine), w: createWorkspace()};
}

function begin(kernels: Kernels, rows: Rows, w: Workspace, budget: number): Run {
  prepare(w, rows, kernels.allot);
  return {rows, order: undefined, columns: undefined, w, budget, kernels, tiles: []};
}

const placesPerTask = ({reachablePlaces, reachableTasks}: Rows): number => reachablePlaces / reachableTasks;

/** Starts from the seed; false, having changed nothing, where it is of no use. */
function settleFrom(run: Run, seed: Seed): boolean {
  const {rows, w} = run;
  if (knowsFew(rows, seed) || (placesPerTask(rows) >= PLENTY_OF_PLACES && arePricesLow(rows, seed))) return false;
  adopt(rows, w, seed);
  run.kernels.run('settle', [run]);
  w.saved = rows.reachableTasks - listWaiting(w);
  return true;
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

/** False when places are not plenty, so that the solve is no short one, or the searches cost too much. */
function solveCheaply(run: Run): boolean {
  run.w.budget = run.budget;
  if (placesPerTask(run.rows) < PLENTY_OF_PLACES) return false;
  reduce(run);
  return searchAll(run, TRUSTING);
}

/** Many passes over the arcs follow, so it pays to have what is touched next close by. Prices and matching are junk. */
function near(run: Run, tiledArcs: number): Run {
  const {kernels} = run;
  if (run.order || (run.rows.arcCount < tiledArcs && !isScattered(run.rows))) return run;
  const {rows, order} = kernels.renumbered(run.rows);
  return {...run, rows, order, columns: undefined};
}

/** The same prices, and what of the matching is tight at them. */
function carriedOver(run: Run, tiledArcs: number): Run {
  const there = near(run, tiledArcs);
  if (there.order) carryOver(run.w, there.rows, there.order, run.kernels.allot);
  run.kernels.run('settle', [there]);
  return there;
}

function fromCold(run: Run, tiledArcs: number): Run {
  const {w, kernels} = run;
  w.saved = 0;
  const there = near(run, tiledArcs);
  layOut(w, there.rows, kernels.allot);
  if (there.rows.arcCount < tiledArcs) return there;
  return {...there, tiles: cutTiles(there.rows, columnsOfRun(there), w)};
}

/** Row reduction is tried unless it was already, or places are scarce. It is not worth going over tiles. */
function reduceOrAuction(run: Run, mayReduce: boolean): boolean {
  const {rows, w, budget} = run;
  w.budget = budget;
  if (mayReduce && placesPerTask(rows) >= ENOUGH_PLACES) {
    reduce(run);
    if (searchAll({...run, tiles: []}, WARY)) return true;
  }
  w.budget = budget;
  if (w.work > budget) return false;
  auction(run);
  if (w.work > budget) return false;
  run.kernels.run('settle', [run]);
  return searchAll(run, ENDLESS);
}

function reduce(run: Run): void {
  run.w.bidLimit = REDUCTION_BIDS_PER_TASK * run.rows.taskCount;
  run.kernels.run('reduceRows', [run]);
}
