// Solves one assignment problem in shared memory and writes the answer beside it.

import {createWorkspace} from '../src/flow/search/workspace.ts';
import {solve} from '../src/flow/solve.ts';
import {type SolveJob, type SolveReply, solveViews} from '../src/pool/messages.ts';

const workspace = createWorkspace();

export function run(job: SolveJob): SolveReply {
  const {problem, answer} = solveViews(job);
  const {budget, seeded} = job;
  const solution = solve(problem, seeded ? {budget, seed: answer} : {budget}, workspace);
  answer.taskPriceMs.set(solution.taskPriceMs);
  answer.driverPriceMs.set(solution.driverPriceMs);
  answer.driverOf.set(solution.driverOf);
  const {kind, totalMs, boundMs, work, augmentations, saved} = solution;
  return {kind, totalMs, boundMs, work, augmentations, saved};
}
