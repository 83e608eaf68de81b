// Whatever happens in whatever order, the invariants hold after each step, every answer agrees with the table of
// changes, and no offer lands that breaks a rule. fast-check prints seed and path of a failure.

import fc from 'fast-check';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {changeShift, putDocuments, readDriver, upsertDrivers} from '../../src/db/drivers.ts';
import {readInvariantViolations} from '../../src/db/invariants.ts';
import {commitOffers, expireOffers} from '../../src/db/offers.ts';
import {setKillSwitch} from '../../src/db/rules.ts';
import {type AskedAction, changeTask, readTask} from '../../src/db/tasks.ts';
import {InputFailure} from '../../src/domain/failure.ts';
import {TASK_CHANGES} from '../../src/domain/state.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {
  at,
  documentDrivers,
  driverOf,
  EVIDENCE,
  HOUR_MS,
  type Market,
  MINUTE_MS,
  NOW_MS,
  newId,
  openMarket,
  proposalOf,
} from './market.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

const DRIVERS = 3;
const TASKS = 4;
const CAPACITY = 2;
const ASKED: AskedAction[] = [
  'accept',
  'reject',
  'pickup',
  'deliver',
  'fail-verification',
  'return',
  'release',
  'cancel',
  're-open',
];

const driver = fc.nat(DRIVERS - 1);
const task = fc.nat(TASKS - 1);
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('propose' as const),
      pairs: fc.array(fc.tuple(task, driver), {maxLength: 5}),
      again: fc.boolean(),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('change' as const),
      action: fc.constantFrom(...ASKED),
      task,
      // Mostly the driver that the task names.
      driver: fc.oneof({weight: 4, arbitrary: fc.constant('own' as const)}, {weight: 1, arbitrary: driver}),
    }),
  },
  {weight: 2, arbitrary: fc.record({kind: fc.constant('wait' as const), seconds: fc.integer({min: 1, max: 90})})},
  {weight: 2, arbitrary: fc.record({kind: fc.constant('expire' as const), limit: fc.integer({min: 1, max: 3})})},
  {
    weight: 2,
    arbitrary: fc.record({kind: fc.constant('turn' as const), driver, on: fc.boolean(), afterWork: fc.boolean()}),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('shift' as const),
      driver,
      on: fc.boolean(),
      capacity: fc.integer({min: 1, max: CAPACITY}),
    }),
  },
  {weight: 1, arbitrary: fc.record({kind: fc.constant('documents' as const), driver, revoked: fc.boolean()})},
  {weight: 1, arbitrary: fc.record({kind: fc.constant('switch' as const), on: fc.boolean()})},
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** What the test knows without asking the database. */
type World = {
  nowMs: number;
  killed: boolean;
  readonly shiftOn: boolean[];
  readonly documented: boolean[];
  lastTick: string;
};

async function take(m: Market, world: World, given: Step): Promise<void> {
  const {db, regionId} = m;
  switch (given.kind) {
    case 'propose': {
      const tickId = given.again ? world.lastTick : newId();
      world.lastTick = tickId;
      const proposals = given.pairs.map(([t, d]) => proposalOf(m.tasks[t], m.drivers[d], world.nowMs + HOUR_MS));
      const committed = await commitOffers(db, {regionId, fence: m.fence, tickId, proposals});
      if (committed.kind !== 'committed') throw new Error('fenced');
      if (committed.repeated) return;
      expect(committed.landed.length + committed.refused.length).toBe(proposals.length);
      for (const {driverId} of committed.landed) {
        const d = m.drivers.indexOf(driverId);
        expect([world.killed, world.shiftOn[d], world.documented[d]]).toEqual([false, true, true]);
      }
      return;
    }
    case 'change': {
      const taskId = m.tasks[given.task];
      const before = (await readTask(db, regionId, taskId))!;
      const driverId = given.driver === 'own' ? (before.driverId ?? undefined) : m.drivers[given.driver];
      const change = await changeTask(db, regionId, taskId, given.action, {
        ...(driverId !== undefined && {driverId}),
        ...EVIDENCE[given.action],
        detail: {latestAtMs: world.nowMs + HOUR_MS},
      });
      const after = (await readTask(db, regionId, taskId))!;
      if (change.kind === 'not-found') throw new Error('the task is there');
      expect(change.state).toBe(after.state);
      if (change.kind === 'done' && !change.repeated)
        expect(after.state).toBe(TASK_CHANGES[before.state][given.action]);
      else expect(after).toEqual(before);
      return;
    }
    case 'wait':
      world.nowMs += given.seconds * 1_000;
      return at(db, world.nowMs);
    case 'expire': {
      const {expired} = await expireOffers(db, regionId, given.limit);
      expect(expired).toBeLessThanOrEqual(given.limit);
      return;
    }
    case 'turn': {
      const driverId = m.drivers[given.driver];
      const change = await changeShift(db, regionId, driverId, given.on, {afterWork: given.afterWork});
      if (change.kind === 'not-found') throw new Error('the driver is there');
      const {shiftOn, openOffers, activeTasks, status} = (await readDriver(db, regionId, driverId))!;
      expect(status).toBe(change.status);
      if (change.kind === 'conflict') expect([shiftOn, activeTasks]).toEqual([true, change.tasks.length]);
      else expect([shiftOn, given.on || change.repeated || openOffers === 0]).toEqual([given.on, true]);
      world.shiftOn[given.driver] = shiftOn;
      return;
    }
    case 'shift': {
      const profile = driverOf(m, {id: m.drivers[given.driver], shiftOn: given.on, capacity: given.capacity});
      const refusal = await upsertDrivers(db, [profile]).catch((error) => error);
      if (refusal === undefined) world.shiftOn[given.driver] = given.on;
      else expect(refusal).toBeInstanceOf(InputFailure);
      return;
    }
    case 'documents': {
      const driverId = m.drivers[given.driver];
      world.documented[given.driver] = !given.revoked;
      if (!given.revoked) return documentDrivers(m, [driverId]);
      return putDocuments(db, regionId, [
        {
          driverId,
          kind: 'insurance',
          validFromMs: NOW_MS,
          validUntilMs: NOW_MS + MINUTE_MS,
          checkedAtMs: world.nowMs,
          revoked: true,
        },
      ]);
    }
    case 'switch':
      world.killed = given.on;
      return setKillSwitch(db, regionId, 'vape', given.on, 'property', 'test');
    default:
      return given satisfies never;
  }
}

test('any sequence of steps keeps every promise', async () => {
  const property = fc.asyncProperty(fc.array(step, {minLength: 5, maxLength: 45}), async (steps) => {
    const m = await openMarket(database.db, {drivers: DRIVERS, tasks: TASKS, capacity: CAPACITY});
    const all = <T>(value: T): T[] => m.drivers.map(() => value);
    const world: World = {nowMs: NOW_MS, killed: false, shiftOn: all(true), documented: all(true), lastTick: newId()};
    for (const given of steps) {
      await take(m, world, given);
      expect(await readInvariantViolations(m.db, m.regionId)).toEqual([]);
    }
  });
  await fc.assert(property, {numRuns: 40, endOnFailure: false});
});
