// By how much the optimum of a tick would be worse if somebody decided otherwise, by which terms of the objective, and
// who would serve what instead. Exact where the tick's answer was proven optimal.

import type {Change} from '../../flow/sensitivity/change.ts';
import {enoughWork, type Sensitivity, sensitivityOf} from '../../flow/sensitivity/hub.ts';
import {TERM_NAMES, type TermName} from '../costs.ts';
import type {Decision} from '../decision.ts';

/** Terms of a cost, and what leaving tasks unassigned adds or saves. */
export type TermChanges = Readonly<Record<TermName | 'unassigned', number>>;

/** A task that would go to another driver; null stands for nobody. */
export type MoveTold = {
  readonly taskId: string;
  readonly fromDriverId: string | null;
  readonly toDriverId: string | null;
  /** By how much its own cost rises. */
  readonly changeMs: number;
};

export type Regret =
  /** The changes by term, and those by move, add up to `ms`. */
  | {
      readonly kind: 'exact';
      readonly ms: number;
      readonly termMs: TermChanges;
      readonly moves: readonly MoveTold[];
    }
  /** No answer to the question: the driver has no place at all. */
  | {readonly kind: 'infeasible'}
  /** The tick's own answer was not proven optimal, so nothing can be measured against it. */
  | {readonly kind: 'unproven'};

/** undefined where the answer of the tick is no proven optimum. */
export function sensitivityOfDecision({assigned, solution, flaw}: Decision): Sensitivity | undefined {
  if (flaw !== undefined || solution.kind !== 'optimal') return undefined;
  return sensitivityOf(assigned.problem, solution, {budget: enoughWork(assigned.problem)});
}

/** What a change of the solver says, by the ids of the world. */
export function regretOf(decision: Decision, change: Change | undefined): Regret {
  if (change === undefined) return {kind: 'unproven'};
  if (change.kind === 'infeasible') return {kind: 'infeasible'};
  if (change.kind !== 'exact') throw new Error('a search with enough work was cut short');
  const {snapshot, assigned} = decision;
  const termMs = Object.fromEntries([...TERM_NAMES, 'unassigned'].map((name) => [name, 0])) as Record<
    keyof TermChanges,
    number
  >;
  const driverId = (driver: number) => (driver < 0 ? null : snapshot.drivers.id[assigned.drivers[driver]]);
  const {task, from, to} = change.moves;
  const moves = Array.from(task, (t, i): MoveTold => {
    const changeMs = addTerms(decision, termMs, t, to[i], 1) + addTerms(decision, termMs, t, from[i], -1);
    const taskId = snapshot.tasks.id[assigned.tasks[t]];
    return {taskId, fromDriverId: driverId(from[i]), toDriverId: driverId(to[i]), changeMs};
  });
  return {kind: 'exact', ms: change.changeMs, termMs, moves};
}

/** Adds the terms of a task's cost with a driver (-1: with nobody), `times` 1 or -1; returns their sum. */
function addTerms(
  {assigned: {problem}, cost}: Decision,
  termMs: Record<keyof TermChanges, number>,
  task: number,
  driver: number,
  times: 1 | -1,
): number {
  if (driver < 0) {
    termMs.unassigned += times * problem.unassignedMs[task];
    return times * problem.unassignedMs[task];
  }
  const pair = pairOf(problem, task, driver);
  TERM_NAMES.forEach((name, k) => {
    termMs[name] += times * cost.termMs[pair * TERM_NAMES.length + k];
  });
  return times * cost.costMs[pair];
}

/** By the ids of the problem; -1 where the two are no candidate pair. */
export function pairOf({firstPair, driver}: Decision['assigned']['problem'], task: number, wanted: number): number {
  const pair = driver.subarray(firstPair[task], firstPair[task + 1]).indexOf(wanted);
  return pair < 0 ? -1 : firstPair[task] + pair;
}
