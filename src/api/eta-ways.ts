// What the way of a delivery is like: its length, and the kind of road on which most of its driving time passes.
//
// Ways are searched on the threads of the OSRM services, some at a time, and kept by store, drop and epoch.

import {LRUCache} from 'lru-cache';
import type {RoadGraph} from '../../native-graph/layout.ts';
import type {Position} from '../../native-graph/position.ts';
import {type RoadKind, roadKindOf} from '../../native-graph/tiles/road-tile.ts';
import type {EtaTruth} from '../domain/eta-truth.ts';
import {SNAP_LIMIT_M} from '../router/router.ts';
import {ETA_WAYS_HELD, ETA_WAYS_PER_JOB} from './limits.ts';
import {type Leg, legOf} from './osrm/legs.ts';
import type {Roads} from './osrm/roads.ts';

type Trip = Pick<EtaTruth, 'storeLatE7' | 'storeLonE7' | 'dropLatE7' | 'dropLonE7'>;

/** Null where no road is near, or none leads there. */
export type TripRoads = {
  /** What the store lies on. */
  readonly storeRoad: RoadKind | null;
  /** From the store to the drop, as fast as it goes. */
  readonly way: {readonly road: RoadKind; readonly lengthM: number} | null;
};

/** By trip, as they are given. */
export type TripRoadsOf = (regionId: string, roads: Roads, trips: readonly Trip[]) => Promise<readonly TripRoads[]>;

/** Its answers are kept. */
export function openTripRoads(): TripRoadsOf {
  const known = new LRUCache<string, TripRoads>({max: ETA_WAYS_HELD});

  return async (regionId, roads, trips) => {
    const keys = trips.map((trip) => keyOf(regionId, roads, trip));
    const found = new Map<string, TripRoads>();
    const missing = new Map<string, Trip>();
    for (const [i, key] of keys.entries()) {
      const held = known.get(key);
      if (held) found.set(key, held);
      else missing.set(key, trips[i]!);
    }
    const jobs = [...missing];
    for (let first = 0; first < jobs.length; first += ETA_WAYS_PER_JOB) {
      const job = jobs.slice(first, first + ETA_WAYS_PER_JOB);
      const answers = await search(
        roads,
        job.map(([, trip]) => trip),
      );
      for (const [i, [key]] of job.entries()) {
        known.set(key, answers[i]!);
        found.set(key, answers[i]!);
      }
    }
    return keys.map((key) => found.get(key)!);
  };
}

const keyOf = (regionId: string, {epoch = 0}: Roads, trip: Trip): string =>
  [regionId, epoch, trip.storeLatE7, trip.storeLonE7, trip.dropLatE7, trip.dropLonE7].join(' ');

async function search(roads: Roads, trips: readonly Trip[]): Promise<TripRoads[]> {
  const {graph} = roads;
  const ends = trips.map((trip) => ({
    store: placeOn(roads, trip.storeLatE7, trip.storeLonE7),
    drop: placeOn(roads, trip.dropLatE7, trip.dropLonE7),
  }));
  const pairs = ends.flatMap(({store, drop}) => (store && drop ? [[store, drop] as const] : []));
  const ways = (await roads.ways(pairs)).values();
  return ends.map(({store, drop}) => {
    const storeRoad = store ? roadKindOf(graph, Math.max(store.forward, store.backward)) : null;
    const way = store && drop ? ways.next().value : null;
    if (!store || !drop || !way) return {storeRoad, way: null};
    return {storeRoad, way: {road: mostDriven(graph, legOf(graph, way, store, drop)), lengthM: way.lengthM}};
  });
}

const placeOn = ({nearest}: Roads, latE7: number, lonE7: number): Position | undefined =>
  nearest({latE7, lonE7, radiusM: SNAP_LIMIT_M, approach: 'unrestricted', bearing: null, anyRoad: false}, 1)[0];

/** By time; of equals the one that is driven first. */
function mostDriven(graph: RoadGraph, {runs}: Leg): RoadKind {
  const driveMs = new Map<RoadKind, number>();
  for (const run of runs) {
    const kind = roadKindOf(graph, run.segment);
    driveMs.set(kind, (driveMs.get(kind) ?? 0) + run.driveMs);
  }
  const [first, ...others] = driveMs;
  return others.reduce((most, each) => (each[1] > most[1] ? each : most), first!)[0];
}
