// Several keepers of leases over one Postgres, at a pace of their own: who gets what, who gives what back and when, and
// what a daemon that was away may still decide.
import {Client} from 'pg';
import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {leasePort} from '../../src/cli/lease-port.ts';
import {claimLease, listLeases, releaseLease} from '../../src/db/leases.ts';
import {commitOffers} from '../../src/db/offers.ts';
import {putRegion} from '../../src/db/regions.ts';
import {systemClock} from '../../src/domain/clock.ts';
import {STARTING_SETTINGS, STARTING_WEIGHTS} from '../../src/domain/region.ts';
import {keepLeases, type LeasePort, type Leases} from '../../src/loops/leases.ts';
import {HOUR_MS, newId, openMarket, proposalOf} from '../db/market.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';

const times = {ttlMs: 1_000, renewEveryMs: 100, lookEveryMs: 20};
const SOON = {timeout: 30_000, interval: 10};

let database: TestDatabase;
const running = new Set<Leases>();
const gone = new Set<() => void>();
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(async () => {
  for (const comeBack of gone) comeBack();
  gone.clear();
  await Promise.all(Array.from(running, (leases) => leases.stop()));
  running.clear();
  await database.drop();
});

async function regions(count: number): Promise<string[]> {
  const ids = Array.from({length: count}, (_, i) => `r${i}`);
  const market = {name: 'R', timeZone: 'UTC', graph: 'town', settings: STARTING_SETTINGS, weights: STARTING_WEIGHTS};
  for (const id of ids) await putRegion(database.db, {id, ...market});
  return ids;
}

/** A daemon without anything to dispatch. While it is `away` nothing that it asks of the database is answered. */
async function daemon(owner: string, regionIds: readonly string[], override: Partial<LeasePort> = {}) {
  const seen = {changes: [] as string[], failures: [] as unknown[]};
  let away: Promise<void> | undefined;
  const real: LeasePort = {...leasePort(database.db, owner, regionIds), ...override};
  const whenBack = async <T>(ask: () => Promise<T>): Promise<T> => {
    await away;
    return ask();
  };
  const port: LeasePort = {
    beat: (ttlMs) => whenBack(() => real.beat(ttlMs)),
    leave: () => whenBack(real.leave),
    look: () => whenBack(real.look),
    claim: (regionId, ttlMs) => whenBack(() => real.claim(regionId, ttlMs)),
    release: (regionId, fence) => whenBack(() => real.release(regionId, fence)),
  };
  const leases = await keepLeases(port, {owner, regionIds, times}, systemClock, {
    changed: (regionId, change) => void seen.changes.push(`${regionId} ${change}`),
    failed: (error) => void seen.failures.push(error),
  });
  running.add(leases);
  const held = () => regionIds.filter((id) => leases.of(id).current()?.kind === 'held');
  return {
    leases,
    seen,
    held,
    holds: (count: number) => vi.waitFor(() => expect(held()).toHaveLength(count), SOON),
    /** Returns what lets it go on. */
    goAway(): () => void {
      const {promise, resolve} = Promise.withResolvers<void>();
      away = promise;
      const comeBack = () => {
        away = undefined;
        resolve();
      };
      gone.add(comeBack);
      return comeBack;
    },
    async stop() {
      running.delete(leases);
      await leases.stop();
    },
  };
}

test('one alone has everything at once; those that join get their share; one that leaves hands it over', async () => {
  const ids = await regions(7);
  const a = await daemon('a', ids);
  expect(a.held()).toEqual(ids);
  const b = await daemon('b', ids);
  await Promise.all([a.holds(4), b.holds(3)]);
  const c = await daemon('c', ids);
  await Promise.all([a.holds(3), b.holds(2), c.holds(2)]);
  expect(a.seen.changes.filter((change) => change.endsWith('given_back'))).toHaveLength(4);
  expect(b.seen.changes.filter((change) => change.endsWith('given_back'))).toHaveLength(1);
  await a.stop();
  await vi.waitFor(() => expect([...b.held(), ...c.held()].sort()).toEqual(ids), SOON);
  expect(Math.abs(b.held().length - c.held().length)).toBe(1);
  const lost = [a, b, c].flatMap(({seen}) => [...seen.failures, ...seen.changes.filter((each) => / lost$/.test(each))]);
  expect(lost, 'nothing was lost, and nothing failed').toEqual([]);
});

test('what only one can dispatch is left to it, and the other gets the rest', async () => {
  const ids = await regions(4);
  const a = await daemon('a', ids);
  const b = await daemon('b', ids.slice(0, 2));
  await Promise.all([a.holds(2), b.holds(2)]);
  expect([a.held(), b.held()]).toEqual([ids.slice(2), ids.slice(0, 2)]);
});

