import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {putDocuments, upsertDrivers} from '../../src/db/drivers.ts';
import {readInvariantViolations} from '../../src/db/invariants.ts';
import {claimLease, releaseLease} from '../../src/db/leases.ts';
import {commitOffers} from '../../src/db/offers.ts';
import {setKillSwitch} from '../../src/db/rules.ts';
import {upsertStores} from '../../src/db/stores.ts';
import {changeTask, createTask, readTask} from '../../src/db/tasks.ts';
import type {Refusal} from '../../src/domain/offer.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import * as market from './market.ts';
import {DAY_MS, FEATURES, HOUR_MS, type Market, MINUTE_MS, NOW_MS, newId, proposalOf, propose, rows} from './market.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());
const openMarket = (options?: market.MarketOptions) => market.openMarket(database.db, options);

test('a batch lands whole: offers, logs, events, tasks and drivers', async () => {
  const m = await openMarket({drivers: 3, tasks: 3});
  const {db, regionId, fence} = m;
  const tickId = newId();
  const proposals = m.tasks.map((taskId, i) => proposalOf(taskId, m.drivers[2 - i]));
  const committed = await commitOffers(db, {regionId, fence, tickId, proposals});
  const expiresAtMs = NOW_MS + MINUTE_MS;
  expect(committed).toMatchObject({kind: 'committed', repeated: false, atMs: NOW_MS, refused: []});
  if (committed.kind !== 'committed') return;
  expect(committed.landed).toEqual(
    proposals.map(({taskId, driverId}) => ({offerId: expect.any(String), taskId, driverId, expiresAtMs})),
  );
  for (const {offerId, taskId, driverId} of committed.landed) {
    expect(await readTask(db, regionId, taskId)).toMatchObject({
      state: 'OFFERED',
      driverId,
      offerId,
      offerExpiresAtMs: expiresAtMs,
      attempts: 1,
    });
    expect(await rows(db, 'select * from offers where region_id = $1 and id = $2', [regionId, offerId])).toEqual([
      {
        region_id: regionId,
        id: offerId,
        task_id: taskId,
        driver_id: driverId,
        bundle_id: offerId,
        stop_sequence: 1,
        tick_id: tickId,
        state: 'OPEN',
        created_at: NOW_MS,
        expires_at: expiresAtMs,
        closed_at: null,
      },
    ]);
    const logs = await rows(db, 'select features, outcome from offer_logs where offer_id = $1', [offerId]);
    expect(logs).toEqual([{features: FEATURES, outcome: null}]);
    const [event] = await rows<{body: string}>(
      db,
      'select body from dossier_events where region_id = $1 and task_id = $2 and seq = 2',
      [regionId, taskId],
    );
    expect(JSON.parse(event.body)).toMatchObject({
      actor: 'dispatch',
      kind: 'offered',
      detail: {attempt: 1, driver: driverId, offer: offerId, tick: tickId, expiresAt: '2026-06-01T18:01:00.000Z'},
    });
  }
  expect(await readInvariantViolations(db, regionId)).toEqual([]);
});

test('no proposals are a batch too', async () => {
  const m = await openMarket();
  expect(await propose(m, [])).toEqual({kind: 'committed', repeated: false, atMs: NOW_MS, landed: [], refused: []});
});

test('a tick again answers its first outcome, whatever it proposes then and whoever holds the lease', async () => {
  const m = await openMarket({drivers: 2, tasks: 2});
  const {db, regionId} = m;
  const tickId = newId();
  const [t0, t1] = m.tasks;
  const [d0, d1] = m.drivers;
  const first = await propose(m, [proposalOf(t0, d0), proposalOf(newId(), d1)], tickId);
  expect(first).toMatchObject({landed: [{taskId: t0}], refused: [{driverId: d1, reason: 'TASK_UNAVAILABLE'}]});
  await changeTask(db, regionId, t0, 'reject', {driverId: d0});
  expect(await propose(m, [proposalOf(t1, d1)], tickId)).toEqual({...first, repeated: true});
  await releaseLease(db, regionId, m.fence);
  await claimLease(db, regionId, 'another', HOUR_MS);
  expect(await propose(m, [proposalOf(t1, d1)], tickId)).toEqual({...first, repeated: true});
  expect(await rows(db, 'select from offers where region_id = $1', [regionId])).toHaveLength(1);
});

