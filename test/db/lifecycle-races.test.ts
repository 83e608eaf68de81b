// Races of what drivers and operators ask for, on connections of their own. Whoever comes first, one outcome stands,
// the others are told which, nobody deadlocks, and the invariants hold.
import {afterAll, beforeAll, expect, test} from 'vitest';
import {changeShift, readDriver} from '../../src/db/drivers.ts';
import {readInvariantViolations} from '../../src/db/invariants.ts';
import {answerOffer, expireOffers} from '../../src/db/offers.ts';
import {changeTask, createTasks, readTask} from '../../src/db/tasks.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {
  at,
  HOUR_MS,
  type Market,
  MINUTE_MS,
  NOW_MS,
  offer,
  openMarket,
  proposalOf,
  propose,
  sortedIds,
  taskOf,
} from './market.ts';

const ROUNDS = 12;

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

const noViolation = async ({db, regionId}: Market) => expect(await readInvariantViolations(db, regionId)).toEqual([]);

/** Starts all at once, in an order that turns with the round. */
function together<T>(round: number, calls: (() => Promise<T>)[]): Promise<T[]> {
  const turned = calls.map((_, i) => calls[(i + round) % calls.length]!);
  return Promise.all(turned.map((call) => call()));
}

test('one accept of many, by the driver and by others, is made; the others are repeated or not theirs', async () => {
  const m = await openMarket(database.db, {drivers: ROUNDS, tasks: ROUNDS});
  for (const [round, taskId] of m.tasks.entries()) {
    const driverId = m.drivers[round]!;
    const stranger = m.drivers[(round + 1) % ROUNDS]!;
    const offerId = await offer(m, taskId, driverId);
    const byTask = (by: string) => () => changeTask(m.db, m.regionId, taskId, 'accept', {driverId: by});
    const byOffer = () => answerOffer(m.db, m.regionId, offerId, 'accept', {driverId});
    const ends = await together<{kind: string; repeated?: boolean; reason?: string}>(round, [
      byTask(driverId),
      byTask(stranger),
      byOffer,
      byTask(driverId),
      byOffer,
    ]);
    const done = ends.filter(({kind}) => kind === 'done');
    expect([done.length, done.filter(({repeated}) => !repeated).length]).toEqual([4, 1]);
    expect(ends.filter(({kind}) => kind === 'conflict')).toMatchObject([{reason: 'NOT_YOURS'}]);
  }
  await noViolation(m);
});

test('accept against cancel: a cancelled task stays cancelled, and no driver keeps it', async () => {
  const m = await openMarket(database.db, {drivers: ROUNDS, tasks: ROUNDS});
  for (const [round, taskId] of m.tasks.entries()) {
    const driverId = m.drivers[round]!;
    const offerId = await offer(m, taskId, driverId);
    const ends = await together<{kind: string; reason?: string}>(round, [
      () => answerOffer(m.db, m.regionId, offerId, 'accept', {driverId}),
      () => changeTask(m.db, m.regionId, taskId, 'cancel'),
    ]);
    // Either the accept came first and was cancelled afterwards, or it met a closed offer.
    for (const end of ends.filter(({kind}) => kind !== 'done')) expect(end.reason).toBe('OFFER_CLOSED');
    expect(await readTask(m.db, m.regionId, taskId)).toMatchObject({state: 'CANCELLED', driverId: null});
    expect(await readDriver(m.db, m.regionId, driverId)).toMatchObject({openOffers: 0, activeTasks: 0});
  }
  await noViolation(m);
});

test('accept at the very end of an offer against the sweeper: taken or timed out, never both', async () => {
  const m = await openMarket(database.db, {drivers: ROUNDS, tasks: 0});
  for (let round = 0; round < ROUNDS; round++) {
    const startMs = NOW_MS + 2 * round * MINUTE_MS;
    await at(m.db, startMs);
    const [taskId] = sortedIds(1) as [string];
    await createTasks(m.db, m.regionId, [taskOf(m, {id: taskId})]);
    const driverId = m.drivers[round]!;
    const {landed} = await propose(m, [proposalOf(taskId, driverId, startMs + HOUR_MS)]);
    const offerId = landed[0]!.offerId;
    await at(m.db, startMs + MINUTE_MS - 1);
    const [, end] = await Promise.all([
      at(m.db, startMs + MINUTE_MS).then(() => expireOffers(m.db, m.regionId, 10)),
      answerOffer(m.db, m.regionId, offerId, 'accept', {driverId}),
    ]);
    await expireOffers(m.db, m.regionId, 10);
    const {state} = (await readTask(m.db, m.regionId, taskId))!;
    expect([end.kind, state]).toEqual(end.kind === 'done' ? ['done', 'ASSIGNED'] : ['conflict', 'EXPIRED']);
  }
  await noViolation(m);
});

test('re-open against the sweeper: a task with time left waits, one without fails again', async () => {
  const m = await openMarket(database.db, {drivers: 0, tasks: ROUNDS});
  await at(m.db, NOW_MS + 4 * HOUR_MS);
  await expireOffers(m.db, m.regionId, 100);
  for (const [round, taskId] of m.tasks.entries()) {
    const reopen = (latestAtMs: number) => () =>
      changeTask(m.db, m.regionId, taskId, 're-open', {detail: {latestAtMs}});
    const ends = await together<object>(round, [
      reopen(NOW_MS + 6 * HOUR_MS),
      () => expireOffers(m.db, m.regionId, 100),
      reopen(NOW_MS + 6 * HOUR_MS),
      () => expireOffers(m.db, m.regionId, 100),
      reopen(NOW_MS + 3 * HOUR_MS),
    ]);
    expect(ends.filter((end) => 'repeated' in end && end.repeated === false)).toHaveLength(1);
    expect(await readTask(m.db, m.regionId, taskId)).toMatchObject({state: 'PENDING', attempts: 0});
  }
  await noViolation(m);
});

test('the end of a shift against offers, answers and sweeps: whoever is off holds no open offer', async () => {
  const m = await openMarket(database.db, {drivers: 6, tasks: 6});
  const {db, regionId} = m;
  const seen = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const startMs = NOW_MS + 2 * round * MINUTE_MS;
    await at(db, startMs);
    await Promise.all(
      m.drivers.map(async (driverId, i) => {
        const taskId = m.tasks[i]!;
        if (round % 2 === 0) await propose(m, [proposalOf(taskId, driverId, startMs + HOUR_MS)]);
        // A shift that meets an answer under way is told to try again; nothing has changed then.
        const off = () =>
          changeShift(db, regionId, driverId, false).then(
            ({kind}) => seen.add(kind),
            (error) => {
              expect(error.code).toBe('55P03');
            },
          );
        await together<unknown>(round + i, [
          off,
          () => propose(m, [proposalOf(taskId, driverId, startMs + HOUR_MS)]),
          () => changeTask(db, regionId, taskId, i % 2 ? 'accept' : 'reject', {driverId}),
          () => expireOffers(db, regionId, 10),
        ]);
        const {shiftOn, openOffers} = (await readDriver(db, regionId, driverId))!;
        if (!shiftOn) expect(openOffers).toBe(0);
        await changeTask(db, regionId, taskId, 'release', {driverId});
        await changeShift(db, regionId, driverId, true);
      }),
    );
    await at(db, startMs + MINUTE_MS);
    await expireOffers(db, regionId, 100);
  }
  expect(seen).toContain('done');
  await noViolation(m);
});
