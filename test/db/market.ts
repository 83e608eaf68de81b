// A small market in a real database, in a region of its own so that tests can share a database: one store that is
// always open, drivers with every document, and tasks. Dispatch time stands still until a test moves it.

import {randomUUID} from 'node:crypto';
import {setDispatchClock} from '../../src/db/clock.ts';
import type {Database} from '../../src/db/connect.ts';
import {putDocuments, recordPositions, upsertDrivers} from '../../src/db/drivers.ts';
import {claimLease} from '../../src/db/leases.ts';
import {commitOffers} from '../../src/db/offers.ts';
import {putRegion} from '../../src/db/regions.ts';
import {upsertStores} from '../../src/db/stores.ts';
import {type AskedAction, changeTask, createTasks, type TaskChange} from '../../src/db/tasks.ts';
import {DOCUMENT_KINDS} from '../../src/domain/document.ts';
import type {DriverProfile} from '../../src/domain/driver.ts';
import type {Committed, OfferFeatures, Proposal} from '../../src/domain/offer.ts';
import {type RegionSettings, STARTING_SETTINGS, STARTING_WEIGHTS} from '../../src/domain/region.ts';
import type {TaskState} from '../../src/domain/state.ts';
import type {Store} from '../../src/domain/store.ts';
import type {NewTask} from '../../src/domain/task.ts';

export const NOW_MS = Date.UTC(2026, 5, 1, 18);
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

export const FEATURES: OfferFeatures = {
  version: 2,
  pickupAtMs: NOW_MS + 240_000,
  dropAtMs: NOW_MS + 960_000,
  pickupCorrectionMs: 0,
  dropCorrectionMs: 0,
  pickupMs: 240_000,
  dropMs: 600_000,
  returnMs: 500_000,
  acceptance: 0.75,
  costMs: 300_000,
  terms: {pickup: 240_000, decline: 20_000},
  rank: 0,
  candidates: 4,
  nextBestCostMs: 420_000,
  unassignedMs: 9_000_000,
};

export type Market = {
  readonly db: Database;
  readonly regionId: string;
  readonly fence: number;
  readonly store: Store;
  /** Ids, ascending. */
  readonly drivers: string[];
  readonly tasks: string[];
};

export type MarketOptions = {
  readonly drivers?: number;
  readonly tasks?: number;
  readonly capacity?: number;
  readonly settings?: Partial<RegionSettings>;
};

/** What becomes of a store. */
export type StoreChange = Pick<Store, 'hours' | 'permitUntilMs'>;

let markets = 0;

/** Sets the clock to NOW_MS and opens a market in a new region. */
export async function openMarket(db: Database, options: MarketOptions = {}): Promise<Market> {
  const {drivers: driverCount = 2, tasks: taskCount = 2, capacity = 1} = options;
  const regionId = `market-${++markets}`;
  await setDispatchClock(db, {nowMs: NOW_MS, scale: 0});
  const settings = {...STARTING_SETTINGS, ...options.settings};
  await putRegion(db, {
    id: regionId,
    name: 'Market',
    timeZone: 'America/Chicago',
    graph: 'town',
    settings,
    weights: STARTING_WEIGHTS,
  });
  const lease = await claimLease(db, regionId, 'test', HOUR_MS);
  if (lease.kind !== 'held') throw new Error('a new region has no owner');
  const store: Store = {
    id: newId(),
    regionId,
    name: 'Corner',
    latE7: 302_672_000,
    lonE7: -977_431_000,
    hours: null,
    permitUntilMs: NOW_MS + 365 * DAY_MS,
  };
  await upsertStores(db, [store]);
  const drivers = sortedIds(driverCount);
  const tasks = sortedIds(taskCount);
  const market = {db, regionId, fence: lease.fence, store, drivers, tasks};
  await upsertDrivers(
    db,
    drivers.map((id) => driverOf(market, {id, capacity})),
  );
  await documentDrivers(market, drivers);
  await recordPositions(
    db,
    regionId,
    drivers.map((driverId, i) => ({driverId, latE7: 302_000_000 + i, lonE7: -977_000_000 - i, recordedAtMs: NOW_MS})),
  );
  await createTasks(
    db,
    regionId,
    tasks.map((id) => taskOf(market, {id})),
  );
  return market;
}

export const newId = (): string => randomUUID();
export const sortedIds = (count: number): string[] => Array.from({length: count}, newId).sort();

export const driverOf = ({regionId}: Market, given: Partial<DriverProfile> = {}): DriverProfile => ({
  id: newId(),
  regionId,
  name: 'Ada',
  bornOn: '1990-05-17',
  optedIn: true,
  capacity: 1,
  shiftOn: true,
  ...given,
});

