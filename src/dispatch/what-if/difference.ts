// What another decision would have been worth, beside the one that was taken.

import type {Snapshot} from '../../domain/snapshot.ts';
import {costs} from '../costs.ts';
import type {Decision} from '../decision.ts';
import {pairTimes} from '../etas.ts';

/** What a decision is worth. Sums are over the proposals; costs and times by what was recorded. */
export type Outcome = {
  readonly tasks: number;
  readonly proposed: number;
  readonly unassigned: number;
  /** Of the pairs alone. */
  readonly costMs: number;
  readonly pickupMs: number;
  /** Until the goods are handed over, from when they were ready. */
  readonly readyToDropMs: number;
  readonly lateMs: number;
  readonly lateTasks: number;
  readonly acceptance: number;
};

export type MovedTask = {
  readonly taskId: string;
  /** null is nobody; of a task that only one of the two decisions knows, too. */
  readonly fromDriverId: string | null;
  readonly toDriverId: string | null;
};

export type Difference = {
  readonly before: Outcome;
  readonly after: Outcome;
  /** Tasks that go to another driver, ascending by id. */
  readonly moved: readonly MovedTask[];
};

export function difference(before: Decision, after: Decision): Difference {
  const was = new Map(before.proposals.map(({taskId, driverId}) => [taskId, driverId]));
  const is = new Map(after.proposals.map(({taskId, driverId}) => [taskId, driverId]));
  const moved = [...new Set([...was.keys(), ...is.keys()])]
    .map((taskId) => ({taskId, fromDriverId: was.get(taskId) ?? null, toDriverId: is.get(taskId) ?? null}))
    .filter(({fromDriverId, toDriverId}) => fromDriverId !== toDriverId)
    .sort((a, b) => (a.taskId < b.taskId ? -1 : 1));
  return {before: outcomeOf(before, before.snapshot), after: outcomeOf(after, before.snapshot), moved};
}

/** `by`: whose weights and settings price it, and by whose promises it is timed. */
function outcomeOf({snapshot: own, pairs, p, assigned, solution}: Decision, by: Snapshot): Outcome {
  const {corrections, ...uncorrected} = own;
  const snapshot = {...uncorrected, weights: by.weights, settings: by.settings, ...correctionsOf(own, by)};
  const priced = costs(snapshot, pairs, p);
  const {problem, tasks} = assigned;
  const sum = {proposed: 0, costMs: 0, pickupMs: 0, readyToDropMs: 0, lateMs: 0, lateTasks: 0, acceptance: 0};
  for (let t = 0; t < problem.taskCount; t++) {
    if (solution.driverOf[t] < 0) continue;
    const pair = problem.driver.indexOf(solution.driverOf[t], problem.firstPair[t]);
    const task = tasks[t];
    const {dropAtMs} = pairTimes(snapshot, task, pairs.pickupMs[pair], pairs.dropMs[pair], pairs.returnMs[pair]);
    const lateMs = Math.max(0, dropAtMs - snapshot.tasks.dueAtMs[task]);
    sum.proposed++;
    sum.costMs += priced.costMs[pair];
    sum.pickupMs += pairs.pickupMs[pair];
    sum.readyToDropMs += dropAtMs - snapshot.tasks.readyAtMs[task];
    sum.lateMs += lateMs;
    sum.lateTasks += lateMs > 0 ? 1 : 0;
    sum.acceptance += p[pair];
  }
  const waiting = snapshot.tasks.id.length;
  return {tasks: waiting, unassigned: waiting - sum.proposed, ...sum};
}

/** What was learned of the tasks and stores that are left of `by`. */
function correctionsOf({tasks}: Snapshot, by: Snapshot): Pick<Snapshot, 'corrections'> {
  if (!by.corrections) return {};
  const {pickupMs, dropMs} = by.corrections;
  const indexOf = new Map(by.tasks.id.map((id, t) => [id, t]));
  return {corrections: {pickupMs, dropMs: tasks.id.map((id) => dropMs[indexOf.get(id)!])}};
}
