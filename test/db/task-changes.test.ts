import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest';
import {readDriver} from '../../src/db/drivers.ts';
import {readInvariantViolations} from '../../src/db/invariants.ts';
import {expireOffers} from '../../src/db/offers.ts';
import {endRule, putRule} from '../../src/db/rules.ts';
import {type AskedAction, changeTask, readTask} from '../../src/db/tasks.ts';
import type {RulePredicate} from '../../src/domain/rule.ts';
import {TASK_ACTIONS, TASK_CHANGES, TASK_STATES, type TaskAction, type TaskState} from '../../src/domain/state.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {EVERYWHERE} from './compliance-arbitrary.ts';
import {
  at,
  bring,
  EVIDENCE,
  HOUR_MS,
  type Market,
  MINUTE_MS,
  NOW_MS,
  offer,
  openMarket,
  proposalOf,
  propose,
  rows,
} from './market.ts';

let database: TestDatabase;
let market: Market;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());
afterEach(async () => {
  expect(await readInvariantViolations(market.db, market.regionId)).toEqual([]);
});

/** Asks for an action in the way that belongs to it; returns the state that stands then. */
async function ask(action: TaskAction, taskId: string, driverId: string): Promise<TaskState> {
  const {db, regionId} = market;
  if (action === 'offer') await propose(market, [proposalOf(taskId, driverId)]);
  else if (action === 'time-out') {
    // The driver's offer is due, no task is late.
    await at(db, NOW_MS + 2 * MINUTE_MS);
    await expireOffers(db, regionId, 10);
  } else if (action === 'fail') {
    // Every task is late; an open offer stays open if the sweeper comes before it is due.
    await rows(db, `update delivery_tasks set ready_at = $2, due_at = $2, latest_at = $2 where region_id = $1`, [
      regionId,
      NOW_MS,
    ]);
    await expireOffers(db, regionId, 10);
  } else if (action === 're-open') {
    await changeTask(db, regionId, taskId, action, {detail: {latestAtMs: NOW_MS + HOUR_MS}});
  } else {
    await changeTask(db, regionId, taskId, action, action === 'cancel' ? {} : {driverId, ...EVIDENCE[action]});
  }
  return (await readTask(db, regionId, taskId))!.state;
}

async function bringAnywhere(taskId: string, driverId: string, state: TaskState): Promise<void> {
  if (state === 'FAILED') {
    await ask('fail', taskId, driverId);
  } else if (state === 'EXPIRED') {
    await bring(market, taskId, driverId, 'OFFERED');
    await ask('time-out', taskId, driverId);
  } else {
    await bring(market, taskId, driverId, state);
  }
  expect((await readTask(market.db, market.regionId, taskId))!.state).toBe(state);
}

describe.each(TASK_STATES)('from %s', (state) => {
  test.each(TASK_ACTIONS)('%s does what the table of changes says, or nothing', async (action) => {
    market = await openMarket(database.db, {drivers: 1, tasks: 1});
    const [taskId] = market.tasks;
    const [driverId] = market.drivers;
    await bringAnywhere(taskId, driverId, state);
    const [before] = await rows<{dossier_seq: number}>(
      market.db,
      'select dossier_seq from delivery_tasks where region_id = $1 and id = $2',
      [market.regionId, taskId],
    );
    const legal = TASK_CHANGES[state][action];
    expect(await ask(action, taskId, driverId)).toBe(legal ?? state);
    const [after] = await rows<{dossier_seq: number}>(
      market.db,
      'select dossier_seq from delivery_tasks where region_id = $1 and id = $2',
      [market.regionId, taskId],
    );
    expect(after.dossier_seq - before.dossier_seq).toBe(legal ? 1 : 0);
  });
});

