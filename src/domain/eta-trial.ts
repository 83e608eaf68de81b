// Whether what is learned helps: learned from the older three quarters of some deliveries, tried on the newest quarter,
// which it has not seen.

import {correctionsAt, MEDIAN} from './eta-correction.ts';
import {type Leg, summaryOf} from './eta-error.ts';
import {etaLearner, learnNow, placeOf} from './eta-learning.ts';
import type {EtaTruth} from './eta-truth.ts';

const LEARNED_SHARE = 0.75;

/** Of promises: how far off they are on the mean, and how late, where one that is kept or early counts 0. */
export type PromiseErrors = {readonly meanAbsMs: number; readonly meanLateMs: number};

/** By the road alone, and with what was learned. */
export type Compared = {readonly without: PromiseErrors; readonly with: PromiseErrors};

export type EtaTrial = {readonly learnedFrom: number; readonly triedOn: number} & Readonly<Record<Leg, Compared>>;

/** `truths`: ascending by hand-over. */
export function tryLearning(truths: readonly EtaTruth[], h3Resolution: number): EtaTrial {
  const seen = Math.floor(truths.length * LEARNED_SHARE);
  const learner = etaLearner(h3Resolution, Math.max(1, seen));
  learner.add(truths.slice(0, seen));
  const byHour = Map.groupBy(learnNow(learner).corrections, ({hour}) => hour);
  const learnedAt = new Map(Array.from(byHour, ([hour, rows]) => [hour, correctionsAt(rows)]));
  const nothing = correctionsAt([]);

  const tried = truths.slice(seen).map((truth) => {
    const {pickupActualAtMs, dropActualAtMs, offeredAtMs} = truth;
    const learned = learnedAt.get(truth.hour) ?? nothing;
    const pickupByRoadMs = truth.pickupPromisedAtMs - truth.pickupCorrectionMs;
    const dropByRoadMs = truth.dropPromisedAtMs - truth.dropCorrectionMs;
    // As pairTimes of src/dispatch/etas.ts promises.
    const pickupAtMs = Math.max(offeredAtMs, pickupByRoadMs + learned('pickup', placeOf(truth, 'pickup'))[MEDIAN]);
    const dropAtMs = Math.max(pickupAtMs, dropByRoadMs + learned('drop', placeOf(truth, 'drop'))[MEDIAN]);
    return {
      pickup: {without: pickupActualAtMs - pickupByRoadMs, with: pickupActualAtMs - pickupAtMs},
      drop: {without: dropActualAtMs - dropByRoadMs, with: dropActualAtMs - dropAtMs},
    };
  });
  const compared = (leg: Leg): Compared => ({
    without: promiseErrors(tried.map((each) => each[leg].without)),
    with: promiseErrors(tried.map((each) => each[leg].with)),
  });
  return {learnedFrom: seen, triedOn: tried.length, pickup: compared('pickup'), drop: compared('drop')};
}

const promiseErrors = (errorsMs: readonly number[]): PromiseErrors => ({
  meanAbsMs: summaryOf(errorsMs).meanAbsMs,
  meanLateMs: summaryOf(errorsMs.map((ms) => Math.max(0, ms))).meanMs,
});
