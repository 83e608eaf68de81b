import {describe, expect, test} from 'vitest';
import {makeEpoch} from '../../native-graph/metric/epoch.ts';
import {withWeights} from '../../native-graph/metric/weights.ts';
import {createEpochs, type EpochMemory, type EpochSearches, type Epochs} from '../../src/router/epochs.ts';
import type {Router} from '../../src/router/router.ts';
import {BLOCK_MS, town} from '../support/town.ts';
import {directTimes} from './direct-times.ts';

const drawn = town('a-b-c\n| | |\nd-e-f');
const [from, to] = [drawn.on('ab', 0), drawn.on('bc', 1)];
const HOUR_MS = 3_600_000;

const betweenTimes: EpochSearches['betweenTimes'] = async (pairs) => directTimes(drawn.graph).between(pairs);
const open = (): Epochs => createEpochs(drawn.graph, {}, {betweenTimes}, () => 1);

/** Makes and stands an epoch in which both streets are driven at this speed; returns its memory. */
function stand(epochs: Epochs, epoch: number, kmh: number, gate?: Promise<void>): EpochMemory {
  const memory = epochs.takeMemory();
  makeEpoch(drawn.graph, {csv: Buffer.from(`97,98,${kmh}\n98,99,${kmh}\n`)}, memory.weights);
  const truth = directTimes(withWeights(drawn.graph, memory.weights));
  epochs.stand(epoch, memory, {
    async betweenTimes(pairs) {
      await gate;
      return truth.between(pairs);
    },
  });
  return memory;
}

const ask = async (router: Router): Promise<number> =>
  (await router.timePairs([from], [to], Int32Array.of(0), Int32Array.of(0), HOUR_MS))[0];

test('it begins with the times of the file, and each epoch replaces them whole', async () => {
  const epochs = open();
  expect([epochs.current().epoch, await ask(epochs.current())]).toEqual([0, 2 * BLOCK_MS]);
  stand(epochs, 3, 72);
  expect([epochs.current().epoch, await ask(epochs.current())]).toEqual([3, BLOCK_MS]);
  expect(epochs.current().route(from, to)?.durationMs).toBe(BLOCK_MS);
  expect(epochs.graph).toBe(drawn.graph);
});

test('who holds a router is answered by its epoch, however many come after it', async () => {
  const epochs = open();
  stand(epochs, 1, 72);
  await epochs.hold(async (router) => {
    for (const epoch of [2, 3, 4]) {
      stand(epochs, epoch, 18);
      expect([router.epoch, await ask(router)]).toEqual([1, BLOCK_MS]);
    }
    expect(await ask(epochs.current())).toBe(4 * BLOCK_MS);
  });
});

test('a question that was begun is answered by its epoch, though nobody holds it', async () => {
  const epochs = open();
  const {promise: gate, resolve: openGate} = Promise.withResolvers<void>();
  stand(epochs, 1, 72, gate);
  const asked = ask(epochs.current());
  for (const epoch of [2, 3, 4]) stand(epochs, epoch, 18);
  openGate();
  expect(await asked).toBe(BLOCK_MS);
});

test('a router that nobody held refuses once its memory may be another epoch’s', async () => {
  const epochs = open();
  stand(epochs, 1, 72);
  const late = epochs.current();
  stand(epochs, 2, 18);
  await expect(ask(late)).rejects.toThrow('epoch 1 is no longer held');
  expect(() => late.route(from, to)).toThrow('epoch 1 is no longer held');
});

test('a use that fails is over too', async () => {
  const epochs = open();
  const first = stand(epochs, 1, 72);
  await expect(epochs.hold(() => Promise.reject(new Error('a broken tick')))).rejects.toThrow('a broken tick');
  stand(epochs, 2, 18);
  expect(epochs.takeMemory()).toBe(first);
});

describe('memory', () => {
  test('two take turns while nobody holds an epoch', () => {
    const epochs = open();
    const used = Array.from({length: 9}, (_, i) => stand(epochs, i + 1, 20 + i));
    expect(new Set(used).size).toBe(2);
    expect(new Set(used.map(({weights}) => weights)).size).toBe(2);
  });

  test('one that is held is not handed out', async () => {
    const epochs = open();
    const held = stand(epochs, 1, 72);
    await epochs.hold(async () => {
      for (const epoch of [2, 3, 4, 5]) expect(stand(epochs, epoch, 18)).not.toBe(held);
    });
  });

  test('held across two epochs, again and again, needs one more and no further one', async () => {
    const epochs = open();
    const used = new Set([stand(epochs, 1, 72)]);
    for (let epoch = 2; epoch < 20; epoch += 2) {
      await epochs.hold(async () => {
        for (const next of [epoch, epoch + 1]) used.add(stand(epochs, next, 18));
      });
    }
    expect(used.size).toBe(3);
  });

  test('one that no epoch stands on may be given back; the standing one stays', () => {
    const epochs = open();
    const standing = stand(epochs, 1, 72);
    const memory = epochs.takeMemory();
    epochs.giveBack(memory);
    epochs.giveBack(standing);
    expect(epochs.takeMemory()).toBe(memory);
    expect(epochs.takeMemory()).not.toBe(standing);
  });
});

test('epochs only grow', () => {
  const epochs = open();
  stand(epochs, 5, 72);
  for (const epoch of [5, 4, 0]) expect(() => stand(epochs, epoch, 72)).toThrow(`epoch ${epoch} does not come after 5`);
});

test('counts go on over all epochs, and points stay snapped', async () => {
  const epochs = open();
  const {lonE7, latE7} = drawn.on('ab', 0.5);
  epochs.current().snap(lonE7, latE7);
  for (const epoch of [1, 2, 3]) {
    await ask(epochs.current());
    await ask(epochs.current());
    stand(epochs, epoch, 72);
    epochs.current().snap(lonE7, latE7);
  }
  expect(epochs.stats()).toMatchObject({etaHits: 3, etaMisses: 3, etaEntries: 1, snapHits: 3, snapMisses: 1});
});