describe('who asks', () => {
  const change = (taskId: string, action: AskedAction, driverId?: string) =>
    changeTask(market.db, market.regionId, taskId, action, {...(driverId && {driverId}), ...EVIDENCE[action]});

  test('the driver who asks again is told that it is done, and nothing is written twice', async () => {
    market = await openMarket(database.db, {drivers: 1, tasks: 1});
    const [taskId] = market.tasks;
    const [driverId] = market.drivers;
    const offerId = await offer(market, taskId, driverId);
    const first = {kind: 'done', state: 'ASSIGNED', repeated: false, offerId};
    expect(await change(taskId, 'accept', driverId)).toEqual(first);
    expect(await change(taskId, 'accept', driverId)).toEqual({...first, repeated: true});
    for (const [action, state] of [
      ['pickup', 'PICKED_UP'],
      ['fail-verification', 'RETURNING'],
      ['return', 'RETURNED'],
    ] as const) {
      expect(await change(taskId, action, driverId)).toMatchObject({kind: 'done', state, repeated: false});
      expect(await change(taskId, action, driverId)).toMatchObject({kind: 'done', state, repeated: true});
    }
    expect(await change(taskId, 'accept', driverId)).toEqual({
      kind: 'conflict',
      state: 'RETURNED',
      reason: 'WRONG_STATE',
    });
  });

  test('a rejection and a cancellation can be repeated too', async () => {
    market = await openMarket(database.db, {drivers: 1, tasks: 1});
    const [taskId] = market.tasks;
    const [driverId] = market.drivers;
    await offer(market, taskId, driverId);
    expect(await change(taskId, 'reject', driverId)).toMatchObject({kind: 'done', state: 'PENDING', repeated: false});
    expect(await change(taskId, 'reject', driverId)).toMatchObject({kind: 'done', state: 'PENDING', repeated: true});
    expect(await change(taskId, 'cancel')).toMatchObject({kind: 'done', state: 'CANCELLED', repeated: false});
    expect(await change(taskId, 'cancel')).toMatchObject({kind: 'done', state: 'CANCELLED', repeated: true});
  });

  test('another driver, or nobody where a driver must act, is refused', async () => {
    market = await openMarket(database.db, {drivers: 2, tasks: 1});
    const [taskId] = market.tasks;
    const [driverId, other] = market.drivers;
    await offer(market, taskId, driverId);
    const notYours = {kind: 'conflict', state: 'OFFERED', reason: 'NOT_YOURS'};
    expect(await change(taskId, 'accept', other)).toEqual(notYours);
    expect(await change(taskId, 'reject', other)).toEqual(notYours);
    expect(await change(taskId, 'accept')).toEqual(notYours);
    expect(await change(taskId, 'accept', driverId)).toMatchObject({kind: 'done'});
    expect(await change(taskId, 'accept', other)).toEqual({...notYours, state: 'ASSIGNED'});
    expect(await change(taskId, 'release')).toMatchObject({kind: 'done', state: 'PENDING'});
  });

  test('an unknown task is not found, also under the name of another region', async () => {
    market = await openMarket(database.db);
    const [taskId] = market.tasks;
    expect(await change(market.drivers[0], 'cancel')).toEqual({kind: 'not-found'});
    expect(await changeTask(market.db, 'elsewhere', taskId, 'cancel')).toEqual({kind: 'not-found'});
  });
});

test('goods are not handed over when a rule of the hand-over does not hold at the door', async () => {
  market = await openMarket(database.db, {drivers: 1, tasks: 1});
  const {db, regionId} = market;
  const [taskId] = market.tasks;
  const [driverId] = market.drivers;
  await bring(market, taskId, driverId, 'PICKED_UP');
  const deliver = () => changeTask(db, regionId, taskId, 'deliver', {driverId, ...EVIDENCE.deliver});
  const refusal = async () => {
    const changed = await deliver();
    return changed.kind === 'conflict' ? changed.reason : changed.kind;
  };
  const put = (code: string, predicate: RulePredicate) =>
    putRule(db, regionId, {code, sentence: `${code}.`, source: 'test', predicate, validFromMs: null}, 'test');
  // Ends at 14:00 where it is 13:00.
  const hours = Array.from({length: 7}, (): [number, number][] => [[480, 840]]);
  await put('MORNINGS', {kind: 'sale-hours', hours, categories: ['vape']});
  await put('OTHERS', {kind: 'no-sale-area', area: EVERYWHERE, categories: ['hemp']});
  await at(db, NOW_MS + HOUR_MS);
  expect(await refusal()).toBe('OUTSIDE_SALE_HOURS');
  await put('MORNINGS', {kind: 'sale-hours', hours, categories: ['hemp']});
  await put('DRY', {kind: 'no-sale-area', area: EVERYWHERE});
  await at(db, NOW_MS + HOUR_MS + 1);
  expect(await refusal()).toBe('NO_SALE_AREA');
  await endRule(db, regionId, 'DRY', null, 'test');
  await at(db, NOW_MS + 24 * HOUR_MS);
  expect(await refusal()).toBe('AGE_CHECK_ENDED');
  await endRule(db, regionId, 'TASK_AGE_CHECK', null, 'test');
  await at(db, NOW_MS + 24 * HOUR_MS + 1);
  expect(await refusal()).toBe('done');
});

test('an offer cannot be answered from the millisecond it expires, swept or not', async () => {
  market = await openMarket(database.db, {drivers: 2, tasks: 2});
  const [early, late] = market.tasks;
  await offer(market, early, market.drivers[0]);
  await offer(market, late, market.drivers[1]);
  await at(market.db, NOW_MS + MINUTE_MS - 1);
  expect(await changeTask(market.db, market.regionId, early, 'accept', {driverId: market.drivers[0]})).toMatchObject({
    kind: 'done',
  });
  await at(market.db, NOW_MS + MINUTE_MS);
  const by = {driverId: market.drivers[1]};
  const expired = {kind: 'conflict', state: 'OFFERED', reason: 'OFFER_EXPIRED'};
  expect(await changeTask(market.db, market.regionId, late, 'accept', by)).toEqual(expired);
  expect(await changeTask(market.db, market.regionId, late, 'reject', by)).toEqual(expired);
  expect(await expireOffers(market.db, market.regionId, 10)).toEqual({expired: 1, failed: 0, slot: 0});
  expect(await changeTask(market.db, market.regionId, late, 'accept', by)).toEqual({...expired, state: 'EXPIRED'});
});

