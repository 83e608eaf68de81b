// Proposals of a decision, measured by what another one went by: so that two of them are told by one measure.

import type {Proposal} from '../../domain/offer.ts';
import type {Snapshot} from '../../domain/snapshot.ts';
import {acceptance} from '../acceptance.ts';
import {costs} from '../costs.ts';
import type {Decision} from '../decision.ts';
import {type Pairs, pairTimes} from '../etas.ts';

export type Measured = {
  readonly proposal: Proposal;
  readonly costMs: number;
  readonly acceptance: number;
  readonly readyAtMs: number;
  readonly dueAtMs: number;
  readonly dropAtMs: number;
};

/** By proposal. `by`: whose weights and settings price it, and by whose promises it is timed. */
export function measured({snapshot: own, proposals}: Decision, by: Snapshot): Measured[] {
  const {corrections, ...uncorrected} = own;
  const snapshot = {...uncorrected, weights: by.weights, settings: by.settings, ...correctionsOf(own, by)};
  const pairs = pairsOf(own, proposals);
  const p = acceptance(snapshot, pairs);
  const {costMs} = costs(snapshot, pairs, p);
  return proposals.map((proposal, i) => {
    const task = pairs.task[i];
    const {dropAtMs} = pairTimes(snapshot, task, pairs.pickupMs[i], pairs.dropMs[i], pairs.returnMs[i]);
    const {readyAtMs, dueAtMs} = snapshot.tasks;
    return {
      proposal,
      costMs: costMs[i],
      acceptance: p[i],
      readyAtMs: readyAtMs[task],
      dueAtMs: dueAtMs[task],
      dropAtMs,
    };
  });
}

function pairsOf({tasks, drivers}: Snapshot, proposals: readonly Proposal[]): Pairs {
  const taskOf = indexOf(tasks.id);
  const driverOf = indexOf(drivers.id);
  const column = (of: (proposal: Proposal) => number) => Int32Array.from(proposals, of);
  return {
    task: column(({taskId}) => taskOf.get(taskId)!),
    driver: column(({driverId}) => driverOf.get(driverId)!),
    pickupMs: column(({features}) => features.pickupMs),
    dropMs: column(({features}) => features.dropMs),
    returnMs: column(({features}) => features.returnMs),
  };
}

/** What was learned of the tasks and stores that are left of `by`. */
function correctionsOf({tasks}: Snapshot, by: Snapshot): Pick<Snapshot, 'corrections'> {
  if (!by.corrections) return {};
  const {pickupMs, dropMs} = by.corrections;
  const taskOf = indexOf(by.tasks.id);
  return {corrections: {pickupMs, dropMs: tasks.id.map((id) => dropMs[taskOf.get(id)!])}};
}

export const indexOf = (ids: readonly string[]): ReadonlyMap<string, number> => new Map(ids.map((id, i) => [id, i]));
