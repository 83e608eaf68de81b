import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {COST_LIMIT_MS, type Problem} from '../../../src/flow/problem.ts';
import type {Change} from '../../../src/flow/sensitivity/change.ts';
import {enoughWork, sensitivityOf} from '../../../src/flow/sensitivity/hub.ts';
import {
  forbid,
  force,
  regretBoundMs,
  regretsOfDriver,
  regretsOfTask,
  unassign,
} from '../../../src/flow/sensitivity/regrets.ts';
import {solve} from '../../../src/flow/solve.ts';
import {
  type Asked,
  alone,
  ask,
  expectChange,
  type Oracle,
  provenMs,
  rowOf,
  withoutPair,
  withPair,
  withPlaces,
} from '../../support/flow-changes.ts';
import {bruteForceMs} from '../../support/flow-oracle.ts';
import {anyProblem, chance, metroOf, metroProblem, problemOf} from '../../support/flow-problems.ts';
import {runs} from '../../support/runs.ts';

const costOf = (problem: Problem, task: number, driver: number): number =>
  problem.costMs[problem.firstPair[task] + rowOf(problem, task).indexOf(driver)];

/** Forced, the pair costs what everyone else costs with one place less, and itself. Returns its regret. */
function expectForced(asked: Asked, task: number, driver: number, costMs?: number): number {
  const {problem, answer, s, optimumMs} = asked;
  const change = force(s, task, driver, costMs);
  if (problem.capacity[driver] === 0) {
    expect(change).toEqual({kind: 'infeasible'});
    return Number.POSITIVE_INFINITY;
  }
  const ms = costMs ?? costOf(problem, task, driver);
  const newMs = ms + optimumMs(withPlaces(alone(problem, task, 0), driver, -1));
  const after = expectChange(asked, change, withPair(problem, task, driver, ms), newMs);
  expect(after[task]).toBe(driver);
  expect(regretBoundMs(s, task, driver, ms)).toBeLessThanOrEqual(newMs - answer.totalMs);
  return newMs - answer.totalMs;
}

function expectTask(asked: Asked, task: number): void {
  const {problem, answer, s, optimumMs} = asked;
  const row = rowOf(problem, task);
  const regretMs = row.map((driver) => expectForced(asked, task, driver));
  const priceBoundMs = row.map((driver) => regretBoundMs(s, task, driver));
  expect(regretsOfTask(s, task)).toEqual({
    kind: 'exact',
    atLeastMs: Float64Array.from(regretMs),
    atMostMs: Float64Array.from(regretMs),
    priceBoundMs: Float64Array.from(priceBoundMs),
  });
  for (const ms of [...regretMs, ...priceBoundMs]) expect(ms).toBeGreaterThanOrEqual(0);

  const left = alone(problem, task, problem.unassignedMs[task]);
  expectChange(asked, unassign(s, task), left, optimumMs(left));

  const chosen = answer.driverOf[task];
  if (chosen < 0) {
    expect(() => forbid(s, task)).toThrow('no driver was chosen');
    return;
  }
  expect(regretMs[row.indexOf(chosen)]).toBe(0);
  const forbidden = withoutPair(problem, task, chosen);
  const {driver, change} = forbid(s, task);
  expect(expectChange(asked, change, forbidden, optimumMs(forbidden))[task]).toBe(driver);
}

/** By driver they are what they are by task. */
function expectDriver({problem, s}: Asked, driver: number): void {
  const {task, ...regrets} = regretsOfDriver(s, driver);
  const tasks = Array.from({length: problem.taskCount}, (_, t) => t).filter((t) => rowOf(problem, t).includes(driver));
  expect([...task]).toEqual(tasks);
  const byTask = tasks.map((t) => ({regrets: regretsOfTask(s, t), at: rowOf(problem, t).indexOf(driver)}));
  expect(regrets).toEqual({
    kind: 'exact',
    atLeastMs: Float64Array.from(byTask, (of) => of.regrets.atLeastMs[of.at]),
    atMostMs: Float64Array.from(byTask, (of) => of.regrets.atMostMs[of.at]),
    priceBoundMs: Float64Array.from(byTask, (of) => of.regrets.priceBoundMs[of.at]),
  });
}

/** Every task, every driver, and each pair that there is not at some cost. */
function expectAll(problem: Problem, seed: number, optimumMs: Oracle): void {
  const next = chance(seed);
  const asked = ask(problem, optimumMs);
  for (let t = 0; t < problem.taskCount; t++) expectTask(asked, t);
  for (let d = 0; d < problem.driverCount; d++) {
    expectDriver(asked, d);
    for (let t = 0; t < problem.taskCount; t++) {
      if (next() < 0.3) expectForced(asked, t, d, Math.floor(next() * (1 + (problem.costMs[0] ?? 10))));
    }
  }
}

