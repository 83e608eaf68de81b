// Compliance rules from the command line, straight in the database, as regions are.

import {readFileSync} from 'node:fs';
import {endRule, listRules, putRule} from '../db/rules.ts';
import {InputFailure} from '../domain/failure.ts';
import type {NewRule, RulePredicate} from '../domain/rule.ts';
import {type DatabaseOptions, theRegion, withDatabase} from './database.ts';
import {terminal} from './terminal.ts';

export type RulesOptions = DatabaseOptions & {
  readonly region?: string;
  readonly past?: boolean;
  readonly by: string;
  readonly json?: boolean;
};

export async function list(options: RulesOptions): Promise<void> {
  const {past = false, json = false} = options;
  const rules = await withDatabase(options, async (db) => {
    const region = await theRegion(db, options.region);
    return listRules(db, region.id, {past});
  });
  const until = (ms: number | null) => (ms === null ? '' : ` until ${new Date(ms).toISOString()}`);
  const lines = rules.map(
    ({code, validFromMs, validUntilMs, predicate, sentence, source}) =>
      `${code}  ${predicate.kind}, from ${new Date(validFromMs).toISOString()}${until(validUntilMs)}\n` +
      `  ${sentence} (${source})`,
  );
  terminal(json).answer({rules}, lines.join('\n') || 'no rules');
}

/** A file holds one rule or several. Those before one that the database refuses are put. */
export async function put(file: string, options: RulesOptions): Promise<void> {
  const rules = readRules(file);
  await withDatabase(options, async (db) => {
    const region = await theRegion(db, options.region);
    for (const rule of rules) await putRule(db, region.id, rule, options.by);
  });
  const codes = rules.map(({code}) => code);
  terminal(options.json ?? false).answer({put: codes}, `put ${codes.join(', ')}`);
}

export async function end(code: string, options: RulesOptions): Promise<void> {
  await withDatabase(options, async (db) => {
    const region = await theRegion(db, options.region);
    await endRule(db, region.id, code, null, options.by);
  });
  terminal(options.json ?? false).answer({ended: code}, `ended ${code}`);
}

/** InputFailure: RULES_UNREADABLE. The database judges predicates. */
function readRules(file: string): NewRule[] {
  const fail = (why: string): never => {
    throw new InputFailure('RULES_UNREADABLE', `${file}: ${why}`);
  };
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    return fail(error instanceof SyntaxError ? 'is not JSON' : `cannot be read (${(error as {code?: string}).code})`);
  }
  return [given].flat().map((rule, i) => {
    const {code, sentence, source, predicate, validFrom, ...rest} = (rule ?? {}) as Record<string, unknown>;
    const texts = [code, sentence, source].every((text) => typeof text === 'string' && text !== '');
    if (!texts || typeof predicate !== 'object' || Object.keys(rest).length > 0) {
      return fail(`rule ${i + 1} is not {code, sentence, source, predicate, validFrom?}`);
    }
    const validFromMs = validFrom === undefined ? null : Date.parse(String(validFrom));
    if (Number.isNaN(validFromMs)) return fail(`validFrom of rule ${i + 1} is not an ISO 8601 time`);
    return {code, sentence, source, predicate: predicate as RulePredicate, validFromMs} as NewRule;
  });
}
