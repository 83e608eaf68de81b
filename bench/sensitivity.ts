// What one place, task or driver more or less would change: the searches that make it ready, and what each task costs.

import {createWorkspace} from '../src/flow/search/workspace.ts';
import {enoughWork, type Sensitivity, sensitivityOf} from '../src/flow/sensitivity/hub.ts';
import {regretsOfTask} from '../src/flow/sensitivity/regrets.ts';
import {solve} from '../src/flow/solve.ts';
import {instanceOf, type Shape} from './flow/instances.ts';
import {labelOf, SEED} from './flow/shapes.ts';
import {checksum, type Suite} from './harness.ts';

const BUDGET = 1e12;

export const sensitivityBench: Suite = async (size, measure) => {
  const shapes: Shape[] =
    size === 'smoke'
      ? [{drivers: 200, tasks: 100, pairsPerTask: 8}]
      : [
          {drivers: 2_000, tasks: 1_000, pairsPerTask: 16},
          {drivers: 10_000, tasks: 5_000, pairsPerTask: 16},
          {drivers: 5_000, tasks: 10_000, pairsPerTask: 16},
        ];
  for (const shape of shapes) {
    const {problem} = instanceOf(SEED, shape);
    const input = `${labelOf(shape)}, seed ${SEED}`;
    const solution = solve(problem, {budget: BUDGET});
    const workspace = createWorkspace();
    const prepare = () => sensitivityOf(problem, solution, {budget: enoughWork(problem)}, workspace);
    await measure({name: 'sensitivity, prepared', input, run: () => checksum(prepare().fromHub.ms)});
    const s = prepare();
    await measure({
      name: 'sensitivity, regrets of all pairs of a task',
      input,
      things: {count: shape.tasks, of: 'tasks'},
      run: () => sumOfRegrets(s, shape.tasks),
    });
  }
};

/** Exact only: a budget that ended a search would show. */
function sumOfRegrets(s: Sensitivity, taskCount: number): number {
  let sumMs = 0;
  for (let t = 0; t < taskCount; t++) {
    const regrets = regretsOfTask(s, t);
    if (regrets.kind !== 'exact') return -1;
    for (const ms of regrets.atMostMs) sumMs += ms;
  }
  return sumMs;
}
