// Threads for as long as one command builds a graph: they read the blocks of a map file, and part the cells of its
// dissection.

import {availableParallelism} from 'node:os';
import type {CellRunner} from '../../native-graph/order/dissect.ts';
import type {Cell} from '../../native-graph/order/field.ts';
import type {BlockReply, BlockRunner} from '../../native-graph/osm/block-reader.ts';
import {systemClock} from '../domain/clock.ts';
import {createThreads, type Threads} from '../pool/threads.ts';

/** Enough that no thread waits for the next block, few enough that unpacked blocks do not pile up. */
const BLOCKS_PER_THREAD = 4;
/** One block is at most 32 MiB unpacked and takes milliseconds. */
const BLOCK_TIME_LIMIT_MS = 120_000;
/** The first cell is the whole graph: a minute for a large state, longer on a busy machine. */
const CELL_TIME_LIMIT_MS = 3_600_000;
const HEAP_LIMIT_MB = 1_024;
const DECODE = new URL('../../workers/decode-blocks.ts', import.meta.url);
const DISSECT = new URL('../../workers/dissect-cells.ts', import.meta.url);

/** Lends a runner of `threads` threads to `use`, then ends them. */
export function withBlockThreads<Result>(
  use: (runner: BlockRunner) => Promise<Result>,
  threads: number = availableParallelism(),
): Promise<Result> {
  const blocksInFlight = threads * BLOCKS_PER_THREAD;
  return withThreads(threads, blocksInFlight, BLOCK_TIME_LIMIT_MS, (pool) =>
    use({
      blocksInFlight,
      async run(job) {
        // A view is sent with all of the buffer under it; a copy is sent alone.
        const sent = {...job, body: new Uint8Array(job.body)};
        const [reply] = await pool.runAll<BlockReply>(DECODE, 'decode-blocks', [sent]);
        return reply;
      },
    }),
  );
}

/** Lends a runner of `threads` threads to `use`, then ends them. */
export function withCellThreads<Result>(
  use: (runner: CellRunner) => Promise<Result>,
  threads: number = availableParallelism(),
): Promise<Result> {
  return withThreads(threads, threads, CELL_TIME_LIMIT_MS, (pool) =>
    use({
      cellsInFlight: threads,
      async run(job) {
        const [parts] = await pool.runAll<Cell[]>(DISSECT, 'dissect-cells', [job]);
        return parts;
      },
    }),
  );
}

/** Lends `use` threads, then ends them. */
export async function withThreads<Result>(
  threads: number,
  queueLimit: number,
  jobLimitMs: number,
  use: (pool: Threads) => Promise<Result>,
): Promise<Result> {
  const pool = createThreads({
    threads,
    queueLimit,
    jobLimitMs,
    heapLimitMb: HEAP_LIMIT_MB,
    monotonicMs: systemClock.monotonicMs,
  });
  try {
    return await use(pool);
  } finally {
    await pool.close();
  }
}
