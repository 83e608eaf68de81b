// What a tick decides, from the snapshot to the proposals, with every column on the way: replay, explain and what-if
// ask the same of a recorded tick. Data moves down the page, once; only calls that leave the process are awaited.

import type {Proposal} from '../domain/offer.ts';
import type {Snapshot} from '../domain/snapshot.ts';
import {type Flaw, flaw} from '../flow/certificate.ts';
import type {Solution} from '../flow/problem.ts';
import type {Seed} from '../flow/seed.ts';
import {acceptance} from './acceptance.ts';
import {type Assignment, assignment} from './assignment.ts';
import {type Candidates, candidates} from './candidates.ts';
import {type Costs, costs} from './costs.ts';
import {type Eligibility, eligibility} from './eligibility.ts';
import {feasiblePairs, type LegTimes, type Pairs, timeLegs} from './etas.ts';
import {type LastAnswer, seedFrom} from './last-answer.ts';
import {offersFrom} from './offers.ts';
import {type Stopwatch, stopwatch} from './stopwatch.ts';
import type {DecidingWorld} from './world.ts';

export type Decision = {
  readonly snapshot: Snapshot;
  readonly eligible: Eligibility;
  readonly near: Candidates;
  readonly legs: LegTimes;
  readonly pairs: Pairs;
  /** By pair: how likely the driver accepts. */
  readonly p: Float64Array;
  readonly cost: Costs;
  readonly assigned: Assignment;
  readonly seed: Required<Seed> | undefined;
  readonly solution: Solution;
  /** Set when the answer could not be certified; then nothing is proposed. */
  readonly flaw: Flaw | undefined;
  readonly proposals: readonly Proposal[];
};

/** `last`: what the solve starts from; left out, from nothing. */
export async function decide(
  world: DecidingWorld,
  last?: LastAnswer,
  watch: Stopwatch = stopwatch(world.monotonicMs),
): Promise<Decision> {
  const snapshot = await watch.lap('snapshot', world.readSnapshot);
  const eligible = watch.lap('eligibility', () => eligibility(snapshot));
  const near = await watch.lap('candidates', () => candidates(world, snapshot, eligible));
  const legs = await watch.lap('etas', () => timeLegs(world, snapshot, eligible, near));
  const pairs = watch.lap('pairs', () => feasiblePairs(snapshot, eligible, near, legs));
  const p = watch.lap('acceptance', () => acceptance(snapshot, pairs));
  const cost = watch.lap('costs', () => costs(snapshot, pairs, p));
  const assigned = watch.lap('problem', () => assignment(eligible, pairs, cost));
  const {problem} = assigned;
  const seed = watch.lap('seed', () => last && seedFrom(last, snapshot, assigned));
  const solution = await watch.lap('solve', () => world.solve(problem, snapshot.settings.solveBudget, seed));
  const found = watch.lap('certificate', () => flaw(problem, solution));
  // An answer within a proven gap is feasible and may be offered; an answer that fails its check may not.
  const proposals = found ? [] : offersFrom(snapshot, assigned, pairs, p, cost, solution.driverOf);
  return {snapshot, eligible, near, legs, pairs, p, cost, assigned, seed, solution, flaw: found, proposals};
}
