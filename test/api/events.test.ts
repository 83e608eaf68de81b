import {IncomingMessage, ServerResponse} from 'node:http';
import {Socket} from 'node:net';
import {Writable} from 'node:stream';
import {setImmediate as turn} from 'node:timers/promises';
import {createParser, type EventSourceMessage} from 'eventsource-parser';
import type {FastifyInstance} from 'fastify';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {openEventStream} from '../../src/api/event-stream.ts';
import {EVENT_STREAMS_LIMIT} from '../../src/api/limits.ts';
import {BEGINNING, type EventMessage} from '../../src/domain/event.ts';
import {randomStream} from '../../src/domain/random.ts';
import {bring, type Market, openMarket, rows} from '../db/market.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {everyEvent, gapIn, happen} from '../support/outbox.ts';
import {fakeDispatch, fakeServer, fakeWorld} from './world.ts';

const SEED = Number(process.env.CLOUDRUN_SEED ?? 7);
const SOAK = process.env.CLOUDRUN_SOAK === '1';

let database: TestDatabase;
let market: Market;
beforeAll(async () => {
  database = await createDatabase();
  market = await openMarket(database.db, {tasks: 5, drivers: 2});
});
afterAll(() => database?.drop());

function served() {
  const world = fakeWorld(database.db, {dispatch: fakeDispatch({regions: [market.regionId]})});
  return {app: fakeServer(database.db, world), metrics: world.metrics};
}

async function listening() {
  const {app, metrics} = served();
  const streams = async (): Promise<number> => (await metrics.eventStreams.get()).values[0]!.value;
  return {app, streams, address: await app.listen({host: '127.0.0.1', port: 0})};
}

/** A consumer: every message is given to `take`, until its time is over, the stream ends or `take` says stop. */
async function consume(
  address: string,
  headers: Record<string, string>,
  take: (message: EventSourceMessage) => 'stop' | undefined,
  {query = '', livesMs = 60_000} = {},
): Promise<void> {
  const left = new AbortController();
  const death = setTimeout(() => left.abort(), livesMs);
  const parser = createParser({
    onEvent(message) {
      if (!left.signal.aborted && take(message) === 'stop') left.abort();
    },
  });
  try {
    const reply = await fetch(`${address}/v1/events${query}`, {headers, signal: left.signal});
    const text = reply.body!.pipeThrough(new TextDecoderStream());
    for await (const chunk of text) parser.feed(chunk);
  } catch (error) {
    // Cut off by us, or by a daemon that is gone: a consumer comes back in either case.
    if (!left.signal.aborted && !(error instanceof TypeError)) throw error;
  } finally {
    clearTimeout(death);
  }
}

const page = (app: FastifyInstance, query: string) =>
  app.inject({url: `/v1/events?${query}`, headers: {accept: 'application/json'}});

