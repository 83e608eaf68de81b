// Worker threads and the queue in front of them. Piscina owns the threads: it starts them, hands each a job, replaces
// the dead. Each has a Piscina of its own, so that whoever replaces it has its number. The queue is here, and a Piscina
// is never given more jobs than its thread can run, because in Piscina 5.3.2 (all three reproduced) maxQueue does not
// count jobs that can be aborted, such jobs leave its queue out of order, and close() terminates running jobs when
// there are two threads or more. So a job's limit also starts when the job does.
//
// Invariant: running <= threads, waiting <= queueLimit, and every admitted job settles: it ends, its thread dies, or
// its limit passes and its thread is stopped. Once a job has settled, nothing of it runs any more: what it wrote to may
// be used again. A thread in a loop, of JavaScript or WebAssembly, can always be stopped.

import assert from 'node:assert/strict';
import {fileURLToPath} from 'node:url';
import {Piscina} from 'piscina';
import type {ThreadData} from './messages.ts';

/** Why a request gave no result. With the first three it was refused and nothing of it ran. */
export type PoolFailureCode = 'POOL_BUSY' | 'POOL_TOO_LARGE' | 'POOL_CLOSED' | 'POOL_JOB_FAILED' | 'POOL_JOB_TIMED_OUT';

/** The one error that callers of the pool see; the message names the job, and `cause` is what the thread reported. */
export class PoolFailure extends Error {
  override readonly name = 'PoolFailure';
  readonly code: PoolFailureCode;

  constructor(code: PoolFailureCode, message: string, cause?: unknown) {
    super(message, {cause});
    this.code = code;
  }
}

export type ThreadOptions = {
  readonly threads: number;
  /** Jobs that may wait; a request that would exceed it is refused whole. */
  readonly queueLimit: number;
  /** A job that runs longer loses its thread. */
  readonly jobLimitMs: number;
  /** JavaScript heap of one thread, 16 or more; the shared graph and typed arrays are not part of it. */
  readonly heapLimitMb: number;
  /** Handed to every thread at its start, with its number; a SharedArrayBuffer in it is shared, not copied. */
  readonly workerData?: object;
  readonly monotonicMs: () => number;
  /** Called as each job ends. */
  readonly onJob?: (ended: JobEnded) => void;
};

export type JobEnded = {
  readonly name: string;
  readonly outcome: 'done' | 'failed' | 'timed-out';
  readonly waitedMs: number;
  readonly ranMs: number;
};

export type PoolStats = {
  readonly threads: number;
  readonly running: number;
  readonly waiting: number;
  /** Thread time since the start that was spent in jobs which have ended, and its share of all, 0 .. 1. */
  readonly busyMs: number;
  readonly busyRatio: number;
  /** Jobs since the start, by how they ended. */
  readonly done: number;
  readonly failed: number;
  readonly timedOut: number;
  /** Requests that the queue had no room for, or that came after close. */
  readonly refused: number;
};

export type Threads = {
  /**
   * Calls the function `run` of a module once per message and returns the results in their order. Throws PoolFailure,
   * after all of them have settled, when the queue has no room for all or one of them failed.
   */
  runAll<Result>(module: URL, name: string, messages: readonly unknown[]): Promise<Result[]>;
  /** The same with one message on every thread, each as soon as it is free; the results by thread. */
  runOnEach<Result>(module: URL, name: string, message: unknown): Promise<Result[]>;
  stats(): PoolStats;
  /** Refuses new jobs, lets admitted ones end, then stops the threads. Calling it again waits for the same end. */
  close(): Promise<void>;
};

type Job = {
  readonly module: URL;
  readonly name: string;
  readonly label: string;
  readonly message: unknown;
  /** The one to run it, if it matters. */
  readonly thread: number | undefined;
  readonly admittedMs: number;
  readonly resolve: (result: unknown) => void;
  readonly reject: (failure: PoolFailure) => void;
};

