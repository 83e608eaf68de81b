import {randomBytes} from 'node:crypto';
import {Client} from 'pg';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {connect} from '../../src/db/connect.ts';
import {verifyDossiers} from '../../src/db/dossier-check.ts';
import {purgeableDossiers, purgeDossiers, readDossier, setLegalHold} from '../../src/db/dossiers.ts';
import {readInvariantViolations} from '../../src/db/invariants.ts';
import {changeTask, createTask} from '../../src/db/tasks.ts';
import {systemClock} from '../../src/domain/clock.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {
  at,
  bring,
  DAY_MS,
  EVIDENCE,
  HOUR_MS,
  type Market,
  NOW_MS,
  newId,
  nextXid,
  openMarket,
  rows,
  taskOf,
} from './market.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

const RETENTION_MS = 30 * DAY_MS;

/** A delivered, a cancelled and a returned task, ended at NOW_MS, and one that waits. */
async function endedMarket(): Promise<Market> {
  const m = await openMarket(database.db, {drivers: 4, tasks: 4, settings: {retentionDays: 30}});
  for (const [i, state] of (['DELIVERED', 'CANCELLED', 'RETURNED', 'PENDING'] as const).entries()) {
    await bring(m, m.tasks[i], m.drivers[i], state);
  }
  return m;
}

const verify = ({db, regionId}: Market, asOf?: string) => verifyDossiers(db, {regionIds: [regionId], asOf});
const left = async ({db, regionId}: Market) =>
  (await rows<{id: string}>(db, 'select id from delivery_tasks where region_id = $1 order by id', [regionId])).map(
    ({id}) => id,
  );

test('a task is kept to the end of its retention, then goes with all that was recorded of it', async () => {
  const m = await endedMarket();
  const before = await verify(m, await nextXid(m.db));
  await at(m.db, NOW_MS + RETENTION_MS);
  expect(await purgeDossiers(m.db, m.regionId, 10)).toMatchObject({tasks: 0, events: 0});
  await at(m.db, NOW_MS + RETENTION_MS + 1);
  expect(await purgeableDossiers(m.db, m.regionId)).toEqual({tasks: 3, events: 13, held: 0});
  expect(await purgeDossiers(m.db, m.regionId, 10)).toMatchObject({tasks: 3, events: 13});

  expect(await left(m)).toEqual([m.tasks[3]]);
  for (const table of ['dossier_events', 'offers', 'offer_logs']) {
    const found = await rows(m.db, `select from ${table} where region_id = $1 and task_id <> $2`, [
      m.regionId,
      m.tasks[3],
    ]);
    expect(found, table).toEqual([]);
  }
  expect(await readInvariantViolations(m.db, m.regionId)).toEqual([]);
  const after = await verify(m, before.asOf);
  expect(after).toMatchObject({tasks: 1, tombstones: 3, events: 1, badTasks: 0, headsDigest: before.headsDigest});
  const gone = await readDossier(m.db, m.regionId, m.tasks[0]);
  expect(gone).toMatchObject({kind: 'purged', purgedAtMs: NOW_MS + RETENTION_MS + 1, head: {seq: 5}});
});

test('an id that was purged is not used again', async () => {
  const m = await endedMarket();
  const laterMs = NOW_MS + RETENTION_MS + 1;
  await at(m.db, laterMs);
  await purgeDossiers(m.db, m.regionId, 10);
  const again = taskOf(m, {id: m.tasks[0], readyAtMs: laterMs, dueAtMs: laterMs, latestAtMs: laterMs + HOUR_MS});
  expect(await createTask(m.db, again)).toMatchObject({kind: 'refused', code: 'TASK_PURGED'});
});

test('an id is not used again by a call that waited for the purge of its task', async () => {
  const m = await endedMarket();
  const laterMs = NOW_MS + RETENTION_MS + 1;
  await at(m.db, laterMs);
  const again = taskOf(m, {id: m.tasks[0], readyAtMs: laterMs, dueAtMs: laterMs, latestAtMs: laterMs + HOUR_MS});
  const client = new Client({connectionString: database.url});
  await client.connect();
  await client.query('begin');
  await client.query('select purge_dossiers($1, 10, null, null)', [m.regionId]);
  const created = createTask(m.db, again).then(
    (made) => made,
    (error) => error,
  );
  const waits = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  while ((await rows(m.db, waits)).length === 0);
  await client.query('commit');
  await client.end();
  expect(await created).toMatchObject({code: '55P03'});
  expect(await createTask(m.db, again)).toMatchObject({kind: 'refused', code: 'TASK_PURGED'});
  expect(await left(m)).toEqual([m.tasks[3]]);
});

