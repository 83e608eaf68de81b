// The demo's people in the daemon's database: seeds them once, then lets customers order and drivers drive. They go
// through the same calls as the HTTP API, so what the daemon sees is what it would see of real ones.

import type {Database} from '../db/connect.ts';
import {listDrivers, putDocuments, recordPositions, upsertDrivers} from '../db/drivers.ts';
import {listStores, upsertStores} from '../db/stores.ts';
import {changeTask, createTasks, listTasks} from '../db/tasks.ts';
import type {Driver, DriverPosition} from '../domain/driver.ts';
import type {TaskState} from '../domain/state.ts';
import type {Store} from '../domain/store.ts';
import {makeCity, type Place, type Point} from '../sim/city.ts';
import {type Order, ordersOfMinute} from '../sim/customers.ts';
import {type DriverAction, type Drivers, type Market, simulateDrivers, type Trip} from '../sim/drivers.ts';

const PAGE = 1_000;
const MINUTE_MS = 60_000;
const CATCH_UP_LIMIT_MS = 10 * MINUTE_MS;
const HELD_STATES: TaskState[] = ['OFFERED', 'ASSIGNED', 'PICKED_UP', 'RETURNING'];
/** Rows per statement when the city is seeded. */
const BATCH = 500;

/** One store per so many drivers, but never fewer than a handful. */
const DRIVERS_PER_STORE = 10;
const STORES_AT_LEAST = 8;

export type CityOptions = {
  readonly db: Database;
  readonly regionId: string;
  readonly seed: number;
  readonly drivers: number;
  readonly place: Place;
};

export type DemoWorldOptions = CityOptions & {
  readonly tasksPerMinute: number;
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

/**
 * Stores, drivers, documents and first positions, where they are missing: the city as it was made at `madeMs`. Drivers
 * beyond the number asked for go off shift. Instants are dispatch time.
 */
export async function seedCity(options: CityOptions, madeMs: number, nowMs: number): Promise<void> {
  const {db, regionId, seed, drivers, place} = options;
  const storeCount = Math.max(STORES_AT_LEAST, Math.ceil(drivers / DRIVERS_PER_STORE));
  const city = makeCity(seed, regionId, {stores: storeCount, drivers}, place, madeMs);
  const standing = await pages((afterId) => listDrivers(db, regionId, {...afterId, limit: PAGE}));
  const wanted = new Set(city.drivers.map(({id}) => id));
  const surplus = standing.filter(({id, shiftOn}) => shiftOn && !wanted.has(id)).map((d) => ({...d, shiftOn: false}));
  await upsertStores(db, city.stores);
  for (const batch of batches([...city.drivers, ...surplus])) await upsertDrivers(db, batch);
  for (const batch of batches(city.documents)) await putDocuments(db, regionId, batch);
  const known = positionsOf(standing);
  const missing = city.positions.filter(({driverId}) => !known.has(driverId));
  for (const batch of batches(missing)) {
    await recordPositions(
      db,
      regionId,
      batch.map((position) => ({...position, recordedAtMs: nowMs})),
    );
  }
}

/** Wakes the people of a seeded city; it goes on from where the database stands. */
export async function openDemoWorld(options: DemoWorldOptions, nowMs: number): Promise<DemoWorld> {
  const {db, regionId, seed} = options;
  const stores = new Map((await allStores(db, regionId)).map((store) => [store.id, store]));
  const positions = positionsOf(await pages((afterId) => listDrivers(db, regionId, {...afterId, limit: PAGE})));
  const people = simulateDrivers(seed, marketOf(options, stores), [...positions.values()]);
  return {step: stepper(options, [...stores.values()], people, nowMs)};
}

function stepper(options: DemoWorldOptions, stores: readonly Store[], people: Drivers, startMs: number) {
  const {db, regionId, seed, tasksPerMinute, place, onCreated} = options;
  let nextMinuteMs = wholeMinute(startMs);
  let coming: Order[] = [];
  return async (nowMs: number) => {
    // A machine that slept does not make up for hours of orders at once.
    nextMinuteMs = Math.max(nextMinuteMs, wholeMinute(nowMs) - CATCH_UP_LIMIT_MS);
    for (; nextMinuteMs <= nowMs; nextMinuteMs += MINUTE_MS) {
      coming.push(...ordersOfMinute(seed, regionId, stores, tasksPerMinute, place, nextMinuteMs));
    }
    const due = coming.filter(({atMs}) => atMs <= nowMs);
    coming = coming.filter(({atMs}) => atMs > nowMs);
    // Orders of this minute that came before a restart are there already, by their ids.
    const made =
      due.length > 0
        ? await createTasks(
            db,
            regionId,
            due.map(({task}) => task),
          )
        : [];
    onCreated(made.filter(({kind}) => kind === 'created').length);
    await people.step(nowMs);
  };
}

const wholeMinute = (ms: number): number => Math.floor(ms / MINUTE_MS) * MINUTE_MS;

function marketOf(
  {db, regionId, trip, acceptanceOf, onActed}: DemoWorldOptions,
  stores: ReadonlyMap<string, Store>,
): Market {
  return {
    heldTasks: () => pages((afterId) => listTasks(db, regionId, {states: HELD_STATES, ...afterId, limit: PAGE})),
    async act(task, action, shown = {}) {
      const by = task.driverId === null ? {} : {driverId: task.driverId};
      const change = await changeTask(db, regionId, task.id, action, {...by, ...shown});
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
function positionsOf(drivers: readonly Driver[]): Map<string, DriverPosition> {
  const known = new Map<string, DriverPosition>();
  for (const {id, latE7, lonE7, recordedAtMs} of drivers) {
    if (latE7 === null || lonE7 === null || recordedAtMs === null) continue;
    known.set(id, {driverId: id, latE7, lonE7, recordedAtMs});
  }
  return known;
}

const allStores = (db: Database, regionId: string): Promise<Store[]> =>
  pages((afterId) => listStores(db, regionId, {...afterId, limit: PAGE}));

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
