// Searches between places on threads of their own, apart from those that ticks wait for: tables of times, ways,
// areas and map tiles, over graphs that all threads share. A command makes them for one table, a server keeps them.
//
// Invariant: the answer does not depend on the number of threads or shards; each entry is written by exactly one shard.

import assert from 'node:assert/strict';
import type {WrittenAreas} from '../../native-graph/isochrone/areas.ts';
import {openRoom} from '../../native-graph/kernels/memory.ts';
import {bytesOf, type Positions} from '../../native-graph/position.ts';
import {NO_LIMIT_MS} from '../../native-graph/route/dijkstra.ts';
import type {DriverIndexHandle, Nearest} from '../../native-graph/route/nearest.ts';
import type {Way} from '../../native-graph/route/path.ts';
import {
  type AreasJob,
  type DrawnTile,
  indexOfGraph,
  joined,
  type Metric,
  type MoveJob,
  type NearestShard,
  type PoolData,
  type PoolGraph,
  type TileJob,
  type TimesShard,
  type WaysShard,
} from './messages.ts';
import {split} from './ranges.ts';
import {createRooms} from './rooms.ts';
import {createThreads, type ThreadOptions} from './threads.ts';

/**
 * Searches by Dijkstra are handed out in so many shards per thread, so that no thread is idle for long at the end. Over
 * a hierarchy a shard prepares all columns, so that each more is more work.
 */
const SHARDS_PER_THREAD = 8;
const LIMITS = {queueLimit: 1_024, jobLimitMs: 3_600_000, heapLimitMb: 512} as const;

const WORKERS = new URL('../../workers/', import.meta.url);

type PlaceThreadOptions = Pick<ThreadOptions, 'threads' | 'monotonicMs'> & Partial<Record<keyof typeof LIMITS, number>>;

export type PlaceThreads = {
  /** Opens what the threads need of a hierarchy's memory, before anybody asks. InputFailure `GRAPH_TOO_LARGE`. */
  prepare(graphName: string, metric: Metric): void;
  /**
   * By row, by column: a row is an origin where the direction is 'from', a destination where it is 'to'. Lengths go
   * with 'from' only, and a hierarchy does without the other. Throws PoolFailure.
   */
  times(
    graphName: string,
    direction: TimesShard['direction'],
    origins: Positions,
    destinations: Positions,
    options?: {readonly lengths?: boolean; readonly metric?: Metric},
  ): Promise<{readonly timesMs: Int32Array; readonly lengthsM?: Float64Array}>;
  /** The fastest way from each origin to the destination of the same index, null where there is none. */
  ways(graphName: string, origins: Positions, destinations: Positions, metric?: Metric): Promise<(Way | null)[]>;
  /** The areas within limits, which ascend, of ways from the one position given, or to it. Throws PoolFailure. */
  areas(
    graphName: string,
    direction: AreasJob['direction'],
    at: Positions,
    limitsMs: readonly number[],
    metric?: Metric,
  ): Promise<WrittenAreas>;
  /** The vector tile z/x/y of the roads. Throws PoolFailure. */
  tile(graphName: string, z: number, x: number, y: number): Promise<DrawnTile>;
  /**
   * By destination the `k` nearest origins, ties by origin, over a hierarchy. One call at a time. Throws PoolFailure.
   */
  nearest(graphName: string, metric: Metric, origins: Positions, destinations: Positions, k: number): Promise<Nearest>;
  /** Refuses new requests, lets admitted ones end, then stops the threads. */
  close(): Promise<void>;
};

