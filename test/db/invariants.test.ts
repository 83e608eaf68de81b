// The checker is checked: each promise is broken by hand, and its sentence must be among the answers.

import {readFileSync} from 'node:fs';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {readInvariantViolations} from '../../src/db/invariants.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {bring, type Market, openMarket, rows} from './market.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
  // They would refuse what the first two sentences are about.
  await rows(database.db, 'drop index one_open_offer_per_task');
  await rows(database.db, 'drop index one_open_bundle_per_driver');
});
afterAll(() => database?.drop());

/** One task offered, one assigned, one delivered, one waiting. */
async function busyMarket(): Promise<Market> {
  const m = await openMarket(database.db, {drivers: 4, tasks: 4, capacity: 2});
  for (const [i, state] of (['OFFERED', 'ASSIGNED', 'DELIVERED', 'PENDING'] as const).entries()) {
    await bring(m, m.tasks[i], m.drivers[i], state);
  }
  return m;
}

const SECOND_OFFER = `
  insert into offers (region_id, id, task_id, driver_id, bundle_id, stop_sequence, tick_id, created_at, expires_at)
  select region_id, gen_random_uuid(), task_id, driver_id, gen_random_uuid(), 1, tick_id, created_at, expires_at
  from offers where region_id = $1 and state = 'OPEN'`;

