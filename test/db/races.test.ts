// Real connections against each other, many rounds. Whoever wins a race, the invariants hold afterwards, nobody
// deadlocks (a deadlock would reject a call), and everyone is told what stands.

import {afterAll, beforeAll, expect, test} from 'vitest';
import {putDocuments, readDriver} from '../../src/db/drivers.ts';
import {readInvariantViolations} from '../../src/db/invariants.ts';
import {claimLease, releaseLease} from '../../src/db/leases.ts';
import {commitOffers, expireOffers} from '../../src/db/offers.ts';
import {setKillSwitch} from '../../src/db/rules.ts';
import {changeTask, createTasks, readTask} from '../../src/db/tasks.ts';
import type {Committed} from '../../src/domain/offer.ts';
import {type Random, randomStream} from '../../src/domain/random.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {
  at,
  HOUR_MS,
  type Market,
  MINUTE_MS,
  NOW_MS,
  newId,
  openMarket,
  proposalOf,
  propose,
  rows,
  sortedIds,
  taskOf,
} from './market.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

function shuffled<T>(values: readonly T[], random: Random): T[] {
  const result = [...values];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j], result[i]];
  }
  return result;
}

const noViolation = async ({db, regionId}: Market) => expect(await readInvariantViolations(db, regionId)).toEqual([]);

test('committers of overlapping batches offer each task and each driver at most once', async () => {
  const random = randomStream(1, 'overlapping batches');
  const m = await openMarket(database.db, {drivers: 40, tasks: 0});
  for (let round = 0; round < 25; round++) {
    const tasks = sortedIds(40);
    await createTasks(
      m.db,
      m.regionId,
      tasks.map((id) => taskOf(m, {id})),
    );
    const batches = Array.from({length: 4}, () => {
      const drivers = shuffled(m.drivers, random);
      return shuffled(tasks, random)
        .slice(0, 25)
        .map((taskId, i) => proposalOf(taskId, drivers[i]));
    });
    const outcomes = await Promise.all(batches.map((proposals) => propose(m, proposals)));
    const landed = outcomes.flatMap((outcome) => outcome.landed);
    expect(new Set(landed.map(({taskId}) => taskId)).size).toBe(landed.length);
    expect(new Set(landed.map(({driverId}) => driverId)).size).toBe(landed.length);
    // Whoever came first has landed everything.
    expect(landed.length).toBeGreaterThanOrEqual(25);
    for (const [i, {landed, refused}] of outcomes.entries()) {
      expect(landed.length + refused.length).toBe(batches[i].length);
      for (const {reason} of refused) expect(['TASK_UNAVAILABLE', 'DRIVER_UNAVAILABLE']).toContain(reason);
    }
    await Promise.all(landed.map(({taskId, driverId}) => changeTask(m.db, m.regionId, taskId, 'reject', {driverId})));
  }
  await noViolation(m);
});

test('one tick committed by many callers at once has one outcome', async () => {
  const m = await openMarket(database.db, {drivers: 10, tasks: 10});
  const tickId = newId();
  const outcomes = await Promise.all(
    Array.from({length: 6}, () =>
      propose(
        m,
        m.tasks.map((taskId, i) => proposalOf(taskId, m.drivers[i])),
        tickId,
      ),
    ),
  );
  expect(outcomes.filter(({repeated}) => !repeated)).toHaveLength(1);
  for (const {landed} of outcomes) expect(landed).toEqual(outcomes[0].landed);
  expect(outcomes[0].landed).toHaveLength(10);
  await noViolation(m);
});

test('accept, reject, cancel and expiry of one offer: one closes it, the others are told', async () => {
  const random = randomStream(2, 'races for an offer');
  const m = await openMarket(database.db, {drivers: 12, tasks: 0});
  const {db, regionId} = m;
  const seen = new Set<string>();
  for (let round = 0; round < 40; round++) {
    const nowMs = NOW_MS + round * 2 * MINUTE_MS;
    await at(db, nowMs);
    const tasks = sortedIds(12);
    await createTasks(
      db,
      regionId,
      tasks.map((id) => taskOf(m, {id})),
    );
    const {landed} = await propose(
      m,
      tasks.map((taskId, i) => proposalOf(taskId, m.drivers[i], nowMs + HOUR_MS)),
    );
    expect(landed).toHaveLength(12);
    // Statements that began at either side of the expiry meet.
    const ask = (taskId: string, action: string, driverId: string | null) =>
      db.query<{outcome: string; state: string; reason: string | null}>(
        {name: 'change_task_at', text: `select * from change_task($1, $2, $3, $4, '{}', $5)`},
        [regionId, taskId, action, driverId, nowMs + MINUTE_MS - 1],
      );
    const sweep = () =>
      rows<{expired: number}>(db, 'select * from expire_offers($1, 8, from_epoch_ms($2))', [
        regionId,
        nowMs + MINUTE_MS,
      ]);
    const calls = shuffled(
      [
        ...landed.flatMap(({taskId, driverId}, i) => [
          () => ask(taskId, 'accept', driverId),
          () => ask(taskId, i % 3 === 0 ? 'cancel' : i % 3 === 1 ? 'reject' : 'accept', i % 3 === 0 ? null : driverId),
        ]),
        sweep,
        sweep,
        sweep,
      ],
      random,
    );
    await Promise.all(calls.map((call) => call()));
    for (const {taskId, driverId} of landed) {
      const {state} = (await readTask(db, regionId, taskId))!;
      seen.add(state);
      if (state === 'ASSIGNED') await changeTask(db, regionId, taskId, 'cancel', {driverId});
      else await changeTask(db, regionId, taskId, 'cancel');
    }
    await at(db, nowMs + MINUTE_MS);
    await expireOffers(db, regionId, 100);
  }
  for (const state of ['ASSIGNED', 'PENDING', 'CANCELLED', 'EXPIRED']) expect(seen).toContain(state);
  await noViolation(m);
});

