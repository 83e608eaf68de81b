// Rules, kill switches and eligibility over HTTP.

import type {FastifyInstance} from 'fastify';
import {afterAll, beforeAll, beforeEach, expect, test} from 'vitest';
import {recordPositions, upsertDrivers} from '../../src/db/drivers.ts';
import {changeTask, createTask} from '../../src/db/tasks.ts';
import {STARTING_RULE_CODES} from '../../src/domain/rule.ts';
import {
  at,
  bring,
  driverOf,
  HOUR_MS,
  type Market,
  MINUTE_MS,
  NOW_MS,
  newId,
  openMarket,
  proposalOf,
  propose,
  rows,
  taskOf,
} from '../db/market.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {fakeDispatch, fakeServer} from './world.ts';

let database: TestDatabase;
let market: Market;
let app: FastifyInstance;

beforeAll(async () => {
  database = await createDatabase();
});
beforeEach(async () => {
  market = await openMarket(database.db, {drivers: 2, tasks: 2});
  await app?.close();
  app = fakeServer(database.db, {dispatch: fakeDispatch({regions: [market.regionId]})});
});
afterAll(async () => {
  await app.close();
  await database.drop();
});

const ask = async (method: 'GET' | 'PUT' | 'DELETE', url: string, payload?: object) =>
  (await app.inject({method, url, ...(payload && {payload})})).json();
const get = (url: string) => ask('GET', url);
const iso = (ms: number) => new Date(ms).toISOString();
const codesOf = (answer: {reasons: {code: string}[]}) => answer.reasons.map(({code}) => code);

const NIGHTS = {
  sentence: 'Nothing is handed over at night.',
  source: 'test',
  predicate: {kind: 'sale-hours', hours: Array.from({length: 7}, () => [[480, 780]])},
};

test('rules are listed with sources; a new one is in force at once, and an ended one stays on record', async () => {
  const {rules} = await get('/v1/rules');
  expect(rules.map(({code}: {code: string}) => code)).toEqual(STARTING_RULE_CODES);
  expect(rules[7]).toEqual({
    code: 'DRIVER_UNDER_21',
    sentence: 'The driver is younger than 21.',
    source: 'CloudRun product rule',
    scope: 'driver',
    predicate: {kind: 'min-age', years: 21},
    validFrom: '2000-01-01T00:00:00.000Z',
    validUntil: null,
    putBy: 'CloudRun',
    endedBy: null,
  });
  const put = await ask('PUT', '/v1/rules/QUIET_NIGHTS', {...NIGHTS, actor: 'ann'});
  expect(put.rules.find(({code}: {code: string}) => code === 'QUIET_NIGHTS')).toEqual({
    ...NIGHTS,
    code: 'QUIET_NIGHTS',
    scope: 'pair',
    validFrom: iso(NOW_MS),
    validUntil: null,
    putBy: 'ann',
    endedBy: null,
  });
  // The hours end at 13:00, which it is: the task's latest time is at 16:00.
  const [t] = market.tasks;
  expect(await get(`/v1/tasks/${t}/eligibility`)).toEqual({
    eligible: false,
    at: iso(NOW_MS),
    reasons: [{code: 'QUIET_NIGHTS', sentence: NIGHTS.sentence, source: 'test', since: iso(NOW_MS)}],
  });
  const committed = await propose(market, [proposalOf(t, market.drivers[0])]);
  expect(committed.refused).toMatchObject([{reason: 'QUIET_NIGHTS'}]);
  await at(database.db, NOW_MS + MINUTE_MS);
  expect((await ask('DELETE', '/v1/rules/QUIET_NIGHTS?actor=bob')).rules).toHaveLength(rules.length);
  const past = await get('/v1/rules?past=true');
  expect(past.rules.at(-2)).toMatchObject({code: 'TASK_AGE_CHECK'});
  expect(past.rules.find(({code}: {code: string}) => code === 'QUIET_NIGHTS')).toMatchObject({
    validUntil: iso(NOW_MS + MINUTE_MS),
    endedBy: 'bob',
  });
  expect(await get(`/v1/tasks/${t}/eligibility`)).toMatchObject({eligible: true, reasons: []});
});

test('what is no rule is refused with what is wrong', async () => {
  const put = (given: object, code = 'X') => ask('PUT', `/v1/rules/${code}`, {...NIGHTS, ...given});
  expect(await put({predicate: {kind: 'full-moon'}})).toMatchObject({status: 400, code: 'INVALID'});
  expect(await put({predicate: {kind: 'min-age', years: 12}})).toMatchObject({status: 400, code: 'INVALID'});
  expect(await put({}, 'lower')).toMatchObject({status: 400, errors: [{field: 'params.code'}]});
  expect(await put({validFrom: iso(NOW_MS - 1)})).toMatchObject({status: 422, code: 'VALID_FROM_PAST'});
  const backwards = {kind: 'sale-hours', hours: Array.from({length: 7}, () => [[780, 480]])};
  expect(await put({predicate: backwards})).toMatchObject({status: 422, code: 'PREDICATE_INVALID'});
  expect(await ask('DELETE', '/v1/rules/NOWHERE')).toMatchObject({status: 404, code: 'RULE_UNKNOWN'});
  expect(await get('/v1/rules?regionId=nowhere')).toMatchObject({status: 404, code: 'REGION_UNKNOWN'});
});

