import {expect, test} from 'vitest';
import {
  brokenRules,
  DRIVER_RULES,
  eligibility,
  PAIR_RULES,
  pairAllowed,
  TASK_RULES,
} from '../../src/dispatch/eligibility.ts';
import {NO_COORDINATE_E7} from '../../src/domain/units.ts';
import {having, market, NOW_MS} from '../support/snapshot.ts';

const base = market(1, {drivers: 3, stores: 2, tasks: 3});
const codesOf = (rules: {code: string}[]) => rules.map(({code}) => code);

test('everyone in an orderly market is eligible', () => {
  const {drivers, tasks, driverMask, taskMask} = eligibility(base);
  expect([...drivers]).toEqual([0, 1, 2]);
  expect([...tasks]).toEqual([0, 1, 2]);
  expect([...driverMask, ...taskMask].every((mask) => mask === 0)).toBe(true);
});

const DRIVER_CASES = [
  ['DRIVER_BUSY', 'openOffers', 1],
  ['DRIVER_BUSY', 'activeTasks', 1],
  ['DRIVER_BUSY', 'capacity', 0],
  ['DRIVER_NO_POSITION', 'latE7', NO_COORDINATE_E7],
  ['DRIVER_POSITION_STALE', 'recordedAtMs', NOW_MS - 301_000],
  ['DRIVER_NOT_OPTED_IN', 'optedIn', 0],
  ['DRIVER_UNDER_21', 'adultFromMs', NOW_MS + 1],
] as const;

test.each(DRIVER_CASES)('%s excludes the driver whose %s is %s, and nobody else', (code, column, value) => {
  const snapshot = having(base, 'drivers', column, 1, value);
  expect([...eligibility(snapshot).drivers]).toEqual([0, 2]);
  expect(codesOf(brokenRules(snapshot, DRIVER_RULES, 1))).toEqual([code]);
});

test.each([0, 1, 2, 3, 4])('a document of kind %i that has ended excludes its driver by its own code', (kind) => {
  const documentUntilMs = base.drivers.documentUntilMs.map((row, k) => (k === kind ? row.with(2, NOW_MS) : row));
  const snapshot = {...base, drivers: {...base.drivers, documentUntilMs}};
  expect([...eligibility(snapshot).drivers]).toEqual([0, 1]);
  expect(brokenRules(snapshot, DRIVER_RULES, 2)).toHaveLength(1);
});

const TASK_CASES = [
  ['TASK_AGE_CHECK', 'ageCheckUntilMs', 0],
  ['TASK_LATE', 'latestAtMs', NOW_MS],
  ['TASK_ATTEMPTS', 'attempts', 20],
  ['TASK_OVER_CARRY_LIMIT', 'units', 41],
  ['TASK_OVER_CARRY_LIMIT', 'valueCents', 100_001],
] as const;

test.each(TASK_CASES)('%s excludes the task whose %s is %s', (code, column, value) => {
  const snapshot = having(base, 'tasks', column, 0, value);
  expect([...eligibility(snapshot).tasks]).toEqual([1, 2]);
  expect(codesOf(brokenRules(snapshot, TASK_RULES, 0))).toEqual([code]);
});

test('a kill switch stops its category, and the star stops the region', () => {
  expect([...eligibility({...base, killed: ['vapes']}).tasks]).toEqual([]);
  expect([...eligibility({...base, killed: ['*']}).tasks]).toEqual([]);
  expect([...eligibility({...base, killed: ['liquids']}).tasks]).toEqual([0, 1, 2]);
});

test('a store without a permit, or closed, stops its own tasks only', () => {
  const own = base.tasks.store.flatMap((store, task) => (store === 0 ? [task] : []));
  const others = base.tasks.store.flatMap((store, task) => (store === 0 ? [] : [task]));
  expect(own.length).toBeGreaterThan(0);
  for (const [column, value] of [
    ['permitUntilMs', NOW_MS],
    ['closesAtMs', 0],
  ] as const) {
    expect([...eligibility(having(base, 'stores', column, 0, value)).tasks]).toEqual(others);
  }
});

test('a pair is refused when anything it needs ends before its hand-over or return', () => {
  const times = {pickupAtMs: NOW_MS + 60_000, dropAtMs: NOW_MS + 600_000, backAtMs: NOW_MS + 1_200_000};
  const store = base.tasks.store[0];
  const between = NOW_MS + 900_000;
  expect(pairAllowed(base, 0, 0, times)).toBe(true);
  const cases = [
    ['PAIR_TOO_LATE', having(base, 'tasks', 'latestAtMs', 0, NOW_MS + 599_999)],
    ['PAIR_AGE_CHECK_ENDS', having(base, 'tasks', 'ageCheckUntilMs', 0, NOW_MS + 599_999)],
    ['PAIR_STORE_CLOSES', having(base, 'stores', 'closesAtMs', store, between)],
    ['PAIR_PERMIT_ENDS', having(base, 'stores', 'permitUntilMs', store, between)],
    ['PAIR_IDENTITY_ENDS', having(base, 'drivers', 'documentUntilMs', 0, [between, between, between])],
  ] as const;
  for (const [code, snapshot] of cases) {
    expect(codesOf(brokenRules(snapshot, PAIR_RULES, 0, 0, times))).toEqual([code]);
    expect(pairAllowed(snapshot, 0, 0, times)).toBe(false);
  }
});

test('codes are unique, and no table outgrows its mask', () => {
  const codes = [...codesOf([...DRIVER_RULES]), ...codesOf([...TASK_RULES]), ...codesOf([...PAIR_RULES])];
  expect(new Set(codes).size).toBe(codes.length);
  expect(Math.max(DRIVER_RULES.length, TASK_RULES.length)).toBeLessThanOrEqual(32);
});
