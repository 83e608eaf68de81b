import {createHash} from 'node:crypto';
import type {FastifyInstance} from 'fastify';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {purgeDossiers} from '../../src/db/dossiers.ts';
import {changeTask} from '../../src/db/tasks.ts';
import {at, bring, DAY_MS, type Market, NOW_MS, newId, offer, openMarket, rows} from '../db/market.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {fakeDispatch, fakeServer} from './world.ts';

let database: TestDatabase;
let market: Market;
let app: FastifyInstance;
beforeAll(async () => {
  database = await createDatabase();
  market = await openMarket(database.db, {drivers: 12, tasks: 12, settings: {retentionDays: 30}});
  app = fakeServer(database.db, {dispatch: fakeDispatch({regions: [market.regionId]})});
});
afterAll(async () => {
  await app.close();
  await database.drop();
});

let used = 0;
const fresh = () => ({taskId: market.tasks[used]!, driverId: market.drivers[used++]!});
const json = async (taskId: string) => (await app.inject(`/v1/tasks/${taskId}/dossier`)).json();
const page = (taskId: string) => app.inject(`/v1/tasks/${taskId}/dossier.html`);
const hold = (taskId: string, payload: object) =>
  app.inject({method: 'POST', url: `/v1/tasks/${taskId}/legal-hold`, payload});

test('a dossier tells every event with the text that is hashed, so that anybody can check it', async () => {
  const {taskId, driverId} = fresh();
  await bring(market, taskId, driverId, 'RETURNED');
  const dossier = await json(taskId);
  expect(dossier).toMatchObject({
    regionId: market.regionId,
    taskId,
    task: {
      state: 'RETURNED',
      storeId: market.store.id,
      driverId,
      legalHold: false,
      closedAt: '2026-06-01T18:00:00.000Z',
    },
    verification: {ok: true, firstBad: null},
  });
  expect(dossier.task.keptUntil).toBe(new Date(NOW_MS + 30 * DAY_MS).toISOString());
  expect(dossier.events.map(({kind}: {kind: string}) => kind)).toEqual([
    'created',
    'offered',
    'accepted',
    'picked-up',
    'verification-failed',
    'returned',
  ]);
  let before = '0'.repeat(64);
  for (const event of dossier.events) {
    expect(event.prevHash).toBe(before);
    before = createHash('sha256').update(Buffer.from(event.prevHash, 'hex')).update(event.body).digest('hex');
    expect(event.hash).toBe(before);
    expect(JSON.parse(event.body).detail).toEqual(event.detail);
  }
  expect(dossier.head).toEqual({seq: 6, hash: before});
});

test('who bought is told neither by the answer nor by the page, which say what they withhold', async () => {
  const {taskId, driverId} = fresh();
  const purchaserHmac = 'ab'.repeat(32);
  await offer(market, taskId, driverId);
  const asked = {driverId, reason: 'OTHER', detail: {idScan: {purchaserHmac, scanId: 'scan-9'}}};
  await changeTask(market.db, market.regionId, taskId, 'reject', asked);
  const dossier = await json(taskId);
  expect(JSON.stringify(dossier)).not.toContain(purchaserHmac);
  expect(dossier.verification.ok).toBe(true);
  expect(dossier.events.map(({withheld}: {withheld: string[]}) => withheld)).toEqual([[], [], ['purchaserHmac']]);
  expect(dossier.events[2].detail.idScan).toEqual({scanId: 'scan-9'});
  expect(JSON.parse(dossier.events[2].body).detail).toEqual(dossier.events[2].detail);
  const {body} = await page(taskId);
  expect(body).not.toContain(purchaserHmac);
  expect(body).toContain('withheld');
});

test('the page is static, lets nothing in, and says each event in words, in the region’s time and in UTC', async () => {
  const {taskId, driverId} = fresh();
  await bring(market, taskId, driverId, 'DELIVERED');
  const {statusCode, headers, body} = await page(taskId);
  expect(statusCode).toBe(200);
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  expect(headers['content-security-policy']).toContain("default-src 'none'");
  expect(body).not.toMatch(/<script|<style|\son\w+=|\sstyle=/);
  expect(body).toContain('The chain verifies.');
  expect(body).toContain(`Driver ${driverId} accepted the offer.`);
  expect(body).toContain('(2026-06-01T18:00:00.000Z)');
  expect(body).toMatch(/Mon,? 1 Jun 2026,? (at )?13:00:00 (CDT|GMT-5)/);
  const {events} = await json(taskId);
  for (const {hash} of events) expect(body).toContain(hash);
  for (const [, path] of body.matchAll(/(?:href|src)="([^"]+)"/g))
    expect((await app.inject(path)).statusCode).toBe(200);
});

