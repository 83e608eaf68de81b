// The K nearest drivers of each task by road time, out of an index that follows them.

import {customized} from '../native-graph/metric/customization.ts';
import {handleOf} from '../native-graph/metric/hierarchy.ts';
import {type Positions, positionsOf} from '../native-graph/position.ts';
import {NO_LIMIT_MS} from '../native-graph/route/dijkstra.ts';
import {
  createDriverIndex,
  type DriverIndexHandle,
  indexHandleOf,
  moveDrivers,
  nearestDrivers,
} from '../native-graph/route/nearest.ts';
import {createWorkspace} from '../native-graph/route/workspace.ts';
import {systemClock} from '../src/domain/clock.ts';
import {createPool} from '../src/pool/pool.ts';
import {checksum, type Suite} from './harness.ts';
import {placesOn, roadGraphs, SEED} from './road-graphs.ts';

const K = 16;

export const nearestBench: Suite = async (size, measure) => {
  const [driverCount, taskCount, moverCount] = size === 'smoke' ? [100, 20, 10] : [10_000, 2_000, 1_000];
  for (const {name, graph} of await roadGraphs(size)) {
    const h = customized(graph);
    const ws = createWorkspace(graph, h);
    const drivers = placesOn(graph, 'drivers', driverCount);
    const tasks = placesOn(graph, 'tasks', taskCount);
    const everyone = Int32Array.from({length: driverCount}, (_, i) => i);
    const movers = everyone.filter((driver) => driver % Math.floor(driverCount / moverCount) === 0);
    const [there, back] = [placesOn(graph, 'moved', movers.length), pick(drivers, movers)];
    const input = (what: string) => `${what}, ${name}, seed ${SEED}`;

    let room: DriverIndexHandle | undefined;
    let index = createDriverIndex(ws, driverCount, NO_LIMIT_MS);
    await measure({
      name: 'nearest, index',
      input: input(`${driverCount} drivers`),
      run: () => {
        index = createDriverIndex(ws, driverCount, NO_LIMIT_MS, room);
        moveDrivers(index, everyone, drivers);
        room = indexHandleOf(index);
        return index.buckets.entryCount;
      },
    });
    await measure({
      name: 'nearest, move',
      input: input(`${movers.length} of ${driverCount} drivers there and back`),
      things: {count: 2 * movers.length, of: 'moves/s'},
      run: () => {
        moveDrivers(index, movers, there);
        moveDrivers(index, movers, back);
        return index.buckets.entryCount;
      },
    });
    const question = {drivers, tasks, limitMs: NO_LIMIT_MS};
    await measure({
      name: 'nearest, query',
      input: input(`${K} of ${driverCount} drivers to each of ${taskCount} tasks`),
      run: () =>
        checksum(nearestDrivers(ws, index.buckets, {...question, firstTask: 0, endTask: taskCount, k: K}).driver),
    });
    const {monotonicMs} = systemClock;
    for (const threads of [1, 2]) {
      const pool = await createPool({graphs: [{name, bytes: graph.bytes}], threads, monotonicMs});
      await measure({
        name: `nearest, query, ${threads} worker${threads > 1 ? 's' : ''}`,
        input: input(`${K} of ${driverCount} drivers to each of ${taskCount} tasks`),
        run: async () => {
          const {driver} = await pool.nearestDrivers(
            name,
            {hierarchy: {...handleOf(h), id: 0}},
            {
              buckets: indexHandleOf(index).buckets,
              drivers: drivers.fraction.buffer as SharedArrayBuffer,
              driverCount,
              tasks: tasks.fraction.buffer as SharedArrayBuffer,
              taskCount,
              limitMs: NO_LIMIT_MS,
              k: new Int32Array(taskCount).fill(K),
              tie: everyone,
            },
          );
          return checksum(driver);
        },
      });
      await pool.close();
    }
  }
};

function pick(at: Positions, indices: Int32Array): Positions {
  return positionsOf(
    Array.from(indices, (i) => ({
      forward: at.forward[i],
      backward: at.backward[i],
      fraction: at.fraction[i],
      latE7: 0,
      lonE7: 0,
      distanceM: 0,
    })),
  );
}
