import {Webhook} from 'standardwebhooks';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {PROVIDER_TOLERANCE_S} from '../../src/api/limits.ts';
import {dropOldProviderEvents, providerContext, putProvider} from '../../src/db/providers.ts';
import {CANONICAL_MAPPING, type ProviderMapping, readMapping} from '../../src/domain/provider.ts';
import {sealingUnder} from '../../src/domain/sealing.ts';
import {newSecret} from '../../src/domain/signature.ts';
import {DAY_MS, type Market, NOW_MS, newId, openMarket, rows} from '../db/market.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {fakeDispatch, fakeServer, fakeWorld} from './world.ts';

const secret = newSecret();
const iso = (days: number) => new Date(NOW_MS + days * DAY_MS).toISOString();

/** As a provider of background checks might have it: nested, its own words, seconds, no end. */
const CHECKS: ProviderMapping = readMapping(
  JSON.stringify({
    type: '/event/name',
    types: {'report.completed': 'verified', 'report.disputed': 'revoked'},
    driverId: '/event/candidate/custom~1id',
    kinds: {'*': 'background_check'},
    checkedAt: '/event/completed',
    validDays: 365,
  }),
);

let database: TestDatabase;
let market: Market;
let app: ReturnType<typeof fakeServer>;
let metrics: ReturnType<typeof fakeWorld>['metrics'];
beforeAll(async () => {
  database = await createDatabase();
  market = await openMarket(database.db, {drivers: 3});
  const world = fakeWorld(database.db, {dispatch: fakeDispatch({regions: [market.regionId]})});
  ({metrics} = world);
  app = fakeServer(database.db, world);
  for (const [id, mapping] of [
    ['canonical', CANONICAL_MAPPING],
    ['checks', CHECKS],
  ] as const) {
    const sealed = sealingUnder([new Uint8Array(32)]).seal(secret, providerContext(market.regionId, id));
    await putProvider(database.db, market.regionId, {id, secret: sealed, mapping});
  }
});
afterAll(async () => {
  await app.close();
  await database.drop();
});

type Sent = {provider?: string; id?: string; atMs?: number; under?: string; body?: string};
async function send(payload: unknown, {provider = 'canonical', id = newId(), atMs = Date.now(), ...sent}: Sent = {}) {
  const {under = secret, body = JSON.stringify(payload, null, 1)} = sent;
  const at = new Date(Math.floor(atMs / 1_000) * 1_000);
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': `${at.getTime() / 1_000}`,
    'webhook-signature': new Webhook(under).sign(id, at, JSON.stringify(payload, null, 1)),
  };
  const answer = await app.inject({method: 'POST', url: `/v1/providers/${provider}/events`, headers, payload: body});
  return {status: answer.statusCode, body: answer.json()};
}

const verified = (driverId: string, more: object = {}) => ({
  type: 'document.verified',
  data: {driverId, kind: 'insurance', checkedAt: iso(0), validFrom: iso(0), validUntil: iso(30), name: 'Ada', ...more},
});
const documents = (driverId: string, kind: string) =>
  rows<{valid_from: number; valid_until: number; checked_at: number; revoked: boolean}>(
    database.db,
    'select valid_from, valid_until, checked_at, revoked from driver_documents ' +
      'where driver_id::text = $1 and kind = $2 order by valid_from',
    [driverId, kind],
  );
const versionOf = async (driverId: string) =>
  (
    await rows<{v: number}>(database.db, 'select compliance_version as v from drivers where id::text = $1', [driverId])
  )[0]!.v;

test('a verified document is put, its driver bumped, and of the payload only what is mapped is kept', async () => {
  const driverId = market.drivers[0]!;
  const before = await versionOf(driverId);
  expect(await send(verified(driverId))).toEqual({status: 200, body: {outcome: 'recorded', reason: null}});
  expect((await documents(driverId, 'insurance')).at(-1)).toEqual({
    valid_from: NOW_MS,
    valid_until: NOW_MS + 30 * DAY_MS,
    checked_at: NOW_MS,
    revoked: false,
  });
  expect(await versionOf(driverId)).toBe(before + 1);
  const kept = await rows(database.db, 'select * from provider_events');
  expect(JSON.stringify(kept)).not.toContain('Ada');
});

