// Threads for as long as one command solves: this one leads, and the others help.

import {createMachine} from '../flow/kernels/machine.ts';
import {assemble, dismiss, gathered} from '../flow/kernels/team.ts';
import {createWorkspace, type Workspace} from '../flow/search/workspace.ts';
import {TILES} from '../flow/tiles.ts';
import type {HelpJob} from '../pool/messages.ts';
import {withThreads} from './build-threads.ts';

const SOLVE = new URL('../../workers/solve.ts', import.meta.url);
/** A helper waits for as long as the command takes. */
const NO_LIMIT_MS = 2 ** 31 - 1;

/** Lends `use` a workspace that `threads` threads solve with. */
export async function withSolveThreads<Result>(
  threads: number,
  use: (workspace: Workspace) => Promise<Result>,
): Promise<Result> {
  const machine = threads > 1 ? createMachine() : undefined;
  if (machine === undefined) return use(createWorkspace());
  const {memory} = machine.room;
  const helperCount = Math.min(threads, TILES) - 1;
  return withThreads(helperCount, helperCount, NO_LIMIT_MS, async (pool) => {
    assemble(memory);
    const help: HelpJob = {kind: 'help', memory};
    const helped = pool.runAll(SOLVE, 'solve-help', Array(helperCount).fill(help));
    try {
      await Promise.race([gathered(memory, helperCount), helped]);
      return await use(createWorkspace({machine}));
    } finally {
      dismiss(memory);
      await helped;
    }
  });
}
