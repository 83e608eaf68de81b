// Which drivers are near enough to a store to be considered. Where the world has a hierarchy, exactly those who get
// there first by road. Else H3 disks of growing radius around the store choose whom to time: what a driver is worth is
// decided by road time all the same (etas.ts), and a disk grows until it holds enough drivers, so that a task in a
// quiet quarter still finds the ones across the river.

import {gridDisk, latLngToCell} from 'h3-js';
import type {Snapshot} from '../domain/snapshot.ts';
import {fromE7} from '../domain/units.ts';
import type {Eligibility} from './eligibility.ts';
import type {DecidingWorld} from './world.ts';

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

/**
 * So many times the drivers wanted are looked for. Rules forbid some pairs, and the road reorders the ranking of a
 * disk.
 */
const OVERSCAN = 2;

/** No task keeps more candidate pairs than this, however many tasks wait at its store. */
const PAIRS_PER_TASK_LIMIT = 1_024;

export type Candidates = {
  /** Indices of stores with an eligible task, ascending. */
  readonly stores: Int32Array;
  /**
   * stores.length + 1 entries: the drivers near stores[i] are driver[first[i]] .. driver[first[i + 1] - 1].
   */
  readonly first: Int32Array;
  readonly driver: Int32Array;
  /** By entry of `stores`: how many drivers each of its tasks keeps. */
  readonly keep: Int32Array;
  /** By entry of `driver`: the time to the store, where it is known already. */
  readonly pickupMs?: Int32Array;
};

/** For every store with an eligible task, the eligible drivers who are near it. */
export async function candidates(world: DecidingWorld, snapshot: Snapshot, eligible: Eligibility): Promise<Candidates> {
  const wanted = storesInNeed(snapshot, eligible);
  const {drivers, stores, settings} = snapshot;
  // An index need not follow drivers whom nobody looks for.
  if (wanted.stores.length === 0) return {...wanted, first: Int32Array.of(0), driver: new Int32Array(0)};
  if (!world.nearestDrivers) return {...wanted, ...inDisks(snapshot, eligible, wanted)};
  const found = await world.nearestDrivers({
    drivers,
    driver: eligible.drivers,
    stores,
    store: wanted.stores,
    wanted: wanted.keep.map((keep) => OVERSCAN * keep),
    limitMs: settings.pickupLimitS * 1_000,
  });
  return {...wanted, ...found};
}

function storesInNeed({settings, stores, tasks}: Snapshot, eligible: Eligibility): Pick<Candidates, 'stores' | 'keep'> {
  const waiting = new Int32Array(stores.id.length);
  for (const task of eligible.tasks) waiting[tasks.store[task]]++;
  const inNeed = Int32Array.from(waiting.keys()).filter((store) => waiting[store] > 0);
  // Tasks that wait at one store compete for the same drivers, so each of them needs more to choose from.
  const keep = inNeed.map((store) => Math.min(settings.candidatesPerTask + waiting[store] - 1, PAIRS_PER_TASK_LIMIT));
  return {stores: inNeed, keep};
}

/** By store the drivers, ascending, in the smallest disk that holds enough of them. */
function inDisks(
  snapshot: Snapshot,
  eligible: Eligibility,
  {stores, keep}: Pick<Candidates, 'stores' | 'keep'>,
): Pick<Candidates, 'first' | 'driver'> {
  const cells = driverCells(snapshot, eligible);
  const first = new Int32Array(stores.length + 1);
  const driver: number[] = [];
  stores.forEach((store, i) => {
    for (const d of nearbyDrivers(snapshot, store, OVERSCAN * keep[i], cells, eligible.drivers.length)) driver.push(d);
    first[i + 1] = driver.length;
  });
  return {first, driver: Int32Array.from(driver)};
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