test('a task whose hold or end was altered by hand is not purged, nor one that stands beside a tombstone', async () => {
  const m = await endedMarket();
  await setLegalHold(m.db, m.regionId, m.tasks[0], true, {reason: 'case 17'});
  const alter = (change: string, id: string | undefined) =>
    rows(m.db, `update delivery_tasks set ${change} where region_id = $1 and id::text = $2`, [m.regionId, id!]);
  await alter('legal_hold = false', m.tasks[0]);
  await alter(`closed_at = closed_at - interval '40 days'`, m.tasks[1]);
  await rows(
    m.db,
    `insert into dossier_tombstones (region_id, task_id, last_seq, last_hash, last_xid, closed_at, retention, purged_at)
     select region_id, id, 6, dossier_head, '1', closed_at, '0', closed_at
     from delivery_tasks where region_id = $1 and id::text = $2`,
    [m.regionId, m.tasks[2]!],
  );
  await at(m.db, NOW_MS + 2 * RETENTION_MS);
  expect(await purgeDossiers(m.db, m.regionId, 10)).toMatchObject({tasks: 0, events: 0});
  expect(await left(m)).toEqual(m.tasks);
  expect(await verify(m)).toMatchObject({badTasks: 3});
});

test('a batch goes on behind the one before, so that what stays is not read again', async () => {
  const m = await endedMarket();
  await at(m.db, NOW_MS + 2 * RETENTION_MS);
  const ended = m.tasks.slice(0, 3);
  await rows(m.db, `update dossier_events set actor = 'nobody' where region_id = $1 and task_id::text = $2`, [
    m.regionId,
    ended[0]!,
  ]);
  const first = await purgeDossiers(m.db, m.regionId, 1);
  expect(first).toMatchObject({tasks: 1, next: {closedAtMs: NOW_MS, id: ended[1]}});
  const second = await purgeDossiers(m.db, m.regionId, 1, first.next);
  expect(second).toMatchObject({tasks: 1, next: {closedAtMs: NOW_MS, id: ended[2]}});
  expect(await purgeDossiers(m.db, m.regionId, 1, second.next)).toEqual({tasks: 0, events: 0, next: undefined});
});

test('the digest of tombstones comes out again later, and not when one was altered', async () => {
  const m = await endedMarket();
  await at(m.db, NOW_MS + 2 * RETENTION_MS);
  await purgeDossiers(m.db, m.regionId, 1);
  const before = await verify(m, await nextXid(m.db));
  await purgeDossiers(m.db, m.regionId, 10);
  expect((await verify(m, before.asOf)).tombstonesDigest).toBe(before.tombstonesDigest);
  expect((await verify(m, await nextXid(m.db))).tombstonesDigest).not.toBe(before.tombstonesDigest);
  await rows(m.db, `update dossier_tombstones set purged_at = purged_at + interval '1 day' where region_id = $1`, [
    m.regionId,
  ]);
  expect((await verify(m, before.asOf)).tombstonesDigest).not.toBe(before.tombstonesDigest);
});

test('a batch takes those that ended first', async () => {
  const m = await endedMarket();
  await at(m.db, NOW_MS + HOUR_MS);
  await changeTask(m.db, m.regionId, m.tasks[3], 'cancel', {});
  await at(m.db, NOW_MS + RETENTION_MS + 2 * HOUR_MS);
  expect(await purgeDossiers(m.db, m.regionId, 3)).toMatchObject({tasks: 3});
  expect(await left(m)).toEqual([m.tasks[3]]);
  expect(await purgeDossiers(m.db, m.regionId, 3)).toMatchObject({tasks: 1});
  expect(await purgeDossiers(m.db, m.regionId, 3)).toMatchObject({tasks: 0});
});

test('a legal hold keeps a task until it is lifted, and both stand in the dossier', async () => {
  const m = await endedMarket();
  const {db, regionId} = m;
  const [held] = m.tasks;
  expect(await setLegalHold(db, regionId, held, true, {reason: 'case 17'})).toEqual({kind: 'done', repeated: false});
  expect(await setLegalHold(db, regionId, held, true, {reason: 'case 17'})).toEqual({kind: 'done', repeated: true});
  expect(await setLegalHold(db, regionId, newId(), true, {reason: 'case 17'})).toEqual({kind: 'not-found'});
  await at(db, NOW_MS + 2 * RETENTION_MS);
  expect(await purgeableDossiers(db, regionId)).toMatchObject({tasks: 2, held: 1});
  await purgeDossiers(db, regionId, 10);
  expect(await left(m)).toEqual([held, m.tasks[3]].sort());

  await setLegalHold(db, regionId, held, false, {reason: 'closed'});
  const read = await readDossier(db, regionId, held);
  if (read.kind !== 'dossier') throw new Error(read.kind);
  expect(read.dossier.flaw).toBeUndefined();
  expect(read.dossier.events.slice(-2).map(({kind, body}) => [kind, JSON.parse(body).detail])).toEqual([
    ['hold-set', {reason: 'case 17'}],
    ['hold-lifted', {reason: 'closed'}],
  ]);
  await purgeDossiers(db, regionId, 10);
  expect(await left(m)).toEqual([m.tasks[3]]);
});