test('a repeated event answers the first outcome; another payload under its id is refused', async () => {
  const driverId = market.drivers[0]!;
  const id = newId();
  await send(verified(driverId, {validUntil: iso(31)}), {id});
  const version = await versionOf(driverId);
  const again = await Promise.all([1, 2, 3].map(() => send(verified(driverId, {validUntil: iso(31)}), {id})));
  expect(new Set(again.map(({body}) => body.outcome))).toEqual(new Set(['repeated']));
  expect(await send(verified(driverId, {validUntil: iso(99)}), {id})).toMatchObject({
    status: 422,
    body: {code: 'EVENT_ID_REUSED'},
  });
  expect(await versionOf(driverId)).toBe(version);
  const racing = newId();
  const outcomes = await Promise.all([1, 2, 3, 4].map(() => send(verified(driverId), {id: racing})));
  expect(outcomes.filter(({body}) => body.outcome === 'recorded').length).toBe(1);
});

test('another provider’s shape: nested, in seconds, good for a year; disputed, it revokes', async () => {
  const driverId = market.drivers[1]!;
  const report = (name: string, completedMs: number) => ({
    event: {name, completed: completedMs / 1_000, candidate: {'custom/id': driverId.toUpperCase(), ssn: '1'}},
  });
  const completedMs = NOW_MS - 3_600_000;
  expect(await send(report('report.completed', completedMs), {provider: 'checks'})).toMatchObject({
    body: {outcome: 'recorded', reason: null},
  });
  expect((await documents(driverId, 'background_check')).at(-1)).toMatchObject({
    valid_from: completedMs,
    valid_until: completedMs + 365 * DAY_MS,
    revoked: false,
  });
  await send(report('report.disputed', NOW_MS), {provider: 'checks'});
  expect((await documents(driverId, 'background_check')).every(({revoked}) => revoked)).toBe(true);
  // A report from before the dispute that arrives after it.
  expect((await send(report('report.completed', completedMs + 1_000), {provider: 'checks'})).body).toEqual({
    outcome: 'recorded',
    reason: 'SUPERSEDED',
  });
  expect((await documents(driverId, 'background_check')).every(({revoked}) => revoked)).toBe(true);
  expect((await send(report('report.completed', NOW_MS + 1_000), {provider: 'checks'})).body.reason).toBeNull();
});

const revoked = (driverId: string, more: object = {}) => ({...verified(driverId, more), type: 'document.revoked'});

test('of a check and a revocation of the same instant the revocation stands, whichever comes first', async () => {
  const driverId = market.drivers[2]!;
  const more = {kind: 'registration'};
  await send(verified(driverId, more));
  expect((await send(revoked(driverId, more))).body.reason).toBeNull();
  expect((await send(verified(driverId, more))).body.reason).toBe('SUPERSEDED');
  expect((await documents(driverId, 'registration')).every((document) => document.revoked)).toBe(true);
});

test('a revocation reaches the region that the driver moved to, and waits for a driver that is nowhere', async () => {
  const elsewhere = await openMarket(database.db, {drivers: 1});
  const [driverId, id] = [elsewhere.drivers[0]!, newId()];
  const leave = "update drivers set shift_on = false, left_at = nullif($2, '')::timestamptz where id::text = $1";
  await rows(database.db, leave, [driverId, new Date(NOW_MS).toISOString()]);
  const first = await send(revoked(driverId), {id});
  expect(first.body).toEqual({outcome: 'recorded', reason: 'DRIVER_UNKNOWN'});
  await rows(database.db, leave, [driverId, '']);
  expect((await send(revoked(driverId), {id})).body).toEqual({outcome: 'recorded', reason: null});
  expect((await send(revoked(driverId), {id})).body).toEqual({outcome: 'repeated', reason: null});
  const standing = await documents(driverId, 'insurance');
  expect(standing.map((document) => document.revoked)).toEqual(standing.map(() => true));
  expect(standing.length).toBeGreaterThan(0);
});

