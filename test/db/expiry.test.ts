import {Client} from 'pg';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {readInvariantViolations} from '../../src/db/invariants.ts';
import {type Expired, expireOffers} from '../../src/db/offers.ts';
import {changeTask, createTask, readTask} from '../../src/db/tasks.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {at, HOUR_MS, MINUTE_MS, NOW_MS, newId, offer, openMarket, proposalOf, propose, rows, taskOf} from './market.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

test('an offer expires when it is due: its task waits again, its driver is free, its log is closed', async () => {
  const m = await openMarket(database.db);
  const {db, regionId} = m;
  const offerId = await offer(m, m.tasks[0], m.drivers[0]);
  await at(db, NOW_MS + MINUTE_MS - 1);
  expect(await expireOffers(db, regionId, 10)).toEqual({expired: 0, failed: 0, slot: 0});
  await at(db, NOW_MS + MINUTE_MS);
  expect(await expireOffers(db, regionId, 10)).toEqual({expired: 1, failed: 0, slot: 0});
  expect(await readTask(db, regionId, m.tasks[0])).toMatchObject({
    state: 'EXPIRED',
    driverId: null,
    offerId: null,
    offerExpiresAtMs: null,
    attempts: 1,
  });
  const [log] = await rows(db, 'select outcome, outcome_at from offer_logs where offer_id = $1', [offerId]);
  expect(log).toEqual({outcome: 'TIMEOUT', outcome_at: NOW_MS + MINUTE_MS});
  expect((await propose(m, [proposalOf(m.tasks[0], m.drivers[0])])).landed).toHaveLength(1);
  expect(await readInvariantViolations(db, regionId)).toEqual([]);
});

test('waiting tasks fail when they are late or were offered too often, others do not', async () => {
  const m = await openMarket(database.db, {drivers: 1, tasks: 2, settings: {attemptsLimit: 2}});
  const {db, regionId} = m;
  const [patient, unwanted] = m.tasks;
  const [driverId] = m.drivers;
  const late = newId();
  await createTask(db, taskOf(m, {id: late, dueAtMs: NOW_MS + 1_000, latestAtMs: NOW_MS + 1_000}));
  await offer(m, unwanted, driverId);
  await changeTask(db, regionId, unwanted, 'reject', {driverId});
  await at(db, NOW_MS + 1_000);
  expect(await expireOffers(db, regionId, 10)).toEqual({expired: 0, failed: 1, slot: 0});
  expect((await readTask(db, regionId, late))!.state).toBe('FAILED');
  // The second time-out of this task reaches the limit: it expires and fails in one sweep.
  await offer(m, unwanted, driverId);
  await at(db, NOW_MS + 1_000 + MINUTE_MS);
  expect(await expireOffers(db, regionId, 10)).toEqual({expired: 1, failed: 1, slot: 0});
  expect(await readTask(db, regionId, unwanted)).toMatchObject({state: 'FAILED', attempts: 2});
  expect((await readTask(db, regionId, patient))!.state).toBe('PENDING');
  const [event] = await rows<{body: string}>(
    db,
    'select body from dossier_events where region_id = $1 and task_id = $2 order by seq desc limit 1',
    [regionId, unwanted],
  );
  expect(JSON.parse(event.body)).toMatchObject({kind: 'failed', detail: {from: 'EXPIRED', reason: 'TASK_ATTEMPTS'}});
  expect(await readInvariantViolations(db, regionId)).toEqual([]);
});

test('many sweepers at once expire each offer exactly once', async () => {
  const count = 600;
  const m = await openMarket(database.db, {drivers: count, tasks: count});
  const {db, regionId} = m;
  await propose(
    m,
    m.tasks.map((taskId, i) => proposalOf(taskId, m.drivers[i], NOW_MS + HOUR_MS)),
  );
  await at(db, NOW_MS + MINUTE_MS);
  let expired = 0;
  for (let round = 0; expired < count; round++) {
    expect(round).toBeLessThan(count);
    const swept: Expired[] = await Promise.all(Array.from({length: 10}, () => expireOffers(db, regionId, 20)));
    for (const {expired: ofOne, slot} of swept) {
      expect(ofOne === 0 || slot !== null).toBe(true);
      expired += ofOne;
    }
  }
  expect(expired).toBe(count);
  expect(await expireOffers(db, regionId, 20)).toEqual({expired: 0, failed: 0, slot: 0});
  const states = await rows(db, 'select state, count(*)::int from offers where region_id = $1 group by state', [
    regionId,
  ]);
  expect(states).toEqual([{state: 'TIMEOUT', count}]);
  expect(await readInvariantViolations(db, regionId)).toEqual([]);
});

test('a sweeper does not wait for a task that somebody else is changing', async () => {
  const m = await openMarket(database.db);
  const {db, regionId} = m;
  for (const [i, taskId] of m.tasks.entries()) await offer(m, taskId, m.drivers[i]);
  await at(db, NOW_MS + MINUTE_MS);
  const client = new Client({connectionString: database.url});
  await client.connect();
  await client.query('begin');
  await client.query('select from delivery_tasks where region_id = $1 and id = $2 for no key update', [
    regionId,
    m.tasks[0],
  ]);
  expect(await expireOffers(db, regionId, 10)).toEqual({expired: 1, failed: 0, slot: 0});
  await client.end();
  expect(await expireOffers(db, regionId, 10)).toEqual({expired: 1, failed: 0, slot: 0});
});

test('a sweeper passes over what others hold and gets a batch of its own, as long as there is one', async () => {
  const m = await openMarket(database.db, {drivers: 9, tasks: 9});
  const {db, regionId} = m;
  for (const [i, taskId] of m.tasks.entries()) await offer(m, taskId, m.drivers[i]);
  await at(db, NOW_MS + MINUTE_MS);
  const others = await Promise.all(
    Array.from({length: 2}, async () => {
      const client = new Client({connectionString: database.url});
      await client.connect();
      await client.query('begin');
      return client;
    }),
  );
  const sweepInside = async (client: Client) =>
    (await client.query('select expired, slot from expire_offers($1, 2)', [regionId])).rows;
  expect(await sweepInside(others[0])).toEqual([{expired: 2, slot: 0}]);
  expect(await sweepInside(others[1])).toEqual([{expired: 2, slot: 1}]);
  expect(await expireOffers(db, regionId, 2)).toEqual({expired: 2, failed: 0, slot: 2});
  await others[0].query('commit');
  expect(await expireOffers(db, regionId, 2)).toEqual({expired: 2, failed: 0, slot: 0});
  await others[1].query('rollback');
  expect(await expireOffers(db, regionId, 9)).toEqual({expired: 3, failed: 0, slot: 0});
  await Promise.all(others.map((client) => client.end()));
  expect(await readInvariantViolations(db, regionId)).toEqual([]);
});
