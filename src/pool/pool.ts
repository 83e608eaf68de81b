// The worker pool as the rest of the daemon sees it: road times between segments, an index of drivers with who of them
// is nearest, and assignment problems, computed on threads that share each graph's bytes. A request is written once
// into shared memory, and one message per shard says which range of it to work on.
//
// Invariant: the answer does not depend on the number of threads or shards; each entry is written by exactly one
// shard.

import {overlay} from '../../native-graph/layout.ts';
import type {DriverIndexHandle, Nearest} from '../../native-graph/route/nearest.ts';
import type {Problem, Solution} from '../flow/problem.ts';
import type {Sizes} from '../flow/search/workspace.ts';
import type {Seed} from '../flow/seed.ts';
import {createArena} from './arena.ts';
import {
  type BetweenShard,
  betweenBytes,
  betweenViews,
  joined,
  type Metric,
  type MoveJob,
  type NearestShard,
  type PoolData,
  type PoolGraph,
  type SearchTimes,
  type SegmentPairs,
  type SolveJob,
  solveBytes,
  solveViews,
} from './messages.ts';
import {split} from './ranges.ts';
import {createRooms} from './rooms.ts';
import {createSolvers} from './solvers.ts';
import {createThreads, type PoolStats, type ThreadOptions} from './threads.ts';

/** Shards per thread: more than one, so that a dense quarter of town does not leave a thread idle at the end. */
const SHARDS_PER_THREAD = 4;

/** The searches by which a thread prepares for others: about as many as it takes to be compiled. */
const WARM_UP = {groups: 24, members: 8, limitMs: 300_000} as const;

const LIMITS = {
  /** Jobs that may wait, per thread: a tick asks for three times SHARDS_PER_THREAD, and twenty regions may tick. */
  queuePerThread: 256,
  /** A search takes milliseconds and a solve has a work budget: a job this old hangs. */
  jobLimitMs: 30_000,
  heapLimitMb: 512,
  /** Shared memory for the arrays of all requests in flight. */
  arenaLimitBytes: 2 ** 28,
} as const;

export type PoolOptions = Pick<ThreadOptions, 'threads' | 'monotonicMs' | 'onJob'> &
  Partial<Record<keyof typeof LIMITS, number>> & {
    readonly graphs: readonly PoolGraph[];
    /** Folder of the worker modules; tests hand in faulty ones. */
    readonly workers?: URL;
    /** From which on problems are solved in another way; tests hand in smaller ones. */
    readonly sizes?: Sizes;
  };

export type WorkerPool = {
  /**
   * Lets every thread search a little by this metric, whatever else runs, so that no tick pays for compilation or a new
   * workspace, unless it has: in the memory of the hierarchy, else in the graph. A thread that replaces another one
   * later has not. Throws PoolFailure, and InputFailure `GRAPH_TOO_LARGE` where the hierarchy leaves them no room.
   */
  prepare(graphName: string, metric?: Metric): Promise<void>;
  /**
   * By member of `pairs`: the exact time from the end of the one segment to the start of the other (of the group to the
   * member, or the reverse), UNREACHABLE_MS beyond the limit. By what the metric holds, which must stand until the
   * answer is there, else by Dijkstra and the file's times. Throws PoolFailure.
   */
  betweenTimes(graphName: string, pairs: SegmentPairs, metric?: Metric): Promise<Int32Array>;
  /** Moves drivers of an index over a hierarchy, or makes one; gives it as it stands then. Throws PoolFailure. */
  moveDrivers(graphName: string, metric: Metric, move: Omit<MoveJob, keyof SearchTimes>): Promise<DriverIndexHandle>;
  /** By task: the nearest drivers of an index, exact. Throws PoolFailure. */
  nearestDrivers(
    graphName: string,
    metric: Metric,
    request: Omit<NearestShard, keyof SearchTimes | 'firstTask' | 'endTask'>,
  ): Promise<Nearest>;
  /**
   * Solves on a thread, a large problem with the help of others; `seed` starts it warm. `budget` is in work units (arcs
   * scanned). Throws PoolFailure.
   */
  solve(problem: Problem, budget: number, seed?: Seed): Promise<Solution>;
  stats(): PoolStats & {readonly arenaBytes: number};
  /** Refuses new requests, lets admitted ones end, then stops the threads. */
  close(): Promise<void>;
};