const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</p></main><iframe src=javascript:alert(1)>',
  '<%= process.env %> <%~ it %> {{7*7}}',
  '&lt;b&gt; &amp;',
];

test.each(HOSTILE)('%s as a reason stays text', async (reason) => {
  const {taskId, driverId} = fresh();
  await offer(market, taskId, driverId);
  expect(await changeTask(market.db, market.regionId, taskId, 'reject', {driverId, reason})).toMatchObject({
    kind: 'done',
  });
  expect((await hold(taskId, {on: true, reason})).statusCode).toBe(200);
  const {body} = await page(taskId);
  const tags = new Set(Array.from(body.matchAll(/<\/?([a-z0-9]+)/gi), ([, tag]) => tag.toLowerCase()));
  for (const tag of ['script', 'img', 'iframe', 'style', 'b']) expect(tags, tag).not.toContain(tag);
  expect(body).not.toMatch(/<[^>]*\son\w+=/);
  const escaped = reason.replace(
    /[&<>"']/g,
    (c) => ({'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;'})[c]!,
  );
  expect(body).toContain(escaped);
});

test('a damaged chain is told by both, and its page still opens', async () => {
  const {taskId, driverId} = fresh();
  await bring(market, taskId, driverId, 'ASSIGNED');
  await rows(
    market.db,
    `update dossier_events set body = '{"kind":' where region_id = $1 and task_id = $2 and seq = 2`,
    [market.regionId, taskId],
  );
  const {verification, events} = await json(taskId);
  expect(verification).toMatchObject({ok: false, firstBad: {seq: 2, kind: 'altered'}});
  expect(events[1].detail).toBeNull();
  const {statusCode, body} = await page(taskId);
  expect(statusCode).toBe(200);
  expect(body).toContain('The chain does not verify.');
  expect(body).toContain('The text of this event cannot be read.');
});

test('a legal hold is set once and lifted once, for a reason', async () => {
  const {taskId} = fresh();
  expect((await hold(taskId, {on: true, reason: 'case 17'})).json()).toEqual({
    id: taskId,
    legalHold: true,
    repeated: false,
  });
  expect((await hold(taskId, {on: true, reason: 'case 17'})).json()).toMatchObject({repeated: true});
  expect((await json(taskId)).task.legalHold).toBe(true);
  expect((await page(taskId)).body).toContain('A legal hold was set by the operator, with the reason “case 17”');
  expect((await hold(taskId, {on: false, reason: 'closed'})).json()).toMatchObject({legalHold: false, repeated: false});
  expect((await hold(taskId, {on: true})).json()).toMatchObject({status: 400, code: 'INVALID'});
  expect((await hold(newId(), {on: true, reason: 'x'})).json()).toMatchObject({status: 404, code: 'TASK_NOT_FOUND'});
});

test('a task that is not there, or was purged, is told so', async () => {
  for (const url of ['dossier', 'dossier.html'].map((end) => `/v1/tasks/${newId()}/${end}`)) {
    expect((await app.inject(url)).json()).toMatchObject({status: 404, code: 'TASK_NOT_FOUND'});
  }
  const {taskId} = fresh();
  await changeTask(market.db, market.regionId, taskId, 'cancel', {});
  const {head} = await json(taskId);
  await at(market.db, NOW_MS + 31 * DAY_MS);
  await purgeDossiers(market.db, market.regionId, 100);
  const gone = (await app.inject(`/v1/tasks/${taskId}/dossier`)).json();
  expect(gone).toMatchObject({status: 404, code: 'TASK_PURGED'});
  expect(gone.detail).toContain(head.hash);
  expect((await page(taskId)).json()).toMatchObject({code: 'TASK_PURGED'});
});
