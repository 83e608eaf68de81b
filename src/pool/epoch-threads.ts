// Threads beside the pool, where epochs are made: so no search of a tick waits behind one.

import {CUSTOMIZATION_STEPS} from '../../native-graph/metric/customization.ts';
import type {SpeedRows} from '../../native-graph/metric/epoch.ts';
import type {HierarchyHandle} from '../../native-graph/metric/hierarchy.ts';
import {SHARES} from '../../native-graph/metric/parts.ts';
import type {WeightedHandle} from '../../native-graph/metric/weighted.ts';
import type {NumberedHierarchy} from '../../native-graph/route/workspace.ts';
import {
  type CustomizeJob,
  type EpochJob,
  type EpochReply,
  indexOfGraph,
  type NumberedContraction,
  type PoolData,
} from './messages.ts';
import {createThreads, type ThreadOptions} from './threads.ts';

/** Epochs of one graph are made one after another; so many graphs may wait. */
const QUEUE_LIMIT = 64;
/** A city takes a second, a state's contraction minutes; longer is a thread that hangs. */
const JOB_LIMIT_MS = 1_800_000;
/** Columns of rows are no part of the heap; pieces of text are. */
const HEAP_LIMIT_MB = 512;

export type EpochThreads = {
  /** Fills `weights` by these rows, checked. Throws PoolFailure. */
  make(graphName: string, rows: SpeedRows, weights: SharedArrayBuffer): Promise<EpochReply>;
  /**
   * The hierarchy of these weights, or without any of the file's times: in the memory of `into`, which nobody may
   * search any more, or in a new one. One call for a graph at a time. Throws PoolFailure.
   */
  customize(graphName: string, weights?: SharedArrayBuffer, into?: NumberedHierarchy): Promise<NumberedHierarchy>;
  close(): Promise<void>;
};

export function createEpochThreads({
  graphs,
  ...options
}: PoolData & Pick<ThreadOptions, 'threads' | 'monotonicMs' | 'onJob'>): EpochThreads {
  const limits = {queueLimit: QUEUE_LIMIT, jobLimitMs: JOB_LIMIT_MS, heapLimitMb: HEAP_LIMIT_MB};
  // More would take cores from the ticks, for what takes a city a tenth of a second.
  const threadCount = Math.min(SHARES, options.threads);
  const workerData: PoolData = {graphs};
  const threads = createThreads({...options, ...limits, threads: threadCount, workerData});
  const moduleOf = (name: string) => new URL(`../../workers/${name}.ts`, import.meta.url);
  /** By graph: made once. */
  const contractions = new Map<string, NumberedContraction>();
  let contractionCount = 0;
  let memories = 0;
  return {
    async make(graphName, rows, weights) {
      const job: EpochJob = {graph: indexOfGraph(graphs, graphName), rows, weights};
      const [reply] = await threads.runAll<EpochReply>(moduleOf('make-epoch'), 'make-epoch', [job]);
      return reply;
    },
    async customize(graphName, weights, into) {
      const times = {graph: indexOfGraph(graphs, graphName), ...(weights && {weights})};
      const run = <Reply>(jobs: readonly CustomizeJob[]) =>
        threads.runAll<Reply>(moduleOf('customize'), 'customize', jobs);
      const contraction = contractions.get(graphName) ?? {
        ...(await run<WeightedHandle>([{...times, kind: 'contract'}]))[0],
        id: contractionCount++,
      };
      contractions.set(graphName, contraction);
      // What fails leaves it half made, and the next epoch makes it whole.
      for (const steps of CUSTOMIZATION_STEPS) {
        await run(steps.map((step) => ({...times, kind: 'step', contraction, step})));
      }
      const [handle] = await run<HierarchyHandle>([{...times, kind: 'distil', contraction, ...(into && {into})}]);
      return {...handle, id: into?.id ?? memories++};
    },
    close: threads.close,
  };
}
