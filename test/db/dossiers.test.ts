// Chains are verified by code that shares nothing with the SQL that writes them; each way to alter one is tried.

import {createHash} from 'node:crypto';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {type Verification, verifyDossiers} from '../../src/db/dossier-check.ts';
import {changeTask} from '../../src/db/tasks.ts';
import {readCanonical} from '../../src/domain/canonical-json.ts';
import type {FlawKind} from '../../src/domain/dossier.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {bring, EVIDENCE, type Market, nextXid, offer, openMarket, rows} from './market.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

/** Three tasks with five, four and one events. */
async function busyMarket(): Promise<Market> {
  const m = await openMarket(database.db, {drivers: 3, tasks: 3});
  for (const [i, state] of (['RETURNING', 'DELIVERED', 'PENDING'] as const).entries()) {
    await bring(m, m.tasks[i], m.drivers[i], state);
  }
  return m;
}

const verify = (m: Market, more: {asOf?: string; taskId?: string} = {}): Promise<Verification> =>
  verifyDossiers(m.db, {regionIds: [m.regionId], ...more});

/** One byte, or one row, by SQL: $1 the region, $2 its first task. What is named: the event's number and how. */
const event = (seq: number) => `region_id = $1 and task_id = $2 and seq = ${seq}`;
const flipped = (bytes: string, at: number) => `set_byte(${bytes}, ${at}, get_byte(${bytes}, ${at}) # 1)`;
const ALTERATIONS: [what: string, seq: number, kind: FlawKind, statement: string][] = [
  [
    'a byte of a body',
    2,
    'altered',
    `update dossier_events set body = replace(body, '"at"', '"aT"') where ${event(2)}`,
  ],
  ['a space in a body', 3, 'altered', `update dossier_events set body = body || ' ' where ${event(3)}`],
  ['a bit of a hash', 2, 'altered', `update dossier_events set hash = ${flipped('hash', 31)} where ${event(2)}`],
  ['a bit of the last hash', 5, 'altered', `update dossier_events set hash = ${flipped('hash', 0)} where ${event(5)}`],
  [
    'a bit of a previous hash',
    3,
    'altered',
    `update dossier_events set prev_hash = ${flipped('prev_hash', 7)} where ${event(3)}`,
  ],
  [
    'a bit of the first previous hash',
    1,
    'altered',
    `update dossier_events set prev_hash = ${flipped('prev_hash', 0)} where ${event(1)}`,
  ],
  ['a kind', 4, 'contradicted', `update dossier_events set kind = 'picked-uq' where ${event(4)}`],
  [
    'an actor',
    3,
    'contradicted',
    `update dossier_events set actor = overlay(actor placing 'D' from 1) where ${event(3)}`,
  ],
  ['an instant', 3, 'contradicted', `update dossier_events set at = at + interval '1 microsecond' where ${event(3)}`],
  ['a number', 5, 'missing', `update dossier_events set seq = 6 where ${event(5)}`],
  ['a deleted event', 3, 'missing', `delete from dossier_events where ${event(3)}`],
  ['a deleted first event', 1, 'missing', `delete from dossier_events where ${event(1)}`],
  ['a deleted last event', 5, 'missing', `delete from dossier_events where ${event(5)}`],
  ['every event deleted', 1, 'missing', 'delete from dossier_events where region_id = $1 and task_id = $2'],
  [
    'two events swapped',
    2,
    'reordered',
    `with other as (select * from dossier_events where ${event(2)} or ${event(3)})
     update dossier_events event set body = other.body, prev_hash = other.prev_hash, hash = other.hash,
       kind = other.kind, actor = other.actor, at = other.at
     from other
     where event.region_id = $1 and event.task_id = $2 and event.seq in (2, 3) and other.seq = 5 - event.seq`,
  ],
  ['a deleted task', 5, 'task-missing', 'delete from delivery_tasks where region_id = $1 and id = $2'],
  [
    'a bit of the head',
    5,
    'head-altered',
    `update delivery_tasks set dossier_head = ${flipped('dossier_head', 31)} where region_id = $1 and id = $2`,
  ],
  [
    'a head that forgets an event',
    5,
    'surplus',
    'update delivery_tasks set dossier_seq = 4 where region_id = $1 and id = $2',
  ],
  [
    'a head that knows more',
    6,
    'missing',
    'update delivery_tasks set dossier_seq = 6 where region_id = $1 and id = $2',
  ],
  [
    'a body with its hash, in the middle',
    3,
    'rewritten',
    `update dossier_events set body = replace(body, 'OFFERED', 'OFFERET'),
       hash = sha256(prev_hash || convert_to(replace(body, 'OFFERED', 'OFFERET'), 'UTF8')) where ${event(3)}`,
  ],
  [
    'a body with its hash, at the end',
    5,
    'head-altered',
    `update dossier_events set body = replace(body, 'PICKED_UP', 'PICKED_UQ'),
       hash = sha256(prev_hash || convert_to(replace(body, 'PICKED_UP', 'PICKED_UQ'), 'UTF8')) where ${event(5)}`,
  ],
  [
    'a body with its hash and a space',
    4,
    'not-canonical',
    `update dossier_events set body = replace(body, '{', '{ '),
       hash = sha256(prev_hash || convert_to(replace(body, '{', '{ '), 'UTF8')) where ${event(4)}`,
  ],
  [
    'a previous hash with its hash',
    3,
    'unlinked',
    `update dossier_events set prev_hash = ${flipped('prev_hash', 0)},
       hash = sha256(${flipped('prev_hash', 0)} || convert_to(body, 'UTF8')) where ${event(3)}`,
  ],
  [
    'an event of another task',
    1,
    'foreign',
    `update dossier_events event set body = other.body, prev_hash = other.prev_hash, hash = other.hash
     from dossier_events other where event.region_id = $1 and event.task_id = $2 and event.seq = 1
       and other.region_id = $1 and other.task_id <> $2 and other.seq = 1`,
  ],
  [
    'a tombstone beside a task',
    1,
    'not-purged',
    `insert into dossier_tombstones (region_id, task_id, last_seq, last_hash, last_xid, closed_at, retention, purged_at)
     select region_id, id, 2, dossier_head, '1', changed_at, '0', changed_at
     from delivery_tasks where region_id = $1 and id = $2`,
  ],
  [
    'a tombstone in the place of the events, beside the task',
    5,
    'not-purged',
    `with gone as (delete from dossier_events where region_id = $1 and task_id = $2 returning task_id)
     insert into dossier_tombstones (region_id, task_id, last_seq, last_hash, last_xid, closed_at, retention, purged_at)
     select region_id, id, dossier_seq, dossier_head, '1', changed_at, '0', changed_at
     from delivery_tasks where region_id = $1 and id = $2 and id in (select task_id from gone)`,
  ],
  [
    'a tombstone in the place of everything, too early',
    5,
    'purged-early',
    `with gone as (delete from dossier_events where region_id = $1 and task_id = $2),
     removed as (delete from delivery_tasks where region_id = $1 and id = $2 returning *)
     insert into dossier_tombstones (region_id, task_id, last_seq, last_hash, last_xid, closed_at, retention, purged_at)
     select region_id, id, dossier_seq, dossier_head, '1', changed_at, '30 days', changed_at + interval '29 days'
     from removed`,
  ],
  [
    'a legal hold that no event set',
    5,
    'task-altered',
    'update delivery_tasks set legal_hold = true where region_id = $1 and id = $2',
  ],
  [
    'an end that no event made',
    5,
    'task-altered',
    `update delivery_tasks set status = 'RETURNED', closed_at = changed_at - interval '40 days'
     where region_id = $1 and id = $2`,
  ],
];

