import {v7 as uuidv7} from 'uuid';
import {setDispatchClock} from '../src/db/clock.ts';
import {listDrivers} from '../src/db/drivers.ts';
import {commitOffers, expireOffers} from '../src/db/offers.ts';
import {changeTask} from '../src/db/tasks.ts';
import type {Proposal} from '../src/domain/offer.ts';
import type {NewTask} from '../src/domain/task.ts';
import type {Place} from '../src/sim/city.ts';
import type {Measured, Suite} from './harness.ts';
import {type Market, NOW_MS, REGION, withMarket} from './market.ts';

const MINUTE_MS = 60_000;
const PAGE = 1_000;
/** Offers do not look at roads; these benches need none. */
const place: Place = (random) => ({latE7: 577_000_000 + Math.floor(random() * 1e6), lonE7: 119_700_000});

/** One call of commit_offers with all its effects, on drivers who are all free. */
export const offerCommit: Suite = (size, measure) =>
  withBatches(size, async (market, batch) => {
    const {proposals, free} = batch;
    await measure({
      name: 'offer commit',
      input: `${proposals.length} offers in one call, fsync on`,
      before: free,
      things: {count: proposals.length, of: 'offers/s'},
      run: () => land(market, proposals),
    });
  });

/** One sweep of offers that are all due, with tasks and drivers freed, logs and events written. */
export const offerExpiry: Suite = (size, measure) =>
  withBatches(size, async (market, batch) => {
    const {proposals, free} = batch;
    const expiry: Measured = {
      name: 'offer expiry',
      input: `${proposals.length} due offers in one call, fsync on`,
      async before() {
        await free();
        await land(market, proposals);
        await setDispatchClock(market.db, {nowMs: NOW_MS + 2 * MINUTE_MS, scale: 0});
      },
      things: {count: proposals.length, of: 'offers/s'},
      run: async () => (await expireOffers(market.db, REGION, proposals.length)).expired,
    };
    await measure(expiry);
  });

type Batch = {
  readonly proposals: readonly Proposal[];
  /** Ends what is open, so that every task waits and every driver is free again. */
  readonly free: () => Promise<void>;
};

function withBatches(size: 'smoke' | 'full', use: (market: Market, batch: Batch) => Promise<void>): Promise<void> {
  const count = size === 'smoke' ? 20 : 1_000;
  // Some drivers of a seeded city have let a document expire.
  return withMarket({drivers: count + count / 5, connections: 10}, 'none', place, async (market) => {
    const tasks = await market.order(0, count);
    const drivers = await eligibleDrivers(market, count);
    const proposals = tasks.map((task, i) => proposal(task, drivers[i]));
    await use(market, {proposals, free: () => free(market, tasks)});
  });
}

async function land({db, fence}: Market, proposals: readonly Proposal[]): Promise<number> {
  const done = await commitOffers(db, {regionId: REGION, fence, tickId: uuidv7(), proposals});
  if (done.kind !== 'committed' || done.landed.length !== proposals.length) throw new Error('some offers did not land');
  return done.landed.length;
}

async function free({db}: Market, tasks: readonly NewTask[]): Promise<void> {
  await setDispatchClock(db, {nowMs: NOW_MS, scale: 0});
  await Promise.all(tasks.map(({id}) => changeTask(db, REGION, id, 'cancel', {})));
  await Promise.all(tasks.map(({id}) => changeTask(db, REGION, id, 're-open', {})));
}

/** Drivers whom a trial commit accepts: the seeded city has some with an expired document. */
async function eligibleDrivers(market: Market, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let afterId: string | undefined; ids.length < count * 1.2; ) {
    const page = await listDrivers(market.db, REGION, {...(afterId ? {afterId} : {}), limit: PAGE});
    if (page.length === 0) break;
    ids.push(...page.map(({id}) => id));
    afterId = ids.at(-1);
  }
  const trial = await market.order(1_000, ids.length);
  const {db, fence} = market;
  const proposals = trial.map((task, i) => proposal(task, ids[i]));
  const done = await commitOffers(db, {regionId: REGION, fence, tickId: uuidv7(), proposals});
  if (done.kind !== 'committed') throw new Error('the lease of a bench does not pass');
  await Promise.all(trial.map(({id}) => changeTask(db, REGION, id, 'cancel', {})));
  return done.landed.map(({driverId}) => driverId).slice(0, count);
}

const proposal = (task: NewTask, driverId: string): Proposal => ({
  taskId: task.id,
  driverId,
  dropAtMs: NOW_MS + 50 * MINUTE_MS,
  neededUntilMs: NOW_MS + 60 * MINUTE_MS,
  features: {
    version: 1,
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
