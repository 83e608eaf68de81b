import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {flaw} from '../../src/flow/certificate.ts';
import type {Problem, Solution} from '../../src/flow/problem.ts';
import {createWorkspace} from '../../src/flow/search/workspace.ts';
import {carrySeed, type Seed, UNPRICED_MS} from '../../src/flow/seed.ts';
import {solve} from '../../src/flow/solve.ts';
import {anyProblem, type Metro, metroOf, metroProblem, type Place, placeIn} from '../support/flow-problems.ts';

const AMPLE = {budget: 1e12};
const workspace = createWorkspace();

function proven(problem: Problem, seed?: Seed): Solution {
  const answer = solve(problem, seed === undefined ? AMPLE : {...AMPLE, seed}, workspace);
  expect(flaw(problem, answer)).toBeUndefined();
  expect(answer.kind).toBe('optimal');
  return answer;
}

/** By new id: the id before, or -1. */
function wasAt(now: readonly Place[], before: readonly Place[]): Int32Array {
  const idOf = new Map(before.map((place, i) => [place.id, i]));
  return Int32Array.from(now, (place) => idOf.get(place.id) ?? -1);
}

/** Some leave, some come, everyone left moves a little. */
function stir(metro: Metro, share: number, stepOf: number): void {
  const {next} = metro;
  const others = (places: Place[], moving: number) => {
    const kept = places
      .filter(() => next() >= share)
      .map((p) => ({...p, x: p.x + (next() - 0.5) * moving, y: p.y + (next() - 0.5) * moving}));
    const coming = Math.round(places.length * share * (0.5 + next()));
    return [...kept, ...Array.from({length: coming}, () => placeIn(metro))];
  };
  metro.drivers = others(metro.drivers, stepOf);
  metro.tasks = others(metro.tasks, 0);
}

describe('a warm solve costs what a cold one costs', () => {
  test.each([
    {name: 'few change', share: 0.02, step: 0.001, capacity: 1, drivers: 150},
    {name: 'many change', share: 0.3, step: 0.02, capacity: 1, drivers: 150},
    {name: 'scarce drivers', share: 0.05, step: 0.01, capacity: 1, drivers: 50},
    {name: 'several places each', share: 0.05, step: 0.01, capacity: 3, drivers: 50},
    {name: 'plenty of drivers', share: 0.05, step: 0.01, capacity: 2, drivers: 200},
  ])('over sixty ticks: $name', ({share, step, capacity, drivers}) => {
    const metro = metroOf(share * 1000 + drivers, drivers, 150);
    const rules = {pairsPerTask: 8, capacity, penaltyMs: 1_800_000};
    let answer = proven(metroProblem(metro, rules));
    for (let tick = 0; tick < 60; tick++) {
      const before = {drivers: metro.drivers, tasks: metro.tasks};
      stir(metro, share, step);
      const seed = carrySeed(answer, wasAt(metro.drivers, before.drivers), wasAt(metro.tasks, before.tasks));
      const problem = metroProblem(metro, rules);
      answer = proven(problem, seed);
      expect(answer.totalMs).toBe(proven(problem).totalMs);
    }
  });

  test('from any seed, however wrong', () => {
    const price = fc.oneof(fc.constant(UNPRICED_MS), fc.integer({min: -2000, max: 2000}), fc.integer());
    fc.assert(
      fc.property(
        anyProblem(8, 10),
        fc.array(price, {minLength: 20, maxLength: 20}),
        fc.array(fc.integer({min: -1, max: 7}), {minLength: 10, maxLength: 10}),
        (problem, prices, drivers) => {
          const seed = {
            taskPriceMs: Int32Array.from(prices.slice(0, problem.taskCount)),
            driverPriceMs: Int32Array.from(prices.slice(10, 10 + problem.driverCount)),
            driverOf: Int32Array.from(drivers.slice(0, problem.taskCount), (d) => (d < problem.driverCount ? d : -1)),
          };
          expect(proven(problem, seed).totalMs).toBe(proven(problem).totalMs);
        },
      ),
      {numRuns: 5000},
    );
  });
});

