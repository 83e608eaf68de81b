// Offers committed and expired with all their effects, fsync on: a tick's whole batch in one call and a sweeper's
// thousand in one call, from one caller and from four, beside a transaction per offer as plain dispatchers have it.

import {Client} from 'pg';
import {v7 as uuidv7} from 'uuid';
import {setDispatchClock} from '../src/db/clock.ts';
import {listDrivers} from '../src/db/drivers.ts';
import {commitOffers, expireOffers} from '../src/db/offers.ts';
import type {Statement} from '../src/db/statement.ts';
import type {Proposal} from '../src/domain/offer.ts';
import type {NewTask} from '../src/domain/task.ts';
import type {Place} from '../src/sim/city.ts';
import {checksum, type Measured, type Size, type Suite} from './harness.ts';
import {type Market, NOW_MS, openRegion, withMarket} from './market.ts';
import {offerSingly} from './offers-singly.ts';

const MINUTE_MS = 60_000;
const CALLERS = 4;
const PAGE = 1_000;
/** Offers do not look at roads; these benches need none. */
const place: Place = (random) => ({latE7: 577_000_000 + Math.floor(random() * 1e6), lonE7: 119_700_000});

type Sizes = {
  /** Proposals of one call, and offers of one call of a sweeper. */
  readonly batch: number;
  /** Calls of a run. */
  readonly calls: number;
  /** Offers of a run that opens them one by one. */
  readonly singles: number;
  /** Offers that are due at once. */
  readonly due: number;
};

const SIZES: Record<Size, Sizes> = {
  smoke: {batch: 5, calls: 4, singles: 4, due: 40},
  full: {batch: 1_000, calls: 8, singles: 400, due: 100_000},
};

/** Sweepers at once, and offers of a call; the first run finds a database whose tables were empty a minute ago. */
const SWEEPS = [
  [1, 1_000],
  [1, 1_000],
  [CALLERS, 500],
  [CALLERS, 1_000],
  [CALLERS, 2_000],
];

type Batches = {readonly market: Market; readonly batches: readonly (readonly Proposal[])[]};

/** Commits in turns with their rivals; every run finds all tasks waiting and all drivers free. */
export const offerCommit: Suite = (size, measure) => {
  const {batch, calls, singles} = SIZES[size];
  const count = batch * calls;
  return withMarket({drivers: seeded(count), connections: CALLERS}, 'none', place, async (market) => {
    const one = await prepare(market, batch, calls);
    const four = await Promise.all(
      Array.from({length: CALLERS}, async (_, i) => {
        const region = {id: `bench-${i}`, seed: 2 + i, drivers: seeded(count / CALLERS), graph: 'none', place};
        return prepare(await openRegion(market, region), batch, calls / CALLERS);
      }),
    );
    const before = () => free([one, ...four], batch);
    const single = one.batches.flat().slice(0, singles);
    const commit = (name: string, input: string, run: Measured['run'], offers = count): Measured => {
      return {name: `offer commit, ${name}`, input, before, run, things: {count: offers, of: 'offers/s'}};
    };
    await connected(market.url, async (clients) =>
      measure([
        commit('1 caller', `${calls} calls of ${batch} offers`, () => landAll(one, 1)),
        commit('4 callers', `${calls} calls of ${batch} offers, one region`, () => landAll(one, CALLERS)),
        commit('4 regions', `${calls} calls of ${batch} offers, a caller a region`, async () =>
          checksum(await Promise.all(four.map((region) => landAll(region, 1)))),
        ),
        commit('singly', `${singles} transactions, 1 caller`, () => offerSingly(clients.slice(0, 1), single), singles),
        commit('singly, 4 callers', `${singles} transactions`, () => offerSingly(clients, single), singles),
      ]),
    );
  });
};

/** Sweeps of offers that are all due, with tasks and drivers freed, logs and events written, each exactly once. */
export const offerExpiry: Suite = (size, measure) => {
  const {batch, due} = SIZES[size];
  const ways = size === 'smoke' ? [[CALLERS, batch]] : SWEEPS;
  return withMarket({drivers: seeded(due), connections: CALLERS}, 'none', place, async (market) => {
    const batches = await prepare(market, batch, due / batch);
    const sweepers = (count: number, limit: number): Measured => ({
      name: `offer expiry, ${count === 1 ? '1 sweeper' : `${count} sweepers`}`,
      input: `${due} due offers, ${limit} a call`,
      once: true,
      async before() {
        await setDispatchClock(market.db, {nowMs: NOW_MS, scale: 0});
        await landAll(batches, CALLERS);
        await setDispatchClock(market.db, {nowMs: NOW_MS + 2 * MINUTE_MS, scale: 0});
      },
      things: {count: due, of: 'offers/s'},
      run: async () => sweep(market, limit, count),
    });
    const check = async () => {
      const [row] = await market.db.query<Record<string, number>>(COUNTS, [market.regionId]);
      const {offers, closed, logs, events, waiting, busy} = row;
      if (closed !== offers || logs !== offers || events !== offers || waiting !== due || busy !== 0)
        throw new Error(`some offers did not expire exactly once: ${JSON.stringify(row)}`);
    };
    for (const [count, limit] of ways) {
      await measure([sweepers(count, limit)]);
      await check();
    }
  });
};

