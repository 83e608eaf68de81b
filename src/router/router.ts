// Road times over one graph at one epoch: snaps points, answers pairs of positions from a cache of times between
// edges, and has what is missing searched elsewhere (by the worker pool in production).
//
// Invariant: an answer is the one that a search over the whole graph gives, whatever the cache holds: only times
// between edges are kept, each with the limit it was searched under, and they are used only for limits up to that.

import assert from 'node:assert/strict';
import {LRUCache} from 'lru-cache';
import type {RoadGraph} from '../../native-graph/layout.ts';
import type {Position} from '../../native-graph/position.ts';
import type {Nearest} from '../../native-graph/route/nearest.ts';
import {type Route, route} from '../../native-graph/route/path.ts';
import {routeOver} from '../../native-graph/route/point-to-point.ts';
import {createScratch, type Scratch} from '../../native-graph/route/scratch.ts';
import type {Workspace} from '../../native-graph/route/workspace.ts';
import {UNREACHABLE_MS} from '../domain/units.ts';
import {type Between, collect, edgeOf, planSearches, type SegmentPairs, timeMs} from './between.ts';
import type {NearestRequest} from './fleets.ts';
import {createPlaces, type Places} from './places.ts';

const DEFAULTS = {
  /** Pairs of edges, about 150 bytes each. */
  cacheEntries: 200_000,
  cacheTtlMs: 3_600_000,
  /** Speeds as they stand in the graph file. */
  epoch: 0,
} as const;

export type RouterOptions = Partial<Record<keyof typeof DEFAULTS, number>> & {
  /** With the times of the epoch in its views. */
  readonly graph: RoadGraph;
  /** Shared by the routers of all epochs of the graph; by default its own. */
  readonly places?: Places;
  /** By member of the request: the time between the segments, UNREACHABLE_MS beyond its limit. */
  readonly betweenTimes: (pairs: SegmentPairs) => Promise<Int32Array>;
  /** Over a hierarchy only: the nearest drivers of some tasks. */
  readonly nearestDrivers?: ((request: NearestRequest) => Promise<Nearest>) | undefined;
  /** This thread's, over the hierarchy of the epoch; left out for Dijkstra. */
  readonly workspace?: Workspace | undefined;
  /** Any clock that never goes back; entries age by it. */
  readonly nowMs: () => number;
};

/** Counts since the start. A hit is a pair that needed no search. */
export type RouterStats = {
  readonly etaHits: number;
  readonly etaMisses: number;
  readonly etaEntries: number;
} & ReturnType<Places['stats']>;

export type Router = {
  readonly graph: RoadGraph;
  /** Version of the graph's speeds. A router serves one epoch for ever; a new epoch is a new router. */
  readonly epoch: number;
  snap: Places['snap'];
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
  stats(): RouterStats;
};

export function createRouter(options: RouterOptions): Router {
  const {graph, betweenTimes, nearestDrivers, workspace, nowMs} = options;
  const {cacheEntries, cacheTtlMs, epoch} = {...DEFAULTS, ...options};
  const places = options.places ?? createPlaces(graph);
  // Made when a route is first asked for: an epoch may last a second, and ticks ask for none.
  let scratch: Scratch | undefined;
  // One reading of the clock serves all entries of a request; the cache's own timer would outlive it.
  let cacheNowMs = 0;
  const cache = createCache<number, Between>(cacheEntries, {
    ttl: cacheTtlMs,
    ttlResolution: 0,
    perf: {now: () => cacheNowMs},
  });
  const count = {etaHits: 0, etaMisses: 0};

  return {
    graph,
    epoch,

    snap: places.snap,
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

      cacheNowMs = nowMs();
      for (let pair = 0; pair < times.length; pair++) {
        const from = originEdge[pairOrigin[pair]];
        const to = destinationEdge[pairDestination[pair]];
        if (from === undefined || to === undefined)
          throw new RangeError(`pair ${pair} names a position that is not given`);
        if (from < 0 || to < 0) continue;
        const key = from * graph.edgeCount + to;
        const known = cache?.get(key);
        if (known && known.limitMs >= limitMs) {
          answer(pair, known);
          count.etaHits++;
        } else {
          missing.push(pair);
          missingKey.push(key);
        }
      }
      count.etaMisses += missing.length;
      if (missing.length === 0) return times;

      const plan = planSearches(graph, missingKey, limitMs);
      const found = collect(plan, await betweenTimes(plan.segments));
      const foundAt = new Map<number, Between>();
      plan.keys.forEach((key, i) => {
        foundAt.set(key, found[i]);
        cache?.set(key, found[i]);
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

    stats: () => ({...count, etaEntries: cache?.size ?? 0, ...places.stats()}),
  };
}

/** Zero entries switch a cache off. */
function createCache<K extends {}, V extends {}>(
  max: number,
  options: Omit<LRUCache.OptionsMaxLimit<K, V, unknown>, 'max'> = {},
): LRUCache<K, V> | undefined {
  return max > 0 ? new LRUCache<K, V>({...options, max}) : undefined;
}