export function createPool(options: PoolOptions): WorkerPool {
  const limits = {...LIMITS, ...options};
  const workers = options.workers ?? new URL('../../workers/', import.meta.url);
  const workerData: PoolData = {graphs: options.graphs};
  const threads = createThreads({...limits, queueLimit: limits.queuePerThread * limits.threads, workerData});
  const arena = createArena(limits.arenaLimitBytes);
  const timesOf = createRooms(options.graphs, limits.threads);
  const solvers = createSolvers(threads, new URL('solve.ts', workers), limits.threads, options.sizes);

  /** Lends a block to `use`, which ends once no thread works on it any more. */
  async function withBlock<T>(byteLength: number, use: (block: SharedArrayBuffer) => Promise<T>): Promise<T> {
    const block = arena.take(byteLength);
    try {
      return await use(block);
    } finally {
      arena.giveBack(block);
    }
  }

  /** Writes `pairs` into shared memory, lets `ask` have them searched by shards of `whole`, and reads the answers. */
  function search(
    times: SearchTimes,
    pairs: SegmentPairs,
    ask: (whole: BetweenShard) => Promise<unknown>,
  ): Promise<Int32Array> {
    const {direction, limitMs} = pairs;
    const groupCount = pairs.group.length;
    const memberCount = pairs.member.length;
    return withBlock(betweenBytes(groupCount, memberCount), async (block) => {
      const views = betweenViews({block, groupCount, memberCount});
      views.group.set(pairs.group);
      views.firstMember.set(pairs.firstMember);
      views.member.set(pairs.member);
      const range = {firstGroup: 0, endGroup: groupCount};
      await ask({...times, block, direction, limitMs, groupCount, memberCount, ...range});
      return views.betweenMs.slice();
    });
  }

  const between = new URL('between-times.ts', workers);

  async function betweenTimes(name: string, pairs: SegmentPairs, metric?: Metric): Promise<Int32Array> {
    // Over a hierarchy a shard climbs from each of its members, so that more shards are more work.
    const most = metric?.hierarchy ? limits.threads : limits.threads * SHARDS_PER_THREAD;
    return search(timesOf(name, metric), pairs, (whole) => {
      const ranges = split(pairs.group.length, most);
      const shards = ranges.map(([firstGroup, endGroup]): BetweenShard => ({...whole, firstGroup, endGroup}));
      return threads.runAll(between, 'between-times', shards);
    });
  }

  /** What all threads have searched: memories by number, else graphs by name. */
  const prepared = new Set<number | string>();

  async function prepare(name: string, metric?: Metric): Promise<void> {
    const place = metric?.hierarchy?.id ?? name;
    if (prepared.has(place)) return;
    const times = timesOf(name, metric);
    const {segmentCount} = overlay(options.graphs[times.graph].bytes);
    for (const direction of ['from', 'to'] as const) {
      const pairs = warmUpPairs(segmentCount, direction);
      await search(times, pairs, (whole) => threads.runOnEach(between, 'warm-up', whole));
    }
    prepared.add(place);
  }

  const moveDrivers: WorkerPool['moveDrivers'] = async (name, metric, move) => {
    const job: MoveJob = {...timesOf(name, metric), ...move};
    const [index] = await threads.runAll<DriverIndexHandle>(new URL('move-drivers.ts', workers), 'move-drivers', [job]);
    return index;
  };

  const nearestDrivers: WorkerPool['nearestDrivers'] = async (name, metric, request) => {
    const shards = split(request.taskCount, limits.threads * SHARDS_PER_THREAD).map(
      ([firstTask, endTask]): NearestShard => ({...timesOf(name, metric), ...request, firstTask, endTask}),
    );
    return joined(await threads.runAll<Nearest>(new URL('nearest-drivers.ts', workers), 'nearest-drivers', shards));
  };

  function solve(problem: Problem, budget: number, seed?: Seed): Promise<Solution> {
    const {driverCount, taskCount} = problem;
    const size = {driverCount, taskCount, pairCount: problem.driver.length};
    return withBlock(solveBytes(size), async (block) => {
      const {problem: shared, answer} = solveViews({...size, block});
      for (const name of ['firstPair', 'driver', 'costMs', 'capacity', 'unassignedMs'] as const) {
        shared[name].set(problem[name]);
      }
      if (seed) {
        answer.taskPriceMs.set(seed.taskPriceMs);
        answer.driverPriceMs.set(seed.driverPriceMs);
        // To the solver, unknown drivers and none are the same.
        if (seed.driverOf) answer.driverOf.set(seed.driverOf);
        else answer.driverOf.fill(-1);
      }
      const job: SolveJob = {kind: 'solve', ...size, block, budget, seeded: seed !== undefined, sizes: options.sizes};
      const reply = await solvers.solve(job);
      return {
        ...reply,
        driverOf: answer.driverOf.slice(),
        taskPriceMs: answer.taskPriceMs.slice(),
        driverPriceMs: answer.driverPriceMs.slice(),
      };
    });
  }

  return {
    prepare,
    betweenTimes,
    moveDrivers,
    nearestDrivers,
    solve,
    stats: () => ({...threads.stats(), arenaBytes: arena.bytes}),
    close: threads.close,
  };
}

/** Searches from all over the graph, each to segments around it (ids are near each other where places are). */
function warmUpPairs(segmentCount: number, direction: SegmentPairs['direction']): SegmentPairs {
  const {groups, members, limitMs} = WARM_UP;
  const at = (group: number) => Math.floor((group * segmentCount) / groups);
  return {
    direction,
    group: Int32Array.from({length: groups}, (_, i) => at(i)),
    firstMember: Int32Array.from({length: groups + 1}, (_, i) => i * members),
    member: Int32Array.from({length: groups * members}, (_, i) => {
      return (at(Math.floor(i / members)) + (i % members) * members) % segmentCount;
    }),
    limitMs,
  };
}
