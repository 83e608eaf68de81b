import {afterEach, expect, test} from 'vitest';
import {customized} from '../../native-graph/metric/customization.ts';
import {makeEpoch} from '../../native-graph/metric/epoch.ts';
import {attach, type Hierarchy} from '../../native-graph/metric/hierarchy.ts';
import {weightsBytes, withWeights} from '../../native-graph/metric/weights.ts';
import {pointIds} from '../../native-graph/point-ids.ts';
import {createEpochThreads, type EpochThreads} from '../../src/pool/epoch-threads.ts';
import {gothenburgGraph} from '../support/city.ts';
import {town} from '../support/town.ts';

const graphs = [town('a-b-c').graph, town('a-b-c\n| | |\nd-e-f').graph];
let threads: EpochThreads;
afterEach(() => threads?.close());

function start(): EpochThreads {
  threads = createEpochThreads({
    graphs: graphs.map(({bytes}, i) => ({name: `town-${i}`, bytes})),
    threads: 2,
    monotonicMs: () => performance.now(),
  });
  return threads;
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

test('a hierarchy made on threads is that made here, in new memory and in that of an earlier one', async () => {
  // A town is too small to be customized in parts.
  const graph = await gothenburgGraph();
  threads = createEpochThreads({graphs: [{name: 'city', bytes: graph.bytes}], threads: 2, monotonicMs: () => 0});
  const {customize} = threads;
  const weights = new SharedArrayBuffer(weightsBytes(graph));
  const [tail, head] = pointIds(graph, 0);
  makeEpoch(graph, {csv: Buffer.from(`${tail},${head},1\n${head},${tail},1\n`)}, weights);
  const first = await customize('city');
  expect(arcsOf(attach(first))).toEqual(arcsOf(customized(graph)));
  const second = await customize('city', weights, first);
  expect(second.memory.buffer.byteLength).toBe(first.memory.buffer.byteLength);
  expect(second.id).toBe(first.id);
  expect(arcsOf(attach(second))).toEqual(arcsOf(customized(withWeights(graph, weights))));
});

test('few other times make a hierarchy that is made whole here, and one that fails leaves nothing behind', async () => {
  const graph = await gothenburgGraph();
  const ended: string[] = [];
  threads = createEpochThreads({
    graphs: [{name: 'city', bytes: graph.bytes}],
    threads: 2,
    monotonicMs: () => 0,
    onJob: ({outcome}) => ended.push(outcome),
  });
  const {customize} = threads;
  const weights = new SharedArrayBuffer(weightsBytes(graph));
  const [tail, head] = pointIds(graph, 7);
  makeEpoch(graph, {csv: Buffer.from(`${tail},${head},1\n${head},${tail},0\n`)}, weights);
  const first = await customize('city');
  const jobs = ended.splice(0).length;
  const room = {...first, memory: new WebAssembly.Memory({initial: 1, maximum: 1, shared: true})};
  await expect(customize('city', weights, room)).rejects.toMatchObject({code: 'POOL_JOB_FAILED'});
  expect(ended.splice(0).filter((outcome) => outcome === 'failed')).toHaveLength(1);
  const made = await customize('city', weights, first);
  // Everything but the contraction.
  expect(ended).toHaveLength(jobs - 1);
  expect(arcsOf(attach(made))).toEqual(arcsOf(customized(withWeights(graph, weights))));
});

/** What queries see: behind it lies what an earlier epoch has left. */
const arcsOf = ({up, down, nodeOf, nodeCount}: Hierarchy) =>
  [up, down].map(({first, arcs, via, lengthCm}) => {
    const count = first[nodeCount];
    return [nodeOf, first, arcs.slice(0, 2 * count), via.slice(0, 2 * count), lengthCm.slice(0, count)];
  });
