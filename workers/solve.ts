// Solves one assignment problem in shared memory and writes the answer beside it, or helps another thread that does.

import {createMachine} from '../src/flow/kernels/machine.ts';
import {isWorthKeeping} from '../src/flow/kernels/room.ts';
import {dismiss, help} from '../src/flow/kernels/team.ts';
import {createWorkspace} from '../src/flow/search/workspace.ts';
import {solve} from '../src/flow/solve.ts';
import {type HelpJob, type SolveJob, type SolveReply, solveViews} from '../src/pool/messages.ts';

const workspace = createWorkspace();

export function run(job: SolveJob | HelpJob): SolveReply | undefined {
  switch (job.kind) {
    case 'solve':
      return lead(job);
    case 'help': {
      const machine = createMachine(job.memory);
      if (machine) help(job.memory, machine.exports);
      return undefined;
    }
    default:
      return job satisfies never;
  }
}

function lead(job: SolveJob): SolveReply {
  const {problem, answer} = solveViews(job);
  const {budget, seeded, memory, sizes} = job;
  try {
    const machine = memory && createMachine(memory);
    const w = machine || sizes ? createWorkspace({machine, sizes}) : workspace;
    const solution = solve(problem, seeded ? {budget, seed: answer} : {budget}, w);
    answer.taskPriceMs.set(solution.taskPriceMs);
    answer.driverPriceMs.set(solution.driverPriceMs);
    answer.driverOf.set(solution.driverOf);
    const {kind, totalMs, boundMs, work, augmentations, saved} = solution;
    return {kind, totalMs, boundMs, work, augmentations, saved};
  } finally {
    if (memory) dismiss(memory);
    if (workspace.machine && !isWorthKeeping(workspace.machine.room.memory)) workspace.machine = undefined;
  }
}
