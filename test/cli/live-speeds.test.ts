// Two daemons that tick and follow while speeds are posted to either: no tick fails or sees another epoch than those
// that were published, epochs never go back, and ticks of old epochs are replayed to the same decision.
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {pino} from 'pino';
import {afterAll, afterEach, beforeAll, expect, test} from 'vitest';
import {openGraph, saveGraph} from '../../native-graph/file.ts';
import {type Daemon, startDaemon} from '../../src/cli/daemon.ts';
import {DEFAULTS, ROUTERS, type RouterKind} from '../../src/config.ts';
import {setDispatchClock} from '../../src/db/clock.ts';
import {recordPositions, upsertDrivers} from '../../src/db/drivers.ts';
import {putRegion} from '../../src/db/regions.ts';
import {upsertStores} from '../../src/db/stores.ts';
import {createTasks} from '../../src/db/tasks.ts';
import type {Ticked} from '../../src/dispatch/tick.ts';
import {systemClock} from '../../src/domain/clock.ts';
import {type Random, randomStream} from '../../src/domain/random.ts';
import {STARTING_SETTINGS, STARTING_WEIGHTS} from '../../src/domain/region.ts';
import {DAY_MS, documentDrivers, driverOf, HOUR_MS, type Market, NOW_MS, newId, rows, taskOf} from '../db/market.ts';
import {run} from '../support/cloudrun.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {below} from '../support/random-network.ts';
import {runs} from '../support/runs.ts';
import {BLOCK_E7, town} from '../support/town.ts';

const SEED = 7;
const ROUNDS = runs(30, 2.5);
const REGION = 'town';
const folder = mkdtempSync(join(tmpdir(), 'cloudrun-live-speeds-'));
const path = join(folder, 'town.crg');
const drawn = town(`
  a-b-c-d-e-f
  | | | | | |
  g-h-i-j-k-l
  | | | | | |
  m-n-o-p-q-r
`);
saveGraph(drawn.graph, path);

let database: TestDatabase;
let market: Market;
let environment: Record<string, string>;
beforeAll(async () => {
  database = await createDatabase();
  const {db} = database;
  environment = {DATABASE_URL: database.url, CLOUDRUN_GRAPHS: `${REGION}=${path}`};
  await setDispatchClock(db, {nowMs: NOW_MS, scale: 1});
  const settings = {...STARTING_SETTINGS, positionMaxAgeS: 3_600};
  const region = {id: REGION, name: REGION, timeZone: 'UTC', graph: REGION, settings, weights: STARTING_WEIGHTS};
  await putRegion(db, region);
  const {latE7, lonE7} = drawn.at.i;
  const permitUntilMs = NOW_MS + 365 * DAY_MS;
  const store = {id: newId(), regionId: REGION, name: 'S', latE7, lonE7, hours: null, permitUntilMs};
  await upsertStores(db, [store]);
  market = {db, regionId: REGION, fence: 0, store, drivers: [], tasks: []};
});
afterAll(async () => {
  await database?.drop();
  rmSync(folder, {recursive: true, force: true});
});

type Watched = {readonly daemon: Daemon; readonly ticks: (Ticked & {beganMs: number})[]; readonly failed: string[]};

/** Stopped after each test, however it ends. */
const serving: Daemon[] = [];
afterEach(async () => {
  for (const daemon of serving.splice(0)) await daemon.stop();
});

async function serve(router: RouterKind = 'cch'): Promise<Watched> {
  const ticks: Watched['ticks'] = [];
  const failed: string[] = [];
  const daemon = await startDaemon({
    config: {
      ...DEFAULTS,
      databaseUrl: database.url,
      port: 0,
      graphs: [{name: REGION, path}],
      router,
      threads: 1,
      tickEveryMs: 100,
      sweepEveryMs: 1_000,
      eventsEveryMs: 1_000,
      sealingKeys: [],
      webhookAllow: [],
      logLevel: 'silent',
    },
    openGraph: () => openGraph(path),
    scaledTime: false,
    log: pino({level: 'silent'}),
    clock: systemClock,
    observer: {
      ticked: (ticked, tookMs) => void ticks.push({...ticked, beganMs: performance.now() - tookMs}),
      failed: (what, error) => void failed.push(`${what}: ${error}`),
      fenced: () => void failed.push('fenced'),
    },
  });
  serving.push(daemon);
  return {daemon, ticks, failed};
}