test('events of providers are forgotten after 90 days, their documents are not', async () => {
  await send(verified(market.drivers[0]!));
  const count = 'select count(*)::int as n from provider_events where region_id = $1';
  await dropOldProviderEvents(database.db, market.regionId);
  expect((await rows<{n: number}>(database.db, count, [market.regionId]))[0]!.n).toBeGreaterThan(0);
  const age = "update provider_events set received_at = received_at - interval '91 days' where region_id = $1";
  await rows(database.db, age, [market.regionId]);
  await dropOldProviderEvents(database.db, market.regionId);
  expect(await rows(database.db, count, [market.regionId])).toEqual([{n: 0}]);
  expect((await documents(market.drivers[0]!, 'insurance')).length).toBeGreaterThan(0);
});

test.each([
  [{type: 'document.pending'}, 'TYPE_UNMAPPED'],
  [{type: 'constructor'}, 'TYPE_UNMAPPED'],
  [verified('x'), 'DRIVER_MISSING'],
  [verified(newId()), 'DRIVER_UNKNOWN'],
  [verified(newId(), {kind: 'toString'}), 'KIND_UNMAPPED'],
  [verified(newId(), {validUntil: null}), 'END_MISSING'],
  [verified(newId(), {validUntil: 'soon'}), 'TIME_UNREADABLE'],
  [verified(newId(), {validUntil: iso(-1)}), 'ENDS_BEFORE_START'],
  [[], 'TYPE_UNMAPPED'],
])('%j changes nothing and is answered, so that it is not repeated: %s', async (payload, reason) => {
  const id = newId();
  expect(await send(payload, {id})).toEqual({status: 200, body: {outcome: 'recorded', reason}});
  expect(await send(payload, {id})).toEqual({status: 200, body: {outcome: 'repeated', reason}});
});

test('what is not signed, not now, or not the bytes that were signed is refused', async () => {
  const payload = verified(market.drivers[2]!);
  const forged = {status: 401, body: {code: 'SIGNATURE_REFUSED'}};
  expect(await send(payload, {under: newSecret()})).toMatchObject(forged);
  expect(await send(payload, {body: JSON.stringify(payload)})).toMatchObject(forged);
  expect(await send(payload, {atMs: Date.now() - (PROVIDER_TOLERANCE_S + 5) * 1_000})).toMatchObject(forged);
  expect(await send(payload, {provider: 'nobody'})).toMatchObject({status: 404, body: {code: 'PROVIDER_UNKNOWN'}});
  const bare = await app.inject({method: 'POST', url: '/v1/providers/canonical/events', payload});
  expect([bare.statusCode, bare.json().code]).toEqual([401, 'SIGNATURE_REFUSED']);
  const counted = await metrics.registry.metrics();
  expect(counted).toContain(`cloudrun_provider_events_total{region="${market.regionId}",outcome="refused"} 5`);
});

test.each([
  ['{', 'is not JSON'],
  ['[]', 'is not an object'],
  ['{"colour":1}', 'has a field colour'],
  ['{"type":"type"}', 'has no JSON pointer at type'],
  [JSON.stringify({...CANONICAL_MAPPING, kinds: {a: 'passport'}}), 'needs kinds'],
  [JSON.stringify({...CANONICAL_MAPPING, types: {}}), 'needs types'],
  [JSON.stringify({...CANONICAL_MAPPING, validDays: 0}), 'validDays'],
])('the mapping %s is refused: %s', (json, what) => {
  expect(() => readMapping(json)).toThrow(what);
});
