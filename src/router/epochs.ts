// The routers of a graph's epochs: the one that stands, and earlier ones for as long as somebody holds them. Whoever
// asks twice and must get one epoch's answers, as a tick does, holds a router meanwhile.
//
// Weights lie in blocks of shared memory that are used again. Left to the garbage collector they would pile up: V8 does
// not count shared memory when it decides to collect, and an idle thread collects nothing.
//
// Invariants: the epoch only grows; a block is written only while no router over it is held or asked; a router whose
// block was given back refuses to answer.

import assert from 'node:assert/strict';
import type {RoadGraph} from '../../native-graph/layout.ts';
import {weightsBytes, withWeights} from '../../native-graph/metric/weights.ts';
import {type CacheStats, createCache} from './cache.ts';
import {createRouter, type Router, type RouterOptions} from './router.ts';

/** What answers the searches of one epoch. */
export type BetweenTimes = RouterOptions['betweenTimes'];

export type Epochs = {
  /** Of the file, at its own times. */
  readonly graph: RoadGraph;
  /** The standing router; each call of it is answered whole by its epoch. */
  current(): Router;
  /** Lends the standing router; its epoch can be asked until `use` ends, whatever stands by then. */
  hold<T>(use: (router: Router) => Promise<T>): Promise<T>;
  /** Lends a block of junk for the weights of the next epoch. */
  takeBlock(): SharedArrayBuffer;
  /** Takes a block back that nobody writes to any more, unless an epoch stands on it. */
  giveBack(block: SharedArrayBuffer): void;
  /** Replaces the standing router, at once and whole. `epoch` must be later. */
  stand(epoch: number, block: SharedArrayBuffer, betweenTimes: BetweenTimes): void;
  /** Counts since the start, over all epochs. */
  stats(): CacheStats;
};

type Held = {readonly router: Router; readonly block: SharedArrayBuffer | undefined; holders: number; gone: boolean};

/** Begins with epoch 0, the times of the file. */
export function createEpochs(graph: RoadGraph, betweenTimes: BetweenTimes, nowMs: () => number): Epochs {
  const cache = createCache({graph, nowMs});
  let spare: SharedArrayBuffer | undefined;
  let standing = open(createRouter({graph, cache, betweenTimes, nowMs}), undefined);

  function open(router: Router, block: SharedArrayBuffer | undefined): Held {
    const held: Held = {router: guarded(router, () => held), block, holders: 0, gone: false};
    return held;
  }

  /** A call that was begun is a use of its own, so that whoever forgets to hold gets an error, never junk. */
  function guarded(router: Router, held: () => Held): Router {
    return {
      ...router,
      timePairs: (...request) => using(held(), () => router.timePairs(...request)),
      route(origin, destination) {
        assert(!held().gone, `epoch ${router.epoch} is no longer held`);
        return router.route(origin, destination);
      },
    };
  }

  async function using<T>(held: Held, use: () => Promise<T>): Promise<T> {
    assert(!held.gone, `epoch ${held.router.epoch} is no longer held`);
    held.holders++;
    try {
      return await use();
    } finally {
      held.holders--;
      release(held);
    }
  }

  function release(held: Held): void {
    if (held === standing || held.holders > 0 || held.gone) return;
    held.gone = true;
    if (held.block) spare = held.block;
  }

  return {
    graph,
    current: () => standing.router,
    hold(use) {
      const {router} = standing;
      return using(standing, () => use(router));
    },
    takeBlock() {
      const block = spare ?? new SharedArrayBuffer(weightsBytes(graph));
      spare = undefined;
      return block;
    },
    giveBack(block) {
      if (block !== standing.block) spare = block;
    },
    stand(epoch, block, betweenTimes) {
      const last = standing;
      assert(epoch > last.router.epoch, `epoch ${epoch} does not come after ${last.router.epoch}`);
      const timed = withWeights(graph, block);
      standing = open(createRouter({graph: timed, cache, betweenTimes, nowMs, epoch}), block);
      release(last);
    },
    stats: cache.stats,
  };
}
