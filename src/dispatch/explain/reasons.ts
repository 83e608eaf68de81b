// What stood in the way of a driver, a task or a pair, as codes and sentences.

import type {Decision} from '../decision.ts';
import {brokenByPair, brokenChecks, type Check} from '../eligibility.ts';
import {pairTimes, timesByRoad} from '../etas.ts';

export type Reason = {
  readonly code: string;
  readonly sentence: string;
  /** Of the rule; 'dispatch' where none asks for it. */
  readonly source: string;
  /** Since when the rule is in force; null of what dispatch itself asks for. */
  readonly ruleSinceMs: number | null;
  /** Since when it stood in the way; null where the record does not tell. */
  readonly sinceMs: number | null;
};

const DECLINED: Reason = {
  code: 'PAIR_DECLINED',
  sentence: 'The driver turned the task down a short while ago.',
  source: 'dispatch',
  ruleSinceMs: null,
  sinceMs: null,
};

const reason = ({code, sentence, source, sinceMs: ruleSinceMs}: Check, sinceMs = 0): Reason => ({
  code,
  sentence,
  source,
  ruleSinceMs,
  sinceMs: sinceMs > 0 ? sinceMs : null,
});

export const reasonsOfDriver = ({eligible}: Decision, driver: number): Reason[] =>
  brokenChecks(eligible, eligible.driverMask, driver).map((check) => reason(check, check.driverSinceMs?.(driver)));

export const reasonsOfTask = ({eligible}: Decision, task: number): Reason[] =>
  brokenChecks(eligible, eligible.taskMask, task).map((check) => reason(check, check.taskSinceMs?.(task)));

/** Of a driver and a task that are both eligible: as the tick judged, as promised and by the road alone. */
export function reasonsOfPair(
  {eligible, snapshot, legs}: Decision,
  task: number,
  driver: number,
  pickupMs: number,
): Reason[] {
  const times = pairTimes(snapshot, task, pickupMs, legs.dropMs[task], legs.returnMs[task]);
  const broken = brokenByPair(eligible, task, driver, times, timesByRoad(times)).map((check) => reason(check));
  const {declinedTask, declinedDriver} = snapshot;
  return declinedTask.some((t, i) => t === task && declinedDriver[i] === driver) ? [DECLINED, ...broken] : broken;
}