const COUNTS: Statement = {
  name: 'count_expired',
  text: `select
      (select count(*) from offers where region_id = $1) as offers,
      (select count(*) from offers where region_id = $1 and state = 'TIMEOUT') as closed,
      (select count(*) from offer_logs where region_id = $1 and outcome = 'TIMEOUT') as logs,
      (select count(*) from dossier_events where region_id = $1 and kind = 'timed-out') as events,
      (select count(*) from delivery_tasks where region_id = $1 and status = 'EXPIRED') as waiting,
      (select count(*) from drivers where region_id = $1 and open_offers > 0) as busy`,
};

async function connected(url: string, use: (clients: readonly Client[]) => Promise<void>): Promise<void> {
  const clients = Array.from({length: CALLERS}, () => new Client({connectionString: url}));
  try {
    await Promise.all(clients.map((client) => client.connect()));
    await use(clients);
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

/** So many callers at once share the batches, each a tick of its own. */
async function landAll({market: {db, fence, regionId}, batches}: Batches, callers: number): Promise<number> {
  const left = [...batches];
  let landed = 0;
  const caller = async () => {
    for (let proposals = left.pop(); proposals; proposals = left.pop()) {
      const done = await commitOffers(db, {regionId, fence, tickId: uuidv7(), proposals});
      if (done.kind !== 'committed' || done.refused.length > 0) throw new Error('some offers did not land');
      landed += done.landed.length;
    }
  };
  await Promise.all(Array.from({length: callers}, caller));
  return landed;
}

async function sweep({db, regionId}: Market, limit: number, sweepers: number): Promise<number> {
  let total = 0;
  const sweeper = async () => {
    for (let found = limit; found > 0; ) {
      found = (await expireOffers(db, regionId, limit)).expired;
      total += found;
    }
  };
  await Promise.all(Array.from({length: sweepers}, sweeper));
  // What two sweepers skipped because the other held it.
  await sweeper();
  return total;
}

/** Ends what is open, so that every task waits and every driver is free again. */
async function free(regions: readonly Batches[], limit: number): Promise<void> {
  const [{market}] = regions;
  await setDispatchClock(market.db, {nowMs: NOW_MS + 2 * MINUTE_MS, scale: 0});
  for (const {market: region} of regions) await sweep(region, limit, CALLERS);
  await setDispatchClock(market.db, {nowMs: NOW_MS, scale: 0});
}

/** Drivers to seed for so many that may be offered a task: some of a seeded city have let a document expire. */
const seeded = (count: number) => Math.ceil(count * 1.25) + 10;

/** Tasks, and drivers whom the rules allow them, a driver each. */
async function prepare(market: Market, batch: number, calls: number): Promise<Batches> {
  const tasks = await market.order(0, batch * calls);
  const proposals: Proposal[] = [];
  for (let afterId: string | undefined; proposals.length < tasks.length; ) {
    const limit = Math.min(PAGE, tasks.length);
    const page = await listDrivers(market.db, market.regionId, {...(afterId ? {afterId} : {}), limit});
    if (page.length === 0) throw new Error('too few drivers of the seeded city may be offered a task');
    afterId = page[page.length - 1].id;
    for (const driverId of await allowed(
      market,
      tasks,
      page.map(({id}) => id),
    ))
      if (proposals.length < tasks.length) proposals.push(proposal(tasks[proposals.length], driverId));
  }
  return {market, batches: Array.from({length: calls}, (_, i) => proposals.slice(i * batch, (i + 1) * batch))};
}

/** What the commit itself would say of the drivers, were each proposed for a task now. */
const JUDGE: Statement = {
  name: 'judge_drivers',
  text: `select driver_id as id from judge_proposals($1, $2, $3, $4, $5, $2, dispatch_now())
    where refusal is null order by ordinal`,
};

async function allowed({db, regionId}: Market, tasks: readonly NewTask[], driverIds: string[]): Promise<string[]> {
  const given = driverIds.map((driverId, i) => proposal(tasks[i], driverId));
  const rows = await db.query<{id: string}>(JUDGE, [
    regionId,
    given.map(({taskId}) => taskId),
    driverIds,
    given.map(({dropAtMs}) => new Date(dropAtMs).toISOString()),
    given.map(({neededUntilMs}) => new Date(neededUntilMs).toISOString()),
  ]);
  return rows.map(({id}) => id);
}

const proposal = (task: NewTask, driverId: string): Proposal => ({
  taskId: task.id,
  driverId,
  dropAtMs: NOW_MS + 50 * MINUTE_MS,
  neededUntilMs: NOW_MS + 60 * MINUTE_MS,
  features: {
    version: 2,
    pickupAtMs: NOW_MS + 10 * MINUTE_MS,
    dropAtMs: NOW_MS + 50 * MINUTE_MS,
    pickupCorrectionMs: 0,
    dropCorrectionMs: 0,
    pickupMs: 300_000,
    dropMs: 400_000,
    returnMs: 400_000,
    acceptance: 0.7,
    costMs: 350_000,
    terms: {pickup: 300_000, decline: 25_714, fair: 24_286},
    rank: 0,
    candidates: 16,
    nextBestCostMs: 360_000,
    unassignedMs: 2 ** 29,
  },
});
