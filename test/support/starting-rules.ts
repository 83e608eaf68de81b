// The rules that every region starts with, as a snapshot holds them: with settings as they start. A test of the
// database compares.

import type {RegionSettings} from '../../src/domain/region.ts';
import type {ResolvedPredicate, RuleInForce, RuleScope} from '../../src/domain/rule.ts';

const rule = (code: string, scope: RuleScope, predicate: ResolvedPredicate): RuleInForce => ({
  code,
  sentence: `${code} is broken.`,
  source: 'test',
  scope,
  sinceMs: Date.UTC(2000, 0, 1),
  predicate,
});

export const startingRules = ({carryLimitUnits, carryLimitCents}: RegionSettings): RuleInForce[] => [
  rule('CATEGORY_KILLED', 'task', {kind: 'kill-switch'}),
  rule('DRIVER_BACKGROUND_CHECK', 'driver', {kind: 'document', document: 'background_check'}),
  rule('DRIVER_IDENTITY', 'driver', {kind: 'document', document: 'identity'}),
  rule('DRIVER_INSURANCE', 'driver', {kind: 'document', document: 'insurance', use: 'delivery'}),
  rule('DRIVER_LICENCE', 'driver', {kind: 'document', document: 'licence'}),
  rule('DRIVER_NOT_OPTED_IN', 'driver', {kind: 'opted-in'}),
  rule('DRIVER_REGISTRATION', 'driver', {kind: 'document', document: 'registration'}),
  rule('DRIVER_UNDER_21', 'driver', {kind: 'min-age', years: 21}),
  rule('STORE_CLOSED', 'store', {kind: 'store-open-through-return'}),
  rule('STORE_PERMIT', 'store', {kind: 'store-permit'}),
  rule('TASK_AGE_CHECK', 'task', {kind: 'age-check'}),
  rule('TASK_OVER_CARRY_LIMIT', 'pair', {
    kind: 'possession',
    units: carryLimitUnits,
    valueCents: carryLimitCents,
    oneStoreAtATime: true,
  }),
];
