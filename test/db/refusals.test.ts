// Why a proposal does not land: every kind of refusal is brought about and returned, and the rest of its batch lands.
import {Client} from 'pg';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {putDocuments, upsertDrivers} from '../../src/db/drivers.ts';
import {readInvariantViolations} from '../../src/db/invariants.ts';
import {setKillSwitch} from '../../src/db/rules.ts';
import {upsertStores} from '../../src/db/stores.ts';
import {changeTask, createTask} from '../../src/db/tasks.ts';
import {REFUSALS, type Refusal} from '../../src/domain/offer.ts';
import {STARTING_RULE_CODES} from '../../src/domain/rule.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import * as market from './market.ts';
import {DAY_MS, HOUR_MS, type Market, NOW_MS, newId, proposalOf, rows} from './market.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());
const openMarket = (options?: market.MarketOptions) => market.openMarket(database.db, options);

/** What these tests saw; the last of them asks whether any reason is missing. */
const seen = new Set<Refusal>();
const propose: typeof market.propose = async (m, proposals) => {
  const committed = await market.propose(m, proposals);
  for (const {reason} of committed.refused) seen.add(reason);
  return committed;
};

/** Changes the world after the tick was solved, then expects the first pair to be refused and the second to land. */
const cases: [title: string, refusal: Refusal, change: (m: Market) => Promise<unknown>][] = [
  ['a task that was cancelled', 'TASK_UNAVAILABLE', (m) => changeTask(m.db, m.regionId, m.tasks[0], 'cancel')],
  [
    'a task that was offered as often as allowed',
    'TASK_UNAVAILABLE',
    (m) => rows(m.db, 'update delivery_tasks set attempts = 2 where id = $1', [m.tasks[0]]),
  ],
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
    'a driver whose identity was never verified',
    'DRIVER_IDENTITY',
    (m) => rows(m.db, `delete from driver_documents where driver_id = $1 and kind = 'identity'`, [m.drivers[0]]),
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
  const m = await openMarket({drivers: 2, tasks: 2, settings: {attemptsLimit: 2}});
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

test('a task and a driver that nobody knows, and a task that somebody else is changing, without waiting', async () => {
  const m = await openMarket({drivers: 3, tasks: 3});
  const client = new Client({connectionString: database.url});
  await client.connect();
  await client.query('begin');
  await client.query('select from delivery_tasks where region_id = $1 and id = $2 for no key update', [
    m.regionId,
    m.tasks[0],
  ]);
  const [changing, other, third] = m.tasks.map((taskId, i) => proposalOf(taskId, m.drivers[i]));
  const batch = [changing, {...other, driverId: newId()}, {...third, taskId: newId()}, third];
  const {landed, refused} = await propose(m, batch);
  expect(landed).toMatchObject([{taskId: third.taskId, driverId: third.driverId}]);
  expect(refused.map(({reason}) => reason)).toEqual(['TASK_UNAVAILABLE', 'DRIVER_UNAVAILABLE', 'TASK_UNAVAILABLE']);
  await client.end();
  expect(await propose(m, [changing])).toMatchObject({refused: []});
});

test('no reason that a commit may give is missing above', () => {
  expect([...seen].sort()).toEqual([...REFUSALS, ...STARTING_RULE_CODES].sort());
});
