// What another decision would have been worth, beside the one that was taken.

import type {Snapshot} from '../../domain/snapshot.ts';
import type {Decision} from '../decision.ts';
import {measured} from './measures.ts';

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

function outcomeOf(decision: Decision, by: Snapshot): Outcome {
  const sum = {proposed: 0, costMs: 0, pickupMs: 0, readyToDropMs: 0, lateMs: 0, lateTasks: 0, acceptance: 0};
  for (const {proposal, costMs, acceptance, readyAtMs, dueAtMs, dropAtMs} of measured(decision, by)) {
    const lateMs = Math.max(0, dropAtMs - dueAtMs);
    sum.proposed++;
    sum.costMs += costMs;
    sum.pickupMs += proposal.features.pickupMs;
    sum.readyToDropMs += dropAtMs - readyAtMs;
    sum.lateMs += lateMs;
    sum.lateTasks += lateMs > 0 ? 1 : 0;
    sum.acceptance += acceptance;
  }
  const tasks = decision.snapshot.tasks.id.length;
  return {tasks, unassigned: tasks - sum.proposed, ...sum};
}
