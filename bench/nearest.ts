// K nearest by road time: an index of all drivers from nothing, some drivers moved, and tasks asking, on one thread and
// on two.

import {customized} from '../native-graph/metric/customization.ts';
import {handleOf as hierarchyHandleOf} from '../native-graph/metric/hierarchy.ts';
import {NO_LIMIT_MS} from '../native-graph/route/dijkstra.ts';
import {createDriverIndex, moveDrivers, nearestDrivers} from '../native-graph/route/nearest.ts';
import {createWorkspace} from '../native-graph/route/workspace.ts';
import {systemClock} from '../src/domain/clock.ts';
import {createPlaceThreads} from '../src/pool/place-threads.ts';
import type {Suite} from './harness.ts';
import {roadMaps, roadPlaces, SEED} from './maps.ts';

const K = 16;

export const nearest: Suite = async (size, measure, data) => {
  const [driverCount, taskCount, moverCount] = size === 'smoke' ? [100, 20, 10] : [10_000, 2_000, 1_000];
  for (const {name, graph} of await roadMaps(size, data)) {
    const h = customized(graph);
    const ws = createWorkspace(graph, h);
    const drivers = roadPlaces(graph, 'drivers', driverCount);
    const tasks = roadPlaces(graph, 'tasks', taskCount);
    const movers = roadPlaces(graph, 'movers', moverCount);
    const everyone = Int32Array.from({length: driverCount}, (_, driver) => driver);
    const some = everyone.subarray(0, moverCount);
    const input = `${driverCount} drivers, ${taskCount} tasks, k ${K}, ${name}, seed ${SEED}`;
    const index = createDriverIndex(ws, driverCount, NO_LIMIT_MS);
    const shape = {drivers, tasks, firstTask: 0, endTask: taskCount, limitMs: NO_LIMIT_MS, k: K};
    moveDrivers(index, everyone, drivers);
    await measure([
      {
        name: 'nearest, index',
        input,
        run() {
          moveDrivers(index, everyone, drivers);
          return index.buckets.entryCount;
        },
      },
      {
        name: `nearest, ${moverCount} moved`,
        input,
        before: async () => moveDrivers(index, everyone, drivers),
        run() {
          moveDrivers(index, some, movers);
          return index.buckets.entryCount;
        },
      },
    ]);
    moveDrivers(index, everyone, drivers);
    await measure([{name: 'nearest, query', input, run: () => nearestDrivers(ws, index.buckets, shape).ms}]);
    for (const threads of [1, 2]) {
      const {monotonicMs} = systemClock;
      const pool = createPlaceThreads([{name, bytes: graph.bytes}], {threads, monotonicMs});
      const metric = {hierarchy: {...hierarchyHandleOf(h), id: 0}};
      await measure([
        {
          name: `nearest, index and query, ${threads} thread${threads > 1 ? 's' : ''}`,
          input,
          run: async () => (await pool.nearest(name, metric, drivers, tasks, K)).ms,
        },
      ]);
      await pool.close();
    }
  }
};
