// The solver alone, on instances like a metro's: drivers and tasks in clusters, each task with its nearest drivers.

import {randomStream} from '../src/domain/random.ts';
import {flaw} from '../src/flow/certificate.ts';
import type {Problem} from '../src/flow/problem.ts';
import {createWorkspace} from '../src/flow/search/workspace.ts';
import {enoughWork, type Sensitivity, sensitivityOf} from '../src/flow/sensitivity/hub.ts';
import {regretsOfTask} from '../src/flow/sensitivity/regrets.ts';
import {solve} from '../src/flow/solve.ts';
import {checksum, type Suite} from './harness.ts';

const BUDGET = 1e12;

export const solveBench: Suite = async (size, measure) => {
  const shapes: [drivers: number, tasks: number, pairsPerTask: number][] =
    size === 'smoke'
      ? [[200, 100, 8]]
      : [
          [2_000, 1_000, 16],
          [10_000, 5_000, 16],
          [5_000, 10_000, 16],
        ];
  for (const [drivers, tasks, pairsPerTask] of shapes) {
    const problem = metro(1, drivers, tasks, pairsPerTask);
    const input = `${drivers} drivers, ${tasks} tasks, ${pairsPerTask} pairs a task, seed 1`;
    const solution = solve(problem, {budget: BUDGET});
    await measure({name: 'solve', input, run: () => solve(problem, {budget: BUDGET}).totalMs});
    await measure({
      name: 'certificate',
      input,
      run: () => (flaw(problem, solution) ? -1 : checksum(solution.driverOf)),
    });
    const workspace = createWorkspace();
    const prepare = () => sensitivityOf(problem, solution, {budget: enoughWork(problem)}, workspace);
    await measure({name: 'sensitivity, prepared', input, run: () => checksum(prepare().fromHub.ms)});
    const s = prepare();
    await measure({
      name: 'sensitivity, regrets of all pairs of a task',
      input,
      things: {count: tasks, of: 'tasks'},
      run: () => sumOfRegrets(s, tasks),
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

/** A clustered metro of 60 km: three quarters of all points lie around a dozen centres. */
export function metro(seed: number, driverCount: number, taskCount: number, pairsPerTask: number): Problem {
  const random = randomStream(seed, `metro ${driverCount} ${taskCount}`);
  const centres = Array.from({length: 12}, () => [random() * 60_000, random() * 60_000]);
  const point = (): [number, number] => {
    if (random() < 0.25) return [random() * 60_000, random() * 60_000];
    const [x, y] = centres[Math.floor(random() * centres.length)];
    return [x + (random() + random() + random() - 1.5) * 6_000, y + (random() + random() + random() - 1.5) * 6_000];
  };
  const drivers = Array.from({length: driverCount}, point).sort((a, b) => a[0] - b[0]);
  const xs = drivers.map(([x]) => x);
  const driver: number[] = [];
  const costMs: number[] = [];
  const firstPair = Int32Array.from({length: taskCount + 1}, (_, t) => t * Math.min(pairsPerTask, driverCount));
  for (let t = 0; t < taskCount; t++) {
    const [x, y] = point();
    const near = nearest(drivers, xs, x, y, pairsPerTask).sort((a, b) => a.d - b.d);
    for (const {d, m} of near) {
      driver.push(d);
      costMs.push(Math.round(m * 100 * (0.8 + 0.4 * random())));
    }
  }
  return {
    driverCount,
    taskCount,
    firstPair,
    driver: Int32Array.from(driver),
    costMs: Int32Array.from(costMs),
    capacity: new Int32Array(driverCount).fill(1),
    unassignedMs: new Int32Array(taskCount).fill(2 ** 29),
  };
}

/** The k nearest of points sorted by x: widens a window until its half width exceeds the k-th distance. */
function nearest(
  points: readonly (readonly [number, number])[],
  xs: readonly number[],
  x: number,
  y: number,
  k: number,
) {
  for (let half = 2_000; ; half *= 2) {
    const from = lowerBound(xs, x - half);
    const to = lowerBound(xs, x + half);
    const found = [];
    for (let d = from; d < to; d++) found.push({d, m: Math.hypot(points[d][0] - x, points[d][1] - y)});
    found.sort((a, b) => a.m - b.m || a.d - b.d);
    if ((found.length >= k && found[k - 1].m <= half) || to - from === points.length) return found.slice(0, k);
  }
}

function lowerBound(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
