import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {flaw} from '../../src/flow/certificate.ts';
import {arrange} from '../../src/flow/layout/arrange.ts';
import {columnsOf} from '../../src/flow/layout/columns.ts';
import type {Problem, Solution} from '../../src/flow/problem.ts';
import {createWorkspace} from '../../src/flow/search/workspace.ts';
import {add, beginSolve, endSolve, solve} from '../../src/flow/solve.ts';
import {arcsOfTile, cutTiles, isAnchored, solveTile, type Tiles} from '../../src/flow/tiles.ts';
import {bruteForceMs, shortestPathsMs} from '../support/flow-oracle.ts';
import {
  anyProblem,
  bandProblem,
  chance,
  type DrawnRows,
  metroOf,
  metroProblem,
  problemOf,
  shuffled,
} from '../support/flow-problems.ts';

const BUDGET = 1e12;
const workspace = createWorkspace();

const cut = (problem: Problem, tileTasks: number): Tiles => {
  const rows = arrange(problem);
  return cutTiles(rows, columnsOf(rows), tileTasks);
};

/** In tiles of about `tileTasks` tasks, which are solved in the order that `order` gives. */
function inTiles(problem: Problem, tileTasks: number, budget = BUDGET, order = (ids: number[]) => ids): Solution {
  const tiles = cut(problem, tileTasks);
  const spent = {work: 0, augmentations: 0};
  for (const tile of order([...Array(tiles.tileCount).keys()])) {
    add(spent, solveTile(tiles, tile, budget, createWorkspace()));
  }
  return endSolve(problem, tiles, budget, spent, workspace);
}

function provenMs(problem: Problem, tileTasks: number): number {
  const answer = inTiles(problem, tileTasks);
  expect(flaw(problem, answer)).toBeUndefined();
  expect(answer.kind).toBe('optimal');
  return answer.totalMs;
}

describe('tiles merge into an optimal answer', () => {
  test('that costs what brute force costs, on tiny problems in tiles of one to four tasks', () => {
    fc.assert(
      fc.property(anyProblem(5, 6), fc.integer({min: 1, max: 4}), (problem, tileTasks) => {
        expect(provenMs(problem, tileTasks)).toBe(bruteForceMs(problem));
      }),
      {numRuns: 10_000},
    );
  });

  test('that costs what successive shortest paths and the whole solve cost, on middle problems', () => {
    fc.assert(
      fc.property(anyProblem(25, 30), fc.integer({min: 2, max: 20}), (problem, tileTasks) => {
        const totalMs = provenMs(problem, tileTasks);
        expect(totalMs).toBe(shortestPathsMs(problem));
        expect(totalMs).toBe(solve(problem, {budget: BUDGET}, workspace).totalMs);
      }),
      {numRuns: 1500},
    );
  });

  test('on clustered problems, scarce, just enough and plenty, with penalties near and far', () => {
    for (const [drivers, tasks, capacity] of [
      [60, 300, 1],
      [60, 300, 4],
      [200, 200, 1],
      [300, 120, 1],
      [110, 300, 3],
    ]) {
      for (const penaltyMs of [300_000, 3_600_000, 800_000_000]) {
        const problem = metroProblem(metroOf(drivers + tasks, drivers, tasks), {pairsPerTask: 12, capacity, penaltyMs});
        for (const tileTasks of [20, 77]) expect(provenMs(problem, tileTasks)).toBe(shortestPathsMs(problem));
      }
    }
  });

  test('when all costs tie', () => {
    const rows = Array.from({length: 200}, (_, t) => [t, t + 1, t + 2].map((d): [number, number] => [d, 7]));
    const problem = problemOf(rows, Array(202).fill(1), Array(200).fill(100));
    expect(provenMs(problem, 30)).toBe(200 * 7);
  });

  test('when the only driver of a task belongs to another tile', () => {
    // Every tile but the first finds its drivers in the one before.
    const rows = Array.from({length: 40}, (_, t): [number, number][] => [
      [Math.max(0, t - 1), 1],
      [t, 50],
    ]);
    rows[0] = [[0, 50]];
    const problem = problemOf(rows, Array(40).fill(1), Array(40).fill(10_000));
    expect(provenMs(problem, 1)).toBe(shortestPathsMs(problem));
  });

  test('whatever order the tiles are solved in, bit for bit', () => {
    const problem = metroProblem(metroOf(4, 180, 240), {pairsPerTask: 10, capacity: 1, penaltyMs: 1_800_000});
    const answer = inTiles(problem, 25);
    expect(inTiles(problem, 25, BUDGET, (ids) => ids.reverse())).toEqual(answer);
    expect(inTiles(problem, 25, BUDGET, (ids) => shuffled(ids.length, chance(3)))).toEqual(answer);
  });
});

