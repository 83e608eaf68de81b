// Solves one assignment problem in shared memory and writes the answer beside it.

import {solve} from '../src/flow/solve.ts';
import {type SolveJob, type SolveReply, solveViews} from '../src/pool/messages.ts';

export function run(job: SolveJob): SolveReply {
  const {problem, prices, driverOf} = solveViews(job);
  const {budget, seeded} = job;
  const solution = solve(problem, seeded ? {budget, seed: prices} : {budget});
  driverOf.set(solution.driverOf);
  prices.taskPriceMs.set(solution.taskPriceMs);
  prices.driverPriceMs.set(solution.driverPriceMs);
  const {kind, totalMs, boundMs, work, augmentations} = solution;
  return {kind, totalMs, boundMs, work, augmentations};
}
