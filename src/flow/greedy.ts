// The cheapest pair first: the baseline that the exact answer is compared with, and the fallback when a budget ends
// before anything better was found.

import {arrange, type Rows} from './layout/arrange.ts';
import type {Problem} from './problem.ts';
import {createHeap, distOf, idOf, keyOf, pop, push} from './search/heap.ts';

export type Greedy = {
  /** By task: its driver, or -1 when it is left unassigned. */
  readonly driverOf: Int32Array;
  readonly totalMs: number;
};

/** Takes pairs by ascending cost, then task, then driver, while both sides are free. O(pairs log tasks). */
export const greedy = (problem: Problem): Greedy => greedyOn(arrange(problem));

export function greedyOn(rows: Rows): Greedy {
  const {driverCount, taskCount, firstArc, driver, costMs, penaltyMs, places} = rows;
  const driverOf = new Int32Array(taskCount).fill(-1);
  const used = new Int32Array(driverCount);
  const next = firstArc.slice(0, taskCount); // by task: its cheapest arc not yet tried
  const heap = createHeap();
  let totalMs = 0;

  const offer = (task: number): void => {
    while (next[task] < firstArc[task + 1] && used[driver[next[task]]] === places[driver[next[task]]]) next[task]++;
    if (next[task] < firstArc[task + 1]) push(heap, keyOf(costMs[next[task]], task));
    else totalMs += penaltyMs[task];
  };
  for (let task = 0; task < taskCount; task++) offer(task);

  while (heap.size > 0) {
    const key = pop(heap);
    const task = idOf(key, distOf(key));
    const d = driver[next[task]];
    if (used[d] === places[d]) {
      offer(task);
      continue;
    }
    used[d]++;
    driverOf[task] = d;
    totalMs += distOf(key);
  }
  return {driverOf, totalMs};
}
