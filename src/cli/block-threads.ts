// Threads that read the blocks of a map file, for as long as one command builds a graph.

import {availableParallelism} from 'node:os';
import type {BlockReply, BlockRunner} from '../../native-graph/osm/block-reader.ts';
import {systemClock} from '../domain/clock.ts';
import {createThreads} from '../pool/threads.ts';

/** Enough that no thread waits for the next block, few enough that unpacked blocks do not pile up. */
const BLOCKS_PER_THREAD = 4;
/** One block is at most 32 MiB unpacked and takes milliseconds. */
const BLOCK_TIME_LIMIT_MS = 120_000;
const HEAP_LIMIT_MB = 1_024;
const DECODE = new URL('../../workers/decode-blocks.ts', import.meta.url);

/** Lends a runner of `threads` threads to `use`, then ends them. */
export async function withBlockThreads<Result>(
  use: (runner: BlockRunner) => Promise<Result>,
  threads: number = availableParallelism(),
): Promise<Result> {
  const blocksInFlight = threads * BLOCKS_PER_THREAD;
  const pool = createThreads({
    threads,
    queueLimit: blocksInFlight,
    jobLimitMs: BLOCK_TIME_LIMIT_MS,
    heapLimitMb: HEAP_LIMIT_MB,
    workerData: undefined,
    monotonicMs: systemClock.monotonicMs,
  });
  try {
    return await use({
      blocksInFlight,
      async run(job) {
        // A view is sent with all of the buffer under it; a copy is sent alone.
        const sent = {...job, body: new Uint8Array(job.body)};
        const [reply] = await pool.runAll<BlockReply>(DECODE, 'decode-blocks', [sent]);
        return reply;
      },
    });
  } finally {
    await pool.close();
  }
}
