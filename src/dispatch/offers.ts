// The solver's choice as proposals to commit, each with the features that later learning needs.

import type {OfferFeatures, Proposal} from '../domain/offer.ts';
import type {Snapshot} from '../domain/snapshot.ts';
import type {Assignment} from './assignment.ts';
import {type Costs, TERM_NAMES} from './costs.ts';
import {type Pairs, pairTimes, timesByRoad} from './etas.ts';

/** One proposal per assigned task, ascending by task id. `driverOf` is by the problem's task id, -1 = unassigned. */
export function offersFrom(
  s: Snapshot,
  {problem, tasks}: Assignment,
  pairs: Pairs,
  p: Float64Array,
  cost: Costs,
  driverOf: Int32Array,
): Proposal[] {
  const proposals: Proposal[] = [];
  for (let id = 0; id < problem.taskCount; id++) {
    if (driverOf[id] === -1) continue;
    const pair = problem.driver.indexOf(driverOf[id], problem.firstPair[id]);
    const task = tasks[id];
    const times = pairTimes(s, task, pairs.pickupMs[pair], pairs.dropMs[pair], pairs.returnMs[pair]);
    const byRoad = timesByRoad(times);
    proposals.push({
      taskId: s.tasks.id[task],
      driverId: s.drivers.id[pairs.driver[pair]],
      dropAtMs: Math.max(times.dropAtMs, byRoad.dropAtMs),
      neededUntilMs: Math.max(times.backAtMs, byRoad.backAtMs),
      features: {
        version: 2,
        pickupAtMs: times.pickupAtMs,
        dropAtMs: times.dropAtMs,
        pickupCorrectionMs: times.pickupCorrectionMs,
        dropCorrectionMs: times.dropCorrectionMs,
        ...choice(problem.firstPair[id], problem.firstPair[id + 1], pair, pairs, p, cost),
      },
    });
  }
  return proposals;
}

type Promised = 'version' | 'pickupAtMs' | 'dropAtMs' | 'pickupCorrectionMs' | 'dropCorrectionMs';

/** The pair beside what else could have been. `begin` and `end` bound the pairs of its task. */
function choice(
  begin: number,
  end: number,
  pair: number,
  pairs: Pairs,
  p: Float64Array,
  cost: Costs,
): Omit<OfferFeatures, Promised> {
  const costMs = cost.costMs[pair];
  let cheaper = 0;
  let nextBestCostMs: number | null = null;
  for (let other = begin; other < end; other++) {
    if (other === pair) continue;
    if (cost.costMs[other] < costMs) cheaper++;
    if (nextBestCostMs === null || cost.costMs[other] < nextBestCostMs) nextBestCostMs = cost.costMs[other];
  }
  return {
    pickupMs: pairs.pickupMs[pair],
    dropMs: pairs.dropMs[pair],
    returnMs: pairs.returnMs[pair],
    acceptance: p[pair],
    costMs,
    terms: Object.fromEntries(TERM_NAMES.map((name, k) => [name, cost.termMs[pair * TERM_NAMES.length + k]])),
    rank: cheaper,
    candidates: end - begin,
    nextBestCostMs,
    unassignedMs: cost.unassignedMs[pairs.task[pair]],
  };
}