test('a stream tells what happens from now on, each event with its kind, and only of the kinds asked for', async () => {
  const {app, address, streams} = await listening();
  const [taskId, driverId] = [market.tasks[0]!, market.drivers[0]!];
  const seen: {kind: string | undefined; message: EventMessage}[] = [];
  const consumed = consume(
    address,
    {},
    ({event, data}) => {
      seen.push({kind: event, message: JSON.parse(data)});
      return event === 'delivered' ? 'stop' : undefined;
    },
    {query: '?kinds=offered&kinds=delivered'},
  );
  while ((await streams()) !== 1) await turn();
  await bring(market, taskId, driverId, 'DELIVERED');
  await consumed;
  expect(seen.map(({kind}) => kind)).toEqual(['offered', 'delivered']);
  expect(seen[0]!.message).toMatchObject({
    id: `${taskId}-2`,
    regionId: market.regionId,
    taskId,
    seq: 2,
    kind: 'offered',
    actor: 'dispatch',
    detail: {driver: driverId},
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  while ((await streams()) !== 0) await turn();
  await app.close();
});

test('pages go on by nextCursor, leave out other kinds, and say when nothing more is there', async () => {
  const {app} = served();
  const all = await everyEvent(database.db, market.regionId);
  const seen: EventMessage[] = [];
  let after = '0';
  for (let atEnd = false; !atEnd; ) {
    const answer = (await page(app, `limit=2&after=${after}`)).json();
    seen.push(...answer.events);
    ({atEnd, nextCursor: after} = answer);
  }
  // Others on this server may hold back what happened last; a later page has it.
  while (seen.length < all.length) seen.push(...(await page(app, `after=${after}`)).json().events);
  expect(seen.map(({taskId, seq}) => `${taskId} ${seq}`).sort()).toEqual(all.sort());
  const none = (await page(app, 'after=0&kinds=released')).json();
  expect([none.events, none.atEnd]).toEqual([[], true]);
  expect((await page(app, '')).json()).toMatchObject({events: [], atEnd: true, nextCursor: expect.any(String)});
  await app.close();
});

test('what is no cursor is told so, and so is one of another database', async () => {
  const {app} = served();
  for (const [after, status, code] of [
    ['x', 400, 'INVALID'],
    ['12', 400, 'INVALID'],
    [`99999999999999999999-1-${market.tasks[0]}`, 400, 'INVALID'],
    [`9999999999-1-${market.tasks[0]}`, 422, 'CURSOR_AHEAD'],
  ] as const) {
    const answer = await page(app, `after=${after}`);
    expect([after, answer.statusCode, answer.json().code]).toEqual([after, status, code]);
  }
  await app.close();
});

test(`a consumer that is killed at random, and a daemon that is restarted, miss no event (seed ${SEED})`, async () => {
  const random = randomStream(SEED, 'consumer');
  const events = SOAK ? 3_000 : 120;
  let {app, address} = await listening();
  let happening = true;
  const writer = (async () => {
    for (let i = 0; i < events; i++) {
      await happen(database.db, market.regionId, market.tasks.slice(Math.floor(random() * market.tasks.length)));
    }
    happening = false;
  })();
  const restarter = (async () => {
    for (let restarts = 0; happening && (SOAK || restarts < 3); restarts++) {
      await new Promise((later) => setTimeout(later, 150 + random() * 200));
      await app.close();
      ({app, address} = await listening());
    }
  })();

  // What a consumer keeps: what it has dealt with, and the id that it wrote down after dealing with it.
  const seen: EventMessage[] = [];
  let lastId = '0';
  let kills = 0;
  const total = async () => (await everyEvent(database.db, market.regionId)).length;
  const distinct = () => new Set(seen.map(({id}) => id)).size;
  while (happening || distinct() < (await total())) {
    let left = Math.floor(random() * 60);
    await consume(
      address,
      {'last-event-id': lastId},
      ({id, data}) => {
        seen.push(JSON.parse(data));
        const killed = left-- <= 0;
        kills += killed ? 1 : 0;
        // Killed before it wrote the id down, or after.
        if (!killed || random() < 0.5) lastId = id!;
        return killed ? 'stop' : undefined;
      },
      {livesMs: 100 + random() * 400},
    );
  }
  await Promise.all([writer, restarter]);
  expect(kills).toBeGreaterThan(3);
  expect(gapIn(seen)).toBeUndefined();
  expect(distinct()).toBe(await total());
  await app.close();
});

test('a client that does not read is cut off once too much waits for it, and one that does is not', async () => {
  const {promise: ended, resolve} = Promise.withResolvers<string>();
  const stuck = new Writable({write: () => {}});
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  response.assignSocket(stuck as Socket);
  const stream = openEventStream(response, 'r', BEGINNING, () => true, resolve);
  const body = JSON.stringify({actor: 'a', at: '', detail: {filler: 'x'.repeat(60_000)}, kind: 'k', seq: 1, task: 't'});
  const event = {cursor: BEGINNING, kind: 'k', actor: 'a', at: '', hash: '', body};
  for (let i = 0; i < 10; i++) void stream.send([event]);
  expect(stream.signal.aborted).toBe(false);
  for (let i = 0; i < 20; i++) void stream.send([event]);
  expect(await ended).toBe('slow');
  expect(stream.signal.aborted).toBe(true);
});

test('more streams than the limit are refused by name, and a daemon that stops ends them all', async () => {
  const {app, address} = await listening();
  const streams = await Promise.all(
    Array.from({length: EVENT_STREAMS_LIMIT}, () => fetch(`${address}/v1/events?after=0`)),
  );
  expect(new Set(streams.map(({headers}) => headers.get('content-type')))).toEqual(new Set(['text/event-stream']));
  const more = await fetch(`${address}/v1/events`);
  expect([more.status, ((await more.json()) as {code: string}).code]).toEqual([503, 'STREAMS_FULL']);
  const texts = streams.map((stream) => stream.text());
  await app.close();
  for (const text of await Promise.all(texts)) expect(text).toContain('retry: ');
});

test('a damaged event is told of as such, in a page and in a stream, and the next one comes', async () => {
  const other = await openMarket(database.db, {tasks: 2});
  const ids = [...other.tasks].sort();
  const damage = 'update dossier_events set body = $3 where region_id = $1 and task_id = $2::uuid';
  await rows(database.db, damage, [other.regionId, ids[0], 'damaged']);
  const world = fakeWorld(database.db, {dispatch: fakeDispatch({regions: [other.regionId]})});
  const app = fakeServer(database.db, world);
  let found: EventMessage[] = [];
  while (found.length < 2) found = (await page(app, 'after=0')).json().events;
  const [damaged, whole] = found.toSorted((a, b) => (a.taskId < b.taskId ? -1 : 1));
  expect(damaged).toMatchObject({id: `${ids[0]}-1`, kind: 'created', detail: null, code: 'BODY_UNREADABLE'});
  expect(damaged!.at).toMatch(/Z$/);
  expect(whole).not.toHaveProperty('code');
  const streamed: EventMessage[] = [];
  await consume(await app.listen({host: '127.0.0.1', port: 0}), {'last-event-id': '0'}, ({data}) => {
    streamed.push(JSON.parse(data));
    return streamed.length === 2 ? 'stop' : undefined;
  });
  expect(streamed).toEqual(found);
  await app.close();
});
