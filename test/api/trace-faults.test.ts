// A trace of what is damaged, too long, past its keeping, or not for everybody.
import {afterAll, beforeAll, expect, test} from 'vitest';
import {openTokens} from '../../src/api/access/tokens.ts';
import {clockOf} from '../../src/api/told-times.ts';
import {storyOf} from '../../src/api/trace-story.ts';
import {keepPayloadPartitions} from '../../src/db/ticks.ts';
import {readTrace} from '../../src/db/traces.ts';
import type {Scope} from '../../src/domain/access.ts';
import {bringOn, HOUR_MS, type Market, MINUTE_MS, NOW_MS, newId, offer, openMarket, rows} from '../db/market.ts';
import {offerAt, saveTickAt, TTL_S, troubledDelivery} from '../db/story.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {bearer, handClock, makeToken} from './access/tokens.ts';
import {fakeDispatch, fakeServer} from './world.ts';

let database: TestDatabase;
let market: Market;
let taskId: string;
beforeAll(async () => {
  database = await createDatabase();
  market = await openMarket(database.db, {drivers: 6, tasks: 6, settings: {offerTtlS: TTL_S, attemptsLimit: 50}});
  taskId = market.tasks[0];
  await troubledDelivery(market, taskId, market.tasks[1], market.drivers);
  await saveTickAt(market, 65_500, newId());
});
afterAll(() => database?.drop());

/** The routes of a daemon that dispatches these regions, as they answer a token of these scopes, or loopback. */
async function daemon(regions: readonly string[], scopes?: readonly Scope[]) {
  const {db, regionId} = market;
  // Its clock stands: it does not look whether there are tokens by now.
  const tokens = openTokens(db, handClock().clock, scopes !== undefined);
  const app = fakeServer(db, {dispatch: fakeDispatch({regions}), tokens});
  const headers = scopes ? bearer((await makeToken(db, scopes)).text) : {};
  return {
    close: () => app.close(),
    get: (id: string, end: string) => app.inject({url: `/v1/tasks/${id}/${end}?regionId=${regionId}`, headers}),
  };
}

test('ticks are counted from the last on; a wait that reaches beyond the limit says that there were more', async () => {
  const {db, regionId} = market;
  const counted = async (limit?: number) => {
    const found = await readTrace(db, regionId, taskId, limit);
    if (found.kind !== 'trace') throw new Error(found.kind);
    const {trace} = found;
    const waits = trace.phases.filter(({kind}) => kind === 'waiting');
    return {
      ticks: waits.map(({ticks, isCut}) => `${ticks}${isCut ? '+' : ''}`),
      refusals: waits.map(({refusals}) => refusals.length),
      sentences: storyOf(trace, clockOf('UTC')).flatMap(({kind, sentence}) => (kind === 'waited' ? [sentence] : [])),
    };
  };
  expect((await counted()).ticks).toEqual(['3', '3', '0']);
  expect((await counted(6)).ticks).toEqual(['3', '3', '0']);
  const five = await counted(5);
  expect([five.ticks, five.refusals]).toEqual([
    ['2+', '3', '0'],
    [0, 1, 0],
  ]);
  expect(five.sentences.slice(0, 2)).toEqual([
    'It waited 4 s: at least 2 ticks ran meanwhile and offered it to nobody; of those before them nothing is told.',
    'It waited 3 s: 3 ticks ran meanwhile and offered it to nobody.',
  ]);
  // The last tick of the second wait is the one whose proposal was refused.
  const one = await counted(1);
  expect([one.ticks, one.refusals]).toEqual([
    ['0+', '1+', '0'],
    [0, 1, 0],
  ]);
  expect(one.sentences[0]).toBe('It waited 4 s: the ticks that ran meanwhile are not counted.');
});

test('who may not ask a tick why is told neither what drivers were thought to do nor what it would cost', async () => {
  const PRICES = ['acceptance', 'costMs', 'termMs', 'nextBestCostMs'];
  for (const [scopes, sees] of [
    [['services'], false],
    [['services', 'read'], true],
    [['ops'], true],
  ] as const) {
    const {get, close} = await daemon([market.regionId], scopes);
    const told = (await get(taskId, 'trace')).json();
    for (const offered of told.offers)
      expect(PRICES.map((name) => offered[name] !== null)).toEqual(PRICES.map(() => sees));
    expect(told.offers[0]).toMatchObject({rank: 0, candidates: 4, pickup: {roadMs: 240_000}});
    const {body} = await get(taskId, 'trace.html');
    for (const text of [JSON.stringify(told), body]) {
      expect(/thought to accept|at a cost of|next best/.test(text)).toBe(sees);
      expect(text).toContain('(offer number 1): cheapest of 4');
    }
    expect(body.includes('decline 20 s')).toBe(sees);
    expect(body.includes('Why, by this tick')).toBe(sees);
    expect(body).toContain('npx cloudrun explain');
    await close();
  }
});