const BREAKS: [sentence: string, how: string, statement: string][] = [
  ['A task has at most one open offer.', 'a second offer', SECOND_OFFER],
  ['A driver has at most one open bundle of offers.', 'a second offer', SECOND_OFFER],
  [
    'A task is OFFERED exactly while its offer is open, to the same driver, until the same instant.',
    'another expiry on the task',
    `update delivery_tasks set offer_expires_at = offer_expires_at + interval '1 second'
     where region_id = $1 and status = 'OFFERED'`,
  ],
  [
    'A task is OFFERED exactly while its offer is open, to the same driver, until the same instant.',
    'an offer closed behind the task’s back',
    `update offers set state = 'TIMEOUT', closed_at = expires_at where region_id = $1 and state = 'OPEN'`,
  ],
  [
    'A task is OFFERED exactly while its offer is open, to the same driver, until the same instant.',
    'a task released behind the offer’s back',
    `update delivery_tasks set status = 'EXPIRED', driver_id = null, offer_id = null, offer_expires_at = null
     where region_id = $1 and status = 'OFFERED'`,
  ],
  [
    'An offer is of a task that stands.',
    'an offer of no task',
    'update offers set task_id = gen_random_uuid() where region_id = $1',
  ],
  [
    'An offer is to a driver of the region.',
    'an offer to nobody',
    'update offers set driver_id = gen_random_uuid() where region_id = $1',
  ],
  [
    'A task underway or done names the offer that its driver accepted.',
    'an offer that exists nowhere',
    `update delivery_tasks set offer_id = gen_random_uuid() where region_id = $1 and status = 'ASSIGNED'`,
  ],
  [
    'A driver counts exactly the offers and tasks in hand, no more than its capacity.',
    'an open offer too few',
    'update drivers set open_offers = 0 where region_id = $1 and open_offers = 1',
  ],
  [
    'A driver counts exactly the offers and tasks in hand, no more than its capacity.',
    'a task too many',
    'update drivers set active_tasks = 2 where region_id = $1 and active_tasks = 1',
  ],
  [
    'A driver counts every offer ever made to it and accepted by it.',
    'an acceptance too many',
    'update drivers set offers_accepted = offers_accepted + 1 where region_id = $1',
  ],
  [
    'An offer has exactly one log, whose outcome is the state it closed in.',
    'a log lost',
    'delete from offer_logs where region_id = $1 and outcome is null',
  ],
  [
    'An offer has exactly one log, whose outcome is the state it closed in.',
    'another outcome',
    `update offer_logs set outcome = 'REJECTED' where region_id = $1 and outcome = 'ACCEPTED'`,
  ],
  [
    'An offer is opened by one event and closed by one, exactly when it is closed.',
    'no event of the acceptance',
    `delete from dossier_events where region_id = $1 and kind = 'accepted'`,
  ],
  [
    'A tick lands an offer only where its first outcome says so.',
    'an outcome lost',
    'delete from tick_commits where region_id = $1',
  ],
  [
    'A delivery is of an event that stands, or of a task that was purged.',
    'a delivery of no event',
    `with endpoint as (
       insert into webhook_endpoints (region_id, id, url, secret, created_at)
       values ($1, gen_random_uuid(), 'https://a.example/', '', now()) returning region_id, id)
     insert into webhook_deliveries (region_id, endpoint_id, task_id, seq, due_at)
     select region_id, id, gen_random_uuid(), 1, now() from endpoint`,
  ],
  [
    'A dossier is an unbroken chain of hashes, numbered from 1.',
    'one byte of a body',
    `update dossier_events set body = replace(body, 'vape', 'vapf') where region_id = $1 and kind = 'created'`,
  ],
  [
    'A dossier is an unbroken chain of hashes, numbered from 1.',
    'a body altered together with its hash',
    `update dossier_events set body = body || ' ', hash = sha256(prev_hash || convert_to(body || ' ', 'UTF8'))
     where region_id = $1 and kind = 'offered'`,
  ],
  [
    'A dossier is an unbroken chain of hashes, numbered from 1.',
    'an event cut out',
    `delete from dossier_events where region_id = $1 and kind = 'offered'`,
  ],
  [
    'An event says in its body what its columns say.',
    'another actor in the column',
    `update dossier_events set actor = 'nobody' where region_id = $1 and kind = 'accepted'`,
  ],
  [
    'A task holds the number and the hash of its last event.',
    'the last event cut off',
    `delete from dossier_events where region_id = $1 and kind = 'delivered'`,
  ],
  [
    'A task holds the number and the hash of its last event.',
    'an event of no task',
    `insert into dossier_events (region_id, task_id, seq, kind, actor, at, body, prev_hash, hash)
     select region_id, gen_random_uuid(), seq, kind, actor, at, body, prev_hash, hash
     from dossier_events where region_id = $1 and kind = 'delivered'`,
  ],
  [
    'Periods of a driver follow each other in time, each of another kind, and sum up what was paid.',
    'a period that starts before the one before',
    `update driver_periods set started_at = started_at - interval '1 hour' where region_id = $1 and seq = 2`,
  ],
  [
    'Periods of a driver follow each other in time, each of another kind, and sum up what was paid.',
    'minutes that nobody worked',
    'update driver_periods set paid_before_ms = 60000 where region_id = $1 and seq = 2',
  ],
  [
    'A driver is in the period that its status asks for, and repeats it.',
    'a period without a change',
    `update drivers set period = 'off' where region_id = $1 and period = 'available'`,
  ],
];

test.each(BREAKS)('%s (%s)', async (sentence, _how, statement) => {
  const m = await busyMarket();
  expect(await readInvariantViolations(m.db, m.regionId)).toEqual([]);
  await rows(m.db, statement, [m.regionId]);
  const broken = await readInvariantViolations(m.db, m.regionId);
  expect(broken.map((violation) => violation.sentence)).toContain(sentence);
  for (const {violations, example} of broken) {
    expect(violations).toBeGreaterThan(0);
    expect(example).toMatch(/^[0-9a-f-]{36}$/);
  }
});

test('every sentence of the checker is broken here', () => {
  const checker = readFileSync(new URL('../../src/db/sql/invariant_violations.sql', import.meta.url), 'utf8');
  const sentences = [...checker.matchAll(/select '([A-Z][^']+\.)'/g)].map(([, sentence]) => sentence);
  expect(new Set(BREAKS.map(([sentence]) => sentence))).toEqual(new Set(sentences));
});