test('a task is re-opened only with time left, as new for attempts and with its history', async () => {
  market = await openMarket(database.db, {drivers: 1, tasks: 1});
  const {db, regionId} = market;
  const [taskId] = market.tasks;
  await bring(market, taskId, market.drivers[0], 'OFFERED');
  await at(db, NOW_MS + 4 * HOUR_MS);
  await expireOffers(db, regionId, 10);
  expect((await readTask(db, regionId, taskId))!.state).toBe('FAILED');
  const late = {kind: 'conflict', state: 'FAILED', reason: 'TASK_LATE'};
  expect(await changeTask(db, regionId, taskId, 're-open')).toEqual(late);
  const latestAtMs = NOW_MS + 5 * HOUR_MS;
  expect(await changeTask(db, regionId, taskId, 're-open', {detail: {latestAtMs}})).toMatchObject({kind: 'done'});
  expect(await readTask(db, regionId, taskId)).toMatchObject({
    state: 'PENDING',
    attempts: 0,
    latestAtMs,
    driverId: null,
  });
  const events = await rows<{kind: string}>(
    db,
    'select kind from dossier_events where region_id = $1 and task_id = $2 order by seq',
    [regionId, taskId],
  );
  expect(events.map(({kind}) => kind)).toEqual(['created', 'offered', 'timed-out', 'failed', 're-opened']);
});

test('a rejection leaves its reason in the log of the offer and the dossier', async () => {
  market = await openMarket(database.db, {drivers: 1, tasks: 1});
  const {db, regionId} = market;
  const [taskId] = market.tasks;
  const [driverId] = market.drivers;
  const offerId = await offer(market, taskId, driverId);
  await changeTask(db, regionId, taskId, 'reject', {
    driverId,
    reason: 'too far',
    detail: {z: 1, a: ['ä', {c: 1, b: null}]},
  });
  const [log] = await rows(
    db,
    'select outcome, outcome_at, outcome_reason, features from offer_logs where offer_id = $1',
    [offerId],
  );
  expect(log).toMatchObject({
    outcome: 'REJECTED',
    outcome_at: NOW_MS,
    outcome_reason: 'too far',
    features: {version: 2},
  });
  const [event] = await rows<{body: string}>(
    db,
    'select body from dossier_events where region_id = $1 and task_id = $2 order by seq desc limit 1',
    [regionId, taskId],
  );
  expect(event.body).toBe(
    `{"actor":"driver:${driverId}","at":"2026-06-01T18:00:00.000Z","detail":{"a":["ä",{"b":null,"c":1}],` +
      `"driver":"${driverId}","from":"OFFERED","offer":"${offerId}","reason":"too far","z":1},` +
      `"kind":"rejected","seq":3,"task":"${taskId}"}`,
  );
});

test('the status of a driver and its periods follow the work in hand', async () => {
  market = await openMarket(database.db, {drivers: 1, tasks: 1});
  const {db, regionId} = market;
  const [taskId] = market.tasks;
  const [driverId] = market.drivers;
  const status = async () => (await readDriver(db, regionId, driverId))!.status;
  const steps: [AskedAction, string][] = [
    ['accept', 'EN_ROUTE'],
    ['pickup', 'CARRYING'],
    ['fail-verification', 'RETURNING'],
    ['return', 'AVAILABLE'],
  ];
  await offer(market, taskId, driverId);
  expect(await status()).toBe('OFFERED');
  for (const [i, [action, expected]] of steps.entries()) {
    await at(db, NOW_MS + (i + 1) * 10_000);
    await changeTask(db, regionId, taskId, action, {driverId, ...EVIDENCE[action]});
    expect(await status()).toBe(expected);
  }
  const periods = await rows(
    db,
    'select kind, started_at, paid_before_ms from driver_periods where region_id = $1 and driver_id = $2 order by seq',
    [regionId, driverId],
  );
  expect(periods).toEqual([
    {kind: 'available', started_at: NOW_MS, paid_before_ms: 0},
    {kind: 'to-pickup', started_at: NOW_MS + 10_000, paid_before_ms: 0},
    {kind: 'carrying', started_at: NOW_MS + 20_000, paid_before_ms: 10_000},
    {kind: 'returning', started_at: NOW_MS + 30_000, paid_before_ms: 20_000},
    {kind: 'available', started_at: NOW_MS + 40_000, paid_before_ms: 30_000},
  ]);
});