test('a tick is asked by a link where its region is dispatched, elsewhere by commands', async () => {
  const {get, close} = await daemon(['elsewhere']);
  const {body} = await get(taskId, 'trace.html');
  expect(body).not.toContain('/internal/dispatch/explain');
  expect(body).toContain(`npx cloudrun explain`);
  expect(body).toContain('thought to accept');
  await close();
});

test('a dossier whose instants cannot be read is traced all the same', async () => {
  const [, , damagedId] = market.tasks;
  const driverId = market.drivers[3];
  await offer(market, damagedId, driverId);
  await bringOn(market, damagedId, driverId, ['reject']);
  const offerId = await offer(market, damagedId, market.drivers[4]);
  await bringOn(market, damagedId, market.drivers[4], ['accept', 'pickup', 'deliver']);
  const damage = (change: string, seq: number) =>
    rows(market.db, `update dossier_events set ${change} where region_id = $1 and task_id = $2 and seq = $3`, [
      market.regionId,
      damagedId,
      seq,
    ]);
  await damage(`body = regexp_replace(body, '"ageCheckUntil":"[^"]*"', '"ageCheckUntil":"soon"')`, 1);
  await damage(`body = regexp_replace(body, '"(expiresAt|offer)":"[^"]*"', '"was":0', 'g')`, 2);
  for (const seq of [3, 7]) await damage(`at = 'infinity'`, seq);

  const {get, close} = await daemon([market.regionId]);
  const told = (await get(damagedId, 'trace')).json();
  expect(told).toMatchObject({
    verification: {ok: false, firstBad: {seq: 1}},
    handedOverAt: null,
    lateMs: null,
    phases: [
      {kind: 'waiting'},
      {kind: 'offered', until: null},
      {kind: 'waiting', from: null},
      {kind: 'offered'},
      {kind: 'to-pickup'},
      {kind: 'carrying', until: null},
    ],
  });
  const [created, , offered, rejected, waited] = told.timeline;
  expect(created.sentence).toContain('an age check that holds until at no readable time');
  expect(offered.sentence).toContain('open until at no readable time');
  expect(rejected).toMatchObject({kind: 'rejected', at: null});
  expect(waited).toMatchObject({at: null, ticks: null, sentence: 'It waited; for how long cannot be read.'});
  expect(told.offers.find((each: {offerId: string}) => each.offerId === offerId).handover).toMatchObject({
    actualAt: null,
    lateMs: null,
  });
  for (const end of ['trace.html', 'dossier.html']) {
    const {statusCode, body} = await get(damagedId, end);
    expect(statusCode).toBe(200);
    expect(body).toContain('does not verify.');
    expect(body).toContain('at no readable time</time>');
  }
  const {body} = await get(damagedId, 'trace.html');
  expect(body).toContain('<dt>Handed over</dt><dd>at no readable time</dd>');
  expect(body).not.toMatch(/NaN|Invalid/);
  await close();
});

test('a tick without a record and one whose payload is past its keeping are told apart', async () => {
  const [, , , droppedId, unrecordedId] = market.tasks;
  await offerAt(market, droppedId, market.drivers[3], 30 * MINUTE_MS);
  await offer(market, unrecordedId, market.drivers[5]);
  const {get, close} = await daemon([market.regionId]);
  const page = async (id: string) => (await get(id, 'trace.html')).body;
  expect(await page(droppedId)).toContain('npx cloudrun explain');
  await keepPayloadPartitions(market.db, {nowMs: NOW_MS + 3 * HOUR_MS, keepHours: 1});
  const [dropped, unrecorded] = [await page(droppedId), await page(unrecordedId)];
  expect(dropped).toContain('What this tick knew is past its keeping');
  expect(dropped).not.toContain('was never recorded');
  expect(unrecorded).toContain('This tick was never recorded');
  expect(unrecorded).not.toContain('past its keeping');
  for (const body of [dropped, unrecorded]) expect(body).not.toContain('npx cloudrun explain');
  expect((await get(droppedId, 'trace')).json().offers[0].tick).toMatchObject({solve: 'optimal', replayable: false});
  await close();
});
