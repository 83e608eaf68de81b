// Which drivers are near enough to a store to be worth an exact road time: H3 disks of growing radius around the store.
//
// Crow-fly cells only choose whom to time; what a driver is worth is decided by road time (etas.ts). A disk grows until
// it holds enough drivers, so a task in a quiet quarter still finds the ones across the river.

import {gridDisk, latLngToCell} from 'h3-js';
import type {Snapshot} from '../domain/snapshot.ts';
import {fromE7} from '../domain/units.ts';
import type {Eligibility} from './eligibility.ts';

/** Disks tried in turn: how many resolutions coarser than the region's, and the radius in cells. */
const DISKS: readonly (readonly [coarser: number, radius: number])[] = [
  [0, 0],
  [0, 1],
  [0, 2],
  [0, 4],
  [0, 6],
  [1, 4],
  [1, 6],
  [2, 4],
  [2, 6],
  [3, 6],
];

/** A disk is large enough when it holds this many times the drivers wanted: the road reorders the crow's ranking. */
const OVERSCAN = 2;

/** No task keeps more candidate pairs than this, however many tasks wait at its store. */
const PAIRS_PER_TASK_LIMIT = 1_024;

export type Candidates = {
  /** Indices of stores with an eligible task, ascending. */
  readonly stores: Int32Array;
  /**
   * stores.length + 1 entries: the drivers near stores[i] are driver[first[i]] .. driver[first[i + 1] - 1], ascending.
   */
  readonly first: Int32Array;
  readonly driver: Int32Array;
  /** By entry of `stores`: how many drivers each of its tasks keeps. */
  readonly keep: Int32Array;
};

/** For every store with an eligible task, the eligible drivers in the smallest disk that holds enough of them. */
export function candidates(snapshot: Snapshot, eligible: Eligibility): Candidates {
  const {settings, stores} = snapshot;
  const waiting = new Int32Array(stores.id.length);
  for (const task of eligible.tasks) waiting[snapshot.tasks.store[task]]++;
  const storeIndices = Int32Array.from(waiting.keys()).filter((store) => waiting[store] > 0);

  const cells = driverCells(snapshot, eligible);
  const first = new Int32Array(storeIndices.length + 1);
  const keep = new Int32Array(storeIndices.length);
  const driver: number[] = [];
  storeIndices.forEach((store, i) => {
    // Tasks that wait at one store compete for the same drivers, so each of them needs more to choose from.
    keep[i] = Math.min(settings.candidatesPerTask + waiting[store] - 1, PAIRS_PER_TASK_LIMIT);
    for (const d of nearbyDrivers(snapshot, store, OVERSCAN * keep[i], cells, eligible.drivers.length)) driver.push(d);
    first[i + 1] = driver.length;
  });
  return {stores: storeIndices, first, driver: Int32Array.from(driver), keep};
}

type Cells = readonly {readonly resolution: number; readonly driversOf: ReadonlyMap<string, readonly number[]>}[];

/** Eligible drivers by cell, at the region's resolution and the coarser ones that DISKS uses. */
function driverCells(snapshot: Snapshot, eligible: Eligibility): Cells {
  const {drivers, settings} = snapshot;
  const coarsest = Math.max(...DISKS.map(([coarser]) => coarser));
  return Array.from({length: coarsest + 1}, (_, coarser) => {
    const resolution = settings.h3Resolution - coarser;
    const driversOf = new Map<string, number[]>();
    for (const d of eligible.drivers) {
      const cell = latLngToCell(fromE7(drivers.latE7[d]), fromE7(drivers.lonE7[d]), resolution);
      const there = driversOf.get(cell);
      if (there) there.push(d);
      else driversOf.set(cell, [d]);
    }
    return {resolution, driversOf};
  });
}

/** Driver indices ascending; at least `wanted`, unless the widest disk holds fewer. */
function nearbyDrivers(s: Snapshot, store: number, wanted: number, cells: Cells, total: number): Int32Array {
  const latitude = fromE7(s.stores.latE7[store]);
  const longitude = fromE7(s.stores.lonE7[store]);
  let found: number[] = [];
  for (const [coarser, radius] of DISKS) {
    const {resolution, driversOf} = cells[coarser];
    found = gridDisk(latLngToCell(latitude, longitude, resolution), radius).flatMap(
      (cell) => driversOf.get(cell) ?? [],
    );
    if (found.length >= Math.min(wanted, total)) break;
  }
  return Int32Array.from(found).sort();
}