test('untouched chains verify, and are counted', async () => {
  const m = await busyMarket();
  const {headsDigest, tombstonesDigest, asOf, ...found} = await verify(m);
  expect(found).toEqual({events: 11, tasks: 3, tombstones: 0, badTasks: 0, firstBad: undefined});
  expect(headsDigest).toMatch(/^[0-9a-f]{64}$/);
  // Of nothing.
  expect(tombstonesDigest).toBe(createHash('sha256').digest('hex'));
  expect(asOf).toMatch(/^\d+$/);
  expect(await verify(m, {taskId: m.tasks[1]})).toMatchObject({events: 5, tasks: 1, badTasks: 0});
});

test.each(ALTERATIONS)('%s is named as event %i, %s', async (_what, seq, kind, statement) => {
  const m = await busyMarket();
  await rows(m.db, statement, statement.includes('$2') ? [m.regionId, m.tasks[0]] : [m.regionId]);
  const {firstBad, badTasks} = await verify(m);
  expect(firstBad).toMatchObject({regionId: m.regionId, taskId: m.tasks[0], seq, kind});
  expect(badTasks).toBe(1);
  expect(await verify(m, {taskId: m.tasks[0]})).toMatchObject({firstBad, badTasks: 1});
  expect(await verify(m, {taskId: m.tasks[2]})).toMatchObject({badTasks: 0});
});

