import fc from 'fast-check';
import {expect, test} from 'vitest';
import {arrange, type Rows} from '../../src/flow/layout/arrange.ts';
import {columnsOf} from '../../src/flow/layout/columns.ts';
import {carryOver, neighbourOrder, renumbered, restore} from '../../src/flow/layout/renumber.ts';
import {settle} from '../../src/flow/search/settle.ts';
import {createWorkspace, listWaiting, prepare} from '../../src/flow/search/workspace.ts';
import {anyProblem, chance, problemOf, shuffled} from '../support/flow-problems.ts';

const rowOf = (rows: Rows, task: number): [number, number][] =>
  Array.from(rows.driver.subarray(rows.firstArc[task], rows.firstArc[task + 1]), (d, i) => [
    d,
    rows.costMs[rows.firstArc[task] + i],
  ]);

test('rows keep the arcs that can matter, cheapest first and ties by driver', () => {
  fc.assert(
    fc.property(anyProblem(70, 6), (problem) => {
      const rows = arrange(problem);
      for (let t = 0; t < problem.taskCount; t++) {
        const wanted: [number, number][] = [];
        for (let pair = problem.firstPair[t]; pair < problem.firstPair[t + 1]; pair++) {
          const d = problem.driver[pair];
          if (problem.capacity[d] > 0 && problem.costMs[pair] < problem.unassignedMs[t]) {
            wanted.push([d, problem.costMs[pair]]);
          }
        }
        expect(rowOf(rows, t)).toEqual(wanted.sort((a, b) => a[1] - b[1] || a[0] - b[0]));
      }
    }),
    {numRuns: 1000},
  );
});

test('places are the capacity, but never more than one above the arcs', () => {
  const row: [number, number][] = [
    [0, 1],
    [1, 1],
    [2, 1],
  ];
  const rows = arrange(problemOf([row, row, [[3, 9]]], [1, 3, 2 ** 31 - 1, 5], [2, 2, 9]));
  expect([...rows.places]).toEqual([1, 3, 3, 1]);
  expect(rows.reachableTasks).toBe(2);
  expect(rows.reachablePlaces).toBe(1 + 2 + 2);
});

test('columns hold the arcs of the rows, by driver and ascending by task', () => {
  fc.assert(
    fc.property(anyProblem(12, 12), (problem) => {
      const rows = arrange(problem);
      const columns = columnsOf(rows);
      expect(columns.firstArc[rows.driverCount]).toBe(rows.arcCount);
      for (let d = 0; d < rows.driverCount; d++) {
        const wanted: [number, number][] = [];
        for (let t = 0; t < rows.taskCount; t++) {
          for (const [driver, costMs] of rowOf(rows, t)) if (driver === d) wanted.push([t, costMs]);
        }
        const [start, end] = [columns.firstArc[d], columns.firstArc[d + 1]];
        expect([...columns.task.subarray(start, end)]).toEqual(wanted.map(([t]) => t));
        expect([...columns.costMs.subarray(start, end)]).toEqual(wanted.map(([, costMs]) => costMs));
      }
    }),
    {numRuns: 1000},
  );
});

test('renumbering keeps rows, places and penalties, and restoring goes back to the old ids', () => {
  fc.assert(
    fc.property(anyProblem(12, 12), (problem) => {
      const rows = arrange(problem);
      const order = neighbourOrder(rows, columnsOf(rows));
      const there = renumbered(rows, order);
      const {taskAt, driverAt} = order;
      expect([...taskAt].sort((a, b) => a - b)).toEqual(Array.from(taskAt, (_, t) => t));
      expect([...driverAt].sort((a, b) => a - b)).toEqual(Array.from(driverAt, (_, d) => d));
      for (let t = 0; t < rows.taskCount; t++) {
        expect(rowOf(there, t).map(([d, costMs]) => [driverAt[d], costMs])).toEqual(rowOf(rows, taskAt[t]));
        expect(there.penaltyMs[t]).toBe(rows.penaltyMs[taskAt[t]]);
      }
      expect([...there.places]).toEqual(Array.from(driverAt, (old) => rows.places[old]));

      const w = createWorkspace();
      prepare(w, there);
      for (let t = 0; t < rows.taskCount; t++) {
        w.taskPriceMs[t] = 100 + taskAt[t];
        w.driverOf[t] = t % 3 === 0 || rows.driverCount === 0 ? -1 - (t % 2) : t % rows.driverCount;
      }
      for (let d = 0; d < rows.driverCount; d++) w.driverPriceMs[d] = -driverAt[d];
      const before = w.driverOf.slice();
      restore(w, order);
      for (let t = 0; t < rows.taskCount; t++) {
        expect(w.taskPriceMs[taskAt[t]]).toBe(100 + taskAt[t]);
        expect(w.driverOf[taskAt[t]]).toBe(before[t] < 0 ? before[t] : driverAt[before[t]]);
      }
      for (let d = 0; d < rows.driverCount; d++) expect(w.driverPriceMs[d]).toBe(0 - d);
    }),
    {numRuns: 1000},
  );
});

test('what a solve has so far is the same after it was carried over to new ids, settled there and restored', () => {
  const w = createWorkspace();
  fc.assert(
    fc.property(anyProblem(8, 8), fc.nat(), (problem, seed) => {
      const rows = arrange(problem);
      const next = chance(seed);
      prepare(w, rows);
      for (let d = 0; d < rows.driverCount; d++) w.driverPriceMs[d] = -Math.floor(next() * 6);
      for (let t = 0; t < rows.taskCount; t++) w.driverOf[t] = Math.floor(next() * (rows.driverCount + 1)) - 1;
      const read = () => [
        w.taskPriceMs.slice(0, rows.taskCount),
        w.driverOf.slice(0, rows.taskCount),
        w.driverPriceMs.slice(0, rows.driverCount),
      ];
      settle(rows, w);
      const left = listWaiting(w);
      const before = read();
      const order = neighbourOrder(rows, columnsOf(rows));
      const near = renumbered(rows, order);
      carryOver(w, near, order);
      settle(near, w);
      expect(listWaiting(w)).toBe(left);
      restore(w, order);
      expect(read()).toEqual(before);
    }),
    {numRuns: 1000},
  );
});

test('tasks that share drivers get ids close to each other', () => {
  const order = shuffled(500, chance(1));
  // A long chain, its tasks and drivers in any order: each shares a driver with the next.
  const rows = order.map((at): [number, number][] =>
    [order[at], order[(at + 1) % 500]].sort((a, b) => a - b).map((d): [number, number] => [d, 1]),
  );
  const arranged = arrange(problemOf(rows, Array(500).fill(1), Array(500).fill(2)));
  const there = renumbered(arranged, neighbourOrder(arranged, columnsOf(arranged)));
  for (let t = 0; t < 500; t++) {
    for (const [d] of rowOf(there, t)) expect(Math.abs(d - t)).toBeLessThanOrEqual(3);
  }
});
