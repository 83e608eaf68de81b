// Acceptance and costs: the formulas by hand, and the bounds that keep every sum an exact int32, on any input.
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {acceptance} from '../../src/dispatch/acceptance.ts';
import {BASE_MS, costs, TERM_LIMIT_MS, TERM_NAMES} from '../../src/dispatch/costs.ts';
import type {Pairs} from '../../src/dispatch/etas.ts';
import {COST_LIMIT_MS} from '../../src/flow/problem.ts';
import {having, market, NOW_MS} from '../support/snapshot.ts';

const pair = (pickupMs: number, dropMs: number, returnMs = dropMs): Pairs => ({
  task: Int32Array.of(0),
  driver: Int32Array.of(0),
  pickupMs: Int32Array.of(pickupMs),
  dropMs: Int32Array.of(dropMs),
  returnMs: Int32Array.of(returnMs),
});

const fresh = () => {
  let s = market(3, {drivers: 1, stores: 1, tasks: 1});
  for (const [column, value] of [
    ['offers', 0],
    ['accepted', 0],
    ['declines30m', 0],
    ['paidMin2h', 20],
  ] as const)
    s = having(s, 'drivers', column, 0, value);
  return having(s, 'tasks', 'readyAtMs', 0, NOW_MS);
};

test('an unknown driver accepts an ordinary offer about as often as the prior says', () => {
  // 6 minutes to the pickup and 8 to the drop, paid exactly the usual rate.
  const s = having(fresh(), 'tasks', 'payCents', 0, 14 * 40);
  expect(acceptance(s, pair(360_000, 480_000))[0]).toBeCloseTo(0.704, 3);
});

test('a longer way, a worse rate and recent declines lower acceptance; better pay raises it', () => {
  const s = fresh();
  const p = (snapshot: typeof s, pickupMs = 360_000) => acceptance(snapshot, pair(pickupMs, 480_000))[0];
  expect(p(s, 900_000)).toBeLessThan(p(s));
  expect(p(having(s, 'drivers', 'offers', 0, 40))).toBeLessThan(p(s));
  expect(p(having(s, 'drivers', 'declines30m', 0, 2))).toBeLessThan(p(s));
  expect(p(having(s, 'tasks', 'payCents', 0, 2_000))).toBeGreaterThan(p(s));
});

test('each cost term is what docs/COSTS.md says', () => {
  const s = {...having(fresh(), 'tasks', 'dueAtMs', 0, NOW_MS + 600_000), medianPaidMin2h: 40};
  const {costMs, termMs, unassignedMs} = costs(s, pair(300_000, 400_000, 500_000), Float64Array.of(0.5));
  const terms = Object.fromEntries(TERM_NAMES.map((name, k) => [name, termMs[k]]));
  expect(terms).toEqual({
    pickup: 300_000,
    drive: 0,
    wait: 0,
    late: 3 * (300_000 + 120_000 + 400_000 - 600_000),
    fair: 0.1 * 0.5 * 600_000,
    decline: 60_000,
    return: 0.05 * 500_000,
  });
  expect(costMs[0]).toBe(Object.values(terms).reduce((a, b) => a + b));
  expect(unassignedMs[0]).toBe(BASE_MS);
});

test('a driver who comes before the goods are ready waits at a price, and the goods do not', () => {
  const s = having(fresh(), 'tasks', 'readyAtMs', 0, NOW_MS + 500_000);
  const {termMs} = costs(s, pair(300_000, 1), Float64Array.of(0.9));
  expect(termMs[TERM_NAMES.indexOf('pickup')]).toBe(0);
  expect(termMs[TERM_NAMES.indexOf('wait')]).toBe(0.2 * 200_000);
});

test('waiting raises the price of leaving a task unassigned, by twice its age', () => {
  const s = having(fresh(), 'tasks', 'readyAtMs', 0, NOW_MS - 90_000);
  expect(costs(s, pair(1, 1), Float64Array.of(0.9)).unassignedMs[0]).toBe(BASE_MS + 180_000);
});

test('whatever the input, p stays in its range, costs below BASE, and BASE plus ageing below the limit', () => {
  const anything = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0, -1, 1e300, Number.NaN, Infinity, -Infinity));
  const weight = fc.oneof(fc.double({min: 0, max: 1e12}), fc.constant(Number.NaN));
  fc.assert(
    fc.property(
      fc.array(anything, {minLength: 8, maxLength: 8}),
      fc.array(weight, {minLength: 7, maxLength: 7}),
      (v, w) => {
        let s = fresh();
        s = having(s, 'tasks', 'readyAtMs', 0, v[0]);
        s = having(s, 'tasks', 'dueAtMs', 0, v[1]);
        s = having(s, 'tasks', 'payCents', 0, v[2]);
        s = having(s, 'drivers', 'paidMin2h', 0, v[3]);
        const [wAge, wDrive, wWait, wLate, wFair, wDec, wRet] = w;
        s = {...s, medianPaidMin2h: v[4], failedHandoverRate: v[5]};
        s = {...s, weights: {version: 1, wAge, wDrive, wWait, wLate, wFair, wDec, wRet}};
        const pairs = pair(0x3fff_fffe, 0x3fff_fffe);
        const p = acceptance(s, pairs);
        expect(p[0]).toBeGreaterThanOrEqual(0.05);
        expect(p[0]).toBeLessThanOrEqual(0.98);
        const {costMs, unassignedMs} = costs(s, pairs, p);
        expect(costMs[0]).toBeGreaterThanOrEqual(0);
        expect(costMs[0]).toBeLessThanOrEqual(TERM_NAMES.length * TERM_LIMIT_MS);
        expect(unassignedMs[0]).toBeGreaterThanOrEqual(BASE_MS);
        expect(unassignedMs[0]).toBeLessThan(COST_LIMIT_MS);
      },
    ),
    {numRuns: 5_000},
  );
  expect(TERM_NAMES.length * TERM_LIMIT_MS).toBeLessThan(BASE_MS);
});