test('a kill switch stops a category from the next commit on, and says who threw it', async () => {
  const switches = `/v1/regions/${market.regionId}/kill-switches`;
  expect(await get(switches)).toEqual({regionId: market.regionId, killSwitches: []});
  const thrown = {category: 'vape', since: iso(NOW_MS), until: null, reason: 'recall', setBy: 'ann'};
  const answer = await ask('PUT', `${switches}/vape`, {reason: 'recall', actor: 'ann'});
  expect(answer.killSwitches).toEqual([{...thrown, clearedBy: null, clearedReason: null}]);
  const [t] = market.tasks;
  expect(codesOf(await get(`/v1/tasks/${t}/eligibility`))).toEqual(['CATEGORY_KILLED']);
  const pair = proposalOf(t, market.drivers[0]);
  expect((await propose(market, [pair])).refused).toMatchObject([{reason: 'CATEGORY_KILLED'}]);
  await ask('PUT', `${switches}/*`, {reason: 'storm'});
  await ask('DELETE', `${switches}/vape?reason=over&actor=bob`);
  expect((await get(switches)).killSwitches).toMatchObject([
    {category: '*', until: null, setBy: 'operator'},
    {...thrown, until: iso(NOW_MS), clearedBy: 'bob', clearedReason: 'over'},
  ]);
  expect(codesOf(await get(`/v1/tasks/${t}/eligibility`))).toEqual(['CATEGORY_KILLED']);
  await ask('DELETE', `${switches}/%2A?reason=over`);
  expect((await propose(market, [pair])).landed).toHaveLength(1);
  expect(await ask('PUT', `${switches}/VAPE`, {reason: 'x'})).toMatchObject({status: 400});
  expect(await ask('PUT', `${switches}/vape`, {})).toMatchObject({status: 400, errors: [{field: 'reason'}]});
  expect(await get('/v1/regions/nowhere/kill-switches')).toMatchObject({status: 404, code: 'REGION_UNKNOWN'});
});

test('a driver hears every reason at once, in one order', async () => {
  const {db, regionId, drivers} = market;
  const [driver] = drivers;
  expect(await get(`/v1/drivers/${driver.toUpperCase()}/eligibility`)).toEqual({
    eligible: true,
    at: iso(NOW_MS),
    reasons: [],
  });
  await upsertDrivers(db, [driverOf(market, {id: driver, shiftOn: false, optedIn: false, bornOn: '2005-06-02'})]);
  await rows(db, `delete from driver_documents where driver_id = $1 and kind = 'licence'`, [driver]);
  await at(db, NOW_MS + HOUR_MS);
  const answer = await get(`/v1/drivers/${driver}/eligibility`);
  expect(codesOf(answer)).toEqual([
    'DRIVER_OFF_SHIFT',
    'DRIVER_POSITION_STALE',
    'DRIVER_LICENCE',
    'DRIVER_NOT_OPTED_IN',
    'DRIVER_UNDER_21',
  ]);
  expect(answer).toMatchObject({eligible: false, at: iso(NOW_MS + HOUR_MS)});
  expect(answer.reasons[2]).toEqual({
    code: 'DRIVER_LICENCE',
    sentence: expect.stringContaining('driving licence'),
    source: expect.stringContaining('521.021'),
    since: '2000-01-01T00:00:00.000Z',
  });
  expect(answer.reasons[1]).toEqual({code: 'DRIVER_POSITION_STALE', sentence: expect.any(String), source: 'dispatch'});
  await recordPositions(db, regionId, [{driverId: drivers[1], latE7: 1, lonE7: 1, recordedAtMs: NOW_MS + HOUR_MS}]);
  expect(await get(`/v1/drivers/${drivers[1]}/eligibility`)).toMatchObject({eligible: true});
  expect(await get(`/v1/drivers/${newId()}/eligibility`)).toMatchObject({status: 404, code: 'DRIVER_NOT_FOUND'});
});

test('a task hears what no driver could mend, whatever state it is in', async () => {
  const {db, tasks, drivers} = market;
  const id = newId();
  await createTask(db, taskOf(market, {id, units: 41, ageCheckUntilMs: null}));
  expect(codesOf(await get(`/v1/tasks/${id}/eligibility`))).toEqual(['TASK_AGE_CHECK', 'TASK_OVER_CARRY_LIMIT']);
  await bring(market, tasks[0], drivers[0], 'ASSIGNED');
  expect(codesOf(await get(`/v1/tasks/${tasks[0]}/eligibility`))).toEqual(['TASK_UNAVAILABLE']);
  expect(await changeTask(db, market.regionId, tasks[0], 'release', {driverId: drivers[0]})).toMatchObject({
    kind: 'done',
  });
  expect(await get(`/v1/tasks/${tasks[0]}/eligibility`)).toMatchObject({eligible: true});
  expect(await get(`/v1/tasks/${newId()}/eligibility`)).toMatchObject({status: 404, code: 'TASK_NOT_FOUND'});
});
