import {afterAll, beforeAll, expect, test} from 'vitest';
import {readAddress, upsertAddresses} from '../../src/db/addresses.ts';
import {type Database, ping} from '../../src/db/connect.ts';
import {readDossier, setLegalHold} from '../../src/db/dossiers.ts';
import {changeShift, listDrivers, upsertDrivers} from '../../src/db/drivers.ts';
import {replaceEtaCorrections} from '../../src/db/eta-corrections.ts';
import {readEtaTruths} from '../../src/db/eta-truths.ts';
import {readOutboxEnd, readOutboxGauges} from '../../src/db/events.ts';
import {readGauges} from '../../src/db/gauges.ts';
import {claimKey, dropOldKeys, freeKey, storeResponse} from '../../src/db/idempotency.ts';
import {claimLease, releaseLease} from '../../src/db/leases.ts';
import {pendingMigrations} from '../../src/db/migrate.ts';
import {answerOffer, expireOffers, listOffers} from '../../src/db/offers.ts';
import {putProvider, receiveProviderEvent} from '../../src/db/providers.ts';
import {listRegions} from '../../src/db/regions.ts';
import {endRule, listKillSwitches, putRule, setKillSwitch} from '../../src/db/rules.ts';
import {readSnapshot} from '../../src/db/snapshot.ts';
import {dropOldSpeedEpochs, saveSpeedEpoch} from '../../src/db/speed-epochs.ts';
import {listStores, upsertStores} from '../../src/db/stores.ts';
import {changeTask, createTask, readTask} from '../../src/db/tasks.ts';
import {keepPayloadPartitions, saveTick} from '../../src/db/ticks.ts';
import {closeSession, countTokens, createToken, driverPart, openSession, readSecret} from '../../src/db/tokens.ts';
import {
  claimDeliveries,
  createWebhookEndpoint,
  deleteWebhookEndpoint,
  dropOldDeliveries,
  dueEndpoints,
  fanOutEvents,
  finishDelivery,
  pauseWebhookEndpoint,
  reviveDeliveries,
  rewindWebhookEndpoint,
  rotateWebhookSecret,
} from '../../src/db/webhooks.ts';
import {BEGINNING} from '../../src/domain/event.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {
  at,
  bring,
  documentDrivers,
  driverOf,
  HOUR_MS,
  NOW_MS,
  newId,
  offer,
  openMarket,
  rows,
  taskOf,
} from './market.ts';
import {asService} from './service.ts';

let database: TestDatabase;
let service: Database;
beforeAll(async () => {
  database = await createDatabase();
  service = asService(database.url);
});
afterAll(async () => {
  await service?.close();
  await database?.drop();
});

