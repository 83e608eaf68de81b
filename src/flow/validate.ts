// What a problem must satisfy before the solver may trust it. All bounds stand in problem.ts.

import {COST_LIMIT_MS, ID_LIMIT, type Problem} from './problem.ts';

export type ProblemFlaw =
  | {readonly kind: 'too-many'; readonly what: 'drivers' | 'tasks'; readonly count: number; readonly limit: number}
  | {readonly kind: 'wrong-length'; readonly array: keyof Problem; readonly length: number; readonly expected: number}
  | {readonly kind: 'pairs-not-ascending'; readonly task: number}
  | {readonly kind: 'no-such-driver'; readonly task: number; readonly driver: number}
  | {readonly kind: 'cost-out-of-range'; readonly task: number; readonly costMs: number}
  | {readonly kind: 'penalty-out-of-range'; readonly task: number; readonly unassignedMs: number}
  | {readonly kind: 'negative-capacity'; readonly driver: number; readonly capacity: number};

/** `undefined` when `problem` is well-formed; else the first flaw. O(pairs). */
export function problemFlaw(problem: Problem): ProblemFlaw | undefined {
  const {driverCount, taskCount, firstPair, driver, costMs, capacity, unassignedMs} = problem;
  if (!(driverCount <= ID_LIMIT)) return {kind: 'too-many', what: 'drivers', count: driverCount, limit: ID_LIMIT};
  if (!(taskCount <= ID_LIMIT)) return {kind: 'too-many', what: 'tasks', count: taskCount, limit: ID_LIMIT};

  const lengths: [keyof Problem, number, number][] = [
    ['firstPair', firstPair.length, taskCount + 1],
    ['driver', driver.length, firstPair[taskCount]],
    ['costMs', costMs.length, firstPair[taskCount]],
    ['capacity', capacity.length, driverCount],
    ['unassignedMs', unassignedMs.length, taskCount],
  ];
  for (const [array, length, expected] of lengths) {
    if (length !== expected) return {kind: 'wrong-length', array, length, expected};
  }
  for (let d = 0; d < driverCount; d++) {
    if (capacity[d] < 0) return {kind: 'negative-capacity', driver: d, capacity: capacity[d]};
  }
  if (firstPair[0] !== 0) return {kind: 'pairs-not-ascending', task: 0};
  for (let t = 0; t < taskCount; t++) {
    const penaltyMs = unassignedMs[t];
    if (penaltyMs < 0 || penaltyMs >= COST_LIMIT_MS) {
      return {kind: 'penalty-out-of-range', task: t, unassignedMs: penaltyMs};
    }
    if (firstPair[t + 1] < firstPair[t]) return {kind: 'pairs-not-ascending', task: t};
    let previous = -1;
    for (let pair = firstPair[t]; pair < firstPair[t + 1]; pair++) {
      const d = driver[pair];
      if (d < 0 || d >= driverCount) return {kind: 'no-such-driver', task: t, driver: d};
      if (d <= previous) return {kind: 'pairs-not-ascending', task: t};
      if (costMs[pair] < 0 || costMs[pair] >= COST_LIMIT_MS) {
        return {kind: 'cost-out-of-range', task: t, costMs: costMs[pair]};
      }
      previous = d;
    }
  }
  return undefined;
}