describe('a problem is cut', () => {
  /** `count` chains of `length` tasks, no two sharing a driver, their ids mixed. */
  function chains(count: number, length: number): DrawnRows {
    const rows: [number, number][][] = [];
    for (let chain = 0; chain < count; chain++) {
      const first = chain * (length + 1);
      for (let i = 0; i < length; i++) {
        rows.push([
          [first + i, 3],
          [first + i + 1, 5],
        ]);
      }
    }
    return shuffled(rows.length, chance(9)).map((i) => rows[i]);
  }

  test('between small components, never through one, and then needs no repair', () => {
    const rows = chains(60, 4);
    const problem = problemOf(rows, Array(60 * 5).fill(1), Array(rows.length).fill(90));
    const tiles = cut(problem, 25);
    expect(tiles.tileCount).toBeGreaterThan(8);
    for (let k = 0; k < tiles.tileCount; k++) {
      expect(tiles.firstTask[k + 1] - tiles.firstTask[k]).toBeLessThanOrEqual(25);
      for (let t = tiles.firstTask[k]; t < tiles.firstTask[k + 1]; t++) {
        for (let arc = tiles.rows.firstArc[t]; arc < tiles.rows.firstArc[t + 1]; arc++) {
          expect(tiles.tileOf[tiles.rows.driver[arc]]).toBe(k);
        }
      }
    }
    const spent = {work: 0, augmentations: 0};
    for (let k = 0; k < tiles.tileCount; k++) add(spent, solveTile(tiles, k, BUDGET, workspace));
    const merged = endSolve(problem, tiles, BUDGET, spent, workspace);
    expect(merged).toMatchObject({kind: 'optimal', work: spent.work, augmentations: spent.augmentations});
  });

  test('through a large component in equal parts, whatever lies beside it', () => {
    const band = bandProblem(2, 400, 400, 6);
    const tiles = cut(band, 50);
    const sizes = Array.from({length: tiles.tileCount}, (_, k) => tiles.firstTask[k + 1] - tiles.firstTask[k]);
    expect(sizes).toEqual(Array(8).fill(50));
    const arcs = sizes.map((_, k) => arcsOfTile(tiles, k));
    expect(arcs.reduce((a, b) => a + b)).toBe(tiles.rows.arcCount);
  });

  test('of no tasks into one tile of none', () => {
    expect(cut(problemOf([], [1], []), 5).tileCount).toBe(1);
    expect(provenMs(problemOf([], [1], []), 5)).toBe(0);
  });
});

test('prices hang on what is near where many tasks go unassigned or drivers are free, else on what is far', () => {
  const anchored = (drivers: number, tasks: number) => {
    const tiles = cut(bandProblem(5, drivers, tasks, 8), 10_000);
    solveTile(tiles, 0, BUDGET, workspace);
    return isAnchored(tiles, 0);
  };
  expect(anchored(300, 400)).toBe(true);
  expect(anchored(500, 400)).toBe(true);
  expect(anchored(408, 400)).toBe(false);
});

describe('within a budget', () => {
  test('every budget ends in a feasible answer between proven bounds, and once optimal it stays', () => {
    fc.assert(
      fc.property(anyProblem(10, 14), fc.integer({min: 2, max: 6}), fc.nat(300), (problem, tileTasks, budget) => {
        const best = solve(problem, {budget: BUDGET}, workspace);
        const answer = inTiles(problem, tileTasks, budget);
        expect(flaw(problem, answer)).toBeUndefined();
        expect(answer.boundMs).toBeLessThanOrEqual(best.totalMs);
        expect(answer.totalMs).toBeGreaterThanOrEqual(best.totalMs);
      }),
      {numRuns: 3000},
    );
  });
});

describe('a large problem', () => {
  const scarce = bandProblem(7, 30_000, 40_000, 14);

  test('goes on in tiles, and costs what it costs from a seed', () => {
    expect(beginSolve(scarce, {budget: BUDGET}, workspace).kind).toBe('in-tiles');
    const answer = solve(scarce, {budget: BUDGET}, workspace);
    expect(flaw(scarce, answer)).toBeUndefined();
    expect(answer.kind).toBe('optimal');
    const {taskPriceMs, driverPriceMs} = answer;
    const warm = solve(scarce, {budget: BUDGET, seed: {taskPriceMs, driverPriceMs}}, workspace);
    expect(warm.totalMs).toBe(answer.totalMs);
    expect(solve(scarce, {budget: BUDGET})).toEqual(answer);
  });

  test('whose first tile hangs on the others is solved whole', () => {
    const balanced = bandProblem(8, 40_100, 40_000, 14);
    const answer = beginSolve(balanced, {budget: BUDGET}, workspace);
    expect(answer.kind).toBe('optimal');
    expect(flaw(balanced, answer as Solution)).toBeUndefined();
  });

  test('cut short in its tiles or in the repair still is served, and says how far from the optimum it may be', () => {
    const {work, totalMs} = solve(scarce, {budget: BUDGET}, workspace);
    for (const part of [0, 0.3, 0.9, 0.999]) {
      const answer = solve(scarce, {budget: work * part}, workspace);
      expect(flaw(scarce, answer)).toBeUndefined();
      expect(answer.boundMs).toBeLessThanOrEqual(totalMs);
      expect(answer.totalMs).toBeGreaterThanOrEqual(totalMs);
    }
  });
});
