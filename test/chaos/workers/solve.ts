// Solves as the real one does, but for budgets that are no budget.

import type {HelpJob, SolveJob} from '../../../src/pool/messages.ts';
import {run as solve} from '../../../workers/solve.ts';
import {WORKER_BUDGETS} from '../messages.ts';

export function run(job: SolveJob | HelpJob): ReturnType<typeof solve> {
  switch (job.kind === 'solve' ? job.budget : 0) {
    case WORKER_BUDGETS.throw:
      throw new Error('a worker thread throws');
    case WORKER_BUDGETS.hang:
      for (;;);
    case WORKER_BUDGETS.exhaust: {
      const kept: number[][] = [];
      for (;;) kept.push(new Array<number>(10_000).fill(kept.length + 0.5));
    }
    default:
      return solve(job);
  }
}
