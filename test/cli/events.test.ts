// Events out of the daemon as production starts it: a webhook and a provider by command line and HTTP alone, and a
// consumer of the stream while the daemon is killed.
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createParser} from 'eventsource-parser';
import {Webhook} from 'standardwebhooks';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {saveGraph} from '../../native-graph/file.ts';
import {setDispatchClock} from '../../src/db/clock.ts';
import type {EventMessage} from '../../src/domain/event.ts';
import {randomStream} from '../../src/domain/random.ts';
import {type Market, NOW_MS, openMarket} from '../db/market.ts';
import {run, start} from '../support/cloudrun.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {everyEvent, gapIn, happen} from '../support/outbox.ts';
import {town} from '../support/town.ts';
import {type Receiver, receive} from '../support/webhook-receiver.ts';

const SEED = Number(process.env.CLOUDRUN_SEED ?? 3);
const KILLS = process.env.CLOUDRUN_SOAK === '1' ? 12 : 1;
const folder = mkdtempSync(join(tmpdir(), 'cloudrun-events-'));
const graph = join(folder, 'town.crg');
saveGraph(town('a-b-c').graph, graph);

const secrets: string[] = [];
let database: TestDatabase;
let market: Market;
let receiver: Receiver;
let environment: Record<string, string>;
beforeAll(async () => {
  database = await createDatabase();
  market = await openMarket(database.db, {drivers: 1, tasks: 4});
  await setDispatchClock(database.db, {nowMs: NOW_MS, scale: 1});
  receiver = await receive(secrets);
  environment = {
    DATABASE_URL: database.url,
    CLOUDRUN_GRAPHS: `town=${graph}`,
    CLOUDRUN_PORT: '0',
    CLOUDRUN_THREADS: '1',
    CLOUDRUN_EVENTS_EVERY_MS: '50',
    CLOUDRUN_SEALING_KEY: Buffer.alloc(32, 5).toString('base64'),
    CLOUDRUN_WEBHOOK_ALLOW: receiver.host,
  };
});
afterAll(async () => {
  receiver.close();
  await database.drop();
  rmSync(folder, {recursive: true, force: true});
});

async function serve() {
  const daemon = start(['serve'], environment);
  const [, address] = await daemon.printed(/"address":"(http:[^"]+)".*"msg":"dispatching"/);
  const post = async (path: string, body: string, headers: Record<string, string> = {}) => {
    const sent = {method: 'POST', body, headers: {'content-type': 'application/json', ...headers}};
    let reply = await fetch(`${address}${path}`, sent);
    // A busy machine makes the daemon shed load; it says to ask again, and so does every good client.
    while (reply.status === 503) {
      await new Promise((later) => setTimeout(later, 200));
      reply = await fetch(`${address}${path}`, sent);
    }
    // biome-ignore lint/suspicious/noExplicitAny: whatever the daemon answers; each test says what it expects.
    return {status: reply.status, body: (await reply.json()) as any};
  };
  return {...daemon, address: address!, post};
}

test('a webhook gets every event, and a provider that was put reports a document', async () => {
  const mapping = join(folder, 'mapping.json');
  writeFileSync(
    mapping,
    JSON.stringify({type: '/kind', types: {ok: 'verified'}, driverId: '/who', kinds: {'*': 'licence'}, validDays: 30}),
  );
  const keyless = await run(['provider', 'put', 'dmv'], {...environment, CLOUDRUN_SEALING_KEY: ''});
  expect([keyless.code, keyless.stderr]).toEqual([2, expect.stringContaining('SEALING_KEY_MISSING')]);
  const put = JSON.parse((await run(['provider', 'put', 'dmv', '--mapping', mapping, '--json'], environment)).stdout);
  expect(put).toMatchObject({regionId: market.regionId, id: 'dmv', secret: expect.stringMatching(/^whsec_/)});

  const daemon = await serve();
  const made = await daemon.post('/v1/webhook-endpoints', JSON.stringify({url: receiver.url()}));
  secrets.push(made.body.secret);
  await happen(database.db, market.regionId, market.tasks);
  await receiver.until(() => receiver.taken.length >= 4);
  expect(receiver.taken.map(({data}) => `${data.taskId} ${data.seq}`).sort()).toEqual(
    market.tasks.map((id) => `${id} 2`),
  );
  const body = JSON.stringify({kind: 'ok', who: market.drivers[0]});
  const at = new Date(Math.floor(Date.now() / 1_000) * 1_000);
  const reported = await daemon.post('/v1/providers/dmv/events', body, {
    'webhook-id': 'e1',
    'webhook-timestamp': `${at.getTime() / 1_000}`,
    'webhook-signature': new Webhook(put.secret).sign('e1', at, body),
  });
  expect(reported).toEqual({status: 200, body: {outcome: 'recorded', reason: null}});
  await daemon.post(`/v1/webhook-endpoints/${made.body.endpoint.id}/pause`, '{}');
  daemon.child.kill('SIGTERM');
  expect((await daemon.ended).code).toBe(0);
});

test(`a consumer misses no event while the daemon is killed, ${KILLS} times over (seed ${SEED})`, async () => {
  const random = randomStream(SEED, 'kills');
  const pause = (most: number) => new Promise((later) => setTimeout(later, random() * most));
  const seen: EventMessage[] = [];
  let lastId = '0';
  const distinct = () => new Set(seen.map((event) => event.id)).size;
  /** Until the daemon is gone, or, where it is told when, until it has seen as much. */
  const consume = async (address: string, total = Number.POSITIVE_INFINITY) => {
    const left = new AbortController();
    const parser = createParser({
      onEvent({id, data}) {
        seen.push(JSON.parse(data));
        lastId = id!;
        if (distinct() >= total) left.abort();
      },
    });
    const reply = await fetch(`${address}/v1/events`, {headers: {'last-event-id': lastId}, signal: left.signal});
    const text = reply.body!.pipeThrough(new TextDecoderStream());
    for await (const chunk of text) parser.feed(chunk);
    if (reply.status === 503) await pause(200);
  };

  let happening = true;
  const writer = (async () => {
    while (happening) {
      await happen(database.db, market.regionId, market.tasks);
      await pause(30);
    }
  })();
  for (let kill = 0; kill < KILLS; kill++) {
    const daemon = await serve();
    const consumed = consume(daemon.address).catch(() => {});
    await pause(600);
    daemon.child.kill('SIGKILL');
    await Promise.all([daemon.ended, consumed]);
  }
  happening = false;
  await writer;
  const all = await everyEvent(database.db, market.regionId);
  const daemon = await serve();
  // A busy machine makes the daemon shed load, and a consumer comes back.
  while (distinct() < all.length) await consume(daemon.address, all.length).catch(() => pause(200));
  daemon.child.kill('SIGTERM');
  await daemon.ended;
  expect([...new Set(seen.map(({taskId, seq}) => `${taskId} ${seq}`))].sort()).toEqual(all.sort());
  expect(gapIn(seen)).toBeUndefined();
});
