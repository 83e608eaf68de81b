import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {columnsOf} from '../../src/flow/layout/columns.ts';
import {adopt} from '../../src/flow/search/adopt.ts';
import {auction, bidByDrivers, bidByTasks} from '../../src/flow/search/auction.ts';
import {searchFromDriver} from '../../src/flow/search/driver-search.ts';
import {createHeap, distOf, idOf, keyOf, pop, push} from '../../src/flow/search/heap.ts';
import {reduceRows} from '../../src/flow/search/row-reduction.ts';
import {settle} from '../../src/flow/search/settle.ts';
import {searchFromTask} from '../../src/flow/search/task-search.ts';
import {listWaiting, WAITING} from '../../src/flow/search/workspace.ts';
import {UNPRICED_MS} from '../../src/flow/seed.ts';
import {solve} from '../../src/flow/solve.ts';
import {anyProblem, problemOf} from '../support/flow-problems.ts';
import {breach, freeDriverBelowZero, runOf, stageOf} from '../support/flow-stage.ts';
import {runs} from '../support/runs.ts';

const problems = anyProblem(9, 12);

describe('every step keeps the invariant', () => {
  test('row reduction, then each task search, ends with no task waiting and no free driver below 0', () => {
    fc.assert(
      fc.property(problems, fc.nat(40), (problem, bidLimit) => {
        const stage = stageOf(problem);
        stage.w.bidLimit = bidLimit;
        reduceRows(stage.rows, stage.w);
        const left = listWaiting(stage.w);
        expect(breach(stage)).toBeUndefined();
        for (const task of stage.w.waiting.slice(0, left)) {
          expect(searchFromTask(stage.rows, stage.w, task)).toBe(true);
          expect(stage.w.driverOf[task]).not.toBe(-2);
          expect(breach(stage)).toBeUndefined();
        }
        expect(freeDriverBelowZero(stage)).toBe(-1);
      }),
      {numRuns: runs(3_000)},
    );
  });

  test('settling any driver prices, then both kinds of search', () => {
    const prices = fc.array(fc.nat(1200), {minLength: 9, maxLength: 9});
    fc.assert(
      fc.property(problems, prices, (problem, fallMs) => {
        const stage = stageOf(problem);
        const {rows, w} = stage;
        for (let d = 0; d < rows.driverCount; d++) w.driverPriceMs[d] = -fallMs[d];
        settle(rows, w);
        const left = listWaiting(w);
        expect(breach(stage)).toBeUndefined();
        for (const task of w.waiting.slice(0, left)) searchFromTask(rows, w, task);
        const columns = columnsOf(rows);
        for (let d = freeDriverBelowZero(stage); d >= 0; d = freeDriverBelowZero(stage)) {
          const before = w.used[d] - w.driverPriceMs[d] / 2 ** 31;
          expect(searchFromDriver(columns, w, d)).toBe(true);
          expect(breach(stage)).toBeUndefined();
          expect(w.used[d] - w.driverPriceMs[d] / 2 ** 31).not.toBe(before);
        }
      }),
      {numRuns: runs(3_000)},
    );
  });

  test('a search that runs out of budget changes nothing', () => {
    fc.assert(
      fc.property(problems, fc.array(fc.nat(50), {minLength: 9, maxLength: 9}), (problem, fallMs) => {
        const stage = stageOf(problem);
        const {rows, w} = stage;
        for (let d = 0; d < rows.driverCount; d++) w.driverPriceMs[d] = -fallMs[d];
        settle(rows, w);
        const left = listWaiting(w);
        const columns = columnsOf(rows);
        const state = () => structuredClone([w.taskPriceMs, w.driverPriceMs, w.driverOf, w.used, w.placeTask]);
        const searches = Array.from(w.waiting.slice(0, left), (task) => () => searchFromTask(rows, w, task));
        const driver = freeDriverBelowZero(stage);
        if (left === 0 && driver >= 0) searches.push(() => searchFromDriver(columns, w, driver));
        for (const search of searches) {
          const before = state();
          w.budget = w.work;
          if (!search()) expect(state()).toEqual(before);
          expect(breach(stage)).toBeUndefined();
        }
      }),
      {numRuns: runs(3_000)},
    );
  });
});

