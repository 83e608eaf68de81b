// What a worker can do wrong, on demand. Only tests hand it to a pool.
import {threadId, workerData} from 'node:worker_threads';
import type {ThreadData} from '../../src/pool/messages.ts';

export type Fault =
  | {readonly do: 'answer'; readonly value: number}
  | {readonly do: 'throw'; readonly value: unknown}
  | {readonly do: 'exit'; readonly code: number}
  | {readonly do: 'hang'}
  /** Adds to the shared memory for ever. */
  | {readonly do: 'count'}
  | {readonly do: 'count-in-wasm'}
  /** Answers with the number of its thread. */
  | {readonly do: 'number'}
  | {readonly do: 'exhaust'}
  /** Marks the shared memory, then waits there for `parties` marks: ends only if that many threads see it. */
  | {readonly do: 'meet'; readonly parties: number}
  /** Waits until slot 1 of the shared memory is opened. */
  | {readonly do: 'gate'; readonly value: number};

/** (loop (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1))) (br 0)), exported as spin. */
const SPIN = Buffer.from(
  '0061736d01000000010401600000021001' +
    '03656e76066d656d6f72790203010103020100070801047370696e00000a1201100003404100410' +
    '1fe1e02001a0c000b0b',
  'hex',
);

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
    case 'count':
      for (;;) Atomics.add(shared, 0, 1);
    case 'count-in-wasm': {
      const {memory} = workerData as {memory: WebAssembly.Memory};
      const {spin} = new WebAssembly.Instance(new WebAssembly.Module(SPIN), {env: {memory}}).exports;
      return (spin as () => never)();
    }
    case 'number':
      return (workerData as ThreadData).thread;
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
