// Solves an assignment problem in shared memory, or a step of it, and writes the answer beside it.

import type {Solution} from '../src/flow/problem.ts';
import {createWorkspace, type Spent} from '../src/flow/search/workspace.ts';
import {beginSolve, endSolve} from '../src/flow/solve.ts';
import {solveTile, type Tiles} from '../src/flow/tiles.ts';
import {
  type SolveJob,
  type SolveReply,
  solveViews,
  type TilesBegun,
  type TilesShape,
  tilesIn,
} from '../src/pool/messages.ts';

const workspace = createWorkspace();

export function run(job: SolveJob): SolveReply | TilesBegun | Spent {
  const {problem, answer} = solveViews(job);
  const {budget} = job;
  switch (job.kind) {
    case 'begin': {
      const begun = beginSolve(problem, job.seeded ? {budget, seed: answer} : {budget}, workspace);
      if (begun.kind !== 'in-tiles') return reply(job, begun);
      return {kind: 'in-tiles', shape: share(job, begun.tiles), spent: begun.spent};
    }
    case 'tile':
      return solveTile(tilesIn(job, job.shape), job.tile, budget, workspace);
    case 'end':
      return reply(job, endSolve(problem, tilesIn(job, job.shape), budget, job.spent, workspace));
    default:
      return job satisfies never;
  }
}

function reply(job: SolveJob, solution: Solution): SolveReply {
  const {answer} = solveViews(job);
  answer.taskPriceMs.set(solution.taskPriceMs);
  answer.driverPriceMs.set(solution.driverPriceMs);
  answer.driverOf.set(solution.driverOf);
  const {kind, totalMs, boundMs, work, augmentations} = solution;
  return {kind, totalMs, boundMs, work, augmentations};
}

/** Copies the tiles to where other threads find them. */
function share(job: SolveJob, tiles: Tiles): TilesShape {
  const {tileCount, firstTask} = tiles;
  const {arcCount, reachableTasks, reachablePlaces} = tiles.rows;
  const shape = {tileCount, firstTask, arcCount, reachableTasks, reachablePlaces};
  const shared = tilesIn(job, shape);
  for (const name of ['firstArc', 'driver', 'costMs', 'penaltyMs', 'places'] as const) {
    shared.rows[name].set(tiles.rows[name]);
  }
  for (const name of ['taskAt', 'driverAt'] as const) shared.order[name].set(tiles.order[name]);
  for (const name of ['tileOf', 'driverOf', 'driverPriceMs'] as const) shared[name].set(tiles[name]);
  return shape;
}