describe('along a chain', () => {
  // Driver t serves task t for nothing or its neighbour for 1; there is one driver more than such tasks.
  const length = 20;
  const shortRows = Array.from({length}, (_, t): [number, number][] => [
    [t, 0],
    [t + 1, 1],
  ]);
  const chainOf = (rows: [number, number][][]) =>
    stageOf(problemOf(rows, Array(length + 1).fill(1), Array(rows.length).fill(1000)));

  test('a task search that may not look at all drivers gives up, and one that may moves everyone', () => {
    const {rows, w} = chainOf([...shortRows, [[0, 0]]]);
    for (let t = 0; t < length; t++) w.driverOf[t] = t;
    settle(rows, w);
    expect(listWaiting(w)).toBe(1);
    w.budget = length;
    expect(searchFromTask(rows, w, length)).toBe(false);
    expect(w.work).toBeLessThanOrEqual(length + 3);
    w.budget = 1e9;
    expect(searchFromTask(rows, w, length)).toBe(true);
    expect([...w.driverOf.slice(0, length + 1)]).toEqual([...Array.from({length}, (_, t) => t + 1), 0]);
  });

  test('a driver search that may not look at all tasks gives up, and one that may moves everyone', () => {
    const {rows, w} = chainOf(shortRows);
    for (let t = 0; t < length; t++) w.driverOf[t] = t + 1;
    for (let d = 0; d <= length; d++) w.driverPriceMs[d] = d - length;
    settle(rows, w);
    expect(listWaiting(w)).toBe(0);
    w.budget = length;
    expect(searchFromDriver(columnsOf(rows), w, 0)).toBe(false);
    expect(w.work).toBeLessThanOrEqual(length + 3);
    w.budget = 1e9;
    expect(searchFromDriver(columnsOf(rows), w, 0)).toBe(true);
    expect([...w.driverOf.slice(0, length)]).toEqual(Array.from({length}, (_, t) => t));
  });

  test('row reduction stops at its limit of bids', () => {
    const {rows, w} = chainOf(shortRows);
    w.bidLimit = 3;
    reduceRows(rows, w);
    expect(listWaiting(w)).toBe(length - 3);
    expect([...w.driverOf.slice(0, 4)]).toEqual([0, 1, 2, WAITING]);
  });
});

describe('a seed', () => {
  const rows: [number, number][][] = [
    [
      [0, 10],
      [1, 40],
      [2, 12],
    ],
    [
      [1, 35],
      [2, 90],
    ],
  ];
  const {rows: arranged, w} = stageOf(problemOf(rows, [1, 1, 1], [100, 100]));

  test('gives known drivers their price, brought into range, and new ones the highest that moves no task', () => {
    const seed = {
      taskPriceMs: Int32Array.of(50, UNPRICED_MS),
      driverPriceMs: Int32Array.of(-7, 3, UNPRICED_MS),
    };
    adopt(arranged, w, seed);
    expect([...w.driverPriceMs.slice(0, 3)]).toEqual([-7, 0, 12 - 50]);
    expect([...w.driverOf.slice(0, 2)]).toEqual([WAITING, WAITING]);
    adopt(arranged, w, {...seed, driverPriceMs: Int32Array.of(1 - 2 ** 31, -1, -2), driverOf: Int32Array.of(2, -1)});
    expect([...w.driverPriceMs.slice(0, 3)]).toEqual([1 - 2 ** 30, -1, -2]);
    expect([...w.driverOf.slice(0, 2)]).toEqual([2, WAITING]);
  });

  test('that is optimal settles as it is, ties and all', () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const best = solve(problem, {budget: 1e12});
        const stage = stageOf(problem);
        adopt(stage.rows, stage.w, best);
        settle(stage.rows, stage.w);
        expect(listWaiting(stage.w)).toBe(0);
        expect(stage.w.driverOf.slice(0, problem.taskCount)).toEqual(best.driverOf);
      }),
      {numRuns: runs(3_000)},
    );
  });
});

