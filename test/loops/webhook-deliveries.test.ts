import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {fileURLToPath} from 'node:url';
import {afterAll, afterEach, beforeAll, expect, test} from 'vitest';
import {
  claimDeliveries,
  createWebhookEndpoint,
  dropOldDeliveries,
  fanOutEvents,
  finishDelivery,
  pauseWebhookEndpoint,
  readWebhookEndpoint,
  reviveDeliveries,
  rewindWebhookEndpoint,
  rotateWebhookSecret,
} from '../../src/db/webhooks.ts';
import {systemClock} from '../../src/domain/clock.ts';
import {BEGINNING, eventId} from '../../src/domain/event.ts';
import {randomStream} from '../../src/domain/random.ts';
import {sealingUnder} from '../../src/domain/sealing.ts';
import {newSecret} from '../../src/domain/signature.ts';
import {endpointContext} from '../../src/domain/webhook.ts';
import {
  type DeliveryStep,
  ENDPOINT_CONCURRENCY,
  startWebhooks,
  type WebhookOptions,
} from '../../src/loops/webhook-deliveries.ts';
import {targetsBy} from '../../src/loops/webhook-target.ts';
import {type Market, newId, openMarket, rows} from '../db/market.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {everyEvent, gapIn, happen} from '../support/outbox.ts';
import {type Answer, type Call, type Receiver, receive} from '../support/webhook-receiver.ts';

const SEED = Number(process.env.CLOUDRUN_SEED ?? 11);
const SOAK = process.env.CLOUDRUN_SOAK === '1';
const sealing = sealingUnder([new Uint8Array(32)]);
let database: TestDatabase;
const undo: (() => unknown)[] = [];
beforeAll(async () => {
  database = await createDatabase();
});
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});
afterAll(() => database?.drop());

type Hook = Receiver & {readonly market: Market; readonly id: string; readonly secrets: string[]};

/** A region of its own with one endpoint, which takes everything from the beginning on. */
async function hook(tasks: number, answer?: (call: Call) => Answer, kinds: string[] | null = null): Promise<Hook> {
  const market = await openMarket(database.db, {tasks});
  const secrets = [newSecret()];
  const receiver = await receive(secrets, answer);
  undo.push(receiver.close);
  const id = await endpoint(market, receiver.url(), secrets[0]!, kinds);
  return {...receiver, market, id, secrets};
}

async function endpoint({regionId}: Market, url: string, secret: string, kinds: string[] | null = null) {
  const id = newId();
  const sealed = sealing.seal(secret, endpointContext(regionId, id));
  await createWebhookEndpoint(database.db, regionId, {id, url, secret: sealed, kinds, cursor: BEGINNING});
  return id;
}

function deliver({market, host}: Hook, options: Partial<WebhookOptions> = {}) {
  const outcomes: string[] = [];
  const webhooks = startWebhooks({
    db: database.db,
    regionId: market.regionId,
    everyMs: 10,
    sealing,
    checkTarget: targetsBy(async () => [], [host]),
    clock: systemClock,
    random: randomStream(SEED, 'jitter'),
    observer: {attempted: (outcome) => outcomes.push(outcome), failed: (error) => outcomes.push(`${error}`)},
    retryFirstMs: 1,
    ...options,
  });
  undo.push(webhooks.stop);
  return {...webhooks, outcomes};
}

const placesOf = (calls: readonly Call[]) => [...new Set(calls.map(({data}) => `${data.taskId} ${data.seq}`))].sort();
const all = async ({market}: Hook) => (await everyEvent(database.db, market.regionId)).sort();
const delivered = async (hooked: Hook, taken: readonly Call[] = hooked.taken) => {
  const wanted = await all(hooked);
  await hooked.until(() => placesOf(taken).length >= wanted.length);
};
const settled = async ({market, id}: Hook, state: string, count: number) => {
  const text =
    'select count(*)::int as n from webhook_deliveries where region_id = $1 and endpoint_id = $2 and state = $3';
  for (;;) {
    const [{n}] = (await rows<{n: number}>(database.db, text, [market.regionId, id, state])) as [{n: number}];
    if (n >= count) return;
  }
};

