import {afterEach, expect, test} from 'vitest';
import {makeEpoch} from '../../native-graph/metric/epoch.ts';
import {weightsBytes} from '../../native-graph/metric/weights.ts';
import {createEpochThread, type EpochThread} from '../../src/pool/epoch-thread.ts';
import {town} from '../support/town.ts';

const graphs = [town('a-b-c').graph, town('a-b-c\n| | |\nd-e-f').graph];
let thread: EpochThread;
afterEach(() => thread?.close());

function start(): EpochThread {
  thread = createEpochThread({
    graphs: graphs.map(({bytes}, i) => ({name: `town-${i}`, bytes})),
    monotonicMs: () => performance.now(),
  });
  return thread;
}

test('epochs of several graphs, asked for at once, are those that are made here', async () => {
  const {make} = start();
  const csv = Buffer.from('97,98,25\n98,99,0\nx\n');
  const asked = await Promise.all(
    Array.from({length: 8}, async (_, i) => {
      const weights = new SharedArrayBuffer(weightsBytes(graphs[i % 2]));
      return {weights, made: await make(`town-${i % 2}`, {csv}, weights)};
    }),
  );
  for (const [i, {weights, made}] of asked.entries()) {
    const here = new SharedArrayBuffer(weights.byteLength);
    expect({...made, kept: Buffer.from(made.kept)}).toEqual(makeEpoch(graphs[i % 2], {csv}, here));
    expect(new Int32Array(weights)).toEqual(new Int32Array(here));
  }
});

test('what cannot be made fails by name, and the next is made', async () => {
  const {make} = start();
  const weights = new SharedArrayBuffer(weightsBytes(graphs[0]));
  await expect(make('town-0', {kept: Buffer.from('not zstd')}, weights)).rejects.toMatchObject({
    code: 'POOL_JOB_FAILED',
    message: expect.stringMatching(/^make-epoch failed: /),
  });
  await expect(make('nowhere', {}, weights)).rejects.toThrow('without a graph named nowhere');
  expect((await make('town-0', {csv: Buffer.from('97,98,25')}, weights)).report.rowsApplied).toBe(1);
});
