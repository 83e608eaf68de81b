import {expect, test} from 'vitest';
import {
  brokenChecks,
  CHECKS_LIMIT,
  checksOf,
  DISPATCH_CHECKS,
  eligibility,
  pairAllowed,
} from '../../src/dispatch/eligibility.ts';
import type {PairTimes} from '../../src/dispatch/rules.ts';
import {type ResolvedPredicate, RULES_LIMIT} from '../../src/domain/rule.ts';
import type {Snapshot} from '../../src/domain/snapshot.ts';
import {NO_COORDINATE_E7} from '../../src/domain/units.ts';
import {having, market, NOW_MS} from '../support/snapshot.ts';

const MINUTE_MS = 60_000;
const base = market(1, {drivers: 3, stores: 2, tasks: 3});
const codesOf = (rules: {code: string}[]) => rules.map(({code}) => code);
const ofDriver = (s: Snapshot, d: number) => codesOf(brokenChecks(eligibility(s), eligibility(s).driverMask, d));
const ofTask = (s: Snapshot, t: number) => codesOf(brokenChecks(eligibility(s), eligibility(s).taskMask, t));
const times = {pickupAtMs: NOW_MS + MINUTE_MS, dropAtMs: NOW_MS + 10 * MINUTE_MS, backAtMs: NOW_MS + 20 * MINUTE_MS};
const ofPair = (s: Snapshot, t: number, d: number, at: PairTimes = times) =>
  codesOf(checksOf(s).filter(({pair}) => pair?.(t, d, at)));

/** The market with one rule besides. */
const under = (predicate: ResolvedPredicate, snapshot = base): Snapshot => ({
  ...snapshot,
  rules: [...snapshot.rules, {code: 'Z', sentence: 'Z.', source: 'test', scope: 'task', sinceMs: 0, predicate}],
});

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
] as const;

test.each(DRIVER_CASES)('%s excludes the driver whose %s is %s, and nobody else', (code, column, value) => {
  const snapshot = having(base, 'drivers', column, 1, value);
  expect([...eligibility(snapshot).drivers]).toEqual([0, 2]);
  expect(ofDriver(snapshot, 1)).toEqual([code]);
});

test('a driver comes of age at the instant of the birthday', () => {
  for (const [fromMs, codes] of [
    [NOW_MS + 1, ['DRIVER_UNDER_21']],
    [NOW_MS, []],
  ] as const) {
    expect(ofDriver(having(base, 'drivers', 'ofAgeFromMs', 0, [NOW_MS, fromMs, NOW_MS]), 1)).toEqual(codes);
  }
});

const DOCUMENT_CODES = [
  'DRIVER_BACKGROUND_CHECK',
  'DRIVER_IDENTITY',
  'DRIVER_INSURANCE',
  'DRIVER_LICENCE',
  'DRIVER_REGISTRATION',
];

test.each(DOCUMENT_CODES.entries().toArray())('document rule %i excludes its driver as %s', (nth, code) => {
  const until = (ms: number) => ({
    ...base,
    drivers: {
      ...base.drivers,
      documentUntilMs: base.drivers.documentUntilMs.map((row, k) => (k === nth ? row.with(2, ms) : row)),
    },
  });
  expect(ofDriver(until(NOW_MS), 2)).toEqual([code]);
  expect(ofDriver(until(NOW_MS + 1), 2)).toEqual([]);
  expect(ofPair(until(times.backAtMs - 1), 0, 2)).toEqual([code]);
  expect(ofPair(until(times.backAtMs), 0, 2)).toEqual([]);
});

const TASK_CASES = [
  ['TASK_AGE_CHECK', 'ageCheckUntilMs', NOW_MS],
  ['TASK_LATE', 'latestAtMs', NOW_MS],
  ['TASK_ATTEMPTS', 'attempts', 20],
  ['TASK_OVER_CARRY_LIMIT', 'units', 41],
  ['TASK_OVER_CARRY_LIMIT', 'valueCents', 100_001],
] as const;

