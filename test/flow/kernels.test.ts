import assert from 'node:assert/strict';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {flaw} from '../../src/flow/certificate.ts';
import {compiledKernels} from '../../src/flow/kernels/compiled.ts';
import {type Kernels, twins} from '../../src/flow/kernels/kernels.ts';
import {createMachine, type Machine} from '../../src/flow/kernels/machine.ts';
import {COST_LIMIT_MS, type Problem, type Solution} from '../../src/flow/problem.ts';
import {createWorkspace, listWaiting, prepare, type Workspace} from '../../src/flow/search/workspace.ts';
import type {Seed} from '../../src/flow/seed.ts';
import {solve} from '../../src/flow/solve.ts';
import {anyProblem, chance, metroOf, metroProblem, problemOf, stripProblem} from '../support/flow-problems.ts';

const NEVER = Number.POSITIVE_INFINITY;
const machineOf = (): Machine => {
  const machine = createMachine();
  assert(machine, 'this machine cannot run the compiled kernels');
  return machine;
};

/** Does the parts of each step in another order than a single thread would. */
function backwards(): Machine {
  const machine = machineOf();
  const {exports} = machine;
  return {
    ...machine,
    team: {
      run(kernel, firstState, stateBytes, partCount) {
        for (let part = partCount - 1; part >= 0; part--) exports[kernel](firstState + part * stateBytes);
      },
    },
  };
}

// Shared on purpose: nothing may leak from one solve into the next.
const ways = {
  whole: [
    createWorkspace({sizes: {compiledPairs: NEVER, tiledArcs: NEVER}}),
    createWorkspace({sizes: {compiledPairs: 0, tiledArcs: NEVER}}),
  ],
  tiled: [
    createWorkspace({sizes: {compiledPairs: NEVER, tiledArcs: 0}}),
    createWorkspace({sizes: {compiledPairs: 0, tiledArcs: 0}}),
    createWorkspace({sizes: {compiledPairs: 0, tiledArcs: 0}, machine: backwards()}),
  ],
};

function answerOf(workspaces: readonly Workspace[], problem: Problem, budget: number, seed?: Seed): Solution {
  const [first, ...others] = workspaces.map((w) => solve(problem, seed ? {budget, seed} : {budget}, w));
  for (const other of others) expect(other).toEqual(first);
  expect(flaw(problem, first)).toBeUndefined();
  return first;
}

describe('one answer, compiled and in TypeScript, whichever tile comes first', () => {
  const strips = fc.tuple(fc.nat(), fc.nat(60), fc.nat(80)).map(([seed, d, t]) => stripProblem(seed, d, t));
  const longStrips = fc.nat().map((seed) => stripProblem(seed, 400, 400));
  const budgets = fc.oneof({weight: 3, arbitrary: fc.constant(1e12)}, {weight: 1, arbitrary: fc.nat(3000)});

  test.each([
    ['dense problems', anyProblem(10, 12), 1000],
    ['problems along a line', strips, 1200],
    ['longer lines', longStrips, 150],
  ])('%s', (_, problems, numRuns) => {
    fc.assert(
      fc.property(problems, budgets, (problem, budget) => {
        const whole = answerOf(ways.whole, problem, budget);
        const tiled = answerOf(ways.tiled, problem, budget);
        if (budget < 1e12) return;
        expect([whole.kind, tiled.kind]).toEqual(['optimal', 'optimal']);
        expect(tiled.totalMs).toBe(whole.totalMs);
      }),
      {numRuns},
    );
  });

  test('from any seed', () => {
    fc.assert(
      fc.property(strips, fc.nat(), (problem, draw) => {
        const next = chance(draw);
        const below = (limit: number) => Math.floor(next() * limit);
        const limit = [60, COST_LIMIT_MS][below(2)];
        const seed = {
          taskPriceMs: Int32Array.from({length: problem.taskCount}, () => below(limit)),
          driverPriceMs: Int32Array.from({length: problem.driverCount}, () => -below(limit)),
        };
        for (const workspaces of [ways.whole, ways.tiled]) {
          expect(answerOf(workspaces, problem, 1e12, seed).kind).toBe('optimal');
        }
      }),
      {numRuns: 500},
    );
  });

  test('towns, with rows longer than are sorted four at a time', () => {
    for (const [drivers, tasks, pairsPerTask, capacity, penaltyMs] of [
      [1500, 1500, 10, 1, 3_600_000],
      [1200, 1300, 8, 1, 500_000_000],
      [400, 900, 12, 2, 800_000_000],
      [320, 60, 300, 1, 600_000],
    ]) {
      const problem = metroProblem(metroOf(drivers + tasks, drivers, tasks), {pairsPerTask, capacity, penaltyMs});
      const totals = [ways.whole, ways.tiled].map((workspaces) => answerOf(workspaces, problem, 1e12).totalMs);
      expect(totals[1]).toBe(totals[0]);
    }
  });

  test('rows of every length up to a few registers, with ties', () => {
    const rows = Array.from({length: 70}, (_, length) =>
      Array.from({length}, (_, d): [number, number] => [d, (d * 7 + length) % 5]),
    );
    const problem = problemOf(rows, Array(70).fill(1), Array(70).fill(9));
    expect(answerOf(ways.whole, problem, 1e12).kind).toBe('optimal');
  });
});

describe('the compiled searches', () => {
  const machine = machineOf();

  /** Prices and matching after task searches from prices of 0. */
  function searched(kernels: Kernels, problem: Problem, change: (w: Workspace, driverCount: number) => void) {
    const rows = kernels.arrange(problem);
    const w = createWorkspace();
    prepare(w, rows, kernels.allot);
    w.budget = 1e9;
    w.patience = {base: NEVER, slope: 0, rise: 0};
    change(w, rows.driverCount);
    kernels.run('settle', [{rows, w}]);
    expect(listWaiting(w)).toBeGreaterThan(100);
    kernels.run('searchTasks', [{rows, w}]);
    const {taskCount, driverCount} = rows;
    return {
      taskPriceMs: w.taskPriceMs.slice(0, taskCount),
      driverPriceMs: w.driverPriceMs.slice(0, driverCount),
      driverOf: w.driverOf.slice(0, taskCount),
      work: w.work,
      round: w.round,
    };
  }
  const problem = metroProblem(metroOf(3, 150, 170), {pairsPerTask: 120, capacity: 1, penaltyMs: 800_000_000});
  const expected = searched(twins, problem, () => {});

  test('find the same when stamps run out among them', () => {
    const worn = searched(compiledKernels(machine), problem, (w) => {
      w.round = 0x7fff_ffff - 5;
      w.reached.fill(3); // stamps of rounds long past, which come again after the wrap
    });
    expect(worn).toEqual({...expected, round: expected.round - 5});
  });

  test('find the same with a heap that must drop what is superseded', () => {
    let beyond: Int32Array | undefined;
    const tight = searched(compiledKernels(machine), problem, (w, driverCount) => {
      w.heapRoom = driverCount + 1;
      beyond = w.heapKeys.subarray(2 * w.heapRoom).fill(7);
    });
    expect(tight).toEqual(expected);
    expect(beyond?.every((word) => word === 7)).toBe(true);
  });
});
