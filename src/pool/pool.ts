// The worker pool as the rest of the daemon sees it: road times between segments and assignment problems, computed on
// threads that share each graph's bytes. A request is written once into shared memory, one message per shard says which
// range of it to work on, and the answers are read from the same memory.
//
// Invariant: the answer does not depend on the number of threads or shards; each entry is written by exactly one shard.

import type {Prices, Problem, Solution} from '../flow/problem.ts';
import {createArena} from './arena.ts';
import {
  type BetweenShard,
  betweenBytes,
  betweenViews,
  type PoolData,
  type PoolGraph,
  type SegmentPairs,
  type SolveJob,
  type SolveReply,
  solveBytes,
  solveViews,
} from './messages.ts';
import {createThreads, type PoolStats, type ThreadOptions} from './threads.ts';

/** Shards per thread: more than one, so that a dense quarter of town does not leave a thread idle at the end. */
const SHARDS_PER_THREAD = 4;

export const POOL_LIMITS = {
  /** Jobs waiting for a thread. A tick asks for three times SHARDS_PER_THREAD x threads at once. */
  queueLimit: 256,
  /** A search takes milliseconds and a solve has a work budget: a job this old hangs. */
  jobLimitMs: 30_000,
  heapLimitMb: 512,
  /** Shared memory for the arrays of all requests in flight. */
  arenaLimitBytes: 2 ** 28,
} as const;

export type PoolOptions = Pick<ThreadOptions, 'threads' | 'monotonicMs' | 'onJob'> &
  Partial<Record<keyof typeof POOL_LIMITS, number>> & {
    readonly graphs: readonly PoolGraph[];
    /** Folder of the worker modules; tests hand in faulty ones. */
    readonly workers?: URL;
  };

export type WorkerPool = {
  /**
   * By member of `pairs`: the exact time from the end of the one segment to the start of the other (of the group to the
   * member, or the reverse), UNREACHABLE_MS beyond the limit. One search per group. Throws PoolFailure.
   */
  betweenTimes(graphName: string, pairs: SegmentPairs): Promise<Int32Array>;
  /** Solves on a thread; `seed` starts it warm. `budget` is in work units (arcs scanned). Throws PoolFailure. */
  solve(problem: Problem, budget: number, seed?: Prices): Promise<Solution>;
  stats(): PoolStats & {readonly arenaBytes: number};
  /** Refuses new requests, lets admitted ones end, then stops the threads. */
  close(): Promise<void>;
};

/** Starts every thread and lets each search each graph a little, so that the first tick does not pay for compilation. */
export async function createPool(options: PoolOptions): Promise<WorkerPool> {
  const limits = {...POOL_LIMITS, ...options};
  const workers = options.workers ?? new URL('../../workers/', import.meta.url);
  const workerData: PoolData = {graphs: options.graphs};
  const threads = createThreads({...limits, workerData});
  const arena = createArena(limits.arenaLimitBytes);

  /** Lends a block to `use`. After a failure it is given up, since a thread that is being stopped may still write to it. */
  async function withBlock<T>(byteLength: number, use: (block: SharedArrayBuffer) => Promise<T>): Promise<T> {
    const block = arena.take(byteLength);
    try {
      const result = await use(block);
      arena.giveBack(block);
      return result;
    } catch (error) {
      arena.forget(block);
      throw error;
    }
  }

  function betweenTimes(graphName: string, pairs: SegmentPairs): Promise<Int32Array> {
    const graph = options.graphs.findIndex(({name}) => name === graphName);
    if (graph < 0) throw new Error(`the pool was started without a graph named ${graphName}`);
    const groupCount = pairs.group.length;
    const memberCount = pairs.member.length;
    return withBlock(betweenBytes(groupCount, memberCount), async (block) => {
      const views = betweenViews({block, groupCount, memberCount});
      views.group.set(pairs.group);
      views.firstMember.set(pairs.firstMember);
      views.member.set(pairs.member);
      const {direction, limitMs} = pairs;
      const shardCount = Math.min(groupCount, limits.threads * SHARDS_PER_THREAD);
      const edge = (shard: number) => Math.floor((shard * groupCount) / shardCount);
      const shards = Array.from({length: shardCount}, (_, shard): BetweenShard => {
        const range = {firstGroup: edge(shard), endGroup: edge(shard + 1)};
        return {graph, block, direction, limitMs, groupCount, memberCount, ...range};
      });
      await threads.runAll(new URL('between-times.ts', workers), 'between-times', shards);
      return views.betweenMs.slice();
    });
  }

  function solve(problem: Problem, budget: number, seed?: Prices): Promise<Solution> {
    const {driverCount, taskCount} = problem;
    const size = {driverCount, taskCount, pairCount: problem.driver.length};
    return withBlock(solveBytes(size), async (block) => {
      const views = solveViews({...size, block});
      for (const name of ['firstPair', 'driver', 'costMs', 'capacity', 'unassignedMs'] as const) {
        views.problem[name].set(problem[name]);
      }
      if (seed) {
        views.prices.taskPriceMs.set(seed.taskPriceMs);
        views.prices.driverPriceMs.set(seed.driverPriceMs);
      }
      const job: SolveJob = {...size, block, budget, seeded: seed !== undefined};
      const [reply] = await threads.runAll<SolveReply>(new URL('solve.ts', workers), 'solve', [job]);
      return {
        ...reply,
        driverOf: views.driverOf.slice(),
        taskPriceMs: views.prices.taskPriceMs.slice(),
        driverPriceMs: views.prices.driverPriceMs.slice(),
      };
    });
  }

  return {
    betweenTimes,
    solve,
    stats: () => ({...threads.stats(), arenaBytes: arena.bytes}),
    close: threads.close,
  };
}
