// Who is near a place: a packed R-tree (flatbush) over the drivers on shift. It is built in one go from the columns,
// when somebody asks and the last one is a second old, since positions change by the thousand between two questions.
//
// Invariant: whom it names is on shift and within the radius by the newest position. Who came near within the last
// second may be missing.

import Flatbush from 'flatbush';
import {METRES_PER_E7, RADIANS_PER_E7, wrapE7} from '../../native-graph/geometry.ts';
import type {PositionStore} from './store.ts';

const FRESH_MS = 1_000;
const HALF_E7 = 1_800_000_000;
const POLE_E7 = 900_000_000;

export type Circle = {readonly latE7: number; readonly lonE7: number; readonly radiusM: number};

export type NearDriver = {
  readonly id: string;
  readonly latE7: number;
  readonly lonE7: number;
  readonly recordedAtMs: number;
  /** As the crow flies. */
  readonly distanceM: number;
};

export type Nearby = {
  /** The nearest first, equally near ones by id. */
  within(circle: Circle, limit: number): NearDriver[];
};

type Built = {readonly sinceMs: number; readonly version: number; readonly tree: Flatbush | undefined; slots: number[]};

export function createNearby(store: PositionStore, monotonicMs: () => number): Nearby {
  let built: Built | undefined;
  return {
    within(circle, limit) {
      const nowMs = monotonicMs();
      const isStale = !built || (nowMs - built.sinceMs >= FRESH_MS && built.version !== store.version);
      if (!built || isStale) built = build(store, nowMs);
      const found: NearDriver[] = [];
      for (const slot of slotsInBox(built, circle)) {
        if (!store.isOnShift(slot)) continue;
        const [latE7, lonE7] = [store.columns.latE7[slot], store.columns.lonE7[slot]];
        const distanceM = metresBetween(circle.latE7, circle.lonE7, latE7, lonE7);
        if (distanceM > circle.radiusM) continue;
        const recordedAtMs = store.columns.recordedAtMs[slot];
        found.push({id: store.idOf(slot), latE7, lonE7, recordedAtMs, distanceM});
      }
      return found.sort((a, b) => a.distanceM - b.distanceM || (a.id < b.id ? -1 : 1)).slice(0, limit);
    },
  };
}

function build(store: PositionStore, sinceMs: number): Built {
  const {latE7, lonE7, recordedAtMs} = store.columns;
  const slots: number[] = [];
  for (let slot = 0; slot < store.slotCount; slot++) {
    if (store.isOnShift(slot) && Number.isFinite(recordedAtMs[slot])) slots.push(slot);
  }
  const {version} = store;
  if (slots.length === 0) return {sinceMs, version, tree: undefined, slots};
  const tree = new Flatbush(slots.length, 16, Int32Array);
  for (const slot of slots) tree.add(lonE7[slot], latE7[slot], lonE7[slot], latE7[slot]);
  tree.finish();
  return {sinceMs, version, tree, slots};
}

/** The slots in a box around the circle; at the antimeridian the box has a part on either side. */
function slotsInBox({tree, slots}: Built, {latE7, lonE7, radiusM}: Circle): number[] {
  if (!tree) return [];
  const reachE7 = radiusM / METRES_PER_E7;
  const [south, north] = [latE7 - reachE7, latE7 + reachE7];
  // The widest parallel that the circle meets, which is the one nearest to a pole.
  const widest = Math.max(Math.abs(south), Math.abs(north));
  const aside = widest >= POLE_E7 ? HALF_E7 : Math.min(HALF_E7, reachE7 / Math.cos(widest * RADIANS_PER_E7));
  const [west, east] = [lonE7 - aside, lonE7 + aside];
  const parts: [number, number][] = [[Math.max(west, -HALF_E7), Math.min(east, HALF_E7)]];
  if (west < -HALF_E7) parts.push([Math.max(west + 2 * HALF_E7, parts[0]![1] + 1), HALF_E7]);
  if (east > HALF_E7) parts.push([-HALF_E7, Math.min(east - 2 * HALF_E7, parts[0]![0] - 1)]);
  return parts.flatMap(([from, to]) => tree.search(from, south, to, north)).map((i) => slots[i]);
}

/** Haversine. */
function metresBetween(latA: number, lonA: number, latB: number, lonB: number): number {
  const north = Math.sin(((latB - latA) * RADIANS_PER_E7) / 2) ** 2;
  const east = Math.sin((wrapE7(lonB - lonA) * RADIANS_PER_E7) / 2) ** 2;
  const shrink = Math.cos(latA * RADIANS_PER_E7) * Math.cos(latB * RADIANS_PER_E7);
  return (2 * METRES_PER_E7 * Math.asin(Math.sqrt(Math.min(1, north + shrink * east)))) / RADIANS_PER_E7;
}
