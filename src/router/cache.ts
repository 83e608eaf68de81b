// What the routers of all epochs of a graph remember together: snapped points, which do not depend on speeds, and times
// between edges, each with the epoch that it is of. One cache for all, since making one takes 20 ms and an epoch may
// last a second.

import {LRUCache} from 'lru-cache';
import type {RoadGraph} from '../../native-graph/layout.ts';
import type {Position} from '../../native-graph/position.ts';
import {createSnapper, snap} from '../../native-graph/snap.ts';
import type {Between} from './between.ts';

const DEFAULTS = {
  /** Pairs of edges, about 150 bytes each. */
  cacheEntries: 200_000,
  cacheTtlMs: 3_600_000,
  /** Points, about 200 bytes each. */
  snapEntries: 100_000,
} as const;

export type CacheOptions = Partial<Record<keyof typeof DEFAULTS, number>> & {
  readonly graph: RoadGraph;
  /** Any clock that never goes back; entries age by it. */
  readonly nowMs: () => number;
};

/** Counts since the start. A hit is a pair or point that needed no search. */
export type CacheStats = {
  readonly etaHits: number;
  readonly etaMisses: number;
  readonly etaEntries: number;
  readonly snapHits: number;
  readonly snapMisses: number;
  readonly snapEntries: number;
};

export type Cache = {
  /** The nearest place on a road, however far; null only where the graph has none. A pure function of the point. */
  snap(lonE7: number, latE7: number): Position | null;
  /** Reads the clock: once for all that is recalled and remembered until the next call. */
  beginRequest(): void;
  /** What is known of a pair of edges in this epoch, if it was searched up to this limit. */
  recall(pair: number, epoch: number, limitMs: number): Between | undefined;
  /** In place of whatever is known of the pair, of this epoch or another. */
  remember(pair: number, epoch: number, known: Between): void;
  stats(): CacheStats;
};

export function createCache(options: CacheOptions): Cache {
  const {graph, nowMs} = options;
  const {cacheEntries, cacheTtlMs, snapEntries} = {...DEFAULTS, ...options};
  const snapper = createSnapper(graph);
  // The package's own timer would outlive the cache.
  let cacheNowMs = 0;
  const between = lruOf<number, Between & {readonly epoch: number}>(cacheEntries, {
    ttl: cacheTtlMs,
    ttlResolution: 0,
    perf: {now: () => cacheNowMs},
  });
  const snapped = lruOf<string, {readonly at: Position | null}>(snapEntries);
  const count = {etaHits: 0, etaMisses: 0, snapHits: 0, snapMisses: 0};

  return {
    snap(lonE7, latE7) {
      // A number cannot hold both coordinates: 3.6e9 x 1.8e9 exceeds 2^53.
      const key = `${lonE7},${latE7}`;
      const known = snapped?.get(key);
      if (known) {
        count.snapHits++;
        return known.at;
      }
      count.snapMisses++;
      const at = snap(snapper, latE7, lonE7, Number.POSITIVE_INFINITY);
      snapped?.set(key, {at});
      return at;
    },

    beginRequest() {
      cacheNowMs = nowMs();
    },

    recall(pair, epoch, limitMs) {
      const known = between?.get(pair);
      if (known && known.epoch === epoch && known.limitMs >= limitMs) {
        count.etaHits++;
        return known;
      }
      count.etaMisses++;
      return undefined;
    },

    remember(pair, epoch, {limitMs, betweenMs}) {
      between?.set(pair, {epoch, limitMs, betweenMs});
    },

    stats: () => ({...count, etaEntries: between?.size ?? 0, snapEntries: snapped?.size ?? 0}),
  };
}

/** Zero entries switch it off. */
function lruOf<K extends {}, V extends {}>(
  max: number,
  options: Omit<LRUCache.OptionsMaxLimit<K, V, unknown>, 'max'> = {},
): LRUCache<K, V> | undefined {
  return max > 0 ? new LRUCache<K, V>({...options, max}) : undefined;
}
