// A market in a database of its own on an embedded Postgres, fsync on: what offer and tick benches run against.

import {chmodSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {seedCity} from '../src/cli/demo-world.ts';
import {setDispatchClock} from '../src/db/clock.ts';
import {connect, type Database} from '../src/db/connect.ts';
import {startEmbedded} from '../src/db/embedded/start.ts';
import {claimLease} from '../src/db/leases.ts';
import {migrate} from '../src/db/migrate.ts';
import {putRegion} from '../src/db/regions.ts';
import {listStores} from '../src/db/stores.ts';
import {createTasks} from '../src/db/tasks.ts';
import {systemClock} from '../src/domain/clock.ts';
import {STARTING_SETTINGS, STARTING_WEIGHTS} from '../src/domain/region.ts';
import type {NewTask} from '../src/domain/task.ts';
import type {Place} from '../src/sim/city.ts';
import {ordersOfMinute} from '../src/sim/customers.ts';

export const REGION = 'bench';
export const SEED = 1;
/** A fixed instant, so that every run sees the same world. */
export const NOW_MS = Date.UTC(2026, 5, 1, 18);
/** The world's time stands still, so that every run sees the same instant. */
const STANDING_SCALE = 0;
const LEASE_MS = 3_600_000;
const AT_ONCE = 500;
/** The most that a region may ask for: benches offer the same tasks again and again. */
const ATTEMPTS = 1_000;

export type Market = {
  readonly db: Database;
  /** Of the server; for rivals that do not go through `db`. */
  readonly url: string;
  readonly regionId: string;
  readonly fence: number;
  /** Creates tasks numbered from `first`; the same number is always the same order. */
  readonly order: (first: number, count: number) => Promise<NewTask[]>;
};

type Region = {
  readonly id: string;
  /** Drivers of one seed have the same ids wherever they are, and a driver is in one region. */
  readonly seed: number;
  readonly drivers: number;
  readonly graph: string;
  readonly place: Place;
};

/** Seeds drivers and stores of region `bench` on `graph`, lends the market to `use`, and removes everything. */
export async function withMarket(
  counts: {readonly drivers: number; readonly connections: number},
  graph: string,
  place: Place,
  use: (market: Market) => Promise<void>,
): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'cloudrun-bench-'));
  // Root's Postgres runs as nobody, and must be able to enter.
  chmodSync(dataDir, 0o755);
  const postgres = await startEmbedded({dataDir});
  try {
    await migrate(postgres.url);
    const {monotonicMs} = systemClock;
    const db = connect(postgres.url, {maxConnections: counts.connections, applicationName: 'bench', monotonicMs});
    await setDispatchClock(db, {nowMs: NOW_MS, scale: STANDING_SCALE});
    const region = {id: REGION, seed: SEED, drivers: counts.drivers, graph, place};
    await use(await openRegion({db, url: postgres.url}, region));
    await db.close();
  } finally {
    await postgres.stop();
    rmSync(dataDir, {recursive: true, force: true});
  }
}

/** Seeds drivers and stores of one more region, and holds its lease. */
export async function openRegion({db, url}: Pick<Market, 'db' | 'url'>, region: Region): Promise<Market> {
  const {id, seed, drivers, graph, place} = region;
  const settings = {...STARTING_SETTINGS, positionMaxAgeS: 3_600, attemptsLimit: ATTEMPTS};
  await putRegion(db, {id, name: id, timeZone: 'UTC', graph, settings, weights: STARTING_WEIGHTS});
  await seedCity({db, regionId: id, seed, drivers, place}, NOW_MS, NOW_MS);
  const claim = await claimLease(db, id, 'bench', LEASE_MS);
  if (claim.kind !== 'held') throw new Error('the lease of a new region is free');
  const stores = await listStores(db, id, {limit: 1_000});
  const order = async (first: number, count: number) => {
    const tasks: NewTask[] = [];
    for (let minute = first; tasks.length < count; minute++) {
      const orders = ordersOfMinute(seed, id, stores, AT_ONCE, place, NOW_MS + minute * 60_000);
      tasks.push(...orders.map(({task}) => ({...task, ...fresh})));
    }
    const made = tasks.slice(0, count);
    for (let i = 0; i < made.length; i += AT_ONCE) await createTasks(db, id, made.slice(i, i + AT_ONCE));
    return made;
  };
  return {db, url, regionId: id, fence: claim.fence, order};
}

/** All orders of a bench wait since a minute, whichever minute their chance came from. */
const fresh = {
  readyAtMs: NOW_MS - 60_000,
  dueAtMs: NOW_MS + 2_400_000,
  latestAtMs: NOW_MS + 5_400_000,
  ageCheckUntilMs: NOW_MS + 86_400_000,
};
