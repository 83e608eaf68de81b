import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {type Position, type Positions, positionsOf} from '../../../native-graph/position.ts';
import {NO_LIMIT_MS} from '../../../native-graph/route/dijkstra.ts';
import {
  attachBuckets,
  createDriverIndex,
  handleOf,
  moveDrivers,
  type Nearest,
  nearestDrivers,
} from '../../../native-graph/route/nearest.ts';
import {createWorkspace} from '../../../native-graph/route/workspace.ts';
import {dijkstraTable, roughWorld, someOf, withoutClosedTurns, workspaceOf} from '../../support/random-hierarchy.ts';
import {below} from '../../support/random-network.ts';
import {runs} from '../../support/runs.ts';
import {BLOCK_MS, town} from '../../support/town.ts';

const RUNS = runs(2_000);
const seeds = fc.integer();

type Found = {readonly driver: number; readonly ms: number}[];

const rowsOf = ({first, driver, ms}: Nearest): Found[] =>
  Array.from({length: first.length - 1}, (_, row) =>
    Array.from(driver.subarray(first[row], first[row + 1]), (d, i) => ({driver: d, ms: ms[first[row] + i]})),
  );

/** By node. */
const entriesOf: (buckets: Nearest) => Found[] = rowsOf;

/** One position by itself. */
const pick = (at: Positions, i: number): Positions =>
  positionsOf([
    at.forward[i] < 0 && at.backward[i] < 0
      ? null
      : {forward: at.forward[i], backward: at.backward[i], fraction: at.fraction[i], latE7: 0, lonE7: 0, distanceM: 0},
  ]);

/** The `k` nearest of each task by the full table of times, drivers by tasks; ties by driver. */
function byTable(times: readonly number[], taskCount: number, limitMs: number, k: number): Found[] {
  return Array.from({length: taskCount}, (_, task) =>
    times
      .filter((_, i) => i % taskCount === task)
      .map((ms, driver) => ({driver, ms}))
      .filter(({ms}) => ms <= limitMs)
      .sort((a, b) => a.ms - b.ms || a.driver - b.driver)
      .slice(0, k),
  );
}

/** A limit that a time may meet exactly, and often none. */
function randomLimit(times: readonly number[], random: () => number): number {
  if (below(random, 3) === 0 || times.length === 0) return NO_LIMIT_MS;
  return Math.min(NO_LIMIT_MS, times[below(random, times.length)]);
}

describe('the nearest drivers on random roads', () => {
  test('are the first of the full table after every move, also to another thread', () => {
    let most = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        const {graph, places, random} = roughWorld(seed);
        const open = withoutClosedTurns(graph);
        const ws = workspaceOf(graph);
        const other = createWorkspace(graph, ws.h);
        const driverCount = 1 + below(random, 14);
        const standing = new Array<Position | null>(driverCount).fill(null);
        const tasks = someOf(places, below(random, 6), random);
        const somewhere = dijkstraTable(open, positionsOf(places));
        const limitMs = randomLimit(somewhere, random);
        const index = createDriverIndex(ws, driverCount, limitMs);
        for (let round = 0; round < 4; round++) {
          const movers = Array.from(standing.keys()).filter(() => below(random, 3) > 0);
          movers.sort(() => random() - 0.5);
          for (const driver of movers) standing[driver] = places[below(random, places.length)];
          moveDrivers(index, Int32Array.from(movers), positionsOf(movers.map((driver) => standing[driver])));
          const drivers = positionsOf(standing);
          const times = dijkstraTable(open, drivers, tasks);
          const k = 1 + below(random, 6);
          const firstTask = below(random, tasks.count + 1);
          const endTask = firstTask + below(random, tasks.count - firstTask + 1);
          const shape = {drivers, tasks, firstTask, endTask, limitMs, k};
          const wanted = byTable(times, tasks.count, limitMs, k).slice(firstTask, endTask);
          expect(rowsOf(nearestDrivers(ws, index.buckets, shape))).toEqual(wanted);
          const attached = attachBuckets(other, structuredClone(handleOf(index.buckets)));
          expect(rowsOf(nearestDrivers(other, attached, shape))).toEqual(wanted);
          most = Math.max(most, ...wanted.map((row) => row.length));
        }
      }),
      {numRuns: RUNS},
    );
    expect(most).toBe(6);
  });

  test('within a shorter limit than that of the index are the first of them', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const {graph, places, random} = roughWorld(seed);
        const ws = workspaceOf(graph);
        const [drivers, tasks] = [someOf(places, 20, random), someOf(places, 5, random)];
        const times = dijkstraTable(withoutClosedTurns(graph), drivers, tasks);
        const [a, b] = [randomLimit(times, random), randomLimit(times, random)];
        const index = createDriverIndex(ws, drivers.count, Math.max(a, b));
        moveDrivers(
          index,
          Int32Array.from({length: drivers.count}, (_, driver) => driver),
          drivers,
        );
        const limitMs = Math.min(a, b);
        for (const k of [1, 3, 20, 1_000]) {
          const shape = {drivers, tasks, firstTask: 0, endTask: tasks.count, limitMs, k};
          expect(rowsOf(nearestDrivers(ws, index.buckets, shape))).toEqual(byTable(times, tasks.count, limitMs, k));
        }
      }),
      {numRuns: Math.ceil(RUNS / 4)},
    );
  });

  test('do not depend on the moves by which the drivers came to stand where they are', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const {graph, places, random} = roughWorld(seed);
        const ws = workspaceOf(graph);
        const drivers = someOf(places, 10, random);
        const everyone = Int32Array.from({length: 10}, (_, driver) => driver);
        const [moved, fresh] = [0, 0].map(() => createDriverIndex(ws, 10, NO_LIMIT_MS));
        for (let round = 0; round < 3; round++) moveDrivers(moved, everyone, someOf(places, 10, random));
        // Backwards, and every driver by itself.
        for (const driver of everyone.toReversed()) moveDrivers(moved, Int32Array.of(driver), pick(drivers, driver));
        moveDrivers(fresh, everyone, drivers);
        expect(entriesOf(moved.buckets)).toEqual(entriesOf(fresh.buckets));
        for (const list of entriesOf(fresh.buckets)) {
          expect(list).toEqual([...list].sort((a, b) => a.ms - b.ms || a.driver - b.driver));
        }
      }),
      {numRuns: Math.ceil(RUNS / 10)},
    );
  });
});