test('every event is posted once and signed, each task in order, and the id is the event’s own', async () => {
  const hooked = await hook(5);
  for (let i = 0; i < 6; i++) await happen(database.db, hooked.market.regionId, hooked.market.tasks);
  const {outcomes, stop} = deliver(hooked);
  await delivered(hooked);
  await stop();
  expect(placesOf(hooked.taken)).toEqual(await all(hooked));
  expect(hooked.taken.length).toBe(35);
  expect([gapIn(hooked.taken.map(({data}) => data)), hooked.forged]).toEqual([undefined, []]);
  const [call] = hooked.taken;
  expect([call!.id, call!.type]).toEqual([eventId(call!.data.taskId, call!.data.seq), 'task.created']);
  expect(new Set(outcomes)).toEqual(new Set(['delivered']));
});

const STEPS: DeliveryStep[] = ['handed', 'claimed', 'posting', 'answered', 'finished'];
test(`a daemon killed at every step, with a receiver that fails at random, loses no event (seed ${SEED})`, async () => {
  const random = randomStream(SEED, 'receiver');
  const answer = (): Answer => (random() < 0.7 ? 200 : random() < 0.5 ? 500 : random() < 0.8 ? 'lost' : 'silent');
  const hooked = await hook(8, answer);
  const {regionId, tasks} = hooked.market;
  const child = fileURLToPath(new URL('webhook-child.ts', import.meta.url));
  for (const step of SOAK ? Array.from({length: 40}, (_, i) => STEPS[i % STEPS.length]!) : STEPS) {
    await happen(database.db, regionId, tasks);
    const times = 1 + Math.floor(random() * 4);
    const daemon = spawn(process.execPath, [child, database.url, regionId, hooked.host, step, `${times}`]);
    const [, signal] = await once(daemon, 'exit');
    expect(signal, `${step} × ${times}`).toBe('SIGKILL');
  }
  deliver(hooked, {leaseMs: 400, timeoutMs: 300});
  deliver(hooked, {leaseMs: 400, timeoutMs: 300});
  await delivered(hooked);
  expect(placesOf(hooked.taken)).toEqual(await all(hooked));
  expect([gapIn(hooked.taken.map(({data}) => data)), hooked.forged]).toEqual([undefined, []]);
});

test('an endpoint that is down is tried up to the limit, holds up no other, and is replayed later', async () => {
  let down = true;
  const hooked = await hook(3, ({path}) => (down && path === '/' ? 503 : 200));
  const {regionId, tasks} = hooked.market;
  const other = await endpoint(hooked.market, hooked.url('/other'), hooked.secrets[0]!);
  await happen(database.db, regionId, tasks);
  const {outcomes} = deliver(hooked, {attemptsLimit: 4});
  // Of each task the second event waits until the first is dead, and is then tried as often.
  await settled(hooked, 'DEAD', 6);
  const calls = hooked.calls.filter(({path}) => path === '/');
  expect(calls.length).toBe(6 * 4);
  const last = new Map<string, number>();
  for (const {data} of calls) {
    expect(data.seq).toBeGreaterThanOrEqual(last.get(data.taskId) ?? 1);
    last.set(data.taskId, data.seq);
  }
  expect(placesOf(hooked.taken.filter(({path}) => path === '/other'))).toEqual(await all(hooked));
  expect(outcomes.filter((outcome) => outcome === 'dead').length).toBe(6);
  const row = await readWebhookEndpoint(database.db, regionId, hooked.id);
  expect(row).toMatchObject({dead: 6, waiting: 0, lastError: 'HTTP_503'});

  down = false;
  expect(await reviveDeliveries(database.db, regionId, hooked.id)).toBe(6);
  const back = () => hooked.taken.filter(({path}) => path === '/');
  await hooked.until(() => placesOf(back()).length === 6);
  await settled(hooked, 'DELIVERED', 6);
  expect(gapIn(back().map(({data}) => data))).toBeUndefined();

  await rewindWebhookEndpoint(database.db, regionId, other, BEGINNING);
  await hooked.until(() => hooked.taken.filter(({path}) => path === '/other').length === 12);
});

