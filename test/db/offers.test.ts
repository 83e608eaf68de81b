import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {readInvariantViolations} from '../../src/db/invariants.ts';
import {claimLease, releaseLease} from '../../src/db/leases.ts';
import {commitOffers} from '../../src/db/offers.ts';
import {changeTask, readTask} from '../../src/db/tasks.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import * as market from './market.ts';
import {FEATURES, HOUR_MS, MINUTE_MS, NOW_MS, newId, proposalOf, propose, rows} from './market.ts';

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
