// Compliance rules and kill switches of a region. Each change waits for the commits under way, and the next one heeds
// it.

import {InputFailure} from '../domain/failure.ts';
import type {KillSwitch} from '../domain/kill-switch.ts';
import {type NewRule, RULES_LIMIT, type RuleVersion} from '../domain/rule.ts';
import type {Database} from './connect.ts';
import {regionUnknown} from './regions.ts';
import {statement} from './statement.ts';

const PUT = statement('put_rule');
const LIST = statement('list_rules');
const SET_KILL_SWITCH = statement('set_kill_switch');
const LIST_KILL_SWITCHES = statement('list_kill_switches');

type Outcome = 'done' | 'REGION_UNKNOWN' | 'RULE_UNKNOWN' | 'PREDICATE_INVALID' | 'VALID_FROM_PAST' | 'RULES_LIMIT';

/**
 * Puts a version of a rule; the one that stood ends as it starts, and nothing else of it changes. InputFailure:
 * REGION_UNKNOWN, PREDICATE_INVALID, VALID_FROM_PAST, RULES_LIMIT, RULE_CODE_INVALID.
 */
export async function putRule(db: Database, regionId: string, rule: NewRule, by: string): Promise<void> {
  const {code, sentence, source, predicate, validFromMs} = rule;
  if (!/^[A-Z0-9_]{1,60}$/.test(code)) {
    throw new InputFailure('RULE_CODE_INVALID', `${JSON.stringify(code)} is not 1 to 60 of A-Z, 0-9 and "_"`);
  }
  await change(db, regionId, code, [sentence, source, JSON.stringify(predicate), validFromMs, by]);
}

/** Ends a rule, at once or at an instant to come. InputFailure: REGION_UNKNOWN, RULE_UNKNOWN, VALID_FROM_PAST. */
export const endRule = (db: Database, regionId: string, code: string, atMs: number | null, by: string): Promise<void> =>
  change(db, regionId, code, [null, null, null, atMs, by]);

async function change(db: Database, regionId: string, code: string, rest: readonly (string | number | null)[]) {
  const [{outcome}] = await db.query<{outcome: Outcome}>(PUT, [regionId, code, ...rest]);
  switch (outcome) {
    case 'done':
      return;
    case 'REGION_UNKNOWN':
      throw regionUnknown(regionId);
    case 'RULE_UNKNOWN':
      throw new InputFailure(outcome, `no rule ${code} stands in ${regionId}`);
    case 'PREDICATE_INVALID':
      throw new InputFailure(outcome, `the predicate of ${code} is none that docs/COMPLIANCE.md lists`);
    case 'VALID_FROM_PAST':
      throw new InputFailure(outcome, `${code} cannot change in the past`);
    case 'RULES_LIMIT':
      throw new InputFailure(outcome, `${regionId} has ${RULES_LIMIT} rules already: end one first`);
    default:
      return outcome satisfies never;
  }
}

/** Ascending by code, then by start. Those that stand or are planned; with `past`, the others as well. */
export const listRules = (db: Database, regionId: string, {past = false} = {}): Promise<RuleVersion[]> =>
  db.query<RuleVersion>(LIST, [regionId, past]);

/**
 * Switches a category, or '*' for the whole region, off (`on`) or on again; effective at the next commit. Switching
 * twice changes nothing. InputFailure: REGION_UNKNOWN.
 */
export async function setKillSwitch(
  db: Database,
  regionId: string,
  category: string,
  on: boolean,
  reason: string,
  by: string,
): Promise<void> {
  const [{found}] = await db.query<{found: boolean}>(SET_KILL_SWITCH, [regionId, category, on, reason, by]);
  if (!found) throw regionUnknown(regionId);
}

/** Those that stand first, then the newest of the others. */
export const listKillSwitches = (db: Database, regionId: string, limit: number): Promise<KillSwitch[]> =>
  db.query<KillSwitch>(LIST_KILL_SWITCHES, [regionId, limit]);
