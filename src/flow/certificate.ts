// Checks an answer without trusting the solver that made it, and shares no code with it.
//
// Weak duality (R. K. Ahuja, T. L. Magnanti, J. B. Orlin, "Network Flows", 1993, ch. 9 and 12): prices that keep within
// every pair's cost and every penalty, with no driver price above 0, add up to a lower bound on the cost of every
// assignment. An assignment that meets the bound is optimal. Sums are of integers and must stay below 2^53: exact.

import type {Problem, Solution} from './problem.ts';

export type Flaw =
  | {readonly kind: 'wrong-length'; readonly array: 'driverOf' | 'taskPriceMs' | 'driverPriceMs'}
  | {readonly kind: 'driver-price-above-zero'; readonly driver: number; readonly priceMs: number}
  | {readonly kind: 'task-price-above-penalty'; readonly task: number; readonly excessMs: number}
  | {readonly kind: 'pair-under-its-prices'; readonly task: number; readonly driver: number; readonly shortByMs: number}
  | {readonly kind: 'no-such-pair'; readonly task: number; readonly driver: number}
  | {readonly kind: 'over-capacity'; readonly driver: number}
  | {readonly kind: 'inexact-sum'; readonly magnitudeMs: number}
  | {readonly kind: 'wrong-total'; readonly statedMs: number; readonly foundMs: number}
  | {readonly kind: 'wrong-bound'; readonly statedMs: number; readonly foundMs: number}
  | {readonly kind: 'wrong-kind'; readonly stated: Solution['kind']; readonly gapMs: number};

/** `undefined` when all that `solution` states of `problem` is proven; else the first flaw. O(pairs). */
export function flaw(problem: Problem, solution: Solution): Flaw | undefined {
  const {driverCount, taskCount, firstPair, driver, costMs, capacity, unassignedMs} = problem;
  const {driverOf, taskPriceMs, driverPriceMs} = solution;
  if (driverOf.length !== taskCount) return {kind: 'wrong-length', array: 'driverOf'};
  if (taskPriceMs.length !== taskCount) return {kind: 'wrong-length', array: 'taskPriceMs'};
  if (driverPriceMs.length !== driverCount) return {kind: 'wrong-length', array: 'driverPriceMs'};

  const served = new Float64Array(driverCount);
  let totalMs = 0;
  let boundMs = 0;
  let magnitudeMs = 0;
  for (let d = 0; d < driverCount; d++) {
    const priceMs = driverPriceMs[d];
    if (priceMs > 0) return {kind: 'driver-price-above-zero', driver: d, priceMs};
    boundMs += capacity[d] * priceMs;
    magnitudeMs -= capacity[d] * priceMs;
  }
  for (let t = 0; t < taskCount; t++) {
    const priceMs = taskPriceMs[t];
    const chosen = driverOf[t];
    if (priceMs > unassignedMs[t]) {
      return {kind: 'task-price-above-penalty', task: t, excessMs: priceMs - unassignedMs[t]};
    }
    boundMs += priceMs;
    magnitudeMs += Math.abs(priceMs);

    let chosenMs = chosen === -1 ? unassignedMs[t] : Number.NaN;
    for (let pair = firstPair[t]; pair < firstPair[t + 1]; pair++) {
      const d = driver[pair];
      const reducedMs = costMs[pair] - priceMs - driverPriceMs[d];
      if (reducedMs < 0) return {kind: 'pair-under-its-prices', task: t, driver: d, shortByMs: -reducedMs};
      if (d === chosen) chosenMs = costMs[pair];
    }
    if (Number.isNaN(chosenMs)) return {kind: 'no-such-pair', task: t, driver: chosen};
    if (chosen !== -1 && ++served[chosen] > capacity[chosen]) return {kind: 'over-capacity', driver: chosen};
    totalMs += chosenMs;
  }

  if (magnitudeMs > Number.MAX_SAFE_INTEGER) return {kind: 'inexact-sum', magnitudeMs};
  if (totalMs !== solution.totalMs) return {kind: 'wrong-total', statedMs: solution.totalMs, foundMs: totalMs};
  if (boundMs !== solution.boundMs) return {kind: 'wrong-bound', statedMs: solution.boundMs, foundMs: boundMs};
  const kind = totalMs === boundMs ? 'optimal' : 'over-budget';
  return kind === solution.kind ? undefined : {kind: 'wrong-kind', stated: solution.kind, gapMs: totalMs - boundMs};
}
