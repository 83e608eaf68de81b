// What a worker can do wrong, on demand. Only tests hand it to a pool.
import {threadId, workerData} from 'node:worker_threads';

export type Fault =
  | {readonly do: 'answer'; readonly value: number}
  | {readonly do: 'throw'; readonly value: unknown}
  | {readonly do: 'exit'; readonly code: number}
  | {readonly do: 'hang'}
  | {readonly do: 'exhaust'}
  /** Marks the shared memory, then waits there for `parties` marks: ends only if that many threads see it. */
  | {readonly do: 'meet'; readonly parties: number}
  /** Waits until slot 1 of the shared memory is opened. */
  | {readonly do: 'gate'; readonly value: number};

export function run(fault: Fault): unknown {
  const shared = new Int32Array((workerData as {bytes: SharedArrayBuffer}).bytes);
  switch (fault.do) {
    case 'answer':
      return fault.value;
    case 'throw':
      throw fault.value;
    case 'exit':
      return process.exit(fault.code);
    case 'hang':
      for (;;);
    case 'exhaust': {
      const kept: number[][] = [];
      for (;;) kept.push(new Array<number>(10_000).fill(kept.length + 0.5));
    }
    case 'meet':
      Atomics.add(shared, 0, 1);
      Atomics.notify(shared, 0);
      for (let marks = 0; (marks = Atomics.load(shared, 0)) < fault.parties; ) Atomics.wait(shared, 0, marks);
      return threadId;
    case 'gate':
      Atomics.wait(shared, 1, 0);
      return fault.value;
    default:
      return fault satisfies never;
  }
}
