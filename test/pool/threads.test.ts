import {execFile} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {afterEach, expect, test} from 'vitest';
import {createThreads, type JobEnded, PoolFailure, type ThreadOptions, type Threads} from '../../src/pool/threads.ts';
import type {Fault} from './faulty-worker.ts';

const faulty = new URL('faulty-worker.ts', import.meta.url);
let threads: Threads;
const memory = new WebAssembly.Memory({initial: 1, maximum: 1, shared: true});
const shared = new Int32Array(memory.buffer);

function start(options: Partial<ThreadOptions> = {}): void {
  shared.fill(0);
  threads = createThreads({
    threads: 2,
    queueLimit: 10,
    jobLimitMs: 60_000,
    heapLimitMb: 32,
    workerData: {bytes: memory.buffer, memory},
    monotonicMs: () => performance.now(),
    ...options,
  });
}
afterEach(() => threads.close());

const run = (...faults: Fault[]) => threads.runAll<number>(faulty, 'job', faults);
const failure = (...faults: Fault[]) =>
  run(...faults).then(
    () => expect.unreachable('the job should have failed'),
    (error) => error as PoolFailure,
  );
const answers = (...values: number[]) => values.map((value): Fault => ({do: 'answer', value}));

test('results come back in the order of the messages, whatever thread made them', async () => {
  start();
  expect(await run(...answers(5, 4, 3, 2, 1, 0))).toEqual([5, 4, 3, 2, 1, 0]);
  expect(await run()).toEqual([]);
});

test('every thread sees the same memory', async () => {
  start({threads: 3});
  const ids = await run({do: 'meet', parties: 3}, {do: 'meet', parties: 3}, {do: 'meet', parties: 3});
  expect(new Set(ids).size).toBe(3);
  expect(shared[0]).toBe(3);
});

test.each<[string, Fault, RegExp]>([
  ['throws', {do: 'throw', value: new RangeError('segment 7 is not below 5')}, /failed: segment 7 is not below 5$/],
  ['throws something that is no error', {do: 'throw', value: 'no graph'}, /failed: no graph$/],
  ['exits', {do: 'exit', code: 3}, /failed: worker exited with code: 3$/],
  ['exhausts its heap', {do: 'exhaust'}, /failed: Worker terminated due to reaching memory limit/],
])(
  'a worker that %s fails its shard by name, and the shards and jobs beside and after it succeed',
  async (_, fault, why) => {
    start();
    const others = run(...answers(1, 2, 3));
    const failed = await failure({do: 'answer', value: 0}, fault, {do: 'answer', value: 0});
    expect(failed).toBeInstanceOf(PoolFailure);
    expect(failed.code).toBe('POOL_JOB_FAILED');
    expect(failed.message).toMatch(/^job shard 2 of 3 /);
    expect(failed.message).toMatch(why);
    expect(await others).toEqual([1, 2, 3]);
    // Both threads must be alive, or the meeting never ends.
    shared.fill(0);
    expect(await run({do: 'meet', parties: 2}, {do: 'meet', parties: 2})).toHaveLength(2);
    expect(threads.stats()).toMatchObject({threads: 2, failed: 1, done: 7});
  },
);

test('the pool outlives the death of every thread, again and again', async () => {
  start();
  for (let round = 0; round < 3; round++) {
    await failure({do: 'exit', code: 1}, {do: 'exit', code: 1}, {do: 'exit', code: 1});
    expect(await run(...answers(1, 2, 3))).toEqual([1, 2, 3]);
  }
  expect(threads.stats()).toMatchObject({failed: 9, done: 9, running: 0, waiting: 0});
});

test('a job that hangs is stopped at its limit and reported, and its thread is replaced', async () => {
  start({jobLimitMs: 3_000});
  const hung = await failure({do: 'hang'});
  expect(hung.code).toBe('POOL_JOB_TIMED_OUT');
  expect(hung.message).toBe('job was stopped after its limit of 3000 ms');
  await run({do: 'meet', parties: 2}, {do: 'meet', parties: 2});
  expect(threads.stats()).toMatchObject({timedOut: 1, threads: 2});
});

test('of a job that was stopped nothing runs any more, whatever loop it was in', async () => {
  start({jobLimitMs: 3_000});
  for (const fault of [{do: 'count'}, {do: 'count-in-wasm'}, {do: 'gate', value: 0}] as const) {
    expect((await failure(fault)).code).toBe('POOL_JOB_TIMED_OUT');
    const counted = shared[0];
    expect(counted > 0).toBe(fault.do !== 'gate');
    await run({do: 'meet', parties: counted + 2}, {do: 'meet', parties: counted + 2});
    expect(shared[0]).toBe(counted + 2);
    shared.fill(0);
  }
});

