// Real daemons over one database: they share the regions, hand them over when they end, and follow one that is killed.
// One that was paused past its leases decides nothing under them.
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Client} from 'pg';
import {afterAll, beforeAll, expect, test, vi} from 'vitest';
import {saveGraph} from '../../native-graph/file.ts';
import {listLeases} from '../../src/db/leases.ts';
import {putRegion} from '../../src/db/regions.ts';
import {STARTING_SETTINGS, STARTING_WEIGHTS} from '../../src/domain/region.ts';
import {rows} from '../db/market.ts';
import {start} from '../support/cloudrun.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {town} from '../support/town.ts';

const REGIONS = ['east', 'north', 'south', 'west'];
const SOON = {timeout: 60_000, interval: 20};
const folder = mkdtempSync(join(tmpdir(), 'cloudrun-daemons-'));
const graph = join(folder, 'town.crg');
let database: TestDatabase;
beforeAll(async () => {
  saveGraph(town('a-b-c').graph, graph);
  database = await createDatabase();
  const market = {name: 'M', timeZone: 'UTC', graph: 'town', settings: STARTING_SETTINGS, weights: STARTING_WEIGHTS};
  for (const id of REGIONS) await putRegion(database.db, {id, ...market});
});
afterAll(async () => {
  await database.drop();
  rmSync(folder, {recursive: true, force: true});
});

async function serve() {
  const daemon = start(['serve'], {
    DATABASE_URL: database.url,
    CLOUDRUN_GRAPHS: `town=${graph}`,
    CLOUDRUN_PORT: '0',
    CLOUDRUN_THREADS: '1',
    CLOUDRUN_TICK_EVERY_MS: '200',
  });
  const [, address, owner] = await daemon.printed(/"address":"(http:[^"]+)".*"owner":"([^"]+)","msg":"dispatching"/);
  const ask = async (path: string, body?: object) => {
    const json = {method: 'POST', body: JSON.stringify(body), headers: {'content-type': 'application/json'}};
    for (;;) {
      const reply = await fetch(`${address}${path}`, body && json);
      const answer = {status: reply.status, body: await reply.text()};
      // A busy machine sheds load.
      if (!answer.body.includes('"OVERLOADED"')) return answer;
    }
  };
  /** Regions by the database, which alone decides. */
  const held = async () =>
    (await listLeases(database.db)).filter((row) => row.owner === owner).map(({regionId}) => regionId);
  return {
    ...daemon,
    owner: owner!,
    ask,
    held,
    holds: (count: number) => vi.waitFor(async () => expect(await held()).toHaveLength(count), SOON),
  };
}

let a: Awaited<ReturnType<typeof serve>>;

test('two daemons share the regions and each knows of the other; one that is killed is followed', async () => {
  a = await serve();
  await a.holds(4);
  const b = await serve();
  await Promise.all([a.holds(2), b.holds(2)]);
  const [other] = await b.held();
  await vi.waitFor(async () => {
    const {status, body} = await a.ask('/readyz');
    expect(status, body).toBe(200);
    expect(body).toContain(`stands by: ${b.owner} dispatches it`);
  }, SOON);
  const refused = await a.ask('/internal/dispatch/tick', {regionId: other});
  expect([refused.status, refused.body]).toEqual([421, expect.stringContaining(b.owner)]);
  const reply = await vi.waitFor(async () => {
    const {body} = await a.ask(`/internal/status?regionId=${other}`);
    const status = JSON.parse(body);
    expect(status.leases).toContainEqual(expect.objectContaining({regionId: other, owner: b.owner, here: false}));
    return status;
  }, SOON);
  expect(reply.leases.filter((lease: {here: boolean}) => lease.here)).toHaveLength(2);

  // Paused by the one that stands by: the one that dispatches heeds it, and so does its heir.
  const tickOf = (daemon: typeof a) => daemon.ask('/internal/dispatch/tick', {regionId: other});
  const paused = await a.ask(`/internal/dispatch/regions/${other}/pause`, {});
  expect([paused.status, paused.body]).toEqual([200, `{"regionId":"${other}","paused":true}`]);
  await vi.waitFor(async () => expect((await tickOf(b)).body).toContain('"PAUSED"'), SOON);

  b.child.kill('SIGKILL');
  await b.ended;
  await a.holds(4);
  expect((await tickOf(a)).body).toContain('"PAUSED"');
  const status = JSON.parse((await a.ask(`/internal/status?regionId=${other}`)).body);
  expect(status).toMatchObject({paused: true, pausedBy: 'loopback', pausedSince: expect.stringMatching(/^20.*Z$/)});
  expect((await a.ask(`/internal/dispatch/regions/${other}/resume`, {})).status).toBe(200);
  await vi.waitFor(async () => expect((await tickOf(a)).status).toBe(200), SOON);
  expect((await a.ask('/metrics')).body).not.toMatch(/lease_changes_total\{[^}]*change="lost"\} [1-9]/);
});

test('one stopped in a tick decides nothing after its lease; it has its share again, and all in the end', async () => {
  const fences = new Map((await listLeases(database.db)).map(({regionId, fence}) => [regionId, fence]));
  // Every tick waits here for its snapshot.
  const other = new Client({connectionString: database.url});
  await other.connect();
  await other.query('begin');
  await other.query('lock table stores in access exclusive mode');
  const waiting = `select count(*)::int as n from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and query like '%read_snapshot%'`;
  await vi.waitFor(async () => expect(await rows(database.db, waiting)).toEqual([{n: 4}]), SOON);
  a.child.kill('SIGSTOP');
  const b = await serve();
  await b.holds(4);
  await other.query('rollback');
  await other.end();
  const decided = 'select count(*)::int as n from ticks where region_id = $1 and fence = $2';
  const before = await Promise.all(Array.from(fences, (one) => rows(database.db, decided, one)));
  a.child.kill('SIGCONT');
  await vi.waitFor(async () => {
    const {body} = await a.ask('/metrics');
    for (const id of REGIONS)
      expect(body).toMatch(new RegExp(`ticks_total\\{region="${id}",outcome="fenced"\\} [1-9]`));
  }, SOON);
  expect(await Promise.all(Array.from(fences, (one) => rows(database.db, decided, one)))).toEqual(before);
  await vi.waitFor(async () => {
    const {n} = (await rows<{n: number}>(database.db, decided, [REGIONS[0]!, fences.get(REGIONS[0]!)! + 1]))[0]!;
    expect(n, 'the other ticks on').toBeGreaterThan(0);
  }, SOON);
  await Promise.all([a.holds(2), b.holds(2)]);
  b.child.kill('SIGTERM');
  expect((await b.ended).code).toBe(0);
  await a.holds(4);
  a.child.kill('SIGTERM');
  expect((await a.ended).code).toBe(0);
  const left = await rows<{owner: string}>(database.db, 'select owner from daemons');
  expect(left.map(({owner}) => owner)).not.toContain(b.owner);
  expect(await rows(database.db, 'select distinct owner from region_leases')).toEqual([{owner: null}]);
});
