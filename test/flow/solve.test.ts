import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {flaw} from '../../src/flow/certificate.ts';
import {greedy} from '../../src/flow/greedy.ts';
import {arrange} from '../../src/flow/layout/arrange.ts';
import {isScattered} from '../../src/flow/layout/renumber.ts';
import {COST_LIMIT_MS, type Problem} from '../../src/flow/problem.ts';
import {createWorkspace} from '../../src/flow/search/workspace.ts';
import type {Seed} from '../../src/flow/seed.ts';
import {solve} from '../../src/flow/solve.ts';
import {bruteForceMs, shortestPathsMs} from '../support/flow-oracle.ts';
import {anyProblem, chance, metroOf, metroProblem, problemOf, shuffled} from '../support/flow-problems.ts';
import {runs} from '../support/runs.ts';

const AMPLE = {budget: 1e12};
const workspace = createWorkspace(); // shared on purpose: nothing may leak from one solve into the next

function provenMs(problem: Problem, seed?: Seed): number {
  const answer = solve(problem, seed === undefined ? AMPLE : {...AMPLE, seed}, workspace);
  expect(flaw(problem, answer)).toBeUndefined();
  expect(answer.kind).toBe('optimal');
  return answer.totalMs;
}

describe('an answer is optimal', () => {
  test('costs what brute force costs on tiny problems', () => {
    fc.assert(
      fc.property(anyProblem(5, 6), (problem) => {
        expect(provenMs(problem)).toBe(bruteForceMs(problem));
      }),
      {numRuns: runs(20_000)},
    );
  });

  test('costs what successive shortest paths cost on middle problems', () => {
    fc.assert(
      fc.property(anyProblem(25, 30), (problem) => {
        expect(provenMs(problem)).toBe(shortestPathsMs(problem));
      }),
      {numRuns: runs(1_500)},
    );
  });

  test('is proven on clustered problems, scarce, just enough and plenty, with penalties near and far', () => {
    for (const [drivers, tasks, capacity] of [
      [60, 300, 1],
      [60, 300, 4],
      [200, 200, 1],
      [300, 120, 1],
      [110, 300, 3],
    ]) {
      for (const penaltyMs of [300_000, 3_600_000, 800_000_000]) {
        const problem = metroProblem(metroOf(drivers + tasks, drivers, tasks), {pairsPerTask: 12, capacity, penaltyMs});
        expect(provenMs(problem)).toBe(shortestPathsMs(problem));
      }
    }
  });

  test('is proven where every cost is the same', () => {
    const everyone = Array.from({length: 60}, (_, d): [number, number] => [d, 7]);
    const problem = (tasks: number) =>
      problemOf(Array(tasks).fill(everyone), Array(60).fill(1), Array(tasks).fill(COST_LIMIT_MS - 1));
    expect(provenMs(problem(50))).toBe(50 * 7);
    expect(provenMs(problem(60))).toBe(60 * 7);
    expect(provenMs(problem(75))).toBe(60 * 7 + 15 * (COST_LIMIT_MS - 1));
  });

  test('is proven at the largest costs and penalties', () => {
    const top = COST_LIMIT_MS - 1;
    const everyone = Array.from({length: 40}, (_, d): [number, number] => [d, top - 1 - d]);
    const problem = problemOf(Array(44).fill(everyone), Array(40).fill(1), Array(44).fill(top));
    expect(provenMs(problem)).toBe(40 * (top - 1) - (40 * 39) / 2 + 4 * top);
  });

  test('moves everyone along a chain when that saves one penalty', () => {
    const rows = Array.from({length: 200}, (_, t): [number, number][] => [
      [t, 0],
      [t + 1, 1],
    ]);
    const problem = problemOf([...rows, [[0, 0]]], Array(201).fill(1), Array(201).fill(COST_LIMIT_MS - 1));
    expect(provenMs(problem)).toBe(200);
  });
});

describe('shapes at the edge', () => {
  test('no tasks, no drivers, neither', () => {
    expect(provenMs(problemOf([], [1, 2], []))).toBe(0);
    expect(provenMs(problemOf([[], []], [], [5, 6]))).toBe(11);
    expect(provenMs(problemOf([], [], []))).toBe(0);
  });

  test('a driver without capacity serves nobody, however cheap', () => {
    const problem = problemOf([[[0, 0]], [[0, 0]]], [0], [10, 20]);
    const answer = solve(problem, AMPLE);
    expect([...answer.driverOf]).toEqual([-1, -1]);
    expect(answer.totalMs).toBe(30);
    expect(flaw(problem, answer)).toBeUndefined();
  });

  test('a capacity beyond all tasks is as good as the number of tasks', () => {
    const row: [number, number][] = [[0, 5]];
    expect(provenMs(problemOf([row, row, row], [2 ** 31 - 1], [9, 9, 9]))).toBe(15);
  });

  test('a pair that costs as much as the penalty is not needed', () => {
    const answer = solve(problemOf([[[0, 10]]], [1], [10]), AMPLE);
    expect(answer.totalMs).toBe(10);
    expect(answer.kind).toBe('optimal');
  });

  test('a malformed problem, seed or budget is refused', () => {
    const good = problemOf([[[0, 1]]], [1], [2]);
    expect(() => solve({...good, driver: Int32Array.of(3)}, AMPLE)).toThrow('no-such-driver');
    const seed = {taskPriceMs: new Int32Array(1), driverPriceMs: new Int32Array(2)};
    expect(() => solve(good, {...AMPLE, seed})).toThrow('wrong-length');
    expect(() => solve(good, {budget: Number.NaN})).toThrow('budget');
  });
});

