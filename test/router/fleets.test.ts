import {beforeAll, describe, expect, test} from 'vitest';
import type {RoadGraph} from '../../native-graph/layout.ts';
import {handleOf} from '../../native-graph/metric/hierarchy.ts';
import {overlayPositions, type Position, positionsOf} from '../../native-graph/position.ts';
import {everyPick, timesTo} from '../../native-graph/route/dijkstra.ts';
import {
  attachBuckets,
  attachIndex,
  createDriverIndex,
  indexHandleOf,
  moveDrivers,
  nearestDrivers,
} from '../../native-graph/route/nearest.ts';
import {createScratch} from '../../native-graph/route/scratch.ts';
import type {Workspace} from '../../native-graph/route/workspace.ts';
import {type Random, randomStream} from '../../src/domain/random.ts';
import type {EpochMemory} from '../../src/router/epochs.ts';
import {createFleets, type FleetSearches, type NearestRequest} from '../../src/router/fleets.ts';
import {gothenburgGraph} from '../support/city.ts';
import {inRandomEpoch, workspaceOf} from '../support/random-hierarchy.ts';
import {below, placeOn} from '../support/random-network.ts';

const HOUR_MS = 3_600_000;

let city: RoadGraph;
let workspaces: Workspace[];
beforeAll(async () => {
  city = await gothenburgGraph();
  // Two epochs, each in a memory of its own.
  workspaces = [city, inRandomEpoch(city, randomStream(7, 'epoch'))].map((graph) => workspaceOf(graph));
});

const memoryOf = (id: number) => ({hierarchy: {...handleOf(workspaces[id].h), id}});

/** Searches in this thread; counts how many drivers were moved, and fails on demand. */
function searches(): FleetSearches & {moved: number; failing: boolean} {
  const of = (memory: EpochMemory) => workspaces[memory.hierarchy!.id];
  return {
    moved: 0,
    failing: false,
    async move(memory, {index: known, room, driverLimit, limitMs, drivers, at}) {
      if (this.failing) throw new Error('the thread died');
      const ws = of(memory);
      const index = known ? attachIndex(ws, known) : createDriverIndex(ws, driverLimit, limitMs, room);
      moveDrivers(index, drivers, overlayPositions(at, 0, drivers.length));
      this.moved += drivers.length;
      return indexHandleOf(index);
    },
    async nearest(memory, {buckets, drivers, driverCount, tasks, taskCount, limitMs, k, tie}) {
      const ws = of(memory);
      return nearestDrivers(ws, attachBuckets(ws, buckets), {
        drivers: overlayPositions(drivers, 0, driverCount),
        tasks: overlayPositions(tasks, 0, taskCount),
        firstTask: 0,
        endTask: taskCount,
        limitMs,
        k,
        tie,
      });
    },
  };
}

type Driver = {readonly id: string; readonly at: Position | null};

const anywhere = (random: Random): Position => placeOn(city, below(random, city.edgeCount), random(), true, true);

const question = (
  drivers: readonly Driver[],
  taskAt: readonly (Position | null)[],
  limitMs = HOUR_MS,
): NearestRequest => ({
  fleet: 'gothenburg',
  driverId: drivers.map(({id}) => id),
  driverAt: drivers.map(({at}) => at),
  taskAt,
  k: Int32Array.from(taskAt, (_, task) => 1 + (task % 5)),
  limitMs,
});

/** By task, from Dijkstra's searches backward: tasks are few. */
function truth(graph: RoadGraph, {driverAt, taskAt, k, limitMs}: NearestRequest): number[][] {
  const [from, to, scratch] = [positionsOf(driverAt), positionsOf(taskAt), createScratch(graph)];
  return taskAt.map((_, task) => {
    const times = new Int32Array(from.count);
    timesTo(graph, scratch, from, everyPick(from), to, task, limitMs, times);
    const msOf = (driver: number): number => times[driver];
    const near = [...driverAt.keys()].filter((driver) => msOf(driver) <= limitMs);
    return near.sort((a, b) => msOf(a) - msOf(b) || a - b).slice(0, k[task]);
  });
}

async function answer(
  fleets: ReturnType<typeof createFleets>,
  epoch: number,
  request: NearestRequest,
): Promise<number[][]> {
  const {first, driver} = await fleets.nearest(epoch, memoryOf(epoch % 2), request);
  return request.taskAt.map((_, task) => Array.from(driver.subarray(first[task], first[task + 1])));
}

