// The codes of rules that a schema cannot state, by the kind of failure, each with the title of its problem. They come
// from the domain, the database or a route; a code that is not here does not compile where one is refused.

import {CHANGE_REFUSALS, type ChangeRefusal} from '../domain/handover.ts';
import {TARGET_REFUSALS, type TargetRefusal} from '../loops/webhook-target.ts';

/** Sentences of the domain as titles, under other names if `nameOf` gives one. */
function titled<K extends string, N extends string>(sentences: Readonly<Record<K, string>>, nameOf: (key: K) => N) {
  const entries = Object.entries<string>(sentences).map(([key, sentence]) => [
    nameOf(key as K),
    sentence.replace(/^./, (first) => first.toUpperCase()),
  ]);
  return Object.fromEntries(entries) as Readonly<Record<N, string>>;
}

const CHANGES = titled<ChangeRefusal, ChangeRefusal>(CHANGE_REFUSALS, (code) => code);

export const RULE_CODES = {
  absent: {
    DRIVER_UNKNOWN: 'No such driver',
    PROVIDER_UNKNOWN: 'No such provider',
    REGION_UNKNOWN: 'No such region',
    RULE_UNKNOWN: 'No such rule in force',
    TASK_PURGED: 'The task was purged',
    WEBHOOK_ENDPOINT_UNKNOWN: 'No such webhook endpoint',
  },
  'work-in-hand': {
    CAPACITY_BELOW_LOAD: 'The driver holds more than the capacity',
    OPEN_WORK_ELSEWHERE: 'The driver has open work in another region',
  },
  refused: {
    ADDRESS_TAKEN: 'The address belongs to another customer',
    ADDRESS_UNKNOWN: 'No such address in the region',
    CONSTRAINT: 'A constraint of the database does not hold',
    CURSOR_AHEAD: 'The cursor is of another database',
    DRIVERS_MOVE_APART: 'Drivers who change their region come from one region, in a call of their own',
    EVENT_ID_REUSED: 'The id of the event came with another payload',
    NO_SEGMENT: 'No road is near',
    PREDICATE_INVALID: 'The predicate is none that is known',
    REGIONS_MIXED: 'The rows of a call are of one region',
    REFUSED: 'The request breaks a rule',
    RULES_LIMIT: 'The region has its most rules',
    RULE_CODE_INVALID: 'The code of the rule is malformed',
    SEALED_OTHERWISE: 'The secret was sealed under another key',
    SEALING_KEY_MISSING: 'There is no key to keep secrets under',
    STORE_UNKNOWN: 'No such store in the region',
    TASK_LATE: CHANGES.TASK_LATE,
    TASK_PURGED: 'A task of this id was purged',
    TIMES_CONTRADICT: CHANGES.TIMES_CONTRADICT,
    VALID_FROM_PAST: 'A rule cannot change in the past',
    WEBHOOK_ENDPOINTS_LIMIT: 'The region has its most webhook endpoints',
    WHAT_IF_INVALID: 'The change is out of bounds',
    WHAT_IF_UNKNOWN: 'The tick knew no such thing',
    ...titled<TargetRefusal, `WEBHOOK_${TargetRefusal}`>(TARGET_REFUSALS, (reason) => `WEBHOOK_${reason}`),
  },
  'change-refused': CHANGES,
} as const;

export type RuleKind = keyof typeof RULE_CODES;
type PlainKind = Exclude<RuleKind, 'change-refused'>;

/** A rule that the request breaks; the kind says what it is about. */
export type RuleFailure = {
  [K in PlainKind]: {readonly kind: K; readonly code: keyof (typeof RULE_CODES)[K]; readonly detail: string};
}[PlainKind];

/** The failure that a code of the domain stands for. One that is missing above is refused as REFUSED. */
export function ruleFailure(code: string, detail: string): RuleFailure {
  const kind = (['absent', 'work-in-hand', 'refused'] as const).find((each) => Object.hasOwn(RULE_CODES[each], code));
  return kind ? ({kind, code, detail} as RuleFailure) : {kind: 'refused', code: 'REFUSED', detail};
}