describe('the fence', () => {
  test('decides nothing once another daemon owns the region', async () => {
    const m = await openMarket();
    const {db, regionId} = m;
    const batch = {regionId, tickId: newId(), proposals: [proposalOf(m.tasks[0], m.drivers[0])]};
    await releaseLease(db, regionId, m.fence);
    expect(await claimLease(db, regionId, 'another', HOUR_MS)).toEqual({kind: 'held', fence: m.fence + 1});
    expect(await commitOffers(db, {...batch, fence: m.fence})).toEqual({kind: 'fenced'});
    expect((await readTask(db, regionId, m.tasks[0]))!.state).toBe('PENDING');
    expect(await commitOffers(db, {...batch, fence: m.fence + 1})).toMatchObject({kind: 'committed', repeated: false});
  });

  test('decides nothing once the lease has run out, though nobody took it', async () => {
    const m = await openMarket();
    const {db, regionId, fence} = m;
    expect(await claimLease(db, regionId, 'test', 0)).toEqual({kind: 'held', fence});
    const batch = {regionId, fence, tickId: newId(), proposals: [proposalOf(m.tasks[0], m.drivers[0])]};
    expect(await commitOffers(db, batch)).toEqual({kind: 'fenced'});
    expect(await claimLease(db, regionId, 'test', HOUR_MS)).toEqual({kind: 'held', fence});
    expect(await commitOffers(db, batch)).toMatchObject({kind: 'committed', repeated: false});
  });
});