test('a paused endpoint gets nothing and misses nothing; unwanted kinds are left out', async () => {
  const hooked = await hook(2, undefined, ['offered']);
  const {regionId, tasks} = hooked.market;
  await rows(database.db, "select append_events($1, $2::uuid[], 'offered', 'test', array['{}'], now())", [
    regionId,
    `{${tasks[0]}}`,
  ]);
  await pauseWebhookEndpoint(database.db, regionId, hooked.id, true);
  deliver(hooked);
  const other = await endpoint(hooked.market, hooked.url('/other'), hooked.secrets[0]!);
  await hooked.until(() => hooked.taken.filter(({path}) => path === '/other').length === 3);
  expect(hooked.taken.filter(({path}) => path === '/')).toEqual([]);
  expect(other).not.toBe(hooked.id);
  await pauseWebhookEndpoint(database.db, regionId, hooked.id, false);
  await hooked.until(() => hooked.taken.some(({path}) => path === '/'));
  const wanted = hooked.taken.filter(({path}) => path === '/');
  expect(wanted.map(({type, data}) => [type, data.taskId])).toEqual([['task.offered', tasks[0]]]);
});

test('a damaged event is dead at once, and those after it go out', async () => {
  const hooked = await hook(1);
  const {regionId, tasks} = hooked.market;
  await happen(database.db, regionId, tasks);
  await rows(database.db, "update dossier_events set body = 'damaged' where region_id = $1 and seq = 1", [regionId]);
  const {outcomes} = deliver(hooked);
  await settled(hooked, 'DELIVERED', 1);
  expect(hooked.taken.map(({data}) => data.seq)).toEqual([2]);
  expect(outcomes[0]).toBe('dead');
  const fares = {dead: 1, waiting: 0, lastError: 'BODY_UNREADABLE'};
  expect(await readWebhookEndpoint(database.db, regionId, hooked.id)).toMatchObject(fares);
});

test('a legal hold goes only to an endpoint that names its kind', async () => {
  const hooked = await hook(1);
  const {regionId, tasks} = hooked.market;
  const hold = 'select set_legal_hold($1, $2::uuid, true, $3::jsonb)';
  await rows(database.db, hold, [regionId, tasks[0], '{"reason": "case 17"}']);
  await happen(database.db, regionId, tasks);
  await endpoint(hooked.market, hooked.url('/legal'), hooked.secrets[0]!, ['hold-set']);
  deliver(hooked);
  await hooked.until(() => placesOf(hooked.taken).length === 3);
  const kindsAt = (path: string) => hooked.taken.filter((call) => call.path === path).map(({data}) => data.kind);
  expect([kindsAt('/'), kindsAt('/legal')]).toEqual([['created', 'created'], ['hold-set']]);
});

test('an event that is purged while it is handed out is forgotten, and neither waits for the other', async () => {
  const hooked = await hook(2);
  const {regionId, tasks} = hooked.market;
  let handed: unknown[] = [];
  while (handed.length < 2) {
    await fanOutEvents(database.db, regionId);
    handed = await rows(database.db, 'select from webhook_deliveries where region_id = $1', [regionId]);
  }
  await rows(database.db, 'delete from dossier_events where region_id = $1 and task_id = $2', [regionId, tasks[0]]);
  deliver(hooked);
  await settled(hooked, 'DELIVERED', 1);
  expect(hooked.taken.map(({data}) => data.taskId)).toEqual([tasks[1]]);
  expect(await readWebhookEndpoint(database.db, regionId, hooked.id)).toMatchObject({waiting: 0, dead: 0});
});

