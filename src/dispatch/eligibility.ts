// Which drivers and tasks may be matched at all, and why not. Everything that can stand in the way is a check: what
// dispatch itself asks for, then the compliance rules in force. Together they have one canonical order, that of the
// bits of a mask. Acceptance history is never a check: it prices, it excludes nobody.
//
// The commit re-checks the same inside the database (migrations/0036-commit-throughput.sql), since the world moves on
// between solve and commit.

import type {Snapshot} from '../domain/snapshot.ts';
import {NO_COORDINATE_E7} from '../domain/units.ts';
import {bindRules, type PairTimes, type Tests} from './rules.ts';

export type Check = Tests & {
  readonly code: string;
  /** What is wrong, for a person. */
  readonly sentence: string;
  readonly source: string;
  /** Of a rule: since when it is in force. */
  readonly sinceMs: number | null;
};

type DispatchCheck = Omit<Check, 'source' | 'sinceMs' | keyof Tests> & {readonly bind: (s: Snapshot) => Tests};

/** What dispatch asks for, whatever the rules of a region say. */
export const DISPATCH_CHECKS: readonly DispatchCheck[] = [
  {
    code: 'DRIVER_BUSY',
    sentence: 'The driver holds an open offer or an unfinished task.',
    bind: ({drivers}) => ({
      driver: (d) => drivers.openOffers[d] + drivers.activeTasks[d] > 0 || drivers.capacity[d] < 1,
    }),
  },
  {
    code: 'DRIVER_NO_POSITION',
    sentence: 'The driver never sent a position.',
    bind: ({drivers}) => ({driver: (d) => drivers.latE7[d] === NO_COORDINATE_E7}),
  },
  {
    code: 'DRIVER_POSITION_STALE',
    sentence: "The driver's last position is too old.",
    bind: ({drivers, atMs, settings}) => ({
      driver: (d) =>
        drivers.latE7[d] !== NO_COORDINATE_E7 && atMs - drivers.recordedAtMs[d] > settings.positionMaxAgeS * 1_000,
      driverSinceMs: (d) => drivers.recordedAtMs[d] + settings.positionMaxAgeS * 1_000,
    }),
  },
  {
    code: 'TASK_LATE',
    sentence: 'The latest time of the task has passed.',
    bind: ({tasks, atMs}) => ({task: (t) => tasks.latestAtMs[t] <= atMs, taskSinceMs: (t) => tasks.latestAtMs[t]}),
  },
  {
    code: 'TASK_ATTEMPTS',
    sentence: 'The task was offered as often as the region allows.',
    bind: ({tasks, settings}) => ({task: (t) => tasks.attempts[t] >= settings.attemptsLimit}),
  },
  {
    code: 'PAIR_TOO_LATE',
    sentence: 'The driver would arrive after the latest time of the task.',
    bind: ({tasks}) => ({pair: (t, _d, {dropAtMs}) => dropAtMs > tasks.latestAtMs[t]}),
  },
];

/** Bits of a mask: two words a driver or task. RULES_LIMIT keeps the checks below. */
export const CHECKS_LIMIT = 64;
const WORDS = CHECKS_LIMIT / 32;

/** Every check of a snapshot in canonical order: dispatch's own, then the rules in force by code. */
export const checksOf = (snapshot: Snapshot): Check[] => [
  ...DISPATCH_CHECKS.map(({code, sentence, bind}) => {
    return {code, sentence, source: 'dispatch', sinceMs: null, ...bind(snapshot)};
  }),
  ...bindRules(snapshot),
];

export type Eligibility = {
  /** In canonical order. */
  readonly checks: readonly Check[];
  /** By driver, by task: bit i & 31 of word i >>> 5 of its two is set when checks[i] is broken; all 0 = eligible. */
  readonly driverMask: Uint32Array;
  readonly taskMask: Uint32Array;
  /** Indices of the eligible, ascending. */
  readonly drivers: Int32Array;
  readonly tasks: Int32Array;
};

/** Applies every check to every driver and task. O(checks * (drivers + tasks)). */
export function eligibility(snapshot: Snapshot): Eligibility {
  const checks = checksOf(snapshot);
  if (checks.length > CHECKS_LIMIT)
    throw new Error(`${checks.length} checks do not fit a mask of ${CHECKS_LIMIT} bits`);
  const driverMask = masks(
    checks.map(({driver}) => driver),
    snapshot.drivers.id.length,
  );
  const taskMask = masks(
    checks.map(({task}) => task),
    snapshot.tasks.id.length,
  );
  return {checks, driverMask, taskMask, drivers: zeroes(driverMask), tasks: zeroes(taskMask)};
}

/** Codes of the checks that a driver or task breaks, from its mask. */
export const brokenChecks = ({checks}: Eligibility, mask: Uint32Array, index: number): Check[] =>
  checks.filter((_, i) => mask[index * WORDS + (i >>> 5)] & (1 << (i & 31)));

/**
 * Whether a check forbids the pair: as promised, or by the road alone. So what was learned of promises forbids pairs,
 * but allows none that the road would not.
 */
const breaks = ({pair}: Check, task: number, driver: number, promised: PairTimes, byRoad: PairTimes): boolean =>
  pair !== undefined && (pair(task, driver, promised) || (byRoad !== promised && pair(task, driver, byRoad)));

/** True when no check forbids the pair. `byRoad`: `promised` itself where nothing was learned. */
export const pairAllowed = (
  {checks}: Eligibility,
  task: number,
  driver: number,
  promised: PairTimes,
  byRoad: PairTimes = promised,
): boolean => !checks.some((check) => breaks(check, task, driver, promised, byRoad));

/** The checks that forbid it. */
export const brokenByPair = (
  {checks}: Eligibility,
  task: number,
  driver: number,
  promised: PairTimes,
  byRoad: PairTimes = promised,
): Check[] => checks.filter((check) => breaks(check, task, driver, promised, byRoad));

function masks(tests: readonly (((index: number) => boolean) | undefined)[], count: number): Uint32Array {
  const mask = new Uint32Array(count * WORDS);
  tests.forEach((isBroken, check) => {
    if (!isBroken) return;
    for (let i = 0; i < count; i++) if (isBroken(i)) mask[i * WORDS + (check >>> 5)] |= 1 << (check & 31);
  });
  return mask;
}

/** Indices of those whose words are all 0. */
function zeroes(mask: Uint32Array): Int32Array {
  const found = new Int32Array(mask.length / WORDS);
  let count = 0;
  for (let i = 0; i < found.length; i++) if ((mask[i * WORDS] | mask[i * WORDS + 1]) === 0) found[count++] = i;
  return found.subarray(0, count);
}