test('a whole shift is worked with it: orders, offers, changes, expiry, ticks, epochs, figures', async () => {
  const owned = await openMarket(database.db, {drivers: 3, tasks: 5});
  const m = {...owned, db: service};
  const {regionId, fence, drivers, tasks} = m;
  await ping(service);
  expect(await pendingMigrations(service)).toEqual([]);
  expect((await listRegions(service)).map(({id}) => id)).toContain(regionId);
  await upsertStores(service, [m.store]);
  await upsertDrivers(service, [driverOf(m, {id: drivers[0]})]);
  await documentDrivers(m, drivers);
  expect((await createTask(service, taskOf(m))).kind).toBe('created');
  await bring(m, tasks[0], drivers[0], 'DELIVERED');
  await bring(m, tasks[1], drivers[1], 'RETURNED');
  await bring(m, tasks[2], drivers[2], 'CANCELLED');
  await offer(m, tasks[3], drivers[2]);
  await at(database.db, NOW_MS + HOUR_MS);
  expect(await expireOffers(service, regionId, 10)).toMatchObject({expired: 1});
  expect((await readTask(service, regionId, tasks[0]))?.state).toBe('DELIVERED');
  expect(await listDrivers(service, regionId, {limit: 10})).toHaveLength(3);
  expect(await listStores(service, regionId, {limit: 10})).toHaveLength(1);
  expect((await readSnapshot(service, regionId))?.drivers.id).toHaveLength(3);
  expect((await readGauges(service, regionId)).openOffers).toBe(0);
  const page = {db: service, regionId, sinceMs: NOW_MS, untilMs: NOW_MS + HOUR_MS, limit: 10};
  expect(await readEtaTruths(page)).toHaveLength(2);
  const learned = {leg: 'drop', hour: 0, cell: '', deliveries: 2, quantilesMs: [0, 0, 0, 0, 0]} as const;
  for (const rows of [[learned], [{...learned, deliveries: 3}], []])
    await replaceEtaCorrections(service, regionId, rows);
  expect(await claimLease(service, regionId, 'test', HOUR_MS)).toMatchObject({kind: 'held', fence});

  await keepPayloadPartitions(service, {nowMs: NOW_MS, keepHours: 1});
  const header = {id: newId(), regionId, atMs: NOW_MS, trigger: 'loop', fence, graph: 'town', graphEpoch: 0} as const;
  const hashes = {snapshotHash: 'a', decisionHash: 'b', weightsVersion: 1, codeVersion: 't'};
  const counts = {
    drivers: 0,
    eligibleDrivers: 0,
    tasks: 0,
    eligibleTasks: 0,
    pairs: 0,
    proposed: 0,
    landed: 0,
    refused: 0,
  };
  const solve = {kind: 'optimal', certified: true, totalMs: 0, boundMs: 0, work: 0, augmentations: 0} as const;
  const record = {...header, ...hashes, counts, stageMs: {}, solve, payload: new Uint8Array(3)};
  expect(await saveTick(service, record)).toEqual({kind: 'saved'});
  await keepPayloadPartitions(service, {nowMs: NOW_MS + 5 * HOUR_MS, keepHours: 1});
  const left = await rows<{n: number}>(service, 'select count(*)::int as n from tick_payloads');
  expect(left).toEqual([{n: 0}]);

  const epoch = {graph: 'town', graphHash: 'g', mergedOnto: null, source: 's', kept: new Uint8Array(1)};
  await saveSpeedEpoch(service, {...epoch, speedsHash: 'a', weightsHash: 'b', rowsInUse: 1, segmentsChanged: 1});
  await dropOldSpeedEpochs(service, 'town', 26);
  await releaseLease(service, regionId, fence);
});

test('what comes in over HTTP is done with it: addresses, shifts, offers, keys of requests, holds', async () => {
  const owned = await openMarket(database.db, {drivers: 2, tasks: 1});
  const m = {...owned, db: service};
  const {regionId, drivers, tasks} = m;
  const address = {id: newId(), regionId, customerId: newId(), address: 'A', latE7: 1, lonE7: 1};
  await upsertAddresses(service, [address]);
  await upsertAddresses(service, [{...address, address: 'B'}]);
  expect(await readAddress(service, regionId, address.id)).toMatchObject({address: 'B'});
  const [taskId, driverId] = [tasks[0]!, drivers[0]!];
  const offerId = await offer(m, taskId, driverId);
  expect(await answerOffer(service, regionId, offerId, 'accept', {driverId})).toMatchObject({kind: 'done'});
  expect(await listOffers(service, regionId, {limit: 10})).toHaveLength(1);
  for (const action of ['release', 'cancel', 're-open'] as const) {
    const by = action === 'release' ? {driverId} : {};
    expect(await changeTask(service, regionId, taskId, action, by)).toMatchObject({kind: 'done'});
  }
  await offer(m, taskId, drivers[1]!);
  expect(await changeShift(service, regionId, drivers[1]!, false)).toMatchObject({kind: 'done', status: 'OFF'});
  expect(await changeShift(service, regionId, drivers[1]!, true)).toMatchObject({kind: 'done'});
  expect(await setLegalHold(service, regionId, taskId, true, {reason: 'r'})).toMatchObject({kind: 'done'});
  expect(await readDossier(service, regionId, taskId)).toMatchObject({kind: 'dossier'});
  expect(await readDossier(service, regionId, newId())).toEqual({kind: 'not-found'});

  const rule = {code: 'NEW', sentence: 'S.', source: 's', predicate: {kind: 'kill-switch'}, validFromMs: null} as const;
  await putRule(service, regionId, rule, 'me');
  await endRule(service, regionId, 'NEW', null, 'me');
  await setKillSwitch(service, regionId, 'beer', true, 'r', 'me');
  await setKillSwitch(service, regionId, 'beer', false, 'r', 'me');
  expect(await listKillSwitches(service, regionId, 10)).toMatchObject([{clearedBy: 'me'}]);

  const keyed = {regionId, caller: 'c', key: 'k', hash: Buffer.alloc(32, 1)};
  expect(await claimKey(service, keyed, {runningMs: 1_000, keepHours: 1})).toEqual({kind: 'claimed'});
  await freeKey(service, keyed);
  expect(await claimKey(service, keyed, {runningMs: 0, keepHours: 1})).toEqual({kind: 'claimed'});
  expect(await claimKey(service, keyed, {runningMs: 0, keepHours: 1})).toEqual({kind: 'claimed'});
  await storeResponse(service, keyed, {status: 200, body: '{}', location: null});
  await dropOldKeys(service, regionId, 0);
});