test('while secrets are rotated both sign, and an old one no longer once its time is over', async () => {
  const hooked = await hook(1);
  const {regionId, tasks} = hooked.market;
  const fresh = newSecret();
  const rotate = (overlapS: number) =>
    rotateWebhookSecret(
      database.db,
      regionId,
      hooked.id,
      sealing.seal(fresh, endpointContext(regionId, hooked.id)),
      overlapS,
    );
  await rotate(60);
  const daemon = deliver(hooked);
  await delivered(hooked);
  hooked.secrets.splice(0, 1, fresh);
  await happen(database.db, regionId, tasks);
  await delivered(hooked);
  await daemon.stop();
  expect(hooked.forged).toEqual([]);
  await rotate(0);
  await happen(database.db, regionId, tasks);
  const [claimed] = await (async () => {
    for (;;) {
      await fanOutEvents(database.db, regionId);
      const found = await claimDeliveries(database.db, regionId, hooked.id, 1, 1_000);
      if (found.length > 0) return found;
    }
  })();
  expect(claimed!.oldSecret).toBeNull();
});

test('who answers after another has claimed the delivery ends nothing, and a claim is one daemon’s', async () => {
  const hooked = await hook(3);
  const {regionId} = hooked.market;
  const claim = (leaseMs: number) => claimDeliveries(database.db, regionId, hooked.id, 100, leaseMs);
  const finish = (delivery: Parameters<typeof finishDelivery>[3], state: 'DELIVERED') =>
    finishDelivery(database.db, regionId, hooked.id, delivery, {state});
  while ((await claim(0)).length === 0) await fanOutEvents(database.db, regionId);
  const stale = await claim(0);
  const fresh = await claim(60_000);
  expect([stale.length, fresh.length]).toEqual([3, 3]);
  expect(await claim(60_000)).toEqual([]);
  expect(await finish(stale[0]!, 'DELIVERED')).toBe(false);
  expect(await finish(fresh[0]!, 'DELIVERED')).toBe(true);
  expect(await finish(fresh[0]!, 'DELIVERED')).toBe(false);
  await rows(
    database.db,
    "update webhook_deliveries set ended_at = ended_at - interval '15 days' where region_id = $1",
    [regionId],
  );
  expect(await dropOldDeliveries(database.db, regionId)).toBe(1);
});

test('old deliveries are dropped by as many calls as it takes, up to a limit', async () => {
  const {market, id} = await hook(1);
  const fill = `insert into webhook_deliveries (region_id, endpoint_id, task_id, seq, state, ended_at)
    select $1, $2::uuid, gen_random_uuid(), 1, 'DELIVERED', now() - interval '15 days' from generate_series(1, 25)`;
  await rows(database.db, fill, [market.regionId, id]);
  expect(await dropOldDeliveries(database.db, market.regionId, {atOnce: 5, callsLimit: 3})).toBe(15);
  expect(await dropOldDeliveries(database.db, market.regionId, {atOnce: 5, callsLimit: 3})).toBe(10);
});

test('a slow endpoint has no more than its share under way', async () => {
  const hooked = await hook(3 * ENDPOINT_CONCURRENCY, () => 'silent');
  const daemon = deliver(hooked, {timeoutMs: 400, retryFirstMs: 60_000});
  await hooked.until(() => hooked.calls.length >= ENDPOINT_CONCURRENCY);
  const early = hooked.calls.length;
  await hooked.until(() => hooked.calls.length === 3 * ENDPOINT_CONCURRENCY);
  await daemon.stop();
  expect(early).toBe(ENDPOINT_CONCURRENCY);
  expect(daemon.outcomes).toEqual(Array(3 * ENDPOINT_CONCURRENCY).fill('failed'));
});
