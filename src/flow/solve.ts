// The exact assignment of one tick, chosen adaptively between four ways to an optimum and its proof.
//
// - From a seed (an earlier answer): its driver prices, what of its matching is still tight at them, then searches.
// - Where places are plenty, by row reduction and searches (search/run.ts).
// - A large problem in tiles, each solved by itself, from whose prices and matching the whole is repaired (tiles.ts).
// - Else whole, by row reduction or auction and searches. A problem of some size whose ids lie scattered is renumbered
//   by neighbourhood before this.
//
// In the end total and bound are equal, which is the proof of optimality that certificate.ts checks.
//
// The answer is a pure function of the problem, the seed and the budget: every limit counts work, never time, ties are
// broken by id, and the workspace is reset before each solve. `solve` takes the steps in turn; whoever has threads
// takes them by `beginSolve`, `solveTile` for each tile on any of them, and `endSolve`, and gets the same answer.

import assert from 'node:assert/strict';
import {bestAnswer, optimalAnswer} from './answer.ts';
import {arrange} from './layout/arrange.ts';
import {isScattered, neighbourOrder, renumbered, restore} from './layout/renumber.ts';
import type {Problem, Solution} from './problem.ts';
import {adopt} from './search/adopt.ts';
import {
  auctionAndSearch,
  columnsOfRun,
  hasPlenty,
  type Run,
  reduceAndSearch,
  searchAll,
  solveCold,
  TRUSTING,
} from './search/run.ts';
import {settle} from './search/settle.ts';
import {createWorkspace, layOut, prepare, type Spent, type Workspace} from './search/workspace.ts';
import {type Seed, seedFlaw} from './seed.ts';
import {cutTiles, isAnchored, mergeTiles, solveTile, TILED_ARCS, type Tiles} from './tiles.ts';
import {problemFlaw} from './validate.ts';

export type SolveOptions = {
  /** Arcs that may be scanned, 0 or more. The fixed passes that sort, settle and read out are not counted. */
  readonly budget: number;
  readonly seed?: Seed;
};

/**
 * Solves `problem` exactly, or as well as the budget allows. Throws only when the problem or the seed is malformed.
 * `workspace` saves allocations from solve to solve and changes no answer.
 */
export function solve(problem: Problem, options: SolveOptions, workspace = createWorkspace()): Solution {
  const begun = beginSolve(problem, options, workspace);
  if (begun.kind !== 'in-tiles') return begun;
  const {tiles, spent} = begun;
  for (let tile = 1; tile < tiles.tileCount; tile++) add(spent, solveTile(tiles, tile, options.budget, workspace));
  return endSolve(problem, tiles, options.budget, spent, workspace);
}

/** A solve that goes on in tiles: what the first of them and the steps before took. The others are to be solved. */
export type InTiles = {readonly kind: 'in-tiles'; readonly tiles: Tiles; readonly spent: Spent};

/** The whole solve, or of a large problem the tiles and the answer of the first. */
export function beginSolve(problem: Problem, {budget, seed}: SolveOptions, w: Workspace): Solution | InTiles {
  const problemIs = problemFlaw(problem);
  assert(problemIs === undefined, `malformed problem: ${JSON.stringify(problemIs)}`);
  const seedIs = seed && seedFlaw(problem, seed);
  assert(seedIs === undefined, `malformed seed: ${JSON.stringify(seedIs)}`);
  assert(budget >= 0, `budget ${budget} is below 0`);

  const rows = arrange(problem);
  prepare(w, rows);
  const run: Run = {rows, w, budget};
  const isLarge = rows.arcCount >= TILED_ARCS && seed === undefined && !hasPlenty(rows);
  if (isLarge) {
    const tiles = cutTiles(rows, columnsOfRun(run));
    const spent = solveTile(tiles, 0, budget, w);
    if (isAnchored(tiles, 0)) return {kind: 'in-tiles', tiles, spent};
    prepare(w, tiles.rows, spent);
    const solved = w.work <= budget && solveCold({rows: tiles.rows, w, budget});
    restore(w, tiles.order);
    return solved ? optimalAnswer(problem, w) : bestAnswer(problem, rows, w);
  }
  const solved = seed ? solveWarm(run, seed) : solveWhole(run);
  return solved ? optimalAnswer(problem, w) : bestAnswer(problem, rows, w);
}

/** Merges the answers of all tiles, which took `spent`. */
export function endSolve(problem: Problem, tiles: Tiles, budget: number, spent: Spent, w: Workspace): Solution {
  prepare(w, tiles.rows, spent);
  const run: Run = {rows: tiles.rows, w, budget};
  const solved = mergeTiles(run, tiles) || (w.work <= budget && auctionAndSearch(run));
  restore(w, tiles.order);
  return solved ? optimalAnswer(problem, w) : bestAnswer(problem, arrange(problem), w);
}

export function add(sum: Spent, {work, augmentations}: Spent): void {
  sum.work += work;
  sum.augmentations += augmentations;
}

function solveWarm(run: Run, seed: Seed): boolean {
  const {rows, w, budget} = run;
  w.budget = budget;
  adopt(rows, w, seed);
  if (searchAll(run, settle(rows, w), TRUSTING)) return true;
  return w.work <= budget && byNeighbourhood(run, auctionAndSearch);
}

function solveWhole(run: Run): boolean {
  const {rows, w, budget} = run;
  if (!hasPlenty(rows)) return byNeighbourhood(run, solveCold);
  return reduceAndSearch(run) || (w.work <= budget && byNeighbourhood(run, auctionAndSearch));
}

/** Many passes over the arcs follow, so it pays to have what is touched next close by. */
function byNeighbourhood(run: Run, finish: (run: Run) => boolean): boolean {
  if (!isScattered(run.rows)) return finish(run);
  const order = neighbourOrder(run.rows, columnsOfRun(run));
  const rows = renumbered(run.rows, order);
  layOut(run.w, rows);
  const solved = finish({rows, w: run.w, budget: run.budget});
  restore(run.w, order);
  return solved;
}