describe('the nearest drivers of a fleet', () => {
  test('are right while drivers move, come, go, and stand nowhere, in one epoch after another', async () => {
    const random = randomStream(3, 'fleet');
    const fleets = createFleets(searches());
    let drivers: Driver[] = Array.from({length: 30}, (_, i) => ({id: `driver ${i}`, at: anywhere(random)}));
    let named = drivers.length;
    for (let round = 0; round < 12; round++) {
      const tasks = Array.from({length: 6}, (_, task) => (task === 0 ? null : anywhere(random)));
      tasks[1] = drivers[0].at;
      const request = question(drivers, tasks);
      const epoch = Math.floor(round / 3);
      expect(await answer(fleets, epoch, request)).toEqual(truth(workspaces[epoch % 2].g, request));
      drivers = drivers
        .filter(() => random() < 0.9)
        .map((driver) => (random() < 0.3 ? {...driver, at: random() < 0.2 ? null : anywhere(random)} : driver));
      for (let i = below(random, 8); i > 0; i--) drivers.push({id: `driver ${named++}`, at: anywhere(random)});
      drivers.sort(() => random() - 0.5);
    }
  });

  test('cost a search only for those who have moved', async () => {
    const random = randomStream(4, 'fleet');
    const counted = searches();
    const fleets = createFleets(counted);
    const drivers = Array.from({length: 20}, (_, i): Driver => ({id: `driver ${i}`, at: anywhere(random)}));
    const tasks = [anywhere(random)];
    await answer(fleets, 0, question(drivers, tasks));
    expect(counted.moved).toBe(20);
    await answer(fleets, 0, question(drivers, tasks));
    expect(counted.moved).toBe(20);
    await answer(fleets, 0, question([...drivers.slice(2), {id: 'driver 0', at: anywhere(random)}], tasks));
    expect(counted.moved).toBe(22); // one has moved, one has gone
    await answer(fleets, 1, question(drivers, tasks));
    expect(counted.moved).toBe(42);
  });

  test('are right again after a move that failed, in a fleet that has grown, and at another limit', async () => {
    const random = randomStream(5, 'fleet');
    const faulty = searches();
    const fleets = createFleets(faulty);
    const drivers = Array.from({length: 200}, (_, i): Driver => ({id: `driver ${i}`, at: anywhere(random)}));
    const tasks = Array.from({length: 4}, () => anywhere(random));
    for (const [count, limitMs] of [
      [20, HOUR_MS],
      [10, HOUR_MS],
      [200, HOUR_MS],
      [200, 300_000],
      [30, 900_000],
    ]) {
      faulty.failing = true;
      const request = question(drivers.slice(0, count), tasks, limitMs);
      for (let i = 0; i < 40; i++) await answer(fleets, 0, request).catch(() => {});
      faulty.failing = false;
      expect(await answer(fleets, 0, request)).toEqual(truth(city, request));
    }
  });

  test('take no more of the memory however many moves fail, wherever they do', async () => {
    const random = randomStream(8, 'fleet');
    const good = searches();
    let fails = true;
    const fleets = createFleets({
      ...good,
      async move(memory, move) {
        const index = await good.move(memory, move);
        if (fails) throw new Error('the thread died');
        return index;
      },
    });
    const {memory} = workspaces[0].h;
    const pages: number[] = [];
    for (let round = 0; round < 6; round++) {
      const drivers = Array.from({length: 500}, (_, i): Driver => ({id: `driver ${i}`, at: anywhere(random)}));
      const request = question(drivers, [anywhere(random)]);
      fails = true;
      for (let i = 0; i < 5; i++) await expect(answer(fleets, 0, request)).rejects.toThrow('the thread died');
      fails = false;
      expect(await answer(fleets, 0, request)).toEqual(truth(workspaces[0].g, request));
      pages.push(memory.grow(0));
    }
    expect(new Set(pages.slice(1)).size).toBe(1);
  });

  test('are asked for in memory that threads share', async () => {
    const random = randomStream(9, 'fleet');
    const good = searches();
    const sent: ArrayBufferLike[] = [];
    const fleets = createFleets({
      move(memory, move) {
        sent.push(move.drivers.buffer, move.at);
        return good.move(memory, move);
      },
      nearest(memory, request) {
        sent.push(request.drivers, request.tasks, request.k.buffer, request.tie.buffer);
        return good.nearest(memory, request);
      },
    });
    await answer(fleets, 0, question([{id: 'driver', at: anywhere(random)}], [anywhere(random)]));
    expect(sent.map((bytes) => bytes instanceof SharedArrayBuffer)).toEqual(new Array(6).fill(true));
  });

  test('are none of no drivers, and there are none for no tasks', async () => {
    const random = randomStream(6, 'fleet');
    const fleets = createFleets(searches());
    expect(await answer(fleets, 0, question([], [anywhere(random)]))).toEqual([[]]);
    expect(await answer(fleets, 0, question([{id: 'driver', at: anywhere(random)}], []))).toEqual([]);
  });
});