// biome-ignore lint/suspicious/noExplicitAny: whatever the daemon answers; each test says what it expects.
type Answer = {readonly status: number; readonly body: any};

/** A busy machine makes the daemon shed load; it says to ask again, and so does every good client. */
async function ask({daemon}: Watched, path: string, request: RequestInit = {}): Promise<Answer> {
  for (;;) {
    const reply = await fetch(`${daemon.address}${path}`, request);
    const answer: Answer = {status: reply.status, body: await reply.json()};
    if (answer.body.code !== 'OVERLOADED') return answer;
    await delay(200);
  }
}

const speeds = (watched: Watched, request: RequestInit = {}, query = ''): Promise<Answer> =>
  ask(watched, `/internal/graph/speeds${query}`, request);

const postCsv = (watched: Watched, csv: string, query = '') =>
  speeds(watched, {method: 'POST', headers: {'content-type': 'text/csv'}, body: csv}, query);

const standing = async (watched: Watched): Promise<number> => (await speeds(watched)).body.graphs[0].epoch;

async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  for (let waits = 0; !(await isSo()); waits++) {
    if (waits > 600) throw new Error('it has not come to be within a minute');
    await delay(100);
  }
}

/** Rows for every street, slow or fast by chance, some closed one way. */
function trafficCsv(random: Random): string {
  const streets = drawn.network.names.slice(1);
  const both = streets.flatMap((street) => [street, `${street[1]}${street[0]}`]);
  const kmh = () => (below(random, 20) === 0 ? 0 : 5 + below(random, 60));
  return both.map((street) => `${street.charCodeAt(0)},${street.charCodeAt(1)},${kmh()}\n`).join('');
}

const place = (random: Random) => ({latE7: -below(random, 2 * BLOCK_E7), lonE7: below(random, 5 * BLOCK_E7)});

/** A free driver and a waiting task more, so that the next tick has something to decide. */
async function more(random: Random): Promise<void> {
  const {db} = database;
  const driver = driverOf(market);
  await upsertDrivers(db, [driver]);
  await documentDrivers(market, [driver.id]);
  await recordPositions(db, REGION, [{driverId: driver.id, recordedAtMs: NOW_MS, ...place(random)}]);
  const {latE7: dropLatE7, lonE7: dropLonE7} = place(random);
  await createTasks(db, REGION, [taskOf(market, {dropLatE7, dropLonE7, latestAtMs: NOW_MS + 3 * HOUR_MS})]);
}

/** Which of the two daemons posts and ticks first makes no difference that an ordinary run need look for. */
const TICKING = process.env.CLOUDRUN_SOAK ? ROUTERS : (['cch'] as const);

