// The outbox under writers whose transactions are long, short, interleaved and sometimes rolled back: a reader that
// polls at random moments sees each event once, and each task's events in order.
import {Client} from 'pg';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {readEvents, readOutboxEnd, readOutboxGauges} from '../../src/db/events.ts';
import {BEGINNING, compareCursors, type EventCursor, messageOf, type TaskEvent} from '../../src/domain/event.ts';
import {type Random, randomStream} from '../../src/domain/random.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {APPEND_EVENTS, everyEvent, happen} from '../support/outbox.ts';
import {type Market, openMarket} from './market.ts';

const WRITERS = 6;
const TRANSACTIONS = process.env.CLOUDRUN_SOAK === '1' ? 400 : 40;
const SEED = Number(process.env.CLOUDRUN_SEED ?? 20_260_601);

let database: TestDatabase;
let market: Market;
beforeAll(async () => {
  database = await createDatabase();
  market = await openMarket(database.db, {tasks: 6});
});
afterAll(() => database?.drop());

const chain = `
  with locked_tasks as (
    select id from delivery_tasks where region_id = $1 and id = any ($2::uuid[]) order by id for no key update
  ), ids as (select array_agg(id) as ids from locked_tasks)
  select ids from ids`;

/** Gets its number first, as a commit of offers does, then waits for tasks, writes, and lingers. */
async function write(client: Client, {regionId, tasks}: Market, random: Random): Promise<void> {
  const pause = (most: number) => new Promise((later) => setTimeout(later, random() * most));
  await client.query('begin');
  if (random() < 0.7) await client.query('select pg_current_xact_id()');
  await pause(random() < 0.2 ? 15 : 2);
  const chosen = tasks.filter(() => random() < 0.4);
  const {rows: found} = await client.query(chain, [regionId, chosen]);
  if (found[0].ids) await client.query(APPEND_EVENTS, [regionId, found[0].ids]);
  await pause(random() < 0.2 ? 15 : 2);
  await client.query(random() < 0.1 ? 'rollback' : 'commit');
}

async function withWriters(name: string, meanwhile: (random: Random) => Promise<void>): Promise<void> {
  const clients = Array.from({length: WRITERS}, () => new Client({connectionString: database.url}));
  await Promise.all(clients.map((client) => client.connect()));
  let writing = WRITERS;
  const writers = clients.map(async (client, i) => {
    const random = randomStream(SEED, `${name} ${i}`);
    for (let count = 0; count < TRANSACTIONS; count++) await write(client, market, random);
    writing--;
  });
  const random = randomStream(SEED, name);
  while (writing > 0) await meanwhile(random);
  await Promise.all(writers);
  await Promise.all(clients.map((client) => client.end()));
}

const placeOf = ({cursor}: TaskEvent) => `${cursor.taskId} ${cursor.seq}`;

test('a reader that polls at random moments sees every event once, in order, whoever commits late', async () => {
  const seen: TaskEvent[] = [];
  let cursor: EventCursor = BEGINNING;
  const poll = async (limit: number) => {
    const events = await readEvents(database.db, market.regionId, cursor, limit);
    seen.push(...events);
    cursor = events.at(-1)?.cursor ?? cursor;
    return events.length;
  };
  await withWriters('writers', async (random) => {
    await new Promise((later) => setTimeout(later, random() * 6));
    await poll(1 + Math.floor(random() * 12));
  });
  const all = await everyEvent(database.db, market.regionId);
  const {nextXid} = await readOutboxEnd(database.db);
  // Transactions in other databases of the server hold readers back, too.
  while (BigInt((await readOutboxEnd(database.db)).now.xid) < nextXid) await poll(100);
  while ((await poll(100)) > 0);

  expect(seen.map(placeOf).sort(), `seed ${SEED}`).toEqual(all.sort());
  expect(seen.every(({cursor: at}, i) => i === 0 || compareCursors(seen[i - 1]!.cursor, at) < 0)).toBe(true);
  for (const [taskId, events] of Map.groupBy(seen, (event) => event.cursor.taskId)) {
    expect(
      events.map((event) => event.cursor.seq),
      `task ${taskId}, seed ${SEED}`,
    ).toEqual(events.map((_, i) => i + 1));
  }
});

test('an event that was written under an older number takes the place after the one before it', async () => {
  const [early, late] = [new Client({connectionString: database.url}), new Client({connectionString: database.url})];
  const ids = [market.tasks[0]!];
  const {now} = await readOutboxEnd(database.db);
  try {
    await Promise.all([early.connect(), late.connect()]);
    await early.query('begin');
    await early.query('select pg_current_xact_id()');
    await late.query(APPEND_EVENTS, [market.regionId, ids]);
    expect(await readEvents(database.db, market.regionId, now, 10), 'kept back').toEqual([]);
    expect((await readOutboxGauges(database.db, market.regionId)).lagMs).toBe(3_000);
    await early.query(APPEND_EVENTS, [market.regionId, ids]);
    await early.query('commit');
  } finally {
    await Promise.all([early.end(), late.end()]);
  }
  let events: TaskEvent[] = [];
  while (events.length < 2) events = await readEvents(database.db, market.regionId, now, 10);
  expect(events[1]!.cursor).toEqual({...events[0]!.cursor, seq: events[0]!.cursor.seq + 1});
});

test('a transaction that only reads keeps nothing back', async () => {
  const {db} = database;
  const reader = new Client({connectionString: database.url});
  await reader.connect();
  await reader.query('begin isolation level repeatable read');
  await reader.query('select count(*) from dossier_events');
  const {now} = await readOutboxEnd(db);
  await happen(db, market.regionId, [market.tasks[1]!]);
  let events: TaskEvent[] = [];
  while (events.length === 0) events = await readEvents(db, market.regionId, now, 10);
  expect(messageOf(market.regionId, events[0]!)).toMatchObject({taskId: market.tasks[1], kind: 'created', detail: {}});
  await reader.end();
});

test('regions do not see each other, and an unknown one has no events', async () => {
  expect(await readEvents(database.db, 'elsewhere', BEGINNING, 10)).toEqual([]);
});