test('an offer and the revocation of its driver’s licence: what lands was checked before', async () => {
  const m = await openMarket(database.db, {drivers: 60, tasks: 60});
  const {db, regionId} = m;
  const version = async (driverId: string) => {
    const [row] = await rows<{compliance_version: number}>(
      db,
      'select compliance_version from drivers where region_id = $1 and id = $2',
      [regionId, driverId],
    );
    return row.compliance_version;
  };
  const outcomes = {landed: 0, refused: 0};
  for (const [i, taskId] of m.tasks.entries()) {
    const driverId = m.drivers[i];
    const before = await version(driverId);
    const commit = () => propose(m, [proposalOf(taskId, driverId)]);
    const revoke = () =>
      putDocuments(db, regionId, [
        {
          driverId,
          kind: 'licence' as const,
          validFromMs: NOW_MS,
          validUntilMs: NOW_MS + HOUR_MS,
          checkedAtMs: NOW_MS,
          revoked: true,
        },
      ]);
    const [committed] =
      i % 2 ? await Promise.all([commit(), revoke()]) : await Promise.all([revoke(), commit()]).then(([, c]) => [c]);
    if (committed.landed.length === 1) {
      outcomes.landed++;
      const [event] = await rows<{body: string}>(
        db,
        `select body from dossier_events where region_id = $1 and task_id = $2 and kind = 'offered'`,
        [regionId, taskId],
      );
      expect(JSON.parse(event.body).detail.driverCompliance).toBe(before);
    } else {
      outcomes.refused++;
      expect(committed.refused).toMatchObject([{reason: 'DRIVER_LICENCE'}]);
    }
    expect(await version(driverId)).toBe(before + 1);
  }
  expect(outcomes.landed + outcomes.refused).toBe(60);
  await noViolation(m);
});

test('offers and a kill switch: none lands once the switch is thrown', async () => {
  const m = await openMarket(database.db, {drivers: 30, tasks: 30});
  const {db, regionId} = m;
  for (const [i, taskId] of m.tasks.entries()) {
    const [, committed] = await Promise.all([
      setKillSwitch(db, regionId, 'vape', true, 'test', 'test'),
      propose(m, [proposalOf(taskId, m.drivers[i])]),
    ]);
    const [{compliance_version: version}] = await rows<{compliance_version: number}>(
      db,
      'select compliance_version from regions where region_id = $1',
      [regionId],
    );
    if (committed.landed.length === 1) {
      const [event] = await rows<{body: string}>(
        db,
        `select body from dossier_events where region_id = $1 and task_id = $2 and kind = 'offered'`,
        [regionId, taskId],
      );
      expect(JSON.parse(event.body).detail.regionCompliance).toBe(version - 1);
    } else {
      expect(committed.refused).toMatchObject([{reason: 'CATEGORY_KILLED'}]);
    }
    expect((await propose(m, [proposalOf(taskId, m.drivers[i])])).landed).toEqual([]);
    await setKillSwitch(db, regionId, 'vape', false, 'test', 'test');
  }
  await noViolation(m);
});

test('of many daemons that claim a region one gets it, and the others learn whose it is', async () => {
  const m = await openMarket(database.db, {drivers: 0, tasks: 0});
  const {db, regionId} = m;
  let {fence} = m;
  for (let round = 0; round < 20; round++) {
    await releaseLease(db, regionId, fence);
    const claims = await Promise.all(
      Array.from({length: 8}, (_, i) => claimLease(db, regionId, `daemon ${round} ${i}`, HOUR_MS)),
    );
    const held = claims.filter((claim) => claim.kind === 'held');
    expect(held).toEqual([{kind: 'held', fence: fence + 1}]);
    fence++;
  }
});

test('a lease that passes while offers are committed: decided before, or not at all', async () => {
  const m = await openMarket(database.db, {drivers: 20, tasks: 20});
  const {db, regionId} = m;
  let {fence} = m;
  for (const [i, taskId] of m.tasks.entries()) {
    const batch = {regionId, fence, tickId: newId(), proposals: [proposalOf(taskId, m.drivers[i])]};
    const [committed]: [Committed, unknown] = await Promise.all([
      commitOffers(db, batch),
      releaseLease(db, regionId, fence).then(() => claimLease(db, regionId, `daemon ${i}`, HOUR_MS)),
    ]);
    fence++;
    const {state} = (await readTask(db, regionId, taskId))!;
    expect(state).toBe(committed.kind === 'committed' ? 'OFFERED' : 'PENDING');
    expect(await commitOffers(db, {...batch, tickId: newId()})).toEqual({kind: 'fenced'});
  }
  expect((await readDriver(db, regionId, m.drivers[0]))!.status).toMatch(/OFFERED|AVAILABLE/);
  await noViolation(m);
});
