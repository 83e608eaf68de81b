// A process that has used a pool and closed it. It ends by itself only if no thread, timer or port is left.
import {createThreads, PoolFailure} from '../../src/pool/threads.ts';

const threads = createThreads({
  threads: 2,
  queueLimit: 10,
  jobLimitMs: 1_500,
  heapLimitMb: 64,
  workerData: {bytes: new SharedArrayBuffer(8)},
  monotonicMs: () => 0,
});
const faulty = new URL('faulty-worker.ts', import.meta.url);
const [answer] = await threads.runAll(faulty, 'answer', [{do: 'answer', value: 7}]);
const hung = await threads.runAll(faulty, 'hang', [{do: 'hang'}]).catch((error) => error);
const last = threads.runAll(
  faulty,
  'answer',
  [1, 2, 3, 4, 5].map((value) => ({do: 'answer', value})),
);
await threads.close();
const drained = await last;
const refused = await threads.runAll(faulty, 'late', [{do: 'hang'}]).catch((error) => error);
if (!(hung instanceof PoolFailure && refused instanceof PoolFailure)) throw new Error('expected two failures');
console.log(JSON.stringify([answer, hung.code, drained, refused.code, threads.stats().threads]));
