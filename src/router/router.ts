// Road times over one graph at one epoch: snaps points, answers pairs of positions from a cache of times between
// edges, and has what is missing searched elsewhere (by the worker pool in production).
//
// Invariant: an answer is the one that a search over the whole graph gives, whatever the cache holds: only times
// between edges are kept, each with its epoch and the limit it was searched under, and they are used only in that epoch
// and for limits up to that.

import assert from 'node:assert/strict';
import type {RoadGraph} from '../../native-graph/layout.ts';
import type {Position} from '../../native-graph/position.ts';
import type {Nearest} from '../../native-graph/route/nearest.ts';
import {type Route, route} from '../../native-graph/route/path.ts';
import {routeOver} from '../../native-graph/route/point-to-point.ts';
import {createScratch, type Scratch} from '../../native-graph/route/scratch.ts';
import type {Workspace} from '../../native-graph/route/workspace.ts';
import {UNREACHABLE_MS} from '../domain/units.ts';
import {type Between, collect, edgeOf, planSearches, type SegmentPairs, timeMs} from './between.ts';
import {type Cache, type CacheOptions, type CacheStats, createCache} from './cache.ts';
import type {NearestRequest} from './fleets.ts';

/** A point further than this from every road is not on the map: no time is made up for it. */
export const SNAP_LIMIT_M = 1_000;

export type RouterOptions = CacheOptions & {
  /** With the times of the epoch in its views; by default 0, the speeds as they stand in the graph file. */
  readonly graph: RoadGraph;
  readonly epoch?: number;
  /** Shared by the routers of all epochs of the graph; by default its own. */
  readonly cache?: Cache;
  /** By member of the request: the time between the segments, UNREACHABLE_MS beyond its limit. */
  readonly betweenTimes: (pairs: SegmentPairs) => Promise<Int32Array>;
  /** Over a hierarchy only: the nearest drivers of some tasks. */
  readonly nearestDrivers?: ((request: NearestRequest) => Promise<Nearest>) | undefined;
  /** This thread's, over the hierarchy of the epoch; left out for Dijkstra. */
  readonly workspace?: Workspace | undefined;
};

export type Router = {
  readonly graph: RoadGraph;
  /** Version of the graph's speeds. A router serves one epoch for ever; a new epoch is a new router. */
  readonly epoch: number;
  snap: Cache['snap'];
  /**
   * By pair i: the exact time from origins[pairOrigin[i]] to destinations[pairDestination[i]]; UNREACHABLE_MS where
   * that exceeds `limitMs` or a position is null. Searches once per segment of the side with fewer edges, and only for
   * what is not cached. What betweenTimes throws passes through.
   */
  timePairs(
    origins: readonly (Position | null)[],
    destinations: readonly (Position | null)[],
    pairOrigin: Int32Array,
    pairDestination: Int32Array,
    limitMs: number,
  ): Promise<Int32Array>;
  /** By task its nearest drivers, exact; undefined where there is no hierarchy to find them by. */
  readonly nearestDrivers: ((request: NearestRequest) => Promise<Nearest>) | undefined;
  /** The fastest way, searched on this thread; null where there is none. It takes the time that timePairs gives. */
  route(origin: Position, destination: Position): Route | null;
  stats(): CacheStats;
};

export function createRouter(options: RouterOptions): Router {
  const {graph, betweenTimes, nearestDrivers, workspace, epoch = 0, cache = createCache(options)} = options;
  // Made when a route is first asked for: an epoch may last a second, and ticks ask for none.
  let scratch: Scratch | undefined;

  return {
    graph,
    epoch,

    snap: cache.snap,
    nearestDrivers,

    async timePairs(origins, destinations, pairOrigin, pairDestination, limitMs) {
      assert(pairOrigin.length === pairDestination.length, 'each pair has an origin and a destination');
      assert(limitMs >= 0 && limitMs < UNREACHABLE_MS, `the limit ${limitMs} ms is not in 0 .. ${UNREACHABLE_MS - 1}`);
      const times = new Int32Array(pairOrigin.length).fill(UNREACHABLE_MS);
      const originEdge = origins.map((at) => (at ? edgeOf(graph, at) : -1));
      const destinationEdge = destinations.map((at) => (at ? edgeOf(graph, at) : -1));
      const missing: number[] = [];
      const missingKey: number[] = [];
      const answer = (pair: number, known: Between) => {
        const origin = origins[pairOrigin[pair]] as Position;
        const destination = destinations[pairDestination[pair]] as Position;
        times[pair] = timeMs(graph, origin, destination, known, limitMs);
      };

      cache.beginRequest();
      for (let pair = 0; pair < times.length; pair++) {
        const from = originEdge[pairOrigin[pair]];
        const to = destinationEdge[pairDestination[pair]];
        if (from === undefined || to === undefined)
          throw new RangeError(`pair ${pair} names a position that is not given`);
        if (from < 0 || to < 0) continue;
        const key = from * graph.edgeCount + to;
        const known = cache.recall(key, epoch, limitMs);
        if (known) answer(pair, known);
        else {
          missing.push(pair);
          missingKey.push(key);
        }
      }
      if (missing.length === 0) return times;

      const plan = planSearches(graph, missingKey, limitMs);
      const found = collect(plan, await betweenTimes(plan.segments));
      const foundAt = new Map<number, Between>();
      plan.keys.forEach((key, i) => {
        foundAt.set(key, found[i]);
        cache.remember(key, epoch, found[i]);
      });
      missing.forEach((pair, i) => {
        answer(pair, foundAt.get(missingKey[i])!);
      });
      return times;
    },

    route: (origin, destination) =>
      workspace
        ? routeOver(workspace, origin, destination)
        : route(graph, (scratch ??= createScratch(graph)), origin, destination),

    stats: cache.stats,
  };
}