describe('what does not land', () => {
  /** Changes the world after the tick was solved, then expects the first pair to be refused and the second to land. */
  const cases: [title: string, refusal: Refusal, change: (m: Market) => Promise<unknown>][] = [
    ['a task that was cancelled', 'TASK_UNAVAILABLE', (m) => changeTask(m.db, m.regionId, m.tasks[0], 'cancel')],
    [
      'a task that is late',
      'TASK_LATE',
      (m) => rows(m.db, 'update delivery_tasks set due_at = $2, latest_at = $2 where id = $1', [m.tasks[0], NOW_MS]),
    ],
    [
      'a purchaser whose age check has expired',
      'TASK_AGE_CHECK',
      (m) => rows(m.db, 'update delivery_tasks set age_check_until = $2 where id = $1', [m.tasks[0], NOW_MS]),
    ],
    [
      'a purchaser whose age was never checked',
      'TASK_AGE_CHECK',
      (m) => rows(m.db, 'update delivery_tasks set age_check_until = null where id = $1', [m.tasks[0]]),
    ],
    [
      'a category that was switched off',
      'CATEGORY_KILLED',
      async (m) => {
        await rows(m.db, `update delivery_tasks set category = 'hemp' where id = $1`, [m.tasks[0]]);
        await setKillSwitch(m.db, m.regionId, 'hemp', true, 'court order', 'test');
      },
    ],
    [
      'a driver off shift',
      'DRIVER_UNAVAILABLE',
      (m) => upsertDrivers(m.db, [market.driverOf(m, {id: m.drivers[0], shiftOn: false})]),
    ],
    [
      'a driver who opted out',
      'DRIVER_NOT_OPTED_IN',
      (m) => upsertDrivers(m.db, [market.driverOf(m, {id: m.drivers[0], optedIn: false})]),
    ],
    [
      'a driver the day before turning 21',
      'DRIVER_UNDER_21',
      (m) => upsertDrivers(m.db, [market.driverOf(m, {id: m.drivers[0], bornOn: '2005-06-02'})]),
    ],
    [
      'a driver born on 29 February, on the 28th',
      'DRIVER_UNDER_21',
      async (m) => {
        await upsertDrivers(m.db, [market.driverOf(m, {id: m.drivers[0], bornOn: '2000-02-29'})]);
        await market.at(m.db, Date.UTC(2021, 1, 28, 18));
        // The second pair has to be possible as long ago, too.
        await rows(m.db, 'update driver_documents set valid_from = $2 where region_id = $1', [m.regionId, 0]);
      },
    ],
    [
      'a driver whose licence was revoked',
      'DRIVER_LICENCE',
      (m) =>
        putDocuments(m.db, m.regionId, [
          {
            driverId: m.drivers[0],
            kind: 'licence',
            validFromMs: NOW_MS - 5 * DAY_MS,
            validUntilMs: NOW_MS + DAY_MS,
            checkedAtMs: NOW_MS,
            revoked: true,
          },
        ]),
    ],
    [
      'a driver whose insurance ends before the goods could be back',
      'DRIVER_INSURANCE',
      (m) =>
        rows(m.db, `update driver_documents set valid_until = $2 where driver_id = $1 and kind = 'insurance'`, [
          m.drivers[0],
          NOW_MS + HOUR_MS - 1,
        ]),
    ],
    [
      'a driver whose background check is too old',
      'DRIVER_BACKGROUND_CHECK',
      (m) =>
        rows(m.db, `update driver_documents set checked_at = $2 where driver_id = $1 and kind = 'background_check'`, [
          m.drivers[0],
          NOW_MS - 365 * DAY_MS,
        ]),
    ],
    [
      'a driver without a registration',
      'DRIVER_REGISTRATION',
      (m) => rows(m.db, `delete from driver_documents where driver_id = $1 and kind = 'registration'`, [m.drivers[0]]),
    ],
    [
      'a driver with an open offer',
      'DRIVER_UNAVAILABLE',
      async (m) => {
        const id = newId();
        await createTask(m.db, market.taskOf(m, {id}));
        await market.offer(m, id, m.drivers[0]);
      },
    ],
    [
      'a driver with its hands full',
      'DRIVER_FULL',
      async (m) => {
        const id = newId();
        await createTask(m.db, market.taskOf(m, {id}));
        await market.bring(m, id, m.drivers[0], 'ASSIGNED');
      },
    ],
  ];

  test.each(cases)('%s', async (_title, refusal, change) => {
    const m = await openMarket({drivers: 2, tasks: 2});
    const [pair, other] = m.tasks.map((taskId, i) => proposalOf(taskId, m.drivers[i]));
    await change(m);
    const committed = await propose(m, [pair, other]);
    expect(committed.refused).toEqual([{taskId: pair.taskId, driverId: pair.driverId, reason: refusal}]);
    expect(committed.landed).toMatchObject([{taskId: other.taskId, driverId: other.driverId}]);
    expect(await readInvariantViolations(m.db, m.regionId)).toEqual([]);
  });

  test('anything from a store that closes or whose permit ends too soon, or in a closed region', async () => {
    const m = await openMarket({drivers: 1, tasks: 1});
    const refusal = async () => (await propose(m, [proposalOf(m.tasks[0], m.drivers[0])])).refused[0]?.reason;
    await upsertStores(m.db, [{...m.store, permitUntilMs: NOW_MS + HOUR_MS - 1}]);
    expect(await refusal()).toBe('STORE_PERMIT');
    await upsertStores(m.db, [{...m.store, permitUntilMs: null}]);
    expect(await refusal()).toBe('STORE_PERMIT');
    await upsertStores(m.db, [{...m.store, permitUntilMs: NOW_MS + HOUR_MS}]);
    const closed = Array.from({length: 7}, () => []);
    await upsertStores(m.db, [{...m.store, permitUntilMs: NOW_MS + HOUR_MS, hours: closed}]);
    expect(await refusal()).toBe('STORE_CLOSED');
    await upsertStores(m.db, [{...m.store, permitUntilMs: NOW_MS + HOUR_MS}]);
    await setKillSwitch(m.db, m.regionId, '*', true, 'storm', 'test');
    expect(await refusal()).toBe('CATEGORY_KILLED');
    await setKillSwitch(m.db, m.regionId, '*', false, 'over', 'test');
    expect(await refusal()).toBe(undefined);
  });

  test('a second task for a driver, a second driver for a task, and what would be too much to carry', async () => {
    const m = await openMarket({
      drivers: 3,
      tasks: 4,
      capacity: 3,
      settings: {carryLimitUnits: 5, carryLimitCents: 1e6},
    });
    const [t0, t1, t2, t3] = m.tasks;
    const [d0, d1, d2] = m.drivers;
    const batch = [proposalOf(t0, d0), proposalOf(t0, d1), proposalOf(t1, d0), proposalOf(t1, d1)];
    const committed = await propose(m, batch);
    expect(committed.landed).toMatchObject([{taskId: t0, driverId: d0}]);
    expect(committed.refused).toEqual([
      {taskId: t0, driverId: d1, reason: 'DUPLICATE_TASK'},
      {taskId: t1, driverId: d0, reason: 'DRIVER_UNAVAILABLE'},
      {taskId: t1, driverId: d1, reason: 'DUPLICATE_TASK'},
    ]);
    for (const taskId of [t1, t2]) await market.bring(m, taskId, d2, 'ASSIGNED');
    // Two tasks of two units are in hand; the third would make six of five.
    expect(await propose(m, [proposalOf(t3, d2)])).toMatchObject({refused: [{reason: 'TASK_OVER_CARRY_LIMIT'}]});
    expect(await propose(m, [proposalOf(t3, d1)])).toMatchObject({refused: []});
  });
});
