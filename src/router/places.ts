// Points snapped to a graph's roads, remembered. Where a point lies does not depend on speeds, so the routers of all
// epochs of a graph share one of these.

import {LRUCache} from 'lru-cache';
import type {RoadGraph} from '../../native-graph/layout.ts';
import type {Position} from '../../native-graph/position.ts';
import {createSnapper, snap} from '../../native-graph/snap.ts';

/** Points, about 200 bytes each. */
const SNAP_ENTRIES = 100_000;

/** Counts since the start. A hit is a point that needed no search. */
type PlacesStats = {readonly snapHits: number; readonly snapMisses: number; readonly snapEntries: number};

export type Places = {
  /** The nearest place on a road, however far; null only where the graph has none. A pure function of the point. */
  snap(lonE7: number, latE7: number): Position | null;
  stats(): PlacesStats;
};

/** Zero entries switch the memory off. */
export function createPlaces(graph: RoadGraph, entries: number = SNAP_ENTRIES): Places {
  const snapper = createSnapper(graph);
  const known = entries > 0 ? new LRUCache<string, {readonly at: Position | null}, unknown>({max: entries}) : undefined;
  const count = {snapHits: 0, snapMisses: 0};
  return {
    snap(lonE7, latE7) {
      // A number cannot hold both coordinates: 3.6e9 x 1.8e9 exceeds 2^53.
      const key = `${lonE7},${latE7}`;
      const remembered = known?.get(key);
      if (remembered) {
        count.snapHits++;
        return remembered.at;
      }
      count.snapMisses++;
      const at = snap(snapper, latE7, lonE7, Number.POSITIVE_INFINITY);
      known?.set(key, {at});
      return at;
    },
    stats: () => ({...count, snapEntries: known?.size ?? 0}),
  };
}