test('a digest of all heads comes out again later, whatever was written since', async () => {
  const m = await busyMarket();
  const before = await verify(m, {asOf: await nextXid(m.db)});
  await offer(m, m.tasks[2], m.drivers[2]);
  await changeTask(m.db, m.regionId, m.tasks[0], 'return', {driverId: m.drivers[0], ...EVIDENCE.return});
  const now = await verify(m, {asOf: await nextXid(m.db)});
  expect(now.headsDigest).not.toBe(before.headsDigest);
  expect(now).toMatchObject({events: 13, badTasks: 0});
  const again = await verify(m, {asOf: before.asOf});
  expect(again.headsDigest).toBe(before.headsDigest);
});

test('a chain that is rewritten whole, head included, verifies, but not to the digest kept elsewhere', async () => {
  const m = await busyMarket();
  const before = await verify(m, {asOf: await nextXid(m.db)});
  const body = `replace(body, '"units":2', '"units":1')`;
  await rows(
    m.db,
    `with rewritten as (
       update dossier_events set body = ${body}, hash = sha256(prev_hash || convert_to(${body}, 'UTF8'))
       where region_id = $1 and task_id = $2 returning hash)
     update delivery_tasks set dossier_head = rewritten.hash from rewritten where region_id = $1 and id = $2`,
    [m.regionId, m.tasks[2]],
  );
  const after = await verify(m, {asOf: before.asOf});
  expect(after.firstBad).toBeUndefined();
  expect(after.headsDigest).not.toBe(before.headsDigest);
});

test('verifying while offers are made, answered and withdrawn raises no false alarm', async () => {
  const m = await openMarket(database.db, {drivers: 20, tasks: 20});
  let writing = true;
  const write = async () => {
    for (let round = 0; round < 3; round++) {
      for (const [i, taskId] of m.tasks.entries()) {
        await offer(m, taskId, m.drivers[i]);
        await changeTask(m.db, m.regionId, taskId, 'accept', {driverId: m.drivers[i]});
        await changeTask(m.db, m.regionId, taskId, 'release', {});
      }
    }
    writing = false;
  };
  const written = write();
  let rounds = 0;
  for (; writing || rounds === 0; rounds++) expect(await verify(m)).toMatchObject({badTasks: 0, tasks: 20});
  await written;
  expect(await verify(m)).toMatchObject({badTasks: 0, events: 20 + 20 * 9});
});

test.each([
  ['{"a":1,"b":[true,null,"ü\\n"]}', undefined],
  ['{"a":0.10,"b":123456789012345678901234567890}', undefined],
  ['{"\uffff":1,"\u{10000}":2}', undefined],
  ['{"b":1,"a":2}', /keys/],
  ['{"a": 1}', /white space/],
  ['{"a":1,"a":2}', /keys/],
  ['{"a":"\\u00fc"}', /escapes/],
  ['{"a":1e21}', /exponent/],
  ['{"a":1e+21}', /exponent/],
  ['{"\u{10000}":1,"\uffff":2}', /keys/],
  ['{"a":1', /JSON|Expected/],
])('%s as canonical JSON', (text, flaw) => {
  const read = readCanonical(text);
  if (read.kind === 'value') expect([read.value, flaw]).toEqual([JSON.parse(text), undefined]);
  else expect(read.detail).toMatch(flaw ?? 'no flaw');
});
