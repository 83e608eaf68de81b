// The demo's people in the daemon's database: seeds them once, then lets customers order and drivers drive. They go through
// the same calls as the HTTP API, so what the daemon sees is what it would see of real ones.

import type {Database} from '../db/connect.ts';
import {listDrivers, putDocuments, recordPositions, upsertDrivers} from '../db/drivers.ts';
import {listStores, upsertStores} from '../db/stores.ts';
import {changeTask, createTask, listTasks} from '../db/tasks.ts';
import type {DriverPosition} from '../domain/driver.ts';
import type {TaskState} from '../domain/state.ts';
import type {Store} from '../domain/store.ts';
import {NO_COORDINATE_E7} from '../domain/units.ts';
import {makeCity, type Place, type Point} from '../sim/city.ts';
import {ordersOfMinute} from '../sim/customers.ts';
import {type DriverAction, type Drivers, type Market, simulateDrivers, type Trip} from '../sim/drivers.ts';

const PAGE = 1_000;
const MINUTE_MS = 60_000;
const HELD_STATES: TaskState[] = ['OFFERED', 'ASSIGNED', 'PICKED_UP', 'RETURNING'];
/** Rows per statement when the city is seeded. */
const BATCH = 500;

/** One store per so many drivers, but never fewer than a handful. */
const DRIVERS_PER_STORE = 10;
const STORES_AT_LEAST = 8;

export type DemoWorldOptions = {
  readonly db: Database;
  readonly regionId: string;
  readonly seed: number;
  readonly drivers: number;
  readonly tasksPerMinute: number;
  readonly place: Place;
  readonly trip: (from: Point, to: Point) => Promise<Trip | undefined>;
  /** The acceptance probability of an offer, while its tick is remembered. */
  readonly acceptanceOf: (offerId: string) => number | undefined;
  readonly onCreated: (tasks: number) => void;
  readonly onActed: (action: DriverAction) => void;
};

export type DemoWorld = {
  /** Orders that fell due since the last step, then what drivers do. */
  step(nowMs: number): Promise<void>;
};

/** Seeds what is missing. `nowMs` is dispatch time. */
export async function openDemoWorld(options: DemoWorldOptions, nowMs: number): Promise<DemoWorld> {
  const {db, regionId, seed, drivers, place} = options;
  const storeCount = Math.max(STORES_AT_LEAST, Math.ceil(drivers / DRIVERS_PER_STORE));
  const city = makeCity(seed, regionId, {stores: storeCount, drivers}, place, nowMs);
  await upsertStores(db, city.stores);
  for (const batch of batches(city.drivers)) await upsertDrivers(db, batch);
  for (const batch of batches(city.documents)) await putDocuments(db, regionId, batch);
  const known = await knownPositions(options);
  const missing = city.positions.filter(({driverId}) => !known.has(driverId));
  for (const batch of batches(missing)) await recordPositions(db, regionId, batch);

  const stores = await allStores(options);
  const positions = [...known.values(), ...missing];
  const people = simulateDrivers(seed, marketOf(options, stores), positions);
  return {step: stepper(options, [...stores.values()], people, nowMs)};
}

function stepper(options: DemoWorldOptions, stores: readonly Store[], people: Drivers, startMs: number) {
  const {db, regionId, seed, tasksPerMinute, place, onCreated} = options;
  let nextMinuteMs = Math.ceil(startMs / MINUTE_MS) * MINUTE_MS;
  return async (nowMs: number) => {
    for (; nextMinuteMs <= nowMs; nextMinuteMs += MINUTE_MS) {
      const orders = ordersOfMinute(seed, regionId, stores, tasksPerMinute, place, nextMinuteMs);
      const made = await Promise.all(orders.map((order) => createTask(db, order)));
      onCreated(made.filter(({kind}) => kind === 'created').length);
    }
    await people.step(nowMs);
  };
}

function marketOf(
  {db, regionId, trip, acceptanceOf, onActed}: DemoWorldOptions,
  stores: ReadonlyMap<string, Store>,
): Market {
  return {
    heldTasks: () => pages((afterId) => listTasks(db, regionId, {states: HELD_STATES, ...afterId, limit: PAGE})),
    async act(task, action, detail = {}) {
      const by = task.driverId === null ? {} : {driverId: task.driverId};
      const change = await changeTask(db, regionId, task.id, action, {...by, detail});
      if (change.kind === 'done' && !change.repeated) onActed(action);
    },
    recordPositions: async (positions) => {
      await recordPositions(db, regionId, positions);
    },
    storeOf: (task) => stores.get(task.storeId) ?? {latE7: task.dropLatE7, lonE7: task.dropLonE7},
    acceptanceOf,
    trip,
  };
}

/** Where drivers stood when the world last ran. */
async function knownPositions({db, regionId}: DemoWorldOptions): Promise<Map<string, DriverPosition>> {
  const drivers = await pages((afterId) => listDrivers(db, regionId, {...afterId, limit: PAGE}));
  const known = new Map<string, DriverPosition>();
  for (const {id, latE7, lonE7, recordedAtMs} of drivers) {
    if (latE7 === null || lonE7 === null || recordedAtMs === null || latE7 === NO_COORDINATE_E7) continue;
    known.set(id, {driverId: id, latE7, lonE7, recordedAtMs});
  }
  return known;
}

async function allStores({db, regionId}: DemoWorldOptions): Promise<Map<string, Store>> {
  const stores = await pages((afterId) => listStores(db, regionId, {...afterId, limit: PAGE}));
  return new Map(stores.map((store) => [store.id, store]));
}

/** Reads a list to its end, page by page. */
async function pages<Row extends {readonly id: string}>(
  read: (afterId: {afterId?: string}) => Promise<readonly Row[]>,
): Promise<Row[]> {
  const all: Row[] = [];
  for (;;) {
    const page = await read(all.length > 0 ? {afterId: all[all.length - 1].id} : {});
    all.push(...page);
    if (page.length < PAGE) return all;
  }
}

function* batches<T>(rows: readonly T[]): Generator<T[]> {
  for (let i = 0; i < rows.length; i += BATCH) yield rows.slice(i, i + BATCH);
}