describe('a seed saves work', () => {
  test('the answer of the same problem needs no search at all', () => {
    const problem = metroProblem(metroOf(8, 120, 130), {pairsPerTask: 8, capacity: 1, penaltyMs: 1_800_000});
    const cold = proven(problem);
    const again = proven(problem, cold);
    expect(cold.augmentations).toBeGreaterThan(0);
    expect(again.augmentations).toBe(0);
    expect(again.work).toBe(0);
    expect(again.driverOf).toEqual(cold.driverOf);
  });

  test('prices alone are enough to start from', () => {
    const problem = metroProblem(metroOf(8, 120, 130), {pairsPerTask: 8, capacity: 1, penaltyMs: 1_800_000});
    const cold = proven(problem);
    const {taskPriceMs, driverPriceMs} = cold;
    const again = proven(problem, {taskPriceMs, driverPriceMs});
    expect(again.totalMs).toBe(cold.totalMs);
    expect(again.work).toBeLessThan(cold.work / 4);
  });

  test('one driver and one task more need few searches', () => {
    const rules = {pairsPerTask: 8, capacity: 1, penaltyMs: 1_800_000};
    const metro = metroOf(8, 300, 300);
    const cold = proven(metroProblem(metro, rules));
    const before = {drivers: metro.drivers, tasks: metro.tasks};
    metro.drivers = [placeIn(metro), ...metro.drivers];
    metro.tasks = [...metro.tasks, placeIn(metro)];
    const seed = carrySeed(cold, wasAt(metro.drivers, before.drivers), wasAt(metro.tasks, before.tasks));
    expect(proven(metroProblem(metro, rules), seed).augmentations).toBeLessThan(cold.augmentations / 5);
  });
});

describe('a seed of no use changes nothing', () => {
  const cold = (problem: Problem) => ({...proven(problem), saved: 0});

  test('one that knows hardly a task', () => {
    const metro = metroOf(9, 120, 130);
    const rules = {pairsPerTask: 8, capacity: 1, penaltyMs: 1_800_000};
    const before = proven(metroProblem(metro, rules));
    const {drivers} = metro;
    metro.tasks = metro.tasks.map((task, t) => (t % 2 === 0 ? placeIn(metro) : task));
    const problem = metroProblem(metro, rules);
    const wasTask = Int32Array.from(metro.tasks, (_, t) => (t % 2 === 0 ? -1 : t));
    expect(proven(problem, carrySeed(before, wasAt(drivers, drivers), wasTask))).toEqual(cold(problem));
    const few = wasTask.map((was, t) => (t % 8 > 0 ? t : was)); // an eighth is new
    expect(proven(problem, carrySeed(before, wasAt(drivers, drivers), few)).saved).toBeGreaterThan(0);
  });

  test('one of low prices, where drivers are plenty', () => {
    const problem = metroProblem(metroOf(9, 150, 100), {pairsPerTask: 8, capacity: 4, penaltyMs: 1_800_000});
    expect(proven(problem, proven(problem))).toEqual(cold(problem));
  });
});

test('carrySeed follows ids: who stays keeps price and driver, who is new has none', () => {
  const answer: Solution = {
    kind: 'optimal',
    driverOf: Int32Array.of(1, 0, -1),
    taskPriceMs: Int32Array.of(10, 20, 30),
    driverPriceMs: Int32Array.of(-5, -6),
    totalMs: 0,
    boundMs: 0,
    work: 0,
    augmentations: 0,
    saved: 0,
  };
  // Driver 1 is now 0, driver 0 is gone, driver 1 is new; tasks come as: new, old 1, old 0, old 2.
  expect(carrySeed(answer, Int32Array.of(1, -1), Int32Array.of(-1, 1, 0, 2))).toEqual({
    driverPriceMs: Int32Array.of(-6, UNPRICED_MS),
    taskPriceMs: Int32Array.of(UNPRICED_MS, 20, 10, 30),
    driverOf: Int32Array.of(-1, -1, 0, -1),
  });
});
