// How likely a driver is to accept an offer. It orders and prices; it never makes anyone ineligible.
//
//   p = sigma(b0 + logit(EB) - 0.06 pickup_min - 0.03 drop_km + 0.5 (pay_per_min - usual) - 0.4 declines_30m)
//   EB = (accepted + 20 * 0.7) / (offers + 20)
//
// EB is the driver's own rate, shrunk towards the prior of 0.7 by the weight of 20 offers.

import type {Snapshot} from '../domain/snapshot.ts';
import type {Pairs} from './etas.ts';

const PRIOR_RATE = 0.7;
const PRIOR_OFFERS = 20;
/** Balances the mean penalty of an ordinary offer (6 minutes to the pickup, 4 km to the drop). */
const INTERCEPT = 0.5;
const PER_PICKUP_MIN = -0.06;
const PER_DROP_KM = -0.03;
const PER_PAY_PER_MIN = 0.5;
const PER_DECLINE = -0.4;
const CLIP: readonly [number, number] = [0.05, 0.98];

/** The model takes a drop's length; the tick knows its time. This is an ordinary city speed, door to door. */
const KM_PER_MIN = 0.5;
const MS_PER_MIN = 60_000;

/** Math.exp and Math.log may differ in their last bits from machine to machine; a decision must not. */
const DIGITS = 1e6;

/** By pair: probability in [0.05, 0.98], in steps of 1e-6. */
export function acceptance(s: Snapshot, pairs: Pairs): Float64Array {
  const {offers, accepted, declines30m} = s.drivers;
  const usualPay = s.settings.usualPayCentsPerMin / 100;
  const p = new Float64Array(pairs.task.length);
  for (let i = 0; i < p.length; i++) {
    const driver = pairs.driver[i];
    const rate = (accepted[driver] + PRIOR_OFFERS * PRIOR_RATE) / (offers[driver] + PRIOR_OFFERS);
    const pickupMin = pairs.pickupMs[i] / MS_PER_MIN;
    const dropMin = pairs.dropMs[i] / MS_PER_MIN;
    const payPerMin = s.tasks.payCents[pairs.task[i]] / 100 / Math.max(1, pickupMin + dropMin);
    const score =
      INTERCEPT +
      Math.log(rate / (1 - rate)) +
      PER_PICKUP_MIN * pickupMin +
      PER_DROP_KM * dropMin * KM_PER_MIN +
      PER_PAY_PER_MIN * (payPerMin - usualPay) +
      PER_DECLINE * declines30m[driver];
    p[i] = probability(score);
  }
  return p;
}

/** Clipped and rounded; a score that is no number counts as the least. */
function probability(score: number): number {
  const p = 1 / (1 + Math.exp(-score));
  return p > CLIP[0] ? Math.round(Math.min(CLIP[1], p) * DIGITS) / DIGITS : CLIP[0];
}