export function createThreads(options: ThreadOptions): Threads {
  const {threads, queueLimit, jobLimitMs, heapLimitMb, monotonicMs} = options;
  // With a few megabytes V8 cannot start the thread and aborts the process.
  assert(heapLimitMb >= 16, `a heap of ${heapLimitMb} MB is too small for a thread`);
  const piscinas = Array.from(
    {length: threads},
    (_, thread) =>
      new Piscina({
        minThreads: 1,
        maxThreads: 1,
        name: 'run',
        workerData: {...options.workerData, thread} satisfies ThreadData,
        resourceLimits: {maxOldGenerationSizeMb: heapLimitMb},
        recordTiming: false,
      }),
  );
  /** The threads without a job, the longest idle first. */
  const idle = [...piscinas.keys()];
  const waiting: Job[] = [];
  const startedMs = monotonicMs();
  const count = {done: 0, failed: 0, 'timed-out': 0, refused: 0};
  let busyMs = 0;
  let closing: Promise<void> | undefined;
  let onIdle = () => {};
  // A thread that dies without a job; what it said explains the job that next waits for a thread in vain.
  let threadError: unknown;
  for (const piscina of piscinas) {
    piscina.on('error', (error) => {
      threadError = error;
    });
  }

  function admit(jobs: Job[]): void {
    waiting.push(...jobs);
    for (const thread of [...idle]) {
      const next = waiting.findIndex((job) => job.thread === undefined || job.thread === thread);
      if (next < 0) continue;
      idle.splice(idle.indexOf(thread), 1);
      start(waiting.splice(next, 1)[0], thread);
    }
  }

  async function start(job: Job, thread: number): Promise<void> {
    const piscina = piscinas[thread];
    const begunMs = monotonicMs();
    const abort = new AbortController();
    let stopped: Promise<unknown> | undefined;
    const limit = setTimeout(() => {
      const [worker] = piscina.threads;
      abort.abort();
      // It stays where the job waits for a thread that is still starting.
      if (worker !== piscina.threads[0]) stopped = worker.terminate();
    }, jobLimitMs);
    let outcome: JobEnded['outcome'] = 'done';
    try {
      const filename = fileURLToPath(job.module);
      job.resolve(await piscina.run(job.message, {filename, signal: abort.signal}));
    } catch (error) {
      // A thread that dies by itself is reported once it has ended.
      await stopped;
      outcome = abort.signal.aborted ? 'timed-out' : 'failed';
      job.reject(
        outcome === 'failed'
          ? new PoolFailure('POOL_JOB_FAILED', `${job.label} failed: ${sentence(error)}`, error)
          : new PoolFailure(
              'POOL_JOB_TIMED_OUT',
              `${job.label} was stopped after its limit of ${jobLimitMs} ms`,
              threadError,
            ),
      );
    }
    clearTimeout(limit);
    const ranMs = monotonicMs() - begunMs;
    idle.push(thread);
    busyMs += ranMs;
    count[outcome]++;
    options.onJob?.({name: job.name, outcome, waitedMs: begunMs - job.admittedMs, ranMs});
    admit([]);
    if (running() === 0) onIdle();
  }

  const running = (): number => threads - idle.length;

  function refuse(code: PoolFailureCode, message: string): never {
    count.refused++;
    throw new PoolFailure(code, message);
  }

  type Asked = Pick<Job, 'message' | 'thread'>;

  async function run<Result>(module: URL, name: string, asked: readonly Asked[]): Promise<Result[]> {
    if (closing) refuse('POOL_CLOSED', `${name} was refused: the worker pool is closed`);
    const room = queueLimit - waiting.length + idle.length;
    if (asked.length > room) {
      refuse(
        'POOL_BUSY',
        `${name} was refused: ${asked.length} jobs do not fit a queue of ${queueLimit} with room for ${room}`,
      );
    }
    const admittedMs = monotonicMs();
    const jobs: Job[] = [];
    const results = asked.map(({message, thread}, i) => {
      const {promise, resolve, reject} = Promise.withResolvers<unknown>();
      const label = asked.length === 1 ? name : `${name} shard ${i + 1} of ${asked.length}`;
      jobs.push({module, name, label, message, thread, admittedMs, resolve, reject});
      return promise;
    });
    admit(jobs);
    const settled = await Promise.allSettled(results);
    return settled.map((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value as Result;
    });
  }

  return {
    runAll: (module, name, messages) =>
      run(
        module,
        name,
        messages.map((message) => ({message, thread: undefined})),
      ),
    runOnEach: (module, name, message) =>
      run(
        module,
        name,
        piscinas.map((_, thread) => ({message, thread})),
      ),

    stats() {
      const upMs = monotonicMs() - startedMs;
      return {
        threads: piscinas.reduce((sum, piscina) => sum + piscina.threads.length, 0),
        running: running(),
        waiting: waiting.length,
        busyMs,
        busyRatio: upMs > 0 ? Math.min(1, busyMs / (upMs * threads)) : 0,
        done: count.done,
        failed: count.failed,
        timedOut: count['timed-out'],
        refused: count.refused,
      };
    },

    close() {
      closing ??= (async () => {
        if (running() > 0) await new Promise<void>((resolve) => (onIdle = resolve));
        await Promise.all(piscinas.map((piscina) => piscina.destroy()));
      })();
      return closing;
    },
  };
}

const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));
