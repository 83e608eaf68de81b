// A region's ticks on a real database, behind a network that breaks at the worst moments.
import {Client} from 'pg';
import {afterAll, beforeAll, beforeEach, expect, onTestFinished, test} from 'vitest';
import {regionPort} from '../../src/cli/region-port.ts';
import {connect, type Database} from '../../src/db/connect.ts';
import {readInvariantViolations} from '../../src/db/invariants.ts';
import {listTicks, readTick, readTickPayload} from '../../src/db/ticks.ts';
import {type TickOutcome, tick} from '../../src/dispatch/tick.ts';
import {systemClock} from '../../src/domain/clock.ts';
import type {WorkerPool} from '../../src/pool/pool.ts';
import type {Router} from '../../src/router/router.ts';
import {at, HOUR_MS, type Market, NOW_MS, newId, openMarket, proposalOf, rows} from '../db/market.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {fakeWorld} from '../support/fake-world.ts';
import {startProxy, type TcpProxy} from '../support/tcp-proxy.ts';

const APPLICATION = 'behind the proxy';
let database: TestDatabase;
let proxy: TcpProxy;
let market: Market;
let db: Database;
const serverPort = () => Number(new URL(database.url).port);
/** Each call of these two as it ended. */
let calls: string[];
beforeAll(async () => {
  database = await createDatabase();
  proxy = await startProxy(serverPort());
});
afterAll(async () => {
  await proxy?.close();
  await database?.drop();
});
beforeEach(async () => {
  market = await openMarket(database.db, {drivers: 4, tasks: 3});
  const url = new URL(database.url);
  url.port = `${proxy.port}`;
  calls = [];
  db = connect(url.href, {
    maxConnections: 2,
    applicationName: APPLICATION,
    monotonicMs: systemClock.monotonicMs,
    onRoundTrip: (name, _ms, failure) => {
      if (['commit_offers', 'save_tick'].includes(name)) calls.push(`${name} ${failure ?? 'done'}`);
    },
  });
  onTestFinished(() => db.close());
});

/** The port of the market's region; roads and solver are another's concern. */
const port = (keepTicksH = 24) =>
  regionPort({
    db,
    regionId: market.regionId,
    graph: 'town',
    withRouter: (use) => use({epoch: 0} as Router),
    pool: {} as WorkerPool,
    clock: systemClock,
    keepTicksH,
  });

async function runTick(id: string): Promise<TickOutcome> {
  await port().housekeep();
  return port().withWorld(market.fence, async ({openOffers, saveRecord, readSnapshot, fence}) => {
    const world = fakeWorld(await readSnapshot(), {openOffers, saveRecord, fence});
    return tick(world, {id, trigger: 'loop', dryRun: false});
  });
}

/** Holds what writes to `table` where it stands, until it is called. */
async function block(table: string): Promise<() => Promise<unknown>> {
  const client = new Client({connectionString: database.url});
  await client.connect();
  onTestFinished(() => client.end());
  await client.query('begin');
  await client.query(`lock table ${table} in share mode`);
  return () => client.query('commit');
}

/** Resolves when `count` of the proxied calls wait for that lock. */
async function blocked(count: number): Promise<void> {
  const waiting = `select from pg_stat_activity where application_name = $1 and wait_event_type = 'Lock'`;
  while ((await rows(database.db, waiting, [APPLICATION])).length < count);
}

const ofTick = (table: string, id: string) =>
  rows(database.db, `select from ${table} where region_id = $1 and ${table === 'ticks' ? 'id' : 'tick_id'} = $2`, [
    market.regionId,
    id,
  ]);

test.each([
  ['commit_offers', 'offers', 'tick_commits'],
  ['save_tick', 'ticks', 'ticks'],
])(
  'a reply of %s that is lost is asked for again, and the tick goes on from its first outcome',
  async (call, table, made) => {
    const id = newId();
    const release = await block(table);
    const ticked = runTick(id);
    await blocked(1);
    proxy.hold(true);
    await release();
    while ((await ofTick(made, id)).length === 0);
    proxy.cut();
    proxy.hold(false);
    expect(await ticked).toMatchObject({kind: 'ticked', landed: [{}, {}, {}], refused: [], recorded: true});
    expect(calls.filter((one) => one.startsWith(call))).toEqual([`${call} gone`, `${call} done`]);
    expect(await ofTick('offers', id)).toHaveLength(3);
    expect((await listTicks(database.db, market.regionId, 10)).map((header) => header.id)).toEqual([id]);
    expect(await readInvariantViolations(database.db, market.regionId)).toEqual([]);
  },
);

test('a commit whose connection is cut while the server works on it waits for that outcome', async () => {
  const id = newId();
  const release = await block('offers');
  const ticked = runTick(id);
  await blocked(1);
  proxy.cut();
  await blocked(2);
  await release();
  expect(await ticked).toMatchObject({kind: 'ticked', landed: [{}, {}, {}], recorded: true});
  expect(calls).toEqual(['commit_offers gone', 'commit_offers done', 'save_tick done']);
  expect(await ofTick('offers', id)).toHaveLength(3);
});

test('a network that stays away fails the tick after a few calls', async () => {
  const release = await block('offers');
  const ticked = runTick(newId());
  await blocked(1);
  await proxy.close();
  await expect(ticked).rejects.toMatchObject({code: 'ECONNREFUSED'});
  expect(calls).toEqual(Array(4).fill('commit_offers gone'));
  await release();
  proxy = await startProxy(serverPort());
});

test('a tick can be replayed for as many hours as are asked for, and its header stays', async () => {
  const id = newId();
  await runTick(id);
  await at(database.db, NOW_MS + 2.5 * HOUR_MS);
  await port(2).housekeep();
  expect(await readTickPayload(db, market.regionId, id)).toBeDefined();
  await port(1).housekeep();
  expect(await readTickPayload(db, market.regionId, id)).toBe(undefined);
  expect(await readTick(db, market.regionId, id)).toMatchObject({id});
});

test('what the database refuses is asked once', async () => {
  const wrong = port().withWorld(market.fence, ({openOffers}) => openOffers('no id', [proposalOf(newId(), newId())]));
  await expect(wrong).rejects.toMatchObject({code: '22P02'});
  expect(calls).toEqual(['commit_offers refused']);
});
