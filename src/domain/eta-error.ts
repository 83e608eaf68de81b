// How far promises were off: errors are what came less what was promised, so that late is positive.

import type {EtaTruth} from './eta-truth.ts';

/** Of a delivery: until the goods are picked up, and from the offer until they are handed over. */
export const LEGS = ['pickup', 'drop'] as const;
export type Leg = (typeof LEGS)[number];

/** Bands of a leg's road time: each begins at `fromMs` and ends where the next begins. */
export const TRIP_BANDS = [
  {name: '0-5 min', fromMs: 0},
  {name: '5-10 min', fromMs: 300_000},
  {name: '10-20 min', fromMs: 600_000},
  {name: '20+ min', fromMs: 1_200_000},
] as const;
export type TripBand = (typeof TRIP_BANDS)[number]['name'];

export const tripBand = (roadMs: number): TripBand =>
  (TRIP_BANDS.findLast(({fromMs}) => roadMs >= fromMs) ?? TRIP_BANDS[0]).name;

export type LegError = {
  readonly leg: Leg;
  /** Of the offer, 0 to 23, local. */
  readonly hour: number;
  readonly trip: TripBand;
  readonly errorMs: number;
};

/** What came of both promises of a delivery. */
export const legErrors = (truth: EtaTruth): LegError[] => [
  {
    leg: 'pickup',
    hour: truth.hour,
    trip: tripBand(truth.pickupMs),
    errorMs: truth.pickupActualAtMs - truth.pickupPromisedAtMs,
  },
  {leg: 'drop', hour: truth.hour, trip: tripBand(truth.dropMs), errorMs: truth.dropActualAtMs - truth.dropPromisedAtMs},
];

/** Of a group of deliveries: signed mean and quantiles, and the mean size. Whole milliseconds; of nothing all are 0. */
export type ErrorSummary = {
  readonly deliveries: number;
  readonly meanMs: number;
  readonly meanAbsMs: number;
  readonly p10Ms: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
};

export function summaryOf(errorsMs: readonly number[]): ErrorSummary {
  const sorted = Float64Array.from(errorsMs).sort();
  const deliveries = sorted.length;
  let sum = 0;
  let size = 0;
  for (const errorMs of sorted) {
    sum += errorMs;
    size += Math.abs(errorMs);
  }
  return {
    deliveries,
    meanMs: whole(sum / Math.max(1, deliveries)),
    meanAbsMs: whole(size / Math.max(1, deliveries)),
    p10Ms: quantile(sorted, 0.1),
    p50Ms: quantile(sorted, 0.5),
    p90Ms: quantile(sorted, 0.9),
  };
}

/** Of ascending values, between two of them in proportion, rounded; of none 0. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return 0;
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)];
  return whole(below + (at % 1) * (sorted[Math.ceil(at)] - below));
}

/** Never -0, which JSON does not know. */
const whole = (ms: number): number => Math.round(ms) + 0;