const SCARCE = {pairsPerTask: 12, capacity: 1, penaltyMs: 3_600_000};
const MIDDLE = [
  [200, 200, SCARCE],
  [200, 200, {...SCARCE, penaltyMs: 300_000}],
  [80, 200, {...SCARCE, capacity: 3}],
  [200, 120, {...SCARCE, penaltyMs: 800_000_000}],
] as const;

describe('a regret is what forcing the pair and solving anew finds', () => {
  test('by brute force on the tiniest problems', () => {
    fc.assert(
      fc.property(anyProblem(3, 4), fc.integer(), (problem, seed) => expectAll(problem, seed, bruteForceMs)),
      {numRuns: runs(5_000)},
    );
  });

  test('by certified cold solves on tiny problems', () => {
    fc.assert(
      fc.property(anyProblem(6, 7), fc.integer(), (problem, seed) => expectAll(problem, seed, provenMs)),
      {numRuns: runs(4_000)},
    );
  });

  test.each(MIDDLE)('on clustered problems of %i drivers and %i tasks, %o', (drivers, tasks, rules) => {
    const problem = metroProblem(metroOf(drivers, drivers, tasks), rules);
    const asked = ask(problem, provenMs);
    for (let t = 0; t < tasks; t += 23) expectTask(asked, t);
    for (let d = 0; d < drivers; d += 7) expectDriver(asked, d);
    for (let d = 3; d < drivers; d += 29) expectForced(asked, (d * 7) % tasks, d, 60_000 * (1 + (d % 5)));
  });

  test('at the largest costs and penalties', () => {
    const top = COST_LIMIT_MS - 1;
    const everyone = Array.from({length: 5}, (_, d): [number, number] => [d, d === 0 ? 0 : top]);
    expectAll(problemOf(Array(7).fill(everyone), Array(5).fill(1), Array(7).fill(top)), 1, provenMs);
    expectAll(problemOf(Array(7).fill(everyone), Array(5).fill(1), [0, 0, top, top, top, top, top]), 2, provenMs);
  });
});

test('the moves tell who makes room, then who fills the place that was left', () => {
  // Task 0 goes to driver 2, so task 2 goes to driver 3, where a place is free; task 1 would rather have driver 0.
  const problem = problemOf(
    [
      [
        [0, 10],
        [2, 50],
      ],
      [
        [0, 15],
        [1, 40],
      ],
      [
        [2, 10],
        [3, 20],
      ],
    ],
    [1, 1, 1, 1],
    [1000, 1000, 1000],
  );
  const {s, answer} = ask(problem, provenMs);
  expect([...answer.driverOf]).toEqual([0, 1, 2]);
  expect(force(s, 0, 2)).toEqual({
    kind: 'exact',
    changeMs: 40 + 10 - 25,
    priceBoundMs: regretBoundMs(s, 0, 2, 50),
    moves: {task: Int32Array.of(0, 2, 1), from: Int32Array.of(0, 2, 1), to: Int32Array.of(2, 3, 0)},
  });
  expect(forbid(s, 1)).toMatchObject({driver: 0, change: {changeMs: 25, moves: {task: Int32Array.of(1, 0, 2)}}});
});

test('of equal choices the driver with the least id comes next, and unassigned comes last', () => {
  const row = (...costMs: number[]) => problemOf([costMs.map((ms, d) => [d, ms])], [1, 1, 1], [9]);
  const after = (problem: Problem) => forbid(ask(problem, provenMs).s, 0).driver;
  expect(after(row(5, 7, 7))).toBe(1);
  expect(after(row(5, 9, 9))).toBe(1);
  expect(after(row(5, 10))).toBe(-1);
});

test('a driver with a free place makes nobody move but the task', () => {
  const problem = problemOf([[[0, 7]], [[0, 9]]], [5], [100, 8]);
  const {s} = ask(problem, provenMs);
  expect(force(s, 1, 0)).toMatchObject({changeMs: 1, moves: {task: Int32Array.of(1)}});
});

