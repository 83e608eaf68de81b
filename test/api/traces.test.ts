import type {FastifyInstance} from 'fastify';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {purgeDossiers} from '../../src/db/dossiers.ts';
import {changeTask} from '../../src/db/tasks.ts';
import {
  at,
  bring,
  bringOn,
  DAY_MS,
  HOUR_MS,
  type Market,
  MINUTE_MS,
  NOW_MS,
  newId,
  openMarket,
  rows,
} from '../db/market.ts';
import {offerAt, promising, saveTickAt, TTL_S, troubledDelivery} from '../db/story.ts';
import type {components} from '../golden/api.d.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {fakeDispatch, fakeServer} from './world.ts';

let database: TestDatabase;
let market: Market;
let app: FastifyInstance;
beforeAll(async () => {
  database = await createDatabase();
  market = await openMarket(database.db, {
    drivers: 12,
    tasks: 12,
    settings: {retentionDays: 30, offerTtlS: TTL_S, attemptsLimit: 50},
  });
  app = fakeServer(database.db, {dispatch: fakeDispatch({regions: [market.regionId]})});
});
afterAll(async () => {
  await app.close();
  await database.drop();
});

const traceOf = async (id: string): Promise<components['schemas']['Trace']> =>
  (await app.inject(`/v1/tasks/${id}/trace`)).json();
const pageOf = (id: string) => app.inject(`/v1/tasks/${id}/trace.html`);
const iso = (ms: number) => new Date(ms).toISOString();

test('a delivery is traced from its creation to the door, by ticks, offers, waits and promises', async () => {
  const [taskId, otherId] = market.tasks;
  const {tickIds, refusedTickId} = await troubledDelivery(market, taskId, otherId, market.drivers);
  const [first, second, third] = market.drivers;
  const told = await traceOf(taskId);
  expect(told.timeline.map(({kind}) => kind)).toEqual([
    'created',
    'waited',
    'offered',
    'timed-out',
    'waited',
    'refused',
    'offered',
    'rejected',
    'waited',
    'offered',
    'accepted',
    'picked-up',
    'delivered',
  ]);
  expect(told.timeline.filter(({kind}) => kind === 'waited').map(({ticks}) => ticks)).toEqual([3, 2, 0]);
  expect(told.timeline[5]).toMatchObject({tickId: refusedTickId, driverId: second, reason: 'DRIVER_UNAVAILABLE'});
  expect(told.timeline[7]).toMatchObject({actor: `driver:${second}`, reason: 'TOO_HEAVY', seq: 5});
  expect(told.timeline[4].sentence).toBe('It waited 3 s: 2 ticks ran meanwhile and offered it to nobody.');
  expect(
    told.offers.map(({tick: {id, ...tick}, driverId, state, reason}) => [id, driverId, state, reason, tick]),
  ).toEqual(
    [
      [tickIds[0], first, 'TIMEOUT', null],
      [tickIds[1], second, 'REJECTED', 'TOO_HEAVY'],
      [tickIds[2], third, 'ACCEPTED', null],
    ].map((offer, i) => [
      ...offer,
      {
        at: iso(NOW_MS + [4_000, 68_000, 81_000][i]),
        trigger: 'loop',
        solve: 'optimal',
        certified: true,
        replayable: true,
      },
    ]),
  );
  expect(told.phases.map(({kind}) => kind)).toEqual([
    ...['waiting', 'offered', 'waiting', 'offered', 'waiting', 'offered'],
    ...['to-pickup', 'carrying'],
  ]);
  const {pickupAtMs, dropAtMs} = promising(81_000);
  expect(told.offers[2]).toMatchObject({
    rank: 0,
    candidates: 4,
    acceptance: 0.75,
    termMs: {pickup: 240_000, decline: 20_000},
    pickup: {roadMs: 240_000, correctionMs: 30_000, promisedAt: iso(pickupAtMs), lateMs: MINUTE_MS},
    handover: {roadMs: 600_000, correctionMs: 0, promisedAt: iso(dropAtMs), lateMs: -40_000},
  });
  expect(told.offers[0].pickup).toMatchObject({actualAt: null, lateMs: null});
  expect(told).toMatchObject({
    handedOverAt: iso(dropAtMs - 40_000),
    lateMs: dropAtMs - 40_000 - NOW_MS - HOUR_MS,
    verification: {ok: true, firstBad: null},
    offersLeftOut: 0,
    refusalsLeftOut: 0,
  });
});