export function createPlaceThreads(
  graphs: readonly PoolGraph[],
  {threads, monotonicMs, ...limits}: PlaceThreadOptions,
): PlaceThreads {
  const workerData: PoolData = {graphs};
  const pool = createThreads({...LIMITS, ...limits, threads, monotonicMs, workerData});

  const timesOf = createRooms(graphs, threads);
  /** By memory: the room of an index there. */
  const indexRooms = new Map<number, number>();

  return {
    prepare: (graphName, metric) => void timesOf(graphName, metric),

    async times(graphName, direction, origins, destinations, {lengths = false, metric = {}} = {}) {
      const pairCount = origins.count * destinations.count;
      const timesMs = new SharedArrayBuffer(4 * pairCount);
      const lengthsM = lengths ? new SharedArrayBuffer(8 * pairCount) : undefined;
      const rowCount = direction === 'from' ? origins.count : destinations.count;
      const times = timesOf(graphName, metric);
      const most = metric.hierarchy ? threads : threads * SHARDS_PER_THREAD;
      const messages = split(rowCount, most).map(
        ([firstRow, endRow]): TimesShard => ({
          ...times,
          direction,
          origins: bytesOf(origins),
          originCount: origins.count,
          destinations: bytesOf(destinations),
          destinationCount: destinations.count,
          timesMs,
          ...(lengthsM && {lengthsM}),
          firstRow,
          endRow,
          limitMs: NO_LIMIT_MS,
        }),
      );
      await pool.runAll(new URL('place-times.ts', WORKERS), 'place-times', messages);
      return {timesMs: new Int32Array(timesMs), ...(lengthsM && {lengthsM: new Float64Array(lengthsM)})};
    },

    async ways(graphName, origins, destinations, metric = {}) {
      const times = timesOf(graphName, metric);
      const messages = split(origins.count, threads * SHARDS_PER_THREAD).map(
        ([firstPair, endPair]): WaysShard => ({
          ...times,
          origins: bytesOf(origins),
          destinations: bytesOf(destinations),
          pairCount: origins.count,
          firstPair,
          endPair,
        }),
      );
      const found = await pool.runAll<(Way | null)[]>(new URL('place-ways.ts', WORKERS), 'place-ways', messages);
      return found.flat();
    },

    async areas(graphName, direction, at, limitsMs, metric) {
      const job: AreasJob = {...timesOf(graphName, metric), direction, at: bytesOf(at), limitsMs};
      const [found] = await pool.runAll<WrittenAreas>(new URL('place-areas.ts', WORKERS), 'place-areas', [job]);
      return found;
    },

    async tile(graphName, z, x, y) {
      const job: TileJob = {graph: indexOfGraph(graphs, graphName), z, x, y};
      const [drawn] = await pool.runAll<DrawnTile>(new URL('draw-tile.ts', WORKERS), 'draw-tile', [job]);
      return drawn;
    },

    async nearest(graphName, metric, origins, destinations, k) {
      assert(metric.hierarchy, 'drivers are indexed over a hierarchy');
      const {id, memory} = metric.hierarchy;
      const times = timesOf(graphName, metric);
      const room = indexRooms.get(id) ?? openRoom(memory);
      indexRooms.set(id, room);
      const everyone = new Int32Array(new SharedArrayBuffer(4 * origins.count));
      for (let origin = 0; origin < origins.count; origin++) everyone[origin] = origin;
      const wanted = new Int32Array(new SharedArrayBuffer(4 * destinations.count)).fill(k);
      const move: MoveJob = {
        ...times,
        room,
        driverLimit: origins.count,
        limitMs: NO_LIMIT_MS,
        drivers: everyone,
        at: bytesOf(origins),
      };
      const [index] = await pool.runAll<DriverIndexHandle>(new URL('move-drivers.ts', WORKERS), 'move-drivers', [move]);
      const {buckets} = index;
      const messages = split(destinations.count, threads * SHARDS_PER_THREAD).map(
        ([firstTask, endTask]): NearestShard => ({
          ...times,
          buckets,
          drivers: bytesOf(origins),
          driverCount: origins.count,
          tasks: bytesOf(destinations),
          taskCount: destinations.count,
          firstTask,
          endTask,
          limitMs: NO_LIMIT_MS,
          k: wanted,
          tie: everyone,
        }),
      );
      return joined(await pool.runAll<Nearest>(new URL('nearest-drivers.ts', WORKERS), 'nearest-drivers', messages));
    },

    close: pool.close,
  };
}
