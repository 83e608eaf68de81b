// One thread beside the pool, where epochs are made: so no search of a tick waits behind one.

import type {SpeedRows} from '../../native-graph/metric/epoch.ts';
import {type EpochJob, type EpochReply, indexOfGraph, type PoolData} from './messages.ts';
import {createThreads, type ThreadOptions} from './threads.ts';

/** Epochs of one graph are made one after another; so many graphs may wait. */
const QUEUE_LIMIT = 64;
/** A million rows take a second on a city, and reading a state's points some more; longer is a thread that hangs. */
const JOB_LIMIT_MS = 120_000;
/** Columns of rows are no part of the heap; pieces of text are. */
const HEAP_LIMIT_MB = 512;

export type EpochThread = {
  /** Fills `weights` by these rows, checked. Throws PoolFailure. */
  make(graphName: string, rows: SpeedRows, weights: SharedArrayBuffer): Promise<EpochReply>;
  close(): Promise<void>;
};

export function createEpochThread({
  graphs,
  ...options
}: PoolData & Pick<ThreadOptions, 'monotonicMs' | 'onJob'>): EpochThread {
  const limits = {queueLimit: QUEUE_LIMIT, jobLimitMs: JOB_LIMIT_MS, heapLimitMb: HEAP_LIMIT_MB};
  const threads = createThreads({...options, ...limits, threads: 1, workerData: {graphs} satisfies PoolData});
  const module = new URL('../../workers/make-epoch.ts', import.meta.url);
  return {
    async make(graphName, rows, weights) {
      const job: EpochJob = {graph: indexOfGraph(graphs, graphName), rows, weights};
      const [reply] = await threads.runAll<EpochReply>(module, 'make-epoch', [job]);
      return reply;
    },
    close: threads.close,
  };
}
