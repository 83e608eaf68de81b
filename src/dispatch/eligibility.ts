// Which drivers and tasks may be matched at all, and why not. Each rule is a row: code, sentence, predicate; the
// verdict is a bitmask, bit i = rule i is broken. Acceptance history is never a rule: it prices, it excludes nobody.
//
// The commit re-checks the same rules inside the database (migrations/), since the world moves on between solve and
// commit.

import {DOCUMENT_KINDS, type DocumentKind} from '../domain/document.ts';
import type {Snapshot} from '../domain/snapshot.ts';
import {NO_COORDINATE_E7} from '../domain/units.ts';

export type Rule<Subject extends readonly unknown[]> = {
  readonly code: string;
  /** What is wrong, for a person. */
  readonly sentence: string;
  readonly broken: (snapshot: Snapshot, ...subject: Subject) => boolean;
};

const DOCUMENT_SENTENCES: Readonly<Record<DocumentKind, string>> = {
  identity: 'The identity is not verified, or the check is too old.',
  licence: 'The driving licence is missing, expired or checked too long ago.',
  insurance: 'Insurance with delivery use is missing, expired or checked too long ago.',
  registration: "The vehicle's registration is missing, expired or checked too long ago.",
  background_check: 'The background check is missing, expired or too old.',
};

/** By driver index. */
export const DRIVER_RULES: readonly Rule<[driver: number]>[] = [
  {
    code: 'DRIVER_BUSY',
    sentence: 'The driver holds an open offer or an unfinished task.',
    broken: ({drivers}, d) => drivers.openOffers[d] + drivers.activeTasks[d] > 0 || drivers.capacity[d] < 1,
  },
  {
    code: 'DRIVER_NO_POSITION',
    sentence: 'The driver never sent a position.',
    broken: ({drivers}, d) => drivers.latE7[d] === NO_COORDINATE_E7,
  },
  {
    code: 'DRIVER_POSITION_STALE',
    sentence: "The driver's last position is too old.",
    broken: ({drivers, atMs, settings}, d) =>
      drivers.latE7[d] !== NO_COORDINATE_E7 && atMs - drivers.recordedAtMs[d] > settings.positionMaxAgeS * 1_000,
  },
  {
    code: 'DRIVER_NOT_OPTED_IN',
    sentence: 'The driver has not agreed to carry age-restricted goods.',
    broken: ({drivers}, d) => drivers.optedIn[d] === 0,
  },
  {
    code: 'DRIVER_UNDER_21',
    sentence: 'The driver is younger than 21.',
    broken: ({drivers, atMs}, d) => drivers.adultFromMs[d] > atMs,
  },
  ...DOCUMENT_KINDS.map((kind, k) => ({
    code: `DRIVER_${kind.toUpperCase()}`,
    sentence: DOCUMENT_SENTENCES[kind],
    broken: ({drivers, atMs}: Snapshot, d: number) => drivers.documentUntilMs[k][d] <= atMs,
  })),
];

/** By task index. */
export const TASK_RULES: readonly Rule<[task: number]>[] = [
  {
    code: 'TASK_AGE_CHECK',
    sentence: "The purchaser's age check (21+) was never passed or has expired.",
    broken: ({tasks, atMs}, t) => tasks.ageCheckUntilMs[t] <= atMs,
  },
  {
    code: 'TASK_LATE',
    sentence: 'The latest time of the task has passed.',
    broken: ({tasks, atMs}, t) => tasks.latestAtMs[t] <= atMs,
  },
  {
    code: 'TASK_ATTEMPTS',
    sentence: 'The task was offered as often as the region allows.',
    broken: ({tasks, settings}, t) => tasks.attempts[t] >= settings.attemptsLimit,
  },
  {
    code: 'TASK_OVER_CARRY_LIMIT',
    sentence: 'The task holds more units or value than one driver may carry.',
    broken: ({tasks, settings}, t) =>
      tasks.units[t] > settings.carryLimitUnits || tasks.valueCents[t] > settings.carryLimitCents,
  },
  {
    code: 'CATEGORY_KILLED',
    sentence: 'The category, or the whole region, is switched off.',
    broken: ({tasks, killed}, t) => killed.includes('*') || killed.includes(tasks.category[t]),
  },
  {
    code: 'STORE_PERMIT',
    sentence: "The store's retail permit is missing or has expired.",
    broken: ({tasks, stores, atMs}, t) => stores.permitUntilMs[tasks.store[t]] <= atMs,
  },
  {
    code: 'STORE_CLOSED',
    sentence: 'The store is closed.',
    broken: ({tasks, stores}, t) => stores.closesAtMs[tasks.store[t]] === 0,
  },
];

