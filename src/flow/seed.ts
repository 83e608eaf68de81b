// What a solve may be started from: the prices, and if known the matching, of an earlier answer. Any seed gives an
// optimal answer; a good one gives it sooner. It belongs to a tick's record, because which of several optima is found
// depends on it.

import type {Prices, Problem} from './problem.ts';

/** Stands in a seed for the price of a driver or task that the earlier answer did not know. */
export const UNPRICED_MS = -(2 ** 31);

/** By the ids of the problem to be solved. Prices may be UNPRICED_MS; others are brought into their range. */
export type Seed = Prices & {
  /** By task: the driver that served it, or -1. */
  readonly driverOf?: Int32Array;
};

export type SeedFlaw =
  | {readonly kind: 'wrong-length'; readonly array: keyof Seed; readonly length: number; readonly expected: number}
  | {readonly kind: 'no-such-driver'; readonly task: number; readonly driver: number};

/** `undefined` when `seed` is by the ids of `problem`; else the first flaw. O(tasks). */
export function seedFlaw({driverCount, taskCount}: Problem, seed: Seed): SeedFlaw | undefined {
  const {taskPriceMs, driverPriceMs, driverOf} = seed;
  const lengths: [keyof Seed, number, number][] = [
    ['taskPriceMs', taskPriceMs.length, taskCount],
    ['driverPriceMs', driverPriceMs.length, driverCount],
    ['driverOf', driverOf?.length ?? taskCount, taskCount],
  ];
  for (const [array, length, expected] of lengths) {
    if (length !== expected) return {kind: 'wrong-length', array, length, expected};
  }
  const task = driverOf?.findIndex((d) => d < -1 || d >= driverCount) ?? -1;
  return driverOf === undefined || task < 0 ? undefined : {kind: 'no-such-driver', task, driver: driverOf[task]};
}

/**
 * Carries an answer over to the next problem. `driverWas` and `taskWas` say, by new id, which id a driver or task had
 * in the old problem, or -1 when it is new. O(drivers + tasks).
 */
export function carrySeed(answer: Required<Seed>, driverWas: Int32Array, taskWas: Int32Array): Required<Seed> {
  const driverIs = new Int32Array(answer.driverPriceMs.length).fill(-1);
  driverWas.forEach((was, d) => {
    if (was >= 0) driverIs[was] = d;
  });
  const priceOr = (prices: Int32Array, was: number) => (was < 0 ? UNPRICED_MS : prices[was]);
  const driverOr = (driver: number) => (driver < 0 ? -1 : driverIs[driver]);
  return {
    driverPriceMs: driverWas.map((was) => priceOr(answer.driverPriceMs, was)),
    taskPriceMs: taskWas.map((was) => priceOr(answer.taskPriceMs, was)),
    driverOf: taskWas.map((was) => (was < 0 ? -1 : driverOr(answer.driverOf[was]))),
  };
}
