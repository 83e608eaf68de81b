// Searches between places on threads of their own, apart from those that ticks wait for: tables of times and ways by
// Dijkstra, over graphs that all threads share. A command makes them for one table, a server keeps them.
//
// Invariant: the answer does not depend on the number of threads or shards; each entry is written by exactly one shard.

import type {Positions} from '../../native-graph/position.ts';
import {NO_LIMIT_MS} from '../../native-graph/route/dijkstra.ts';
import type {Way} from '../../native-graph/route/path.ts';
import type {PoolData, PoolGraph, TimesShard, WaysShard} from './messages.ts';
import {createThreads, type ThreadOptions} from './threads.ts';

/** Work is handed out in so many shards per thread, so that no thread is idle for long at the end. */
const SHARDS_PER_THREAD = 8;
const LIMITS = {queueLimit: 1_024, jobLimitMs: 3_600_000, heapLimitMb: 512} as const;

const WORKERS = new URL('../../workers/', import.meta.url);

type PlaceThreadOptions = Pick<ThreadOptions, 'threads' | 'monotonicMs'> & Partial<Record<keyof typeof LIMITS, number>>;

export type PlaceThreads = {
  /**
   * By row, by column: a row is an origin where the direction is 'from', a destination where it is 'to'. Lengths go
   * with 'from' only. Throws PoolFailure.
   */
  times(
    graphName: string,
    direction: TimesShard['direction'],
    origins: Positions,
    destinations: Positions,
    lengths?: boolean,
  ): Promise<{readonly timesMs: Int32Array; readonly lengthsM?: Float64Array}>;
  /** The fastest way from each origin to the destination of the same index, null where there is none. */
  ways(graphName: string, origins: Positions, destinations: Positions): Promise<(Way | null)[]>;
  /** Refuses new requests, lets admitted ones end, then stops the threads. */
  close(): Promise<void>;
};

export function createPlaceThreads(
  graphs: readonly PoolGraph[],
  {threads, monotonicMs, ...limits}: PlaceThreadOptions,
): PlaceThreads {
  const workerData: PoolData = {graphs};
  const pool = createThreads({...LIMITS, ...limits, threads, monotonicMs, workerData});

  function indexOf(graphName: string): number {
    const graph = graphs.findIndex(({name}) => name === graphName);
    if (graph < 0) throw new Error(`the threads were started without a graph named ${graphName}`);
    return graph;
  }

  /** One message for each of the nearly equal parts of [0, count). */
  function shards<Message>(count: number, message: (first: number, end: number) => Message): Message[] {
    const parts = Math.min(count, threads * SHARDS_PER_THREAD);
    const edge = (part: number): number => Math.floor((part * count) / parts);
    return Array.from({length: parts}, (_, part) => message(edge(part), edge(part + 1)));
  }

  return {
    async times(graphName, direction, origins, destinations, lengths = false) {
      const pairCount = origins.count * destinations.count;
      const timesMs = new SharedArrayBuffer(4 * pairCount);
      const lengthsM = lengths ? new SharedArrayBuffer(8 * pairCount) : undefined;
      const rowCount = direction === 'from' ? origins.count : destinations.count;
      const messages = shards(
        rowCount,
        (firstRow, endRow): TimesShard => ({
          graph: indexOf(graphName),
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

    async ways(graphName, origins, destinations) {
      const messages = shards(
        origins.count,
        (firstPair, endPair): WaysShard => ({
          graph: indexOf(graphName),
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

    close: pool.close,
  };
}

/** Positions made by `positionsOf` start their shared block. */
const bytesOf = (positions: Positions): SharedArrayBuffer => positions.fraction.buffer as SharedArrayBuffer;