// One daemon searches by the hierarchy, the other by Dijkstra, and replay by either: all must agree.
test.each(TICKING)('speeds posted to two daemons, several a second, %s ticking', {timeout: 110_000}, async (router) => {
  const random = randomStream(SEED, router);
  const [first, second] = [await serve(router), await serve(router === 'cch' ? 'dijkstra' : 'cch')];
  const began = await standing(first);
  const published = [{epoch: began, by: first, knownMs: Number.NEGATIVE_INFINITY}];
  for (let round = 0; round < ROUNDS; round++) {
    await more(random);
    // Whoever owns the region ticks; half of the posts go to the one that stands by.
    const [one, other] = round % 4 < 2 ? [first, second] : [second, first];
    const {status, body} = await postCsv(one, trafficCsv(random), round % 3 === 0 ? '?mode=merge' : '');
    expect([status, body.rowsBad, body.repeated], `seed ${SEED}, round ${round}`).toEqual([200, 0, false]);
    published.push({epoch: body.epoch, by: one, knownMs: performance.now()});
    if (round % 8 === 0) expect(await postCsv(other, 'no,row,here\n')).toMatchObject({status: 422});
    if (round % 10 === 9) await until(async () => (await standing(other)) === body.epoch);
    await delay(below(random, 300));
  }
  const newest = published.at(-1)!.epoch;
  expect(new Set(published.map(({epoch}) => epoch)).size).toBe(ROUNDS + 1);
  await until(async () => (await standing(first)) === newest && (await standing(second)) === newest);
  const [here, there] = await Promise.all(
    [first, second].map(async (watched) => (await ask(watched, '/v1/isochrones?lon=0.001&lat=0&minutes=1,2,9')).body),
  );
  expect(here.features.map(({properties}: {properties: {epoch: number}}) => properties.epoch)).toEqual(
    Array(3).fill(newest),
  );
  expect(there).toEqual(here);
  const owner = first;
  expect(second.ticks).toEqual([]);
  await more(random);
  await until(() => owner.ticks.some(({header}) => header.graphEpoch === newest && header.counts.proposed > 0));

  expect([...first.failed, ...second.failed]).toEqual([]);
  const epochs = owner.ticks.map(({header}) => header.graphEpoch);
  expect(epochs).toEqual(epochs.toSorted((a, b) => a - b));
  expect(new Set(epochs).difference(new Set(published.map(({epoch}) => epoch))).size).toBe(0);
  expect(new Set(epochs).size).toBeGreaterThan(ROUNDS / 4);
  for (const {beganMs, header} of owner.ticks) {
    // Once a post is answered, every tick that begins goes by it or by a later one.
    const known = published.filter(({by, knownMs}) => by === owner && knownMs < beganMs);
    expect(header.graphEpoch).toBeGreaterThanOrEqual(known.at(-1)?.epoch ?? 0);
  }
  expect(owner.ticks.every(({recorded, flaw}) => recorded && flaw === undefined)).toBe(true);

  const metrics = await (await fetch(`${owner.daemon.address}/metrics`)).text();
  expect(metrics).toContain(`cloudrun_graph_epoch{graph="${REGION}"} ${newest}`);
  expect(metrics).toContain(`cloudrun_epoch_failures_total{graph="${REGION}"} 0`);
  for (const {daemon} of [first, second]) await daemon.stop();

  const decided = owner.ticks.filter(({header}) => header.graphEpoch > began && header.counts.proposed > 0);
  const chosen = [0.1, 0.4, 0.7, 0.99].map((share) => decided[Math.floor(share * decided.length)].header);
  expect(new Set(chosen.map(({graphEpoch}) => graphEpoch)).size).toBe(chosen.length);
  for (const [i, {id, decisionHash}] of chosen.entries()) {
    const CLOUDRUN_ROUTER = ROUTERS[i % ROUTERS.length];
    const {code, stdout, stderr} = await run(['replay', id, '--json'], {...environment, CLOUDRUN_ROUTER});
    expect([code, JSON.parse(stdout || '{}')], stderr).toEqual([
      0,
      {id, recordedHash: decisionHash, replayedHash: decisionHash, same: true},
    ]);
  }

  // The same tick under another epoch is another decision: the speeds are what it hangs on.
  const [{id, graphEpoch}] = chosen;
  await rows(database.db, `update ticks set graph_epoch = $1 where id = $2`, [newest, id]);
  expect((await run(['replay', id, '--json'], environment)).code).toBe(1);
  await rows(database.db, `update ticks set graph_epoch = $1 where id = $2`, [graphEpoch, id]);

  const otherPath = join(folder, 'other.crg');
  saveGraph(town('a-b-c').graph, otherPath);
  const elsewhere = await run(['replay', id, '--graph', otherPath], environment);
  expect([elsewhere.code, elsewhere.stderr]).toEqual([2, expect.stringContaining('GRAPH_DIFFERS')]);
  await rows(database.db, `delete from speed_epochs where graph = $1 and epoch = $2`, [REGION, graphEpoch]);
  const dropped = await run(['replay', id], environment);
  expect([dropped.code, dropped.stderr]).toEqual([2, expect.stringContaining('EPOCH_DROPPED')]);
});