test('events go out by webhooks, and come in from providers, whom the owner alone makes', async () => {
  const owned = await openMarket(database.db, {drivers: 1, tasks: 2});
  const {regionId, drivers} = owned;
  await bring({...owned, db: service}, owned.tasks[0]!, drivers[0]!, 'DELIVERED');
  const id = newId();
  const [secret, other] = [Buffer.alloc(60, 1), Buffer.alloc(60, 2)];
  await createWebhookEndpoint(service, regionId, {
    id,
    url: 'https://a.example',
    secret,
    kinds: null,
    cursor: BEGINNING,
  });
  // Events wait for older transactions, those of other tests on this server too.
  while ((await dueEndpoints(service, regionId)).length === 0) await fanOutEvents(service, regionId);
  expect(await dueEndpoints(service, regionId)).toEqual([id]);
  const [claimed] = await claimDeliveries(service, regionId, id, 1, 1_000);
  expect(await finishDelivery(service, regionId, id, claimed!, {state: 'DEAD', error: 'e'})).toBe(true);
  expect(await reviveDeliveries(service, regionId, id)).toBe(1);
  expect(await rewindWebhookEndpoint(service, regionId, id, (await readOutboxEnd(service)).now)).toBe(true);
  expect(await pauseWebhookEndpoint(service, regionId, id, true)).toBe(true);
  expect(await rotateWebhookSecret(service, regionId, id, other, 0)).toBe(true);
  await readOutboxGauges(service, regionId);
  await dropOldDeliveries(service, regionId);
  expect(await deleteWebhookEndpoint(service, regionId, id)).toBe(true);

  const provider = {id: 'checks', secret, mapping: {}} as unknown as Parameters<typeof putProvider>[2];
  await expect(putProvider(service, regionId, provider)).rejects.toMatchObject({code: '42501'});
  await putProvider(database.db, regionId, provider);
  const document = {
    driverId: drivers[0]!,
    kind: 'licence' as const,
    validFromMs: NOW_MS,
    validUntilMs: NOW_MS + HOUR_MS,
    checkedAtMs: NOW_MS,
    revoked: false,
  };
  for (const outcome of ['recorded', 'repeated']) {
    const event = {provider: 'checks', eventId: 'e1', payloadHash: Buffer.alloc(32, 3)};
    const received = receiveProviderEvent(service, regionId, {...event, mapped: {kind: 'document', document}});
    expect(await received).toMatchObject({outcome});
  }
});

test('a token is read, and a session opened and closed; a token is made by the owner alone', async () => {
  const [id, sessionId] = [newId(), newId()];
  const hash = Buffer.alloc(32, 7);
  const token = {id, name: 'T', scopes: ['read'] as const, secretHash: hash, expiresInS: null};
  await expect(createToken(service, token)).rejects.toMatchObject({code: '42501'});
  await createToken(database.db, token);
  expect(await readSecret(service, 'token', id)).toMatchObject({id, scopes: ['read']});
  expect((await countTokens(service)).made).toBeGreaterThan(0);
  const session = {
    id: sessionId,
    tokenId: id,
    tokenHash: hash,
    secretHash: Buffer.alloc(32, 8),
    lifetimeS: 60,
    most: 2,
  };
  expect(await openSession(service, session)).toBeGreaterThan(NOW_MS);
  expect(await readSecret(service, 'session', sessionId)).toMatchObject({id});
  await closeSession(service, sessionId);
  expect(await readSecret(service, 'session', sessionId)).toBeUndefined();
  expect(await driverPart(service, 'nowhere', id, [id])).toBeUndefined();
});
