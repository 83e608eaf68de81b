import {afterAll, beforeAll, expect, test} from 'vitest';
import {claimLease, releaseLease} from '../../src/db/leases.ts';
import {keepPayloadPartitions, listTicks, readTick, readTickPayload, saveTick} from '../../src/db/ticks.ts';
import type {TickRecord} from '../../src/domain/tick-record.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {at, HOUR_MS, type Market, NOW_MS, newId, openMarket, proposalOf, propose, rows} from './market.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

const recordOf = ({regionId, fence}: Market, given: Partial<TickRecord> = {}): TickRecord => ({
  id: newId(),
  regionId,
  atMs: NOW_MS,
  trigger: 'loop',
  fence,
  snapshotHash: 'ab12',
  decisionHash: 'cd34',
  graph: 'town',
  graphEpoch: 3,
  weightsVersion: 1,
  codeVersion: '0.1.0',
  counts: {drivers: 4, eligibleDrivers: 3, tasks: 2, eligibleTasks: 2, pairs: 6, proposed: 2, landed: 1, refused: 1},
  stageMs: {snapshot: 3.25, solve: 0.5},
  solve: {kind: 'optimal', certified: true, totalMs: 2 ** 40, boundMs: 2 ** 40, work: 17, augmentations: 2},
  payload: Uint8Array.from({length: 3_000}, (_, i) => i % 256),
  ...given,
});

const partitions = async () => {
  const found = await rows<{relname: string}>(
    database.db,
    `select relname::text from pg_inherits join pg_class on oid = inhrelid
     where inhparent = 'tick_payloads'::regclass order by relname`,
  );
  return found.map(({relname}) => relname);
};

test('a record is read as it was saved, once', async () => {
  const m = await openMarket(database.db, {drivers: 0, tasks: 0});
  const {db, regionId} = m;
  await keepPayloadPartitions(db, {nowMs: NOW_MS, keepHours: 24});
  const record = recordOf(m);
  const {payload, ...header} = record;
  expect(await saveTick(db, record)).toEqual({kind: 'saved'});
  expect(await saveTick(db, {...record, payload: new Uint8Array(1)})).toEqual({kind: 'saved'});
  expect(await readTick(db, regionId, record.id)).toEqual(header);
  expect(Uint8Array.from((await readTickPayload(db, regionId, record.id))!)).toEqual(payload);
  expect(await readTick(db, regionId, newId())).toBe(undefined);
  expect(await readTickPayload(db, regionId, newId())).toBe(undefined);
});

test('ticks are listed newest first', async () => {
  const m = await openMarket(database.db, {drivers: 0, tasks: 0});
  const {db, regionId} = m;
  await keepPayloadPartitions(db, {nowMs: NOW_MS, keepHours: 24});
  const records = [2, 0, 1].map((seconds) => recordOf(m, {atMs: NOW_MS + seconds * 1_000}));
  for (const record of records) await saveTick(db, record);
  expect((await listTicks(db, regionId, 2)).map(({id}) => id)).toEqual([records[0].id, records[2].id]);
});

test('a tick under an old fence is not recorded, unless its offers were committed under it', async () => {
  const m = await openMarket(database.db, {drivers: 1, tasks: 1});
  const {db, regionId} = m;
  await keepPayloadPartitions(db, {nowMs: NOW_MS, keepHours: 24});
  const [decided, idle] = [recordOf(m), recordOf(m)];
  await propose(m, [proposalOf(m.tasks[0], m.drivers[0])], decided.id);
  await releaseLease(db, regionId, m.fence);
  await claimLease(db, regionId, 'another', HOUR_MS);
  expect(await saveTick(db, idle)).toEqual({kind: 'fenced'});
  expect(await saveTick(db, decided)).toEqual({kind: 'saved'});
  expect((await listTicks(db, regionId, 9)).map(({id}) => id)).toEqual([decided.id]);
});

test('payloads go by the hour, headers stay', async () => {
  const m = await openMarket(database.db, {drivers: 0, tasks: 0});
  const {db, regionId} = m;
  const atMs = NOW_MS + 59 * 60_000;
  const keep = (nowMs: number) => keepPayloadPartitions(db, {nowMs, keepHours: 2});
  await keep(atMs);
  expect(await partitions()).toEqual(['tick_payloads_2026060118', 'tick_payloads_2026060119']);
  await at(db, atMs);
  const record = recordOf(m, {atMs});
  await saveTick(db, record);
  await saveTick(db, recordOf(m, {atMs: atMs + 60_000}));
  await expect(saveTick(db, recordOf(m, {atMs: atMs + 61 * 60_000}))).rejects.toMatchObject({code: '23514'});
  await Promise.all(Array.from({length: 4}, () => keep(atMs + 2 * HOUR_MS)));
  expect(await partitions()).toEqual([18, 19, 20, 21].map((hour) => `tick_payloads_20260601${hour}`));
  expect(await readTickPayload(db, regionId, record.id)).toBeDefined();
  await keep(atMs + 3 * HOUR_MS);
  expect(await partitions()).toEqual([19, 20, 21, 22].map((hour) => `tick_payloads_20260601${hour}`));
  expect(await readTickPayload(db, regionId, record.id)).toBe(undefined);
  expect((await readTick(db, regionId, record.id))!.atMs).toBe(atMs);
});