test('a thread and who replaces it have the same number, different from all others', async () => {
  start({threads: 3, jobLimitMs: 3_000});
  const numbers = () => run(...Array.from({length: 3}, (): Fault => ({do: 'number'})));
  expect((await numbers()).toSorted()).toEqual([0, 1, 2]);
  await failure({do: 'exit', code: 1}, {do: 'hang'}, {do: 'exhaust'});
  expect((await numbers()).toSorted()).toEqual([0, 1, 2]);
});

test('what every thread is to do each does once, though some are busy and others free', async () => {
  start({threads: 3});
  const gated = run({do: 'gate', value: 1}, {do: 'gate', value: 2});
  const each = threads.runOnEach<number>(faulty, 'each', {do: 'number'} satisfies Fault);
  const later = run({do: 'number'});
  await later; // is not behind those who wait for a busy thread
  expect(threads.stats()).toMatchObject({running: 2, waiting: 2});
  Atomics.store(shared, 1, 1);
  Atomics.notify(shared, 1);
  expect(await each).toEqual([0, 1, 2]);
  expect(await gated).toEqual([1, 2]);
});

test('waiting in the queue does not count towards the limit of a job', async () => {
  start({threads: 1, jobLimitMs: 3_000});
  const [hung, next] = await Promise.allSettled([run({do: 'hang'}), run(...answers(1, 2))]);
  expect(hung.status).toBe('rejected');
  expect(next).toEqual({status: 'fulfilled', value: [1, 2]});
});

test('a module that does not load is said so', async () => {
  start();
  const missing = new URL('no-such-worker.ts', import.meta.url);
  await expect(threads.runAll(missing, 'job', [{}])).rejects.toThrow(/^job failed: .*no-such-worker/s);
});

test('a request that the queue has no room for is refused whole, and those admitted are served', async () => {
  start({threads: 1, queueLimit: 3});
  const admitted = run({do: 'gate', value: 0}, {do: 'gate', value: 1}, {do: 'gate', value: 2});
  expect(threads.stats()).toMatchObject({running: 1, waiting: 2});
  const refused = await failure(...answers(8, 9));
  expect(refused.code).toBe('POOL_BUSY');
  expect(refused.message).toBe('job was refused: 2 jobs do not fit a queue of 3 with room for 1');
  const last = run(...answers(7));
  expect(threads.stats()).toMatchObject({running: 1, waiting: 3, refused: 1});
  Atomics.store(shared, 1, 1);
  Atomics.notify(shared, 1);
  expect(await admitted).toEqual([0, 1, 2]);
  expect(await last).toEqual([7]);
  expect(await run(...answers(6))).toEqual([6]);
});

test('a queue limit of zero admits exactly as many jobs as there are idle threads', async () => {
  start({threads: 2, queueLimit: 0});
  expect(await run(...answers(1, 2))).toEqual([1, 2]);
  expect((await failure(...answers(1, 2, 3))).code).toBe('POOL_BUSY');
});

test('the end of each job is reported with its outcome', async () => {
  const ended: JobEnded[] = [];
  let nowMs = 0;
  start({threads: 1, jobLimitMs: 3_000, monotonicMs: () => nowMs++, onJob: (job) => ended.push(job)});
  await run(...answers(1, 2));
  await failure({do: 'throw', value: new Error('bad')});
  await failure({do: 'hang'});
  expect(ended.map((job) => job.outcome)).toEqual(['done', 'done', 'failed', 'timed-out']);
  expect(ended.every((job) => job.name === 'job' && job.ranMs > 0 && job.waitedMs >= 0)).toBe(true);
  expect(ended[1].waitedMs).toBeGreaterThan(ended[0].waitedMs);
  expect(threads.stats().busyRatio).toBeGreaterThan(0);
});

test('closing lets admitted jobs end, refuses new ones, and leaves no thread', async () => {
  start({threads: 2});
  const admitted = run(...[1, 2, 3, 4, 5].map((value): Fault => ({do: 'gate', value})));
  const closed = Promise.all([threads.close(), threads.close()]);
  expect((await failure(...answers(1))).code).toBe('POOL_CLOSED');
  Atomics.store(shared, 1, 1);
  Atomics.notify(shared, 1);
  expect(await admitted).toEqual([1, 2, 3, 4, 5]);
  await closed;
  expect(threads.stats()).toMatchObject({threads: 0, running: 0, waiting: 0});
});

test('a process that closed its pool ends by itself', async () => {
  start();
  const child = fileURLToPath(new URL('close-child.ts', import.meta.url));
  const {stdout} = await promisify(execFile)(process.execPath, [child], {timeout: 60_000});
  expect(JSON.parse(stdout)).toEqual([7, 'POOL_JOB_TIMED_OUT', [1, 2, 3, 4, 5], 'POOL_CLOSED', 0]);
});