test('a region is not given back before the decision under way has ended, and no other starts meanwhile', async () => {
  const ids = await regions(2);
  const a = await daemon('a', ids);
  const decisions = ids.map((id) => {
    const {promise, resolve} = Promise.withResolvers<void>();
    return {resolve, ended: a.leases.of(id).during(promise)};
  });
  const b = await daemon('b', ids);
  await a.holds(1);
  const [given] = ids.filter((id) => !a.held().includes(id));
  expect(a.leases.of(given!).current()).toEqual({kind: 'taken', owner: undefined});
  for (let looks = 0; looks < 5; looks++) {
    const before = b.leases.rows();
    await vi.waitFor(() => expect(b.leases.rows()).not.toBe(before), SOON);
    expect(b.leases.rows().map(({owner}) => owner)).toEqual(['a', 'a']);
  }
  for (const {resolve, ended} of decisions) {
    resolve();
    await ended;
  }
  await b.holds(1);
  expect(b.held()).toEqual([given]);
});

test('one that is cut off is followed when its lease ends, and decides nothing later under its old fence', async () => {
  const m = await openMarket(database.db, {drivers: 2, tasks: 2});
  const {regionId, db} = m;
  await db.query({name: 'free', text: `update region_leases set owner = null, expires_at = '-infinity'`}, []);
  const a = await daemon('a', [regionId]);
  const before = a.leases.of(regionId).current();
  if (before?.kind !== 'held') throw new Error('it was free');
  const comeBack = a.goAway();
  const b = await daemon('b', [regionId]);
  await b.holds(1);
  expect(b.leases.of(regionId).current()).toEqual({kind: 'held', fence: before.fence + 1});
  // It still believes that it holds the region, as a paused process does that goes on.
  expect(a.leases.of(regionId).current()).toEqual(before);
  const decide = (fence: number) => {
    const proposals = [proposalOf(m.tasks[0]!, m.drivers[0]!)];
    return commitOffers(db, {regionId, fence, tickId: newId(), proposals});
  };
  expect(await decide(before.fence)).toEqual({kind: 'fenced'});
  comeBack();
  await vi.waitFor(() => expect(a.leases.of(regionId).current()).toEqual({kind: 'taken', owner: 'b'}), SOON);
  expect(a.seen.changes).toEqual([`${regionId} gained`, `${regionId} lost`]);
  expect(await decide(before.fence + 1)).toMatchObject({kind: 'committed'});
});

test('without the database nothing is held; when it answers again the daemon goes on under its fence', async () => {
  const ids = await regions(1);
  let gone = false;
  const real = leasePort(database.db, 'a', ids);
  const look = () => (gone ? Promise.reject(new Error('no database')) : real.look());
  const a = await daemon('a', ids, {look});
  const before = a.leases.of('r0').current();
  gone = true;
  await a.holds(0);
  expect(a.leases.of('r0').current()).toBe(undefined);
  gone = false;
  await a.holds(1);
  expect(a.leases.of('r0').current()).toEqual(before);
  expect(a.seen.failures.length).toBeGreaterThan(0);
  gone = true;
  await expect(daemon('b', ids, {look})).rejects.toThrow('no database');
});

test('a region that whoever should have it does not take is taken by another after a lease', async () => {
  const ids = await regions(2);
  const never = async () => ({kind: 'taken', owner: undefined}) as const;
  const idle = await daemon('a', ids, {claim: never});
  const b = await daemon('b', ids);
  await b.holds(2);
  expect(idle.held()).toEqual([]);
});

test('a region won while the daemon is told to end is given back like any other', async () => {
  const ids = await regions(1);
  const {promise: asked, resolve: ask} = Promise.withResolvers<void>();
  const {promise: answered, resolve: answer} = Promise.withResolvers<void>();
  const {db} = database;
  const claim = await claimLease(db, 'r0', 'once', HOUR_MS);
  const real = leasePort(db, 'b', ids);
  const b = await daemon('b', ids, {
    async claim(regionId, ttlMs) {
      const won = await real.claim(regionId, ttlMs);
      ask();
      await answered;
      return won;
    },
  });
  expect(b.leases.of('r0').current()).toEqual({kind: 'taken', owner: 'once'});
  if (claim.kind === 'held') await releaseLease(db, 'r0', claim.fence);
  await asked;
  const stopped = b.stop();
  answer();
  await stopped;
  expect(await listLeases(db)).toMatchObject([{regionId: 'r0', owner: null}]);
});

test('a claim waits for nobody: neither a takeover nor a renewal, whoever holds the row', async () => {
  await regions(1);
  const {db} = database;
  const held = await claimLease(db, 'r0', 'a', HOUR_MS);
  const other = new Client({connectionString: database.url});
  await other.connect();
  try {
    await other.query('begin');
    await other.query(`select from region_leases where region_id = 'r0' for share`);
    expect(await claimLease(db, 'r0', 'a', HOUR_MS)).toEqual(held);
    expect(await claimLease(db, 'r0', 'b', HOUR_MS)).toMatchObject({kind: 'taken', owner: 'a'});
    await other.query('rollback');
    await claimLease(db, 'r0', 'a', 0);
    await other.query('begin');
    await other.query(`select from region_leases where region_id = 'r0' for share`);
    expect(await claimLease(db, 'r0', 'b', HOUR_MS)).toEqual({kind: 'taken', owner: 'a', expiresInMs: 0});
    await other.query('rollback');
  } finally {
    await other.end();
  }
  expect(await claimLease(db, 'r0', 'b', HOUR_MS)).toMatchObject({kind: 'held'});
});
