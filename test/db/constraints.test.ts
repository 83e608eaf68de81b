// The tables refuse what the state diagrams do not draw, whoever writes.

import {afterAll, beforeAll, expect, test} from 'vitest';
import {readInvariantViolations} from '../../src/db/invariants.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {bring, type Market, openMarket, rows} from './market.ts';

let database: TestDatabase;
let m: Market;
beforeAll(async () => {
  database = await createDatabase();
  m = await openMarket(database.db, {drivers: 4, tasks: 4, capacity: 2});
  for (const [i, state] of (['OFFERED', 'ASSIGNED', 'DELIVERED', 'PENDING'] as const).entries()) {
    await bring(m, m.tasks[i], m.drivers[i], state);
  }
});
afterAll(() => database?.drop());

const CHECK = '23514';
const UNIQUE = '23505';

/** `task 0` is offered, 1 assigned, 2 delivered, 3 pending; each to the driver of its number. */
const REFUSED: [what: string, code: string, statement: string][] = [
  ['an unknown status', CHECK, `update delivery_tasks set status = 'LOST' where id = $2`],
  ['an offered task without an expiry', CHECK, 'update delivery_tasks set offer_expires_at = null where id = $2'],
  [
    'a waiting task with a driver',
    CHECK,
    `update delivery_tasks set status = 'PENDING', offer_expires_at = null where id = $2`,
  ],
  [
    'an assigned task without a driver',
    CHECK,
    'update delivery_tasks set driver_id = null, offer_id = null where id = $3',
  ],
  ['a driver without an offer', CHECK, 'update delivery_tasks set offer_id = null where id = $3'],
  ['a delivery without a hand-over', CHECK, 'update delivery_tasks set handover_at = null where id = $4'],
  ['a delivery that is not closed', CHECK, 'update delivery_tasks set closed_at = null where id = $4'],
  ['a waiting task that is closed', CHECK, 'update delivery_tasks set closed_at = changed_at where id = $5'],
  [
    'a task due after its latest time',
    CHECK,
    `update delivery_tasks set due_at = latest_at + interval '1 s' where id = $5`,
  ],
  ['an open offer that is closed', CHECK, 'update offers set closed_at = created_at where task_id = $2'],
  ['a closed offer that is not', CHECK, 'update offers set closed_at = null where task_id = $3'],
  ['an unknown outcome', CHECK, `update offers set state = 'LOST' where task_id = $3`],
  ['a log with an outcome and no time', CHECK, 'update offer_logs set outcome_at = null where task_id = $3'],
  [
    'more work than the capacity',
    CHECK,
    'update drivers set open_offers = 2 where active_tasks = 1 and region_id = $1',
  ],
  ['fewer than no offers', CHECK, 'update drivers set open_offers = -1 where region_id = $1'],
  ['goods carried by nobody', CHECK, 'update drivers set carrying_tasks = 1 where active_tasks = 0 and region_id = $1'],
  [
    'a driver gone with work in hand',
    CHECK,
    `update drivers set left_at = now(), shift_on = false where region_id = $1`,
  ],
  [
    'a second open offer of a task',
    UNIQUE,
    `insert into offers (region_id, id, task_id, driver_id, bundle_id, stop_sequence, tick_id, created_at, expires_at)
     select region_id, gen_random_uuid(), task_id, driver_id, bundle_id, 2, tick_id, created_at, expires_at
     from offers where task_id = $2`,
  ],
  [
    'a second open bundle of a driver',
    UNIQUE,
    `insert into offers (region_id, id, task_id, driver_id, bundle_id, stop_sequence, tick_id, created_at, expires_at)
     select region_id, gen_random_uuid(), $5, driver_id, gen_random_uuid(), 1, tick_id, created_at, expires_at
     from offers where task_id = $2`,
  ],
  [
    'a second standing switch',
    UNIQUE,
    `insert into kill_switches select $1, 'x', n, now(), null, 'r' from generate_series(1, 2) n`,
  ],
  [
    'a region without a rule’s setting',
    CHECK,
    `update regions set settings = settings - 'documentCheckMaxAgeS' where region_id = $1`,
  ],
  ['hours of six days', CHECK, `update stores set hours = '[[], [], [], [], [], []]' where region_id = $1`],
  [
    'hours that are no numbers',
    CHECK,
    `update stores set hours = '[[["9", "x"]], [], [], [], [], [], []]' where region_id = $1`,
  ],
  [
    'hours that end before they begin',
    CHECK,
    `update stores set hours = '[[[60, 60]], [], [], [], [], [], []]' where region_id = $1`,
  ],
  ['hours that are no lists', CHECK, `update stores set hours = '[5, [], [], [], [], [], []]' where region_id = $1`],
];

test.each(REFUSED)('%s', async (_what, code, statement) => {
  // Every statement names all parameters, or Postgres could not tell the type of those it does not use.
  const text = `with asked as (select $1::text, $2::uuid, $3::uuid, $4::uuid, $5::uuid) ${statement}`;
  await expect(rows(database.db, text, [m.regionId, ...m.tasks])).rejects.toMatchObject({code});
  expect(await readInvariantViolations(database.db, m.regionId)).toEqual([]);
});