test('a damaged dossier is evidence: it is not purged', async () => {
  const m = await endedMarket();
  await rows(m.db, `update dossier_events set actor = 'nobody' where region_id = $1 and task_id = $2 and seq = 3`, [
    m.regionId,
    m.tasks[0],
  ]);
  await rows(m.db, `update dossier_events set body = 'no JSON' where region_id = $1 and task_id = $2 and seq = 1`, [
    m.regionId,
    m.tasks[1],
  ]);
  await at(m.db, NOW_MS + 2 * RETENTION_MS);
  expect(await purgeDossiers(m.db, m.regionId, 1)).toMatchObject({tasks: 1});
  expect(await purgeDossiers(m.db, m.regionId, 1)).toMatchObject({tasks: 0});
  expect(await left(m)).toEqual([m.tasks[0], m.tasks[1], m.tasks[3]].sort());
});

test('many purges at once remove each task once', async () => {
  const m = await openMarket(database.db, {drivers: 1, tasks: 60, settings: {retentionDays: 30}});
  await Promise.all(m.tasks.map((id) => changeTask(m.db, m.regionId, id, 'cancel', {})));
  await at(m.db, NOW_MS + 2 * RETENTION_MS);
  const purges = await Promise.all(Array.from({length: 8}, () => purgeDossiers(m.db, m.regionId, 60)));
  expect(purges.reduce((sum, {tasks}) => sum + tasks, 0)).toBe(60);
  expect(await verify(m)).toMatchObject({tasks: 0, tombstones: 60, badTasks: 0});
});

test('a task that was opened again is not purged for when it had ended before', async () => {
  const m = await endedMarket();
  await at(m.db, NOW_MS + 2 * RETENTION_MS);
  const detail = {latestAtMs: NOW_MS + 3 * RETENTION_MS};
  await changeTask(m.db, m.regionId, m.tasks[1], 're-open', {detail});
  await purgeDossiers(m.db, m.regionId, 10);
  expect(await left(m)).toEqual([m.tasks[1], m.tasks[3]].sort());
});

test('who is in the role of purges can purge and count, and can delete, alter or forge nothing by hand', async () => {
  const m = await endedMarket();
  await at(m.db, NOW_MS + 2 * RETENTION_MS);
  const name = `purger_${randomBytes(8).toString('hex')}`;
  await rows(m.db, `create role ${name} login password 'p' in role cloudrun_purge`);
  const url = Object.assign(new URL(database.url), {username: name, password: 'p'}).href;
  const db = connect(url, {maxConnections: 1, applicationName: name, monotonicMs: systemClock.monotonicMs});
  const refused = {code: '42501'};
  try {
    for (const forbidden of [
      'delete from dossier_events',
      `update dossier_events set actor = 'x'`,
      'delete from delivery_tasks',
      'update delivery_tasks set legal_hold = false',
      'delete from dossier_tombstones',
      `update regions set settings = settings || '{"retentionDays": 1}'`,
      'update dispatch_clock set scale = 1000',
    ]) {
      await expect(rows(db, forbidden), forbidden).rejects.toMatchObject(refused);
    }
    // A table of its own does not stand in for the real one, by which nothing is due yet.
    await at(m.db, NOW_MS + DAY_MS);
    await rows(
      db,
      `create temporary table regions as select region_id, '{"retentionDays": 0}'::jsonb as settings from regions`,
    );
    expect(await purgeDossiers(db, m.regionId, 10)).toMatchObject({tasks: 0, events: 0});
    await rows(db, 'drop table pg_temp.regions');
    await at(m.db, NOW_MS + 2 * RETENTION_MS);
    expect(await purgeableDossiers(db, m.regionId)).toMatchObject({tasks: 3});
    expect(await purgeDossiers(db, m.regionId, 10)).toMatchObject({tasks: 3});
  } finally {
    await db.close();
    await rows(m.db, `drop owned by ${name}`);
    await rows(m.db, `drop role ${name}`);
  }
  await expect(
    rows(
      m.db,
      `select has_function_privilege('public', 'purge_dossiers(text, int, bigint, uuid)', 'execute') as allowed`,
    ),
  ).resolves.toEqual([{allowed: false}]);
});

test('a hold stands between no change and its repetition', async () => {
  const m = await endedMarket();
  const {db, regionId} = m;
  await setLegalHold(db, regionId, m.tasks[0], true, {reason: 'case 17'});
  const again = {driverId: m.drivers[0], ...EVIDENCE.deliver};
  expect(await changeTask(db, regionId, m.tasks[0], 'deliver', again)).toMatchObject({kind: 'done', repeated: true});
});
