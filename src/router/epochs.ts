// The routers of a graph's epochs: the one that stands, and earlier ones for as long as somebody holds them. Whoever
// asks twice and must get one epoch's answers, as a tick does, holds a router meanwhile.
//
// Weights and hierarchies lie in shared memory that is used again. Left to the garbage collector they would pile up: V8
// does not count shared memory when it decides to collect, and an idle thread collects nothing.
//
// Invariants: the epoch only grows; memory is written only while no router over it is held or asked; a router whose
// memory was given back refuses to answer.

import assert from 'node:assert/strict';
import type {RoadGraph} from '../../native-graph/layout.ts';
import {weightsBytes, withWeights} from '../../native-graph/metric/weights.ts';
import type {NumberedHierarchy} from '../../native-graph/route/workspace.ts';
import {type CacheStats, createCache} from './cache.ts';
import {createRouter, type Router, type RouterOptions} from './router.ts';

/** What answers the searches of one epoch. */
export type EpochSearches = Pick<RouterOptions, 'betweenTimes' | 'nearestDrivers' | 'workspace'>;

/** Where an epoch lies, and a later one will. */
export type EpochMemory = {
  /** What overlayWeights lays views over; epoch 0 needs none. */
  weights?: SharedArrayBuffer;
  /** Searched with these weights; without it searches are Dijkstra's. */
  hierarchy?: NumberedHierarchy;
};

export type WritableMemory = EpochMemory & {readonly weights: SharedArrayBuffer};

export type Epochs = {
  /** Of the file, at its own times. */
  readonly graph: RoadGraph;
  /** The standing router; each call of it is answered whole by its epoch. */
  current(): Router;
  /** Lends the standing router; its epoch can be asked until `use` ends, whatever stands by then. */
  hold<T>(use: (router: Router, memory: EpochMemory) => Promise<T>): Promise<T>;
  /** Lends memory for the next epoch: its weights are junk, and so is the hierarchy, where there is one. */
  takeMemory(): WritableMemory;
  /** Takes memory back that nobody writes to any more, unless an epoch stands on it. */
  giveBack(memory: EpochMemory): void;
  /** Replaces the standing router, at once and whole. `epoch` must be later. */
  stand(epoch: number, memory: WritableMemory, searches: EpochSearches): void;
  /** Counts since the start, over all epochs. */
  stats(): CacheStats;
};

type Held = {readonly router: Router; readonly memory: EpochMemory; holders: number; gone: boolean};

/** Begins with epoch 0, the times of the file. */
export function createEpochs(
  graph: RoadGraph,
  memory: EpochMemory,
  searches: EpochSearches,
  nowMs: () => number,
): Epochs {
  const cache = createCache({graph, nowMs});
  /** As many as were held at once, since a hold may outlast several epochs. */
  const spares: EpochMemory[] = [];
  let standing = open(createRouter({graph, cache, ...searches, nowMs}), memory);

  function open(router: Router, memory: EpochMemory): Held {
    const held: Held = {router: guarded(router, () => held), memory, holders: 0, gone: false};
    return held;
  }

  /** A call that was begun is a use of its own, so that whoever forgets to hold gets an error, never junk. */
  function guarded(router: Router, held: () => Held): Router {
    return {
      ...router,
      timePairs: (...request) => using(held(), () => router.timePairs(...request)),
      nearestDrivers: router.nearestDrivers && ((request) => using(held(), () => router.nearestDrivers!(request))),
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
    spares.push(held.memory);
  }

  return {
    graph,
    current: () => standing.router,
    hold(use) {
      const {router, memory} = standing;
      return using(standing, () => use(router, memory));
    },
    takeMemory() {
      const taken = spares.pop() ?? {};
      return Object.assign(taken, {weights: taken.weights ?? new SharedArrayBuffer(weightsBytes(graph))});
    },
    giveBack(given) {
      if (given !== standing.memory) spares.push(given);
    },
    stand(epoch, memory, searches) {
      const last = standing;
      assert(epoch > last.router.epoch, `epoch ${epoch} does not come after ${last.router.epoch}`);
      const timed = withWeights(graph, memory.weights);
      standing = open(createRouter({graph: timed, cache, ...searches, nowMs, epoch}), memory);
      release(last);
    },
    stats: cache.stats,
  };
}