test.each(TASK_CASES)('%s excludes the task whose %s is %s', (code, column, value) => {
  const snapshot = having(base, 'tasks', column, 0, value);
  expect([...eligibility(snapshot).tasks]).toEqual([1, 2]);
  expect(ofTask(snapshot, 0)).toEqual([code]);
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
  const store = base.tasks.store[0];
  const between = times.backAtMs - 1;
  expect(pairAllowed(eligibility(base), 0, 0, times)).toBe(true);
  const cases = [
    ['PAIR_TOO_LATE', having(base, 'tasks', 'latestAtMs', 0, times.dropAtMs - 1)],
    ['TASK_AGE_CHECK', having(base, 'tasks', 'ageCheckUntilMs', 0, times.dropAtMs - 1)],
    ['STORE_CLOSED', having(base, 'stores', 'closesAtMs', store, between)],
    ['STORE_PERMIT', having(base, 'stores', 'permitUntilMs', store, between)],
    ['TASK_OVER_CARRY_LIMIT', having(base, 'drivers', 'heldUnits', 0, 39)],
    ['TASK_OVER_CARRY_LIMIT', having(base, 'drivers', 'heldCents', 0, 96_001)],
    ['TASK_OVER_CARRY_LIMIT', having(base, 'drivers', 'heldStores', 0, [base.stores.id[1 - store]])],
  ] as const;
  for (const [code, snapshot] of cases) {
    expect(ofPair(snapshot, 0, 0)).toEqual([code]);
    expect(pairAllowed(eligibility(snapshot), 0, 0, times)).toBe(false);
  }
  expect(ofPair(having(base, 'drivers', 'heldStores', 0, [base.stores.id[store]]), 0, 0)).toEqual([]);
  const free = under({kind: 'possession', units: 99, valueCents: 9e6, oneStoreAtATime: false}).rules.slice(-1);
  expect(ofPair({...having(base, 'drivers', 'heldStores', 0, ['elsewhere']), rules: free}, 0, 0)).toEqual([]);
});

test('sale hours hold at the hand-over; a task that no hand-over fits takes no part', () => {
  const hours = (openMs: [number, number][], categories?: string[]) =>
    under({kind: 'sale-hours', openMs, polygons: null, ...(categories && {categories})});
  const {dropAtMs} = times;
  for (const [openMs, codes] of [
    [[[NOW_MS, dropAtMs]], ['Z']],
    [[[NOW_MS, dropAtMs + 1]], []],
    [[[dropAtMs, dropAtMs + 1]], []],
    [[[dropAtMs + 1, dropAtMs + 2]], ['Z']],
  ] as [[number, number][], string[]][]) {
    expect(ofPair(hours(openMs), 0, 0)).toEqual(codes);
    expect(ofPair(hours(openMs, ['beer']), 0, 0)).toEqual([]);
  }
  const {latestAtMs} = base.tasks;
  const readyAtMs = Math.max(NOW_MS, base.tasks.readyAtMs[0]);
  expect(ofTask(hours([[NOW_MS - 9, readyAtMs]]), 0)).toEqual(['Z']);
  expect(ofTask(hours([[NOW_MS - 9, readyAtMs + 1]]), 0)).toEqual([]);
  expect(ofTask(hours([[latestAtMs[0], latestAtMs[0] + 9]]), 0)).toEqual([]);
  expect(ofTask(hours([[latestAtMs[0] + 1, latestAtMs[0] + 9]]), 0)).toEqual(['Z']);
  expect(ofTask(hours([], ['vapes', 'beer']), 0)).toEqual(['Z']);
  expect(ofTask(hours([], ['beer']), 0)).toEqual([]);
});

test('an area without sale stops the drops in it and on its edge, but not those in its hole', () => {
  const box = (w: number, s: number, e: number, n: number): [number, number][] => [
    [w, s],
    [e, s],
    [e, n],
    [w, n],
    [w, s],
  ];
  const area = under({kind: 'no-sale-area', polygons: [[box(0, 0, 10, 10), box(4, 4, 6, 6)], [box(20, 0, 30, 10)]]});
  const at = (lonE7: number, latE7: number) =>
    ofTask(having(having(area, 'tasks', 'dropLonE7', 0, lonE7), 'tasks', 'dropLatE7', 0, latE7), 0);
  for (const inside of [
    [1, 1],
    [10, 10],
    [5, 0],
    [4, 5],
    [25, 5],
  ])
    expect(at(inside[0], inside[1])).toEqual(['Z']);
  for (const outside of [
    [5, 5],
    [15, 5],
    [11, 10],
    [5, -1],
  ])
    expect(at(outside[0], outside[1])).toEqual([]);
});

test('no offer is made on a rule that this version does not know', () => {
  expect(() => eligibility(under({kind: 'full-moon'} as never))).toThrow('full-moon');
});

test('codes are unique, and a region full of rules fills the mask and no more', () => {
  const codes = codesOf(checksOf(base));
  expect(new Set(codes).size).toBe(codes.length);
  expect(DISPATCH_CHECKS.length + RULES_LIMIT).toBe(CHECKS_LIMIT);
  const [rule] = base.rules;
  const rules = Array.from({length: RULES_LIMIT}, (_, i) => ({...rule, code: `R${i}`}));
  const full: Snapshot = {...base, killed: ['*'], rules};
  expect(ofTask(full, 0)).toEqual(codesOf(rules));
  expect(() => eligibility({...full, rules: [...rules, {...rule, code: 'R'}]})).toThrow('mask');
});