describe('the auction', () => {
  test('of drivers leaves each full or at price 0, prices right but for epsilon, held arcs tight', () => {
    fc.assert(
      fc.property(problems, fc.constantFrom(1, 7, 400), (problem, epsilonMs) => {
        const stage = stageOf(problem);
        const {rows, w} = stage;
        const run = runOf(stage);
        w.taskPriceMs.set(rows.penaltyMs);
        bidByDrivers(run, epsilonMs, 20_000);
        fc.pre(w.work < 20_000); // not stopped by the limit in a war of huge penalties and a small epsilon
        expect(breach(stage, epsilonMs)).toBeUndefined();
        expect(freeDriverBelowZero(stage)).toBe(-1);
        for (let t = 0; t < rows.taskCount; t++) {
          if (w.driverOf[t] < 0) expect(w.taskPriceMs[t]).toBe(rows.penaltyMs[t]);
        }
      }),
      {numRuns: runs(3_000)},
    );
  });

  test('of tasks leaves each served or at its penalty, and takes no place from a driver', () => {
    const starts = fc.array(fc.nat(1000), {minLength: 12, maxLength: 12});
    fc.assert(
      fc.property(problems, fc.constantFrom(1, 7, 400), starts, (problem, epsilonMs, startMs) => {
        const {rows, w} = stageOf(problem);
        const run = runOf({rows, w});
        for (let t = 0; t < rows.taskCount; t++) w.taskPriceMs[t] = Math.min(rows.penaltyMs[t], startMs[t]);
        bidByDrivers(run, epsilonMs, 20_000);
        const usedBefore = w.used.slice();
        bidByTasks(run, epsilonMs, 20_000);
        fc.pre(w.work < 20_000);
        expect(breach({rows, w}, Number.POSITIVE_INFINITY)).toBeUndefined();
        for (let t = 0; t < rows.taskCount; t++) {
          if (w.driverOf[t] < 0) expect(w.taskPriceMs[t]).toBe(rows.penaltyMs[t]);
          for (let arc = rows.firstArc[t]; arc < rows.firstArc[t + 1]; arc++) {
            const priceMs = w.taskPriceMs[t] + w.driverPriceMs[rows.driver[arc]];
            expect(priceMs).toBeLessThanOrEqual(rows.costMs[arc] + epsilonMs);
          }
        }
        for (let d = 0; d < rows.driverCount; d++) expect(w.used[d]).toBeGreaterThanOrEqual(usedBefore[d]);
      }),
      {numRuns: runs(3_000)},
    );
  });

  test('of drivers, cut anywhere, leaves prices right but for epsilon', () => {
    fc.assert(
      fc.property(problems, fc.nat(60), (problem, bidLimit) => {
        const {rows, w} = stageOf(problem);
        w.taskPriceMs.set(rows.penaltyMs);
        bidByDrivers(runOf({rows, w}), 5, bidLimit);
        for (let t = 0; t < rows.taskCount; t++) {
          for (let arc = rows.firstArc[t]; arc < rows.firstArc[t + 1]; arc++) {
            const priceMs = w.taskPriceMs[t] + w.driverPriceMs[rows.driver[arc]];
            expect(priceMs).toBeLessThanOrEqual(rows.costMs[arc] + 5);
          }
        }
      }),
      {numRuns: runs(2_000)},
    );
  });

  test('cut anywhere leaves prices and a matching that settle', () => {
    fc.assert(
      fc.property(problems, fc.nat(600), (problem, budget) => {
        const stage = stageOf(problem);
        stage.w.budget = budget;
        auction(runOf(stage));
        for (let d = 0; d < stage.rows.driverCount; d++) expect(stage.w.driverPriceMs[d]).toBeLessThanOrEqual(0);
        expect(breach(stage, Number.POSITIVE_INFINITY)).toBeUndefined();
        settle(stage.rows, stage.w);
        expect(breach(stage)).toBeUndefined();
      }),
      {numRuns: runs(2_000)},
    );
  });
});

test('the heap gives keys back in order, exact up to the largest distance and id', () => {
  const entry = fc.tuple(fc.integer({min: 0, max: 2 ** 31 - 1}), fc.integer({min: 0, max: 2 ** 22 - 1}));
  const edge = fc.constantFrom<[number, number][]>(
    [2 ** 31 - 1, 2 ** 22 - 1],
    [2 ** 31 - 1, 0],
    [0, 2 ** 22 - 1],
    [0, 0],
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(entry, edge), {maxLength: 3000}), (entries) => {
      const heap = createHeap();
      for (const [dist, id] of entries) push(heap, keyOf(dist, id));
      const popped = entries.map(() => {
        const key = pop(heap);
        return [distOf(key), idOf(key, distOf(key))];
      });
      expect(heap.size).toBe(0);
      expect(popped).toEqual(entries.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]));
    }),
    {numRuns: runs(300)},
  );
});
