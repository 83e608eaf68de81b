// Slow truths for the assignment solver: brute force, and successive shortest paths by Bellman-Ford on the explicit
// network source -> drivers -> tasks -> sink with an arc from the source to each task for leaving it unassigned.
//
// L. R. Ford, D. R. Fulkerson, "Flows in Networks", 1962. No potentials, no heap, no assumption but integer costs.

import type {Problem} from '../../src/flow/problem.ts';

/** Tries every assignment. O((drivers + 1) ^ tasks). */
export function bruteForceMs({taskCount, firstPair, driver, costMs, capacity, unassignedMs}: Problem): number {
  const left = Array.from(capacity);
  const cheapestFrom = (task: number): number => {
    if (task === taskCount) return 0;
    let best = unassignedMs[task] + cheapestFrom(task + 1);
    for (let pair = firstPair[task]; pair < firstPair[task + 1]; pair++) {
      if (left[driver[pair]] === 0) continue;
      left[driver[pair]]--;
      best = Math.min(best, costMs[pair] + cheapestFrom(task + 1));
      left[driver[pair]]++;
    }
    return best;
  };
  return cheapestFrom(0);
}

type Arc = {from: number; to: number; left: number; costMs: number; back: number};

/** The cost of the cheapest flow that reaches every task. O(tasks * nodes * arcs). */
export function shortestPathsMs(problem: Problem): number {
  const {driverCount, taskCount, firstPair, driver, costMs, capacity, unassignedMs} = problem;
  const source = driverCount + taskCount;
  const sink = source + 1;
  const arcs: Arc[] = [];
  const connect = (from: number, to: number, left: number, cost: number): void => {
    arcs.push({from, to, left, costMs: cost, back: arcs.length + 1});
    arcs.push({from: to, to: from, left: 0, costMs: -cost, back: arcs.length - 1});
  };
  for (let d = 0; d < driverCount; d++) connect(source, d, capacity[d], 0);
  for (let t = 0; t < taskCount; t++) {
    connect(source, driverCount + t, 1, unassignedMs[t]);
    connect(driverCount + t, sink, 1, 0);
    for (let pair = firstPair[t]; pair < firstPair[t + 1]; pair++) {
      connect(driver[pair], driverCount + t, 1, costMs[pair]);
    }
  }

  let totalMs = 0;
  for (let unit = 0; unit < taskCount; unit++) {
    const distMs = new Array<number>(sink + 1).fill(Number.POSITIVE_INFINITY);
    const via: (Arc | undefined)[] = new Array(sink + 1);
    distMs[source] = 0;
    for (let changed = true; changed; ) {
      changed = false;
      for (const arc of arcs) {
        if (arc.left === 0 || distMs[arc.from] + arc.costMs >= distMs[arc.to]) continue;
        distMs[arc.to] = distMs[arc.from] + arc.costMs;
        via[arc.to] = arc;
        changed = true;
      }
    }
    totalMs += distMs[sink];
    for (let arc = via[sink]; arc !== undefined; arc = via[arc.from]) {
      arc.left--;
      arcs[arc.back].left++;
    }
  }
  return totalMs;
}
