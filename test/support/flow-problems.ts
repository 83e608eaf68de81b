// Assignment problems to test with: drawn row by row, random (with fast-check, so that they shrink), and dispatch-like.

import fc from 'fast-check';
import {COST_LIMIT_MS, type Problem} from '../../src/flow/problem.ts';

/** By task: [driver, cost] pairs, ascending by driver. */
export type DrawnRows = readonly (readonly (readonly [driver: number, costMs: number])[])[];

export function problemOf(rows: DrawnRows, capacity: readonly number[], unassignedMs: readonly number[]): Problem {
  const firstPair = [0];
  for (const row of rows) firstPair.push(firstPair[firstPair.length - 1] + row.length);
  return {
    driverCount: capacity.length,
    taskCount: rows.length,
    firstPair: Int32Array.from(firstPair),
    driver: Int32Array.from(rows.flat(), ([driver]) => driver),
    costMs: Int32Array.from(rows.flat(), ([, costMs]) => costMs),
    capacity: Int32Array.from(capacity),
    unassignedMs: Int32Array.from(unassignedMs),
  };
}

/** Ties and zeros in small ranges, the largest cost at the other end. */
const costs = (): fc.Arbitrary<fc.Arbitrary<number>> =>
  fc.constantFrom(0, 1, 3, 10, 1000, COST_LIMIT_MS - 1).map((max) => fc.integer({min: 0, max}));

/** Any shape up to the given size: isolated nodes, no drivers, no tasks, capacities 0 to 3, equal and zero costs. */
export function anyProblem(driverLimit: number, taskLimit: number): fc.Arbitrary<Problem> {
  return fc
    .tuple(fc.nat(driverLimit), fc.nat(taskLimit), costs(), costs(), fc.integer({min: 1, max: 10}))
    .chain(([drivers, tasks, cost, penalty, tenths]) =>
      fc.record({
        rows: fc.array(fc.array(fc.tuple(fc.integer({min: 1, max: 10}), cost), exactly(drivers)), exactly(tasks)),
        capacity: fc.array(fc.nat(3), exactly(drivers)),
        unassignedMs: fc.array(penalty, exactly(tasks)),
        tenths: fc.constant(tenths),
      }),
    )
    .map(({rows, capacity, unassignedMs, tenths}) => {
      const kept = rows.map((row) =>
        row.flatMap(([chance, costMs], d): [number, number][] => (chance <= tenths ? [[d, costMs]] : [])),
      );
      return problemOf(kept, capacity, unassignedMs);
    });
}

const exactly = (length: number) => ({minLength: length, maxLength: length});

/** mulberry32: a small generator of numbers in [0, 1), the same for the same seed. */
export function chance(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** 0 to count - 1 in an order that `next` decides. */
export function shuffled(count: number, next: () => number): number[] {
  const order = Array.from({length: count}, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const other = Math.floor(next() * (i + 1));
    [order[i], order[other]] = [order[other], order[i]];
  }
  return order;
}

export type Place = {readonly id: number; readonly x: number; readonly y: number};
/** A square of side 1 whose drivers and tasks gather around a few centres; ids are stable, costs follow from them. */
export type Metro = {drivers: Place[]; tasks: Place[]; readonly next: () => number; nextId: number};

export function metroOf(seed: number, driverCount: number, taskCount: number): Metro {
  const metro: Metro = {drivers: [], tasks: [], next: chance(seed), nextId: 0};
  for (let i = 0; i < driverCount; i++) metro.drivers.push(placeIn(metro));
  for (let i = 0; i < taskCount; i++) metro.tasks.push(placeIn(metro));
  return metro;
}

export function placeIn(metro: Metro): Place {
  const {next} = metro;
  const centre = Math.floor(next() * 5);
  const around = (at: number) => Math.min(0.999, Math.max(0, at + (next() + next() + next() - 1.5) * 0.15));
  const at = next() < 0.2 ? {x: next(), y: next()} : {x: around((centre * 0.37) % 1), y: around((centre * 0.61) % 1)};
  return {id: metro.nextId++, ...at};
}

export type MetroRules = {readonly pairsPerTask: number; readonly capacity: number; readonly penaltyMs: number};

/**
 * Each task with its nearest drivers; costs in milliseconds at one side of the square in an hour. O(drivers * tasks).
 */
export function metroProblem(metro: Metro, {pairsPerTask, capacity, penaltyMs}: MetroRules): Problem {
  const rows = metro.tasks.map((task) =>
    metro.drivers
      .map((driver, d): [number, number] => {
        const detour = 1 + (Math.imul(task.id + 1, driver.id * 2 + 1) & 0xff) / 512;
        return [d, 30_000 + Math.round(Math.hypot(task.x - driver.x, task.y - driver.y) * detour * 3_600_000)];
      })
      .sort((a, b) => a[1] - b[1] || a[0] - b[0])
      .slice(0, pairsPerTask)
      .sort((a, b) => a[0] - b[0]),
  );
  const unassignedMs = metro.tasks.map((task) => penaltyMs + (task.id % 97) * 1000);
  return problemOf(
    rows,
    metro.drivers.map(() => capacity),
    unassignedMs,
  );
}

/**
 * Tasks and drivers along a line, each task with drivers near its place: what a large problem looks like to its tiles.
 * Ids lie in any order; costs from small ranges tie often, those from large ones do not.
 */
export function stripProblem(seed: number, driverCount: number, taskCount: number): Problem {
  const next = chance(seed);
  const below = (limit: number): number => Math.floor(next() * limit);
  const costLimit = [3, 40, 5_000, COST_LIMIT_MS][below(4)];
  const [reach, capacityLimit] = [2 + below(6), 1 + below(3)];
  const driverAt = shuffled(driverCount, next);
  const rows = shuffled(taskCount, next).map((place): [number, number][] => {
    const home = Math.floor((place / taskCount) * driverCount);
    const near = Array.from({length: below(9)}, () => home - reach + below(2 * reach + 1));
    const drivers = new Set(near.filter((d) => d >= 0 && d < driverCount).map((d) => driverAt[d]));
    return [...drivers].sort((a, b) => a - b).map((d): [number, number] => [d, below(costLimit)]);
  });
  const capacity = Array.from({length: driverCount}, () => 1 + below(capacityLimit));
  const penalties = Array.from({length: taskCount}, () => Math.min(COST_LIMIT_MS - 1, below(2 * costLimit)));
  return problemOf(rows, capacity, penalties);
}
