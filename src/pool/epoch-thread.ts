// One thread beside the pool, where epochs are made: so no search of a tick waits behind one.

import type {SpeedRows} from '../../native-graph/metric/epoch.ts';
import type {HierarchyHandle} from '../../native-graph/metric/hierarchy.ts';
import type {NumberedHierarchy} from '../../native-graph/route/workspace.ts';
import {type CustomizeJob, type EpochJob, type EpochReply, indexOfGraph, type PoolData} from './messages.ts';
import {createThreads, type ThreadOptions} from './threads.ts';

/** Epochs of one graph are made one after another; so many graphs may wait. */
const QUEUE_LIMIT = 64;
/** A city takes a second, a state's contraction minutes; longer is a thread that hangs. */
const JOB_LIMIT_MS = 1_800_000;
/** Columns of rows are no part of the heap; pieces of text are. */
const HEAP_LIMIT_MB = 512;

export type EpochThread = {
  /** Fills `weights` by these rows, checked. Throws PoolFailure. */
  make(graphName: string, rows: SpeedRows, weights: SharedArrayBuffer): Promise<EpochReply>;
  /**
   * The hierarchy of these weights, or without any of the file's times: in the memory of `into`, which nobody may search
   * any more, or in a new one. Throws PoolFailure.
   */
  customize(graphName: string, weights?: SharedArrayBuffer, into?: NumberedHierarchy): Promise<NumberedHierarchy>;
  close(): Promise<void>;
};

export function createEpochThread({
  graphs,
  ...options
}: PoolData & Pick<ThreadOptions, 'monotonicMs' | 'onJob'>): EpochThread {
  const limits = {queueLimit: QUEUE_LIMIT, jobLimitMs: JOB_LIMIT_MS, heapLimitMb: HEAP_LIMIT_MB};
  const threads = createThreads({...options, ...limits, threads: 1, workerData: {graphs} satisfies PoolData});
  const moduleOf = (name: string) => new URL(`../../workers/${name}.ts`, import.meta.url);
  let memories = 0;
  return {
    async make(graphName, rows, weights) {
      const job: EpochJob = {graph: indexOfGraph(graphs, graphName), rows, weights};
      const [reply] = await threads.runAll<EpochReply>(moduleOf('make-epoch'), 'make-epoch', [job]);
      return reply;
    },
    async customize(graphName, weights, into) {
      const times = {graph: indexOfGraph(graphs, graphName), ...(weights && {weights})};
      const job: CustomizeJob = {...times, ...(into && {into})};
      const [handle] = await threads.runAll<HierarchyHandle>(moduleOf('customize'), 'customize', [job]);
      return {...handle, id: into?.id ?? memories++};
    },
    close: threads.close,
  };
}