test('a daemon that starts stands at the newest epoch before its first tick, and so does a tick alone', async () => {
  const before = await serve();
  const {body} = await postCsv(before, '97,98,20\n98,97,20\n');
  await before.daemon.stop();
  const after = await serve();
  // Its one thread has searched both ways in the memory of either epoch.
  const {values} = await after.daemon.metrics.poolJob.get();
  const warmUps = values.find(({metricName, labels}) => metricName?.endsWith('_count') && labels.job === 'warm-up');
  expect(warmUps?.value).toBe(2 * 2);
  await until(() => after.ticks.length > 0);
  await after.daemon.stop();
  expect(after.ticks.map(({header}) => header.graphEpoch)).toEqual(after.ticks.map(() => body.epoch));
  const alone = await run(['tick', '--json'], environment);
  expect(JSON.parse(alone.stdout)).toMatchObject({graphEpoch: body.epoch});
});

test('the command posts a file, says what became of it, posts it again to no effect, and clears', async () => {
  const watched = await serve();
  const file = join(folder, 'traffic.csv');
  writeFileSync(file, '97,98,20\n98,99,0\n1,2,3\nx\n97,98,25\n');
  const command = async (...args: string[]) => {
    for (;;) {
      const {code, stdout, stderr} = await run(['speeds', ...args, '--url', watched.daemon.address, '--json'], {});
      expect(stderr).toBe('');
      const answer = JSON.parse(stdout);
      if (answer.code !== 'OVERLOADED') return {code, answer};
    }
  };
  const put = await command('put', file, '--graph', REGION);
  expect(put).toMatchObject({
    code: 0,
    answer: {rowsApplied: 2, rowsUnknown: 1, rowsRepeated: 1, rowsBad: 1, segmentsClosed: 1, repeated: false},
  });
  const {epoch} = put.answer;
  expect(await command('put', file)).toMatchObject({code: 0, answer: {epoch, repeated: true}});
  expect(await command('list')).toMatchObject({answer: {graphs: [{graph: REGION, epoch, source: 'traffic.csv'}]}});
  writeFileSync(file, 'nothing\n');
  expect(await command('put', file)).toMatchObject({code: 1, answer: {code: 'SPEEDS_REFUSED'}});
  expect(await command('clear')).toMatchObject({code: 0, answer: {epoch: epoch + 1, segmentsChanged: 0}});
  expect(await command('clear')).toMatchObject({code: 0, answer: {epoch: epoch + 1, repeated: true}});
  const missing = await run(['speeds', 'put', join(folder, 'none.csv'), '--url', watched.daemon.address], {});
  expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('SPEEDS_UNREADABLE')]);
});

test('an epoch that comes out otherwise here than where it was made is not gone by', async () => {
  const watched = await serve();
  const {body} = await postCsv(watched, '97,98,33\n');
  const {db} = database;
  await rows(
    db,
    `insert into speed_epochs select graph, epoch + 1, at, source, speeds, graph_hash, speeds_hash, 'another',
      rows_in_use, segments_changed from speed_epochs where graph = $1 and epoch = $2`,
    [REGION, body.epoch],
  );
  const failures = async () => (await watched.daemon.metrics.epochFailures.get()).values[0].value;
  await until(async () => (await failures()) > 0);
  expect(await standing(watched)).toBe(body.epoch);
  await rows(db, `delete from speed_epochs where graph = $1 and epoch > $2`, [REGION, body.epoch]);
  expect((await postCsv(watched, '97,98,34\n')).body.epoch).toBe(body.epoch + 1);
});
