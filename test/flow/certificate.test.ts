import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {flaw} from '../../src/flow/certificate.ts';
import type {Problem, Solution} from '../../src/flow/problem.ts';
import {solve} from '../../src/flow/solve.ts';
import {anyProblem, problemOf} from '../support/flow-problems.ts';

const AMPLE = {budget: 1e12};

// Two tasks compete for driver 0; driver 1 is far, driver 2 has no capacity, driver 3 stays idle.
const problem = problemOf(
  [
    [
      [0, 10],
      [1, 50],
    ],
    [
      [0, 20],
      [1, 90],
      [2, 1],
      [3, 95],
    ],
    [],
  ],
  [1, 2, 0, 1],
  [100, 100, 7],
);
const answer = solve(problem, AMPLE);

function changed(array: Int32Array, at: number, by: number): Int32Array {
  const copy = array.slice();
  copy[at] += by;
  return copy;
}
const kindOf = (mutant: Partial<Solution>, of: Problem = problem) => flaw(of, {...answer, ...mutant})?.kind;

describe('each flaw is named', () => {
  test('the answer itself has none', () => {
    expect(flaw(problem, answer)).toBeUndefined();
    expect([...answer.driverOf]).toEqual([1, 0, -1]);
    expect(answer.totalMs).toBe(77);
  });

  test('arrays of another problem', () => {
    expect(kindOf({driverOf: answer.driverOf.slice(1)})).toBe('wrong-length');
    expect(kindOf({taskPriceMs: answer.taskPriceMs.slice(1)})).toBe('wrong-length');
    expect(kindOf({driverPriceMs: answer.driverPriceMs.slice(1)})).toBe('wrong-length');
  });

  test('prices out of bounds', () => {
    expect(kindOf({driverPriceMs: changed(answer.driverPriceMs, 3, 1)})).toBe('driver-price-above-zero');
    expect(kindOf({taskPriceMs: changed(answer.taskPriceMs, 2, 1)})).toBe('task-price-above-penalty');
    expect(kindOf({taskPriceMs: changed(answer.taskPriceMs, 0, 1)})).toBe('pair-under-its-prices');
    expect(kindOf({driverPriceMs: changed(answer.driverPriceMs, 2, 1 - answer.driverPriceMs[2])})).toBe(
      'driver-price-above-zero',
    );
    expect(kindOf({driverPriceMs: changed(answer.driverPriceMs, 2, -answer.driverPriceMs[2])})).toBe(
      'pair-under-its-prices',
    );
  });

  test('drivers that cannot serve', () => {
    expect(kindOf({driverOf: Int32Array.of(3, 0, -1)})).toBe('no-such-pair');
    expect(kindOf({driverOf: Int32Array.of(1, 0, 4)})).toBe('no-such-pair');
    expect(kindOf({driverOf: Int32Array.of(1, 0, -2)})).toBe('no-such-pair');
    expect(kindOf({driverOf: Int32Array.of(0, 0, -1)})).toBe('over-capacity');
    expect(kindOf({driverOf: Int32Array.of(1, 2, -1)})).toBe('over-capacity');
  });

  test('figures that do not add up', () => {
    expect(kindOf({totalMs: 76})).toBe('wrong-total');
    expect(kindOf({boundMs: 78})).toBe('wrong-bound');
    expect(kindOf({kind: 'over-budget'})).toBe('wrong-kind');
    expect(kindOf({driverOf: Int32Array.of(0, 1, -1), totalMs: 107})).toBe('wrong-kind');
    expect(kindOf({driverOf: Int32Array.of(0, 1, -1), totalMs: 107, kind: 'over-budget'})).toBeUndefined();
  });

  test('sums too large to be exact', () => {
    const wide = {...problem, capacity: Int32Array.of(2 ** 31 - 1, 2 ** 31 - 1, 0, 1)};
    const low = Int32Array.of(-(2 ** 30), -(2 ** 30), 0, 0);
    expect(kindOf({driverPriceMs: low, taskPriceMs: new Int32Array(3)}, wide)).toBe('inexact-sum');
  });
});

test('a mutated answer is caught, unless it is another proof of the same optimum', () => {
  const mutation = fc.constantFrom('driverOf', 'taskPriceMs', 'driverPriceMs', 'totalMs', 'boundMs', 'kind');
  const amount = fc.constantFrom(-1000, -2, -1, 1, 2, 1000);
  fc.assert(
    fc.property(anyProblem(6, 8), mutation, fc.nat(7), amount, (any, field, place, by) => {
      const right = solve(any, AMPLE);
      let wrong: Solution;
      if (field === 'kind') wrong = {...right, kind: 'over-budget'};
      else if (field === 'totalMs' || field === 'boundMs') wrong = {...right, [field]: right[field] + by};
      else {
        fc.pre(place < right[field].length);
        wrong = {...right, [field]: changed(right[field], place, by)};
      }
      if (flaw(any, wrong) !== undefined) return;
      // What passes must be a proof: the price of a driver without capacity, or a driver as good as the one before.
      expect(field === 'driverPriceMs' || field === 'driverOf').toBe(true);
      if (field === 'driverPriceMs') expect(any.capacity[place]).toBe(0);
      expect(wrong.totalMs).toBe(right.totalMs);
      expect(wrong.boundMs).toBe(right.boundMs);
    }),
    {numRuns: 20_000},
  );
});
