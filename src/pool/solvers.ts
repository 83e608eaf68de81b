// Who solves an assignment problem: one thread, and of a large problem as many others as have something to do.
//
// They share one memory, which is kept for the next large problem; while it is lent, another large problem is solved by
// one thread in memory of its own. The answer is the same.

import {createRoom, isWorthKeeping} from '../flow/kernels/room.ts';
import {assemble, dismiss} from '../flow/kernels/team.ts';
import {SIZES, type Sizes} from '../flow/search/workspace.ts';
import {TILES} from '../flow/tiles.ts';
import type {HelpJob, SolveJob, SolveReply} from './messages.ts';
import type {Threads} from './threads.ts';

export type Solvers = {solve(job: SolveJob): Promise<SolveReply>};

export function createSolvers(threads: Threads, module: URL, threadCount: number, {tiledArcs}: Sizes = SIZES): Solvers {
  const helperCount = Math.min(threadCount, TILES) - 1;
  let isLent = false;
  let kept: WebAssembly.Memory | undefined;

  const alone = async (job: SolveJob): Promise<SolveReply> => {
    const [reply] = await threads.runAll<SolveReply>(module, 'solve', [job]);
    return reply;
  };

  /** Helpers that find no thread, or die, are not missed; the memory is in use until the last has ended. */
  async function together(job: SolveJob): Promise<SolveReply> {
    isLent = true;
    const memory = kept ?? createRoom().memory;
    kept = undefined;
    assemble(memory);
    const solved = alone({...job, memory});
    const help: HelpJob = {kind: 'help', memory};
    const helped = threads.runAll(module, 'solve-help', Array(helperCount).fill(help));
    // A leader that was refused or stopped could not do it.
    solved.catch(() => dismiss(memory));
    Promise.allSettled([solved, helped]).then(([{status}]) => {
      isLent = false;
      if (status === 'fulfilled' && isWorthKeeping(memory)) kept = memory;
    });
    return solved;
  }

  return {
    solve: (job) => (helperCount < 1 || isLent || job.seeded || job.pairCount < tiledArcs ? alone(job) : together(job)),
  };
}