describe('within a budget', () => {
  const range = (change: Change): [number, number, number] => {
    if (change.kind === 'exact') return [change.changeMs, change.changeMs, change.priceBoundMs];
    if (change.kind === 'over-budget') return [change.atLeastMs, change.atMostMs, change.priceBoundMs];
    return [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0];
  };

  test('every answer is exact, or says between which bounds the exact one lies', () => {
    let cut = 0;
    fc.assert(
      fc.property(anyProblem(7, 9), (problem) => {
        const answer = solve(problem, {budget: 1e12});
        const full = sensitivityOf(problem, answer, {budget: enoughWork(problem)});
        for (let budget = 0; budget < enoughWork(problem); budget += 1 + (budget >> 2)) {
          const s = sensitivityOf(problem, answer, {budget});
          for (let t = 0; t < problem.taskCount; t++) {
            const questions = rowOf(problem, t).map((d) => () => {
              const some = force(s, t, d);
              const all = force(full, t, d);
              if (some.kind === 'exact' && all.kind === 'exact') {
                expectChange({problem, answer, s, optimumMs: provenMs}, some, problem, answer.totalMs + all.changeMs);
              }
              return [some, all];
            });
            questions.push(() => [unassign(s, t), unassign(full, t)]);
            if (answer.driverOf[t] >= 0) questions.push(() => [forbid(s, t).change, forbid(full, t).change]);
            for (const question of questions) {
              const [some, all] = question();
              const [atLeastMs, atMostMs, priceBoundMs] = range(some);
              const [truthMs] = range(all);
              expect(atLeastMs).toBeLessThanOrEqual(truthMs);
              expect(atMostMs).toBeGreaterThanOrEqual(truthMs);
              expect(priceBoundMs).toBeLessThanOrEqual(atLeastMs);
              if (some.kind === 'over-budget') cut++;
            }
            const truthMs = regretsOfTask(full, t).atMostMs;
            const batch = regretsOfTask(s, t);
            expect(batch.kind === 'exact').toBe(batch.atLeastMs.every((ms, i) => ms === batch.atMostMs[i]));
            expect(batch.atLeastMs.every((ms, i) => ms <= truthMs[i])).toBe(true);
            expect(batch.atMostMs.every((ms, i) => ms >= truthMs[i])).toBe(true);
          }
          for (let d = 0; d < problem.driverCount; d++) {
            const truthMs = regretsOfDriver(full, d).atMostMs;
            const batch = regretsOfDriver(s, d);
            expect(batch.atLeastMs.every((ms, i) => ms <= truthMs[i])).toBe(true);
            expect(batch.atMostMs.every((ms, i) => ms >= truthMs[i])).toBe(true);
          }
        }
      }),
      {numRuns: runs(400)},
    );
    expect(cut).toBeGreaterThan(100);
  });

  test('no search scans more than the problem has arcs, and one for a task looks around it only', () => {
    const problem = metroProblem(metroOf(4, 400, 300), SCARCE);
    const {s} = ask(problem, provenMs);
    let most = 0;
    let sum = 0;
    for (let t = 0; t < problem.taskCount; t++) {
      regretsOfTask(s, t);
      most = Math.max(most, s.w.work);
      sum += s.w.work;
    }
    expect(most).toBeLessThanOrEqual(enoughWork(problem));
    expect(sum / problem.taskCount).toBeLessThan(enoughWork(problem) / 4);
  });
});

describe('what is malformed is refused', () => {
  const problem = problemOf([[[0, 1]], [[1, 1]]], [1, 1], [2, 2]);
  const {s, answer} = ask(problem, provenMs);

  test.each([-1, 2, 0.5, Number.NaN])('task or driver %d', (id) => {
    expect(() => force(s, id, 0, 1)).toThrow('there is no task');
    expect(() => force(s, 0, id, 1)).toThrow('there is no driver');
    expect(() => regretBoundMs(s, id, 0, 1)).toThrow('there is no task');
    expect(() => unassign(s, id)).toThrow('there is no task');
    expect(() => forbid(s, id)).toThrow('there is no task');
    expect(() => regretsOfTask(s, id)).toThrow('there is no task');
    expect(() => regretsOfDriver(s, id)).toThrow('there is no driver');
  });

  test('a pair without a cost, or with one out of range', () => {
    expect(() => force(s, 0, 1)).toThrow('say what it would cost');
    for (const ms of [-1, COST_LIMIT_MS, 1.5]) expect(() => force(s, 0, 1, ms)).toThrow('is not a cost');
  });

  test('a problem, an answer or a budget that is none', () => {
    const of = (altered: object) => () => sensitivityOf(problem, {...answer, ...altered}, {budget: 9});
    expect(of({totalMs: 0})).toThrow('wrong-total');
    expect(of({taskPriceMs: Int32Array.of(3, 1)})).toThrow('task-price-above-penalty');
    expect(() => sensitivityOf({...problem, driver: Int32Array.of(0, 7)}, answer, {budget: 9})).toThrow(
      'no-such-driver',
    );
    expect(() => sensitivityOf(problem, answer, {budget: Number.NaN})).toThrow('budget');
    const none = new Int32Array(2);
    const cut = {kind: 'over-budget', boundMs: 0, taskPriceMs: none, driverPriceMs: none};
    expect(of(cut)).toThrow('has no regrets');
  });
});