describe('the answer is a pure function', () => {
  test('a used workspace gives what a fresh one gives', () => {
    fc.assert(
      fc.property(anyProblem(12, 14), fc.nat(400), (problem, budget) => {
        expect(solve(problem, {budget}, workspace)).toEqual(solve(problem, {budget}));
      }),
      {numRuns: runs(2_000)},
    );
  });

  test('a workspace whose stamps run out in mid-solve gives what a fresh one gives', () => {
    const problem = metroProblem(metroOf(3, 150, 150), {pairsPerTask: 8, capacity: 1, penaltyMs: 600_000});
    const worn = createWorkspace();
    const fresh = solve(problem, AMPLE, worn);
    expect(fresh.augmentations).toBeGreaterThan(10);
    worn.round = 0x7fff_ffff - 5;
    worn.reached.fill(3); // stamps of rounds long past, which come again after the wrap
    expect(solve(problem, AMPLE, worn)).toEqual(fresh);
    expect(worn.round).toBeLessThan(fresh.augmentations);
  });

  test('a large problem with scattered ids is solved by neighbourhood and answered by its own ids', () => {
    const next = chance(11);
    const count = 2 ** 14;
    const driverAt = shuffled(count, next);
    const near = Array.from({length: count}, (_, t) => {
      const home = Math.min(t, count - 9);
      const drivers = new Set(Array.from({length: 5}, () => home + Math.floor(next() * 9)));
      return [...drivers].map((d): [number, number] => [d, 1 + Math.floor(next() * 500)]);
    });
    const scattered = shuffled(count, next).map((t) => near[t].map(([d, ms]): [number, number] => [driverAt[d], ms]));
    const ascending = (rows: [number, number][][]) => rows.map((row) => row.sort((a, b) => a[0] - b[0]));
    const ones = Array(count).fill(1);
    const penalties = Array(count).fill(5000);
    const local = problemOf(ascending(near), ones, penalties);
    const problem = problemOf(ascending(scattered), ones, penalties);
    const mixed = problemOf(ascending(shuffled(count, next).map((t) => near[t])), ones, penalties);

    expect(isScattered(arrange(local))).toBe(false);
    expect(isScattered(arrange(mixed))).toBe(true); // near drivers have near ids, near tasks do not
    expect(provenMs(mixed)).toBe(provenMs(local));
    expect(isScattered(arrange(problem))).toBe(true);
    expect(provenMs(problem)).toBe(provenMs(local));
    const cut = solve(problem, {budget: 500_000}, workspace);
    expect(cut.kind).toBe('over-budget');
    expect(flaw(problem, cut)).toBeUndefined();
  });
});

describe('within a budget', () => {
  /** The bound of driver prices 0: every task at its cheapest. */
  const plainBoundMs = ({taskCount, firstPair, driver, costMs, capacity, unassignedMs}: Problem): number => {
    let boundMs = 0;
    for (let t = 0; t < taskCount; t++) {
      let least = unassignedMs[t];
      for (let pair = firstPair[t]; pair < firstPair[t + 1]; pair++) {
        if (capacity[driver[pair]] > 0) least = Math.min(least, costMs[pair]);
      }
      boundMs += least;
    }
    return boundMs;
  };

  test('every budget ends in a feasible answer between proven bounds, and once optimal it stays', () => {
    fc.assert(
      fc.property(anyProblem(10, 14), (problem) => {
        const best = solve(problem, AMPLE, workspace);
        const greedyMs = greedy(problem).totalMs;
        const plainMs = plainBoundMs(problem);
        const oneScan = problem.driver.length + problem.driverCount + problem.taskCount + 1;
        for (let budget = 0; budget < best.work; budget++) {
          const answer = solve(problem, {budget}, workspace);
          expect(flaw(problem, answer)).toBeUndefined();
          expect(answer.boundMs).toBeGreaterThanOrEqual(plainMs);
          expect(answer.boundMs).toBeLessThanOrEqual(best.totalMs);
          expect(answer.totalMs).toBeGreaterThanOrEqual(best.totalMs);
          expect(answer.totalMs).toBeLessThanOrEqual(greedyMs);
          expect(answer.work).toBeLessThanOrEqual(budget + oneScan);
        }
        expect(solve(problem, {budget: best.work}, workspace)).toEqual(best);
      }),
      {numRuns: runs(500)},
    );
  });

  test('a large problem cut short is still served, and says how far from the optimum it may be', () => {
    const problem = metroProblem(metroOf(5, 400, 400), {pairsPerTask: 12, capacity: 1, penaltyMs: 3_600_000});
    const best = solve(problem, AMPLE);
    const cut = [0, 0.3, 0.6, 0.95].map((part) => solve(problem, {budget: best.work * part}, workspace));
    for (const answer of cut) {
      expect(flaw(problem, answer)).toBeUndefined();
      expect(answer.kind).toBe('over-budget');
      expect(answer.work).toBeLessThan(best.work);
    }
    expect(cut[0].totalMs).toBe(greedy(problem).totalMs);
    expect(cut[0].boundMs).toBeGreaterThanOrEqual(plainBoundMs(problem));
    expect(cut[3].totalMs).toBeLessThan(cut[0].totalMs);
    expect(cut[3].boundMs).toBeGreaterThan(cut[0].boundMs);
  });
});