/** What the road decides about one pair, in instants of dispatch time (epoch ms). */
export type PairTimes = {readonly pickupAtMs: number; readonly dropAtMs: number; readonly backAtMs: number};

/** By task and driver index, once the pair's times are known. */
export const PAIR_RULES: readonly Rule<[task: number, driver: number, times: PairTimes]>[] = [
  {
    code: 'PAIR_TOO_LATE',
    sentence: 'The driver would arrive after the latest time of the task.',
    broken: ({tasks}, t, _d, times) => times.dropAtMs > tasks.latestAtMs[t],
  },
  {
    code: 'PAIR_AGE_CHECK_ENDS',
    sentence: "The purchaser's age check would expire before the hand-over.",
    broken: ({tasks}, t, _d, times) => tasks.ageCheckUntilMs[t] < times.dropAtMs,
  },
  {
    code: 'PAIR_STORE_CLOSES',
    sentence: 'The store would close before goods that cannot be handed over are back.',
    broken: ({tasks, stores}, t, _d, times) => (stores.closesAtMs[tasks.store[t]] ?? Infinity) < times.backAtMs,
  },
  {
    code: 'PAIR_PERMIT_ENDS',
    sentence: "The store's permit would expire before the goods are handed over or back.",
    broken: ({tasks, stores}, t, _d, times) => stores.permitUntilMs[tasks.store[t]] < times.backAtMs,
  },
  ...DOCUMENT_KINDS.map((kind, k) => ({
    code: `PAIR_${kind.toUpperCase()}_ENDS`,
    sentence: `${DOCUMENT_SENTENCES[kind]} It would end before the task and a possible return do.`,
    broken: ({drivers}: Snapshot, _t: number, d: number, times: PairTimes) =>
      drivers.documentUntilMs[k][d] < times.backAtMs,
  })),
];

export type Eligibility = {
  /** By driver, by task: bit i is set when rule i of DRIVER_RULES, TASK_RULES is broken; 0 = eligible. */
  readonly driverMask: Uint32Array;
  readonly taskMask: Uint32Array;
  /** Indices of the eligible, ascending. */
  readonly drivers: Int32Array;
  readonly tasks: Int32Array;
};

/** Applies every driver and task rule. O(rules * (drivers + tasks)). */
export function eligibility(snapshot: Snapshot): Eligibility {
  const driverMask = masks(snapshot, DRIVER_RULES, snapshot.drivers.id.length);
  const taskMask = masks(snapshot, TASK_RULES, snapshot.tasks.id.length);
  return {driverMask, taskMask, drivers: zeroes(driverMask), tasks: zeroes(taskMask)};
}

/** The rules of a table that one subject breaks. */
export function brokenRules<Subject extends readonly unknown[]>(
  snapshot: Snapshot,
  rules: readonly Rule<Subject>[],
  ...subject: Subject
): Rule<Subject>[] {
  return rules.filter((rule) => rule.broken(snapshot, ...subject));
}

/** True when no pair rule forbids it. */
export const pairAllowed = (snapshot: Snapshot, task: number, driver: number, times: PairTimes): boolean =>
  !PAIR_RULES.some((rule) => rule.broken(snapshot, task, driver, times));

function masks(snapshot: Snapshot, rules: readonly Rule<[number]>[], count: number): Uint32Array {
  const mask = new Uint32Array(count);
  for (let bit = 0; bit < rules.length; bit++) {
    const {broken} = rules[bit];
    for (let i = 0; i < count; i++) if (broken(snapshot, i)) mask[i] |= 1 << bit;
  }
  return mask;
}

function zeroes(mask: Uint32Array): Int32Array {
  const found = new Int32Array(mask.length);
  let count = 0;
  for (let i = 0; i < mask.length; i++) if (mask[i] === 0) found[count++] = i;
  return found.subarray(0, count);
}