test('its page is static, lets nothing in, and names every tick with the commands that ask it', async () => {
  const [taskId] = market.tasks;
  const {offers} = await traceOf(taskId);
  const {statusCode, headers, body} = await pageOf(taskId);
  expect([statusCode, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  expect(headers['content-security-policy']).toContain("default-src 'none'");
  expect(body).not.toMatch(/<script|<style|\son\w+=|\sstyle=/);
  for (const {tick} of offers) {
    expect(body).toContain(`npx cloudrun explain ${tick.id} --task ${taskId}`);
    expect(body).toContain(`npx cloudrun replay ${tick.id}`);
  }
  expect(body).toMatch(/Pick-up<\/th>.*13:05:51.*13:06:51.*1 min late.*4 min<.*\+30 s/);
  expect(body).toMatch(/Hand-over<\/th>.*40 s early.*10 min<.*nothing/);
  expect(body).toContain('of America/Chicago (GMT-5), of Mon');
  expect(body).toMatch(/<rect class="phase p-carrying" x="[\d.]+%"/);
  const links = Array.from(body.matchAll(/(?:href|src)="([^"]+)"/g), ([, path]) => path.replaceAll('&amp;', '&'));
  expect(links.filter((path) => path.startsWith('/internal/dispatch/explain?')).length).toBe(4);
  for (const path of links.filter((each) => !each.startsWith('/internal')))
    expect([path, (await app.inject(path)).statusCode]).toEqual([path, 200]);
  expect((await app.inject(`/v1/tasks/${taskId}/dossier.html`)).body).toContain(`/v1/tasks/${taskId}/trace.html`);
});

test('goods that go back, an offer without a promise and a tick without a record are told as such', async () => {
  const taskId = market.tasks[2];
  const driverId = market.drivers[3];
  await at(market.db, NOW_MS);
  await bring(market, taskId, driverId, 'RETURNED');
  await rows(
    market.db,
    `update offer_logs set features = features - array['pickupAtMs', 'dropAtMs', 'pickupCorrectionMs',
       'dropCorrectionMs'] || '{"version": 1}' where region_id = $1 and task_id = $2`,
    [market.regionId, taskId],
  );
  const {timeline, phases, offers, handedOverAt} = await traceOf(taskId);
  expect(timeline.map(({kind}) => kind)).toEqual([
    ...['created', 'offered', 'accepted', 'picked-up', 'verification-failed', 'returned'],
  ]);
  expect(phases.at(-1)).toMatchObject({kind: 'returning'});
  expect(handedOverAt).toBe(iso(NOW_MS));
  expect(offers[0].tick).toMatchObject({at: null, solve: null, replayable: false});
  expect(offers[0].handover).toEqual({
    roadMs: 600_000,
    promisedAt: null,
    correctionMs: null,
    actualAt: iso(NOW_MS),
    lateMs: null,
  });
  const {body} = await pageOf(taskId);
  expect(body).toContain('no promise recorded');
  expect(body).toContain('never recorded');
});

test('a task that was opened again has a gap, and goes on waiting until now', async () => {
  const taskId = market.tasks[3];
  await at(market.db, NOW_MS + MINUTE_MS);
  await bringOn(market, taskId, undefined, ['cancel']);
  await at(market.db, NOW_MS + 10 * MINUTE_MS);
  await bringOn(market, taskId, undefined, ['re-open']);
  await saveTickAt(market, 11 * MINUTE_MS, newId());
  await saveTickAt(market, 5 * MINUTE_MS, newId());
  await at(market.db, NOW_MS + 12 * MINUTE_MS);
  const {timeline, phases, asOf} = await traceOf(taskId);
  expect(timeline.map(({kind}) => kind)).toEqual(['created', 'waited', 'cancelled', 're-opened', 'waited']);
  expect(phases.map(({from, until}) => [from, until])).toEqual([
    [iso(NOW_MS), iso(NOW_MS + MINUTE_MS)],
    [iso(NOW_MS + 10 * MINUTE_MS), null],
  ]);
  expect(asOf).toBe(iso(NOW_MS + 12 * MINUTE_MS));
  expect(timeline[4].sentence).toBe(
    'It has been waiting for 2 min so far: 1 tick ran meanwhile and offered it to nobody.',
  );
  const early = (await pageOf(taskId)).body;
  expect(early).toContain('not yet: due in 48 min');
  // On the bar, the due time would squeeze all that has happened into a fifth.
  expect(early).not.toContain('due 14:00:00');
  await at(market.db, NOW_MS + 62 * MINUTE_MS);
  const late = (await pageOf(taskId)).body;
  expect(late).toContain('not yet: 2 min late so far');
  expect(late).toMatch(/<line class="mark" x1="96.77%".*due 14:00:00/s);
  await at(market.db, NOW_MS + 12 * MINUTE_MS);
});

test('of very many offers the latest are told, and how many came before', async () => {
  const taskId = market.tasks[4];
  const driverId = market.drivers[4];
  await offerAt(market, taskId, driverId, 13 * MINUTE_MS);
  await rows(
    market.db,
    `with made as (
       insert into offers (region_id, id, task_id, driver_id, bundle_id, stop_sequence, tick_id, state, created_at,
         expires_at, closed_at)
       select region_id, gen_random_uuid(), task_id, driver_id, bundle_id, stop_sequence, tick_id, 'REJECTED',
         created_at - interval '1 second' * n, expires_at, created_at
       from offers, generate_series(1, 204) n where region_id = $1 and task_id = $2 returning *)
     insert into offer_logs (region_id, offer_id, task_id, driver_id, tick_id, created_at, features)
     select made.region_id, made.id, made.task_id, made.driver_id, made.tick_id, made.created_at, log.features
     from made join offer_logs log on log.region_id = made.region_id and log.task_id = made.task_id`,
    [market.regionId, taskId],
  );
  const {offers, offersLeftOut} = await traceOf(taskId);
  expect([offers.length, offersLeftOut, offers.at(-1)?.state]).toEqual([200, 5, 'OPEN']);
  expect((await pageOf(taskId)).body).toContain('Of 5 earlier offers only the events are told.');
});

test('what a caller gave as a reason stays text, and a chain that was altered is told by both', async () => {
  const taskId = market.tasks[5];
  const driverId = market.drivers[5];
  await offerAt(market, taskId, driverId, 14 * MINUTE_MS);
  const reason = '"><script>alert(1)</script>';
  await changeTask(market.db, market.regionId, taskId, 'reject', {driverId, reason});
  expect((await traceOf(taskId)).offers[0].reason).toBe(reason);
  const {tick} = (await traceOf(taskId)).offers[0];
  await rows(
    market.db,
    `update dossier_events set body = replace(body, $3, '; rm -rf ~')
     where region_id = $1 and task_id = $2 and seq = 2`,
    [market.regionId, taskId, tick.id],
  );
  const altered = (await pageOf(taskId)).body;
  expect(altered).toContain(`npx cloudrun explain ${tick.id} --task`);
  expect(altered).not.toContain('rm -rf');
  await rows(
    market.db,
    `update dossier_events set body = '{"kind":' where region_id = $1 and task_id = $2 and seq = 2`,
    [market.regionId, taskId],
  );
  expect(await traceOf(taskId)).toMatchObject({verification: {ok: false, firstBad: {seq: 2, kind: 'altered'}}});
  const {statusCode, body} = await pageOf(taskId);
  expect(statusCode).toBe(200);
  expect(body).toContain('does not verify.');
  expect(body).toContain('class="event e-offered bad"');
  expect(body).not.toContain('<script');
  expect(body).toContain('&lt;script&gt;');
});

test('a task that is not there, or was purged, is told so', async () => {
  for (const end of ['trace', 'trace.html']) {
    const missing = (await app.inject(`/v1/tasks/${newId()}/${end}`)).json();
    expect(missing).toMatchObject({status: 404, code: 'TASK_NOT_FOUND'});
  }
  await at(market.db, NOW_MS + 31 * DAY_MS);
  await purgeDossiers(market.db, market.regionId, 100);
  for (const end of ['trace', 'trace.html']) {
    const gone = (await app.inject(`/v1/tasks/${market.tasks[0]}/${end}`)).json();
    expect(gone).toMatchObject({status: 404, code: 'TASK_PURGED', detail: expect.stringContaining('last hash')});
  }
});