export const taskOf = ({regionId, store}: Market, given: Partial<NewTask> = {}): NewTask => ({
  id: newId(),
  regionId,
  storeId: store.id,
  dropLatE7: 303_000_000,
  dropLonE7: -978_000_000,
  readyAtMs: NOW_MS,
  dueAtMs: NOW_MS + HOUR_MS,
  latestAtMs: NOW_MS + 3 * HOUR_MS,
  category: 'vape',
  valueCents: 4_500,
  units: 2,
  payCents: 900,
  ageCheckUntilMs: NOW_MS + DAY_MS,
  ...given,
});

/** Every kind of document, valid from yesterday for a year, checked yesterday. */
export async function documentDrivers({db, regionId}: Market, driverIds: readonly string[]): Promise<void> {
  await putDocuments(
    db,
    regionId,
    driverIds.flatMap((driverId) =>
      DOCUMENT_KINDS.map((kind) => ({
        driverId,
        kind,
        use: 'delivery' as const,
        validFromMs: NOW_MS - DAY_MS,
        validUntilMs: NOW_MS + 364 * DAY_MS,
        checkedAtMs: NOW_MS - DAY_MS,
        revoked: false,
      })),
    ),
  );
}

export const proposalOf = (taskId: string, driverId: string, neededUntilMs = NOW_MS + HOUR_MS): Proposal => ({
  taskId,
  driverId,
  dropAtMs: neededUntilMs,
  neededUntilMs,
  features: FEATURES,
});

/**
 * A transaction id after all that this test has written: for digests of heads. What is settled by itself waits for
 * every transaction of the server, those of other tests included.
 */
export async function nextXid(db: Database): Promise<string> {
  const [{xid}] = await rows<{xid: string}>(db, 'select pg_current_xact_id()::text as xid');
  return `${BigInt(xid) + 1n}`;
}

/** Commits one pair of task and driver in a tick of its own; throws unless it lands. */
export async function offer(market: Market, taskId: string, driverId: string): Promise<string> {
  const committed = await propose(market, [proposalOf(taskId, driverId)]);
  if (committed.landed.length !== 1) throw new Error(`not offered: ${JSON.stringify(committed)}`);
  return committed.landed[0].offerId;
}

/** Commits a batch under the market's fence. */
export async function propose(
  {db, regionId, fence}: Market,
  proposals: readonly Proposal[],
  tickId = newId(),
): Promise<Extract<Committed, {kind: 'committed'}>> {
  const committed = await commitOffers(db, {regionId, fence, tickId, proposals});
  if (committed.kind !== 'committed') throw new Error('fenced');
  return committed;
}

export const at = (db: Database, nowMs: number): Promise<void> => setDispatchClock(db, {nowMs, scale: 0});

/** Rows of a statement that only a test would send. */
export const rows = <Row extends object>(db: Database, text: string, parameters: readonly (string | number)[] = []) =>
  db.query<Row>({name: 'test', text}, parameters);

/** What goods change hands with: by the store, by the scan of a licence. */
export const EVIDENCE: Partial<Record<AskedAction, TaskChange>> = {
  pickup: {verification: {verifiedBy: 'clerk-1', units: 2, driverIdentified: true}},
  deliver: {
    idScan: {
      method: 'barcode',
      result: 'passed',
      documentKind: 'driving_licence',
      documentExpiresOn: '2030-12-31',
      over21: true,
    },
  },
  return: {verification: {verifiedBy: 'clerk-1', units: 2}},
};

/** Brings a waiting task into a state by legal changes; time moves on where the state needs it. */
export async function bring(market: Market, taskId: string, driverId: string, state: TaskState): Promise<void> {
  if (state === 'PENDING') return;
  if (state === 'CANCELLED') return bringOn(market, taskId, undefined, ['cancel']);
  await offer(market, taskId, driverId);
  const steps: Partial<Record<TaskState, AskedAction[]>> = {
    OFFERED: [],
    ASSIGNED: ['accept'],
    PICKED_UP: ['accept', 'pickup'],
    DELIVERED: ['accept', 'pickup', 'deliver'],
    RETURNING: ['accept', 'pickup', 'fail-verification'],
    RETURNED: ['accept', 'pickup', 'fail-verification', 'return'],
  };
  await bringOn(market, taskId, driverId, steps[state] ?? []);
}

/** Changes of a task that all have to work. */
export async function bringOn(
  {db, regionId}: Market,
  taskId: string,
  driverId: string | undefined,
  actions: readonly AskedAction[],
): Promise<void> {
  for (const action of actions) {
    const by = driverId === undefined ? {} : {driverId};
    const changed = await changeTask(db, regionId, taskId, action, {...by, ...EVIDENCE[action]});
    if (changed.kind !== 'done') throw new Error(`${action} failed: ${JSON.stringify(changed)}`);
  }
}
