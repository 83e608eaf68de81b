import fc from 'fast-check';
import {expect, test} from 'vitest';
import {greedy} from '../../src/flow/greedy.ts';
import type {Problem} from '../../src/flow/problem.ts';
import {anyProblem, problemOf} from '../support/flow-problems.ts';

/** All pairs sorted at once, then taken one by one. */
function sortedGreedy({taskCount, firstPair, driver, costMs, capacity, unassignedMs}: Problem): Int32Array {
  const left = capacity.slice();
  const driverOf = new Int32Array(taskCount).fill(-1);
  const pairs = Array.from({length: taskCount}, (_, task) => {
    const ids = Array.from({length: firstPair[task + 1] - firstPair[task]}, (_, i) => firstPair[task] + i);
    return ids.map((pair) => ({task, driver: driver[pair], costMs: costMs[pair]}));
  }).flat();
  pairs.sort((a, b) => a.costMs - b.costMs || a.task - b.task || a.driver - b.driver);
  for (const pair of pairs) {
    if (driverOf[pair.task] >= 0 || left[pair.driver] === 0 || pair.costMs >= unassignedMs[pair.task]) continue;
    left[pair.driver]--;
    driverOf[pair.task] = pair.driver;
  }
  return driverOf;
}

test('takes the cheapest pair first, ties by task and then driver', () => {
  fc.assert(
    fc.property(anyProblem(8, 12), (problem) => {
      const {driverOf, totalMs} = greedy(problem);
      expect(driverOf).toEqual(sortedGreedy(problem));
      const costOf = (task: number) => {
        if (driverOf[task] < 0) return problem.unassignedMs[task];
        const row = problem.driver.subarray(problem.firstPair[task], problem.firstPair[task + 1]);
        return problem.costMs[problem.firstPair[task] + row.indexOf(driverOf[task])];
      };
      expect(totalMs).toBe(Array.from(driverOf, (_, task) => costOf(task)).reduce((a, b) => a + b, 0));
    }),
    {numRuns: 3000},
  );
});

test('is misled where the exact solver is not', () => {
  const rows: [number, number][][] = [
    [
      [0, 1],
      [1, 2],
    ],
    [
      [0, 2],
      [1, 100],
    ],
  ];
  expect(greedy(problemOf(rows, [1, 1], [500, 500])).totalMs).toBe(101);
});