describe('in a drawn town', () => {
  const drawn = town(`
    a>b-e
    ^ v
    d<c
  `);
  const ws = workspaceOf(drawn.graph);

  function found(standing: (Position | null)[], task: Position, k: number, limitMs = NO_LIMIT_MS): Found {
    const index = createDriverIndex(ws, standing.length, limitMs);
    const drivers = positionsOf(standing);
    moveDrivers(index, Int32Array.from(standing.keys()), drivers);
    const shape = {drivers, tasks: positionsOf([task]), firstTask: 0, endTask: 1, limitMs, k};
    return rowsOf(nearestDrivers(ws, index.buckets, shape))[0];
  }

  test('a driver just past the task on its one-way street drives round, and is farther than one a block away', () => {
    const past = drawn.on('ab', 0.6);
    const before = drawn.on('da', 0.5);
    expect(found([past, before, null], drawn.on('ab', 0.5), 3)).toEqual([
      {driver: 1, ms: BLOCK_MS},
      {driver: 0, ms: 3.9 * BLOCK_MS},
    ]);
  });

  test('of drivers as far away as each other those with the lowest numbers are taken', () => {
    const spot = drawn.on('cd', 0.5);
    const taken = found([spot, spot, spot, spot, spot], drawn.on('ab', 0.5), 3);
    expect(taken.map(({driver}) => driver)).toEqual([0, 1, 2]);
  });

  test('a driver exactly at the limit is found, one a millisecond beyond is not', () => {
    const driver = drawn.on('da', 0.5);
    expect(found([driver], drawn.on('ab', 0.5), 1, BLOCK_MS)).toEqual([{driver: 0, ms: BLOCK_MS}]);
    expect(found([driver], drawn.on('ab', 0.5), 1, BLOCK_MS - 1)).toEqual([]);
  });

  test('where no driver stands on a road, none is found', () => {
    expect(found([null, null], drawn.on('ab', 0.5), 2)).toEqual([]);
    expect(found([], drawn.on('ab', 0.5), 2)).toEqual([]);
  });
});

test('too many drivers, a longer limit, no driver wanted, and a driver in two places are refused', () => {
  const drawn = town('a-b-c');
  const ws = workspaceOf(drawn.graph);
  const index = createDriverIndex(ws, 2, BLOCK_MS);
  const spots = positionsOf([drawn.on('ab', 0.5), drawn.on('ab', 0.5)]);
  expect(() => moveDrivers(index, Int32Array.of(1, 1), spots)).toThrow('driver 1 moves twice');
  expect(() => moveDrivers(index, Int32Array.of(0, 2), spots)).toThrow('none of 2');
  expect(() => moveDrivers(index, Int32Array.of(0, 1, 1), spots)).toThrow('3 drivers have 2 positions');
  const shape = {
    drivers: spots,
    tasks: spots,
    firstTask: 0,
    endTask: 2,
    limitMs: BLOCK_MS,
    k: 1 as number | Int32Array,
  };
  const ask = (other: Partial<typeof shape>) => () => nearestDrivers(ws, index.buckets, {...shape, ...other});
  expect(ask({k: 0})).toThrow('task 0 wants 0 drivers');
  expect(ask({k: Int32Array.of(1, 0)})).toThrow('task 1 wants 0 drivers');
  expect(ask({limitMs: BLOCK_MS + 1})).toThrow('reach 10000 ms');
  expect(ask({drivers: positionsOf([null, null, null])})).toThrow('3 drivers are more than 2');
  moveDrivers(index, Int32Array.of(1, 0), spots);
  expect(rowsOf(ask({})())).toEqual([[{driver: 0, ms: 0}], [{driver: 0, ms: 0}]]);
});
