import fc from 'fast-check';
import {expect, test} from 'vitest';
import {COST_LIMIT_MS, ID_LIMIT, type Problem} from '../../src/flow/problem.ts';
import {seedFlaw} from '../../src/flow/seed.ts';
import {problemFlaw} from '../../src/flow/validate.ts';
import {anyProblem, problemOf} from '../support/flow-problems.ts';

const good = problemOf(
  [
    [
      [0, 5],
      [2, 6],
    ],
    [[1, 7]],
  ],
  [1, 0, 3],
  [9, 0],
);
const kindWith = (change: Partial<Problem>) => problemFlaw({...good, ...change})?.kind;

test('a well-formed problem has no flaw', () => {
  expect(problemFlaw(good)).toBeUndefined();
  fc.assert(fc.property(anyProblem(6, 6), (problem) => problemFlaw(problem) === undefined));
});

test('every bound of the contract is checked', () => {
  expect(kindWith({driverCount: ID_LIMIT + 1})).toBe('too-many');
  expect(kindWith({taskCount: ID_LIMIT + 1})).toBe('too-many');
  expect(kindWith({taskCount: Number.NaN})).toBe('too-many');
  expect(kindWith({firstPair: Int32Array.of(0, 2)})).toBe('wrong-length');
  expect(kindWith({driver: Int32Array.of(0, 2)})).toBe('wrong-length');
  expect(kindWith({costMs: Int32Array.of(5, 6, 7, 8)})).toBe('wrong-length');
  expect(kindWith({capacity: Int32Array.of(1)})).toBe('wrong-length');
  expect(kindWith({unassignedMs: Int32Array.of(1)})).toBe('wrong-length');
  expect(kindWith({capacity: Int32Array.of(1, -1, 3)})).toBe('negative-capacity');
  expect(kindWith({firstPair: Int32Array.of(1, 2, 3)})).toBe('pairs-not-ascending');
  expect(kindWith({firstPair: Int32Array.of(0, 4, 3)})).toBe('pairs-not-ascending');
  expect(kindWith({driver: Int32Array.of(2, 0, 1)})).toBe('pairs-not-ascending');
  expect(kindWith({driver: Int32Array.of(2, 2, 1)})).toBe('pairs-not-ascending');
  expect(kindWith({driver: Int32Array.of(0, 3, 1)})).toBe('no-such-driver');
  expect(kindWith({driver: Int32Array.of(-1, 2, 1)})).toBe('no-such-driver');
  expect(kindWith({costMs: Int32Array.of(5, COST_LIMIT_MS, 7)})).toBe('cost-out-of-range');
  expect(kindWith({costMs: Int32Array.of(5, -1, 7)})).toBe('cost-out-of-range');
  expect(kindWith({unassignedMs: Int32Array.of(9, COST_LIMIT_MS)})).toBe('penalty-out-of-range');
  expect(kindWith({unassignedMs: Int32Array.of(-1, 0)})).toBe('penalty-out-of-range');
});

test('a seed must be by the ids of its problem', () => {
  const seed = {taskPriceMs: new Int32Array(2), driverPriceMs: new Int32Array(3)};
  expect(seedFlaw(good, seed)).toBeUndefined();
  expect(seedFlaw(good, {...seed, driverOf: Int32Array.of(-1, 2)})).toBeUndefined();
  expect(seedFlaw(good, {...seed, taskPriceMs: new Int32Array(3)})?.kind).toBe('wrong-length');
  expect(seedFlaw(good, {...seed, driverPriceMs: new Int32Array(2)})?.kind).toBe('wrong-length');
  expect(seedFlaw(good, {...seed, driverOf: new Int32Array(1)})?.kind).toBe('wrong-length');
  expect(seedFlaw(good, {...seed, driverOf: Int32Array.of(0, 3)})).toEqual({
    kind: 'no-such-driver',
    task: 1,
    driver: 3,
  });
  expect(seedFlaw(good, {...seed, driverOf: Int32Array.of(-2, 0)})?.kind).toBe('no-such-driver');
});
