// Rules as rows: versions, validity, what may stand in one, and areas.

import {Client} from 'pg';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {setDispatchClock} from '../../src/db/clock.ts';
import {putDocuments} from '../../src/db/drivers.ts';
import {endRule, listKillSwitches, listRules, putRule, setKillSwitch} from '../../src/db/rules.ts';
import {readSnapshot} from '../../src/db/snapshot.ts';
import {
  AREA_POINTS_LIMIT,
  PREDICATE_LIMIT_BYTES,
  RULES_LIMIT,
  type RulePredicate,
  SALE_HOURS_KNOWN_H,
  STARTING_RULE_CODES,
} from '../../src/domain/rule.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {EVERYWHERE} from './compliance-arbitrary.ts';
import {at, DAY_MS, HOUR_MS, type Market, MINUTE_MS, NOW_MS, openMarket, proposalOf, propose, rows} from './market.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());
const open = () => openMarket(database.db, {drivers: 1, tasks: 1});

const rule = (code: string, given: RulePredicate, validFromMs: number | null = null) => ({
  code,
  sentence: `${code}.`,
  source: 'test',
  predicate: given,
  validFromMs,
});
const DRY = rule('DRY', {kind: 'no-sale-area', area: EVERYWHERE});
const commit = async (m: Market) => (await propose(m, [proposalOf(m.tasks[0], m.drivers[0])])).refused[0]?.reason;
const inForce = async (m: Market) => (await readSnapshot(m.db, m.regionId))!.rules.map(({code}) => code);

test('a region starts with its rules, also one that stood before there were any', async () => {
  const m = await open();
  const started = await listRules(m.db, m.regionId);
  expect(started.map(({code}) => code)).toEqual(STARTING_RULE_CODES);
  expect(started.every(({sentence, source}) => sentence.endsWith('.') && source !== '')).toBe(true);
  await rows(m.db, 'delete from rules where region_id = $1', [m.regionId]);
  expect(await commit(m)).toBe(undefined);
  await rows(m.db, 'select add_starting_rules($1)', [m.regionId]);
  expect(await listRules(m.db, m.regionId)).toEqual(started);
});

test('a version ends the one before, at once or when it comes into force, and none is ever lost', async () => {
  const m = await open();
  const {db, regionId} = m;
  const versions = async (past: boolean) =>
    (await listRules(db, regionId, {past}))
      .filter(({code}) => code === 'DRY')
      .map(({predicate: {kind}, validFromMs, validUntilMs, putBy, endedBy}) => [
        kind,
        validFromMs - NOW_MS,
        validUntilMs === null ? null : validUntilMs - NOW_MS,
        putBy,
        endedBy,
      ]);
  await putRule(db, regionId, DRY, 'ann');
  expect(await commit(m)).toBe('DRY');
  await putRule(db, regionId, rule('DRY', {kind: 'opted-in'}, NOW_MS + HOUR_MS), 'bob');
  expect(await versions(false)).toEqual([
    ['no-sale-area', 0, HOUR_MS, 'ann', 'bob'],
    ['opted-in', HOUR_MS, null, 'bob', null],
  ]);
  // What was planned is replaced by what comes before it.
  await at(db, NOW_MS + MINUTE_MS);
  await putRule(db, regionId, rule('DRY', {kind: 'age-check'}), 'cid');
  expect(await versions(true)).toEqual([
    ['no-sale-area', 0, MINUTE_MS, 'ann', 'cid'],
    ['age-check', MINUTE_MS, null, 'cid', null],
  ]);
  expect(await rows(db, `select from rules where region_id = $1 and code = 'DRY'`, [regionId])).toHaveLength(3);
  await putRule(db, regionId, DRY, 'dan');
  expect(await versions(true)).toHaveLength(3);
  await at(db, NOW_MS + MINUTE_MS + 1);
  expect(await commit(m)).toBe('DRY');
  await endRule(db, regionId, 'DRY', NOW_MS + HOUR_MS, 'eve');
  expect(await inForce(m)).toContain('DRY');
  await at(db, NOW_MS + HOUR_MS);
  expect(await inForce(m)).not.toContain('DRY');
  expect(await commit(m)).toBe(undefined);
  await expect(endRule(db, regionId, 'DRY', null, 'eve')).rejects.toMatchObject({code: 'RULE_UNKNOWN'});
});

test('a change in the past, of a region that is not there, or beyond the limit is refused', async () => {
  const m = await open();
  const {db, regionId} = m;
  const refused = (given: Parameters<typeof putRule>[2], region = regionId) =>
    expect(putRule(db, region, given, 'test')).rejects;
  await refused({...DRY, validFromMs: NOW_MS - 1}).toMatchObject({code: 'VALID_FROM_PAST'});
  await refused(DRY, 'nowhere').toMatchObject({code: 'REGION_UNKNOWN'});
  await refused({...DRY, code: 'dry'}).toMatchObject({code: 'RULE_CODE_INVALID'});
  await refused(rule('DRY', {kind: 'full-moon'} as never)).toMatchObject({code: 'PREDICATE_INVALID'});
  for (let i = STARTING_RULE_CODES.length; i < RULES_LIMIT; i++) {
    await putRule(db, regionId, rule(`MORE_${i}`, {kind: 'opted-in'}), 'test');
  }
  await refused(DRY).toMatchObject({code: 'RULES_LIMIT'});
  await putRule(db, regionId, rule('MORE_20', {kind: 'age-check'}), 'test');
  await endRule(db, regionId, 'MORE_20', null, 'test');
  await at(db, NOW_MS + 1);
  await putRule(db, regionId, DRY, 'test');
  expect(await inForce(m)).toHaveLength(RULES_LIMIT);
});

test('every change of a rule or switch raises the version that an offer names, a refused one not', async () => {
  const m = await open();
  const {db, regionId} = m;
  const version = async () =>
    (await rows<{v: number}>(db, 'select compliance_version as v from regions where region_id = $1', [regionId]))[0].v;
  const before = await version();
  await expect(endRule(db, regionId, 'DRY', null, 'test')).rejects.toMatchObject({code: 'RULE_UNKNOWN'});
  await expect(putRule(db, regionId, {...DRY, validFromMs: NOW_MS - 1}, 'test')).rejects.toThrow();
  expect(await version()).toBe(before);
  await putRule(db, regionId, DRY, 'test');
  await endRule(db, regionId, 'DRY', null, 'test');
  await setKillSwitch(db, regionId, 'hemp', true, 'recall', 'ann');
  await setKillSwitch(db, regionId, 'hemp', false, 'over', 'bob');
  expect(await version()).toBe(before + 4);
  expect(await listKillSwitches(db, regionId, 9)).toEqual([
    {
      category: 'hemp',
      sinceMs: NOW_MS,
      untilMs: NOW_MS,
      reason: 'recall',
      setBy: 'ann',
      clearedBy: 'bob',
      clearedReason: 'over',
    },
  ]);
});

test('sale hours are those of the hand-over, not of the offer nor of the return', async () => {
  const m = await open();
  // From 14:00 to 15:00 where it is 13:00 now.
  const hours = Array.from({length: 7}, (): [number, number][] => [[840, 900]]);
  await putRule(m.db, m.regionId, rule('AFTERNOONS', {kind: 'sale-hours', hours}), 'test');
  const at_ = async (dropAtMs: number) =>
    (await propose(m, [{...proposalOf(m.tasks[0], m.drivers[0], NOW_MS + 3 * HOUR_MS), dropAtMs}])).refused[0]?.reason;
  expect(await at_(NOW_MS + HOUR_MS - 1)).toBe('AFTERNOONS');
  expect(await at_(NOW_MS + 2 * HOUR_MS)).toBe('AFTERNOONS');
  // A hand-over that should have been already is one of now.
  expect(await at_(NOW_MS - 23 * HOUR_MS)).toBe('AFTERNOONS');
  expect(await at_(NOW_MS + 2 * HOUR_MS - 1)).toBe(undefined);
});

test('an insurance for private use alone is none', async () => {
  const m = await open();
  const document = (use: 'personal' | 'delivery' | undefined, validFromMs: number) => ({
    driverId: m.drivers[0],
    kind: 'insurance' as const,
    ...(use && {use}),
    validFromMs,
    validUntilMs: NOW_MS + DAY_MS,
    checkedAtMs: NOW_MS,
    revoked: false,
  });
  // The same one, corrected.
  await putDocuments(m.db, m.regionId, [document('personal', NOW_MS - DAY_MS)]);
  expect(await commit(m)).toBe('DRIVER_INSURANCE');
  // A new check of it that says nothing of its use, as providers send them.
  await putDocuments(m.db, m.regionId, [document(undefined, NOW_MS - DAY_MS)]);
  expect(await commit(m)).toBe('DRIVER_INSURANCE');
  // Its renewal, which begins later.
  await putDocuments(m.db, m.regionId, [document(undefined, NOW_MS - HOUR_MS)]);
  expect(await commit(m)).toBe('DRIVER_INSURANCE');
  await putDocuments(m.db, m.regionId, [{...document('delivery', NOW_MS), checkedAtMs: NOW_MS + 1}]);
  expect(await commit(m)).toBe(undefined);
});

test('a first insurance without a use covers no deliveries; the renewal of one that does, does', async () => {
  const m = await open();
  const [driverId] = m.drivers;
  const insurance = {driverId, kind: 'insurance' as const, validUntilMs: NOW_MS + DAY_MS, revoked: false};
  await putDocuments(m.db, m.regionId, [{...insurance, validFromMs: NOW_MS - HOUR_MS, checkedAtMs: NOW_MS}]);
  const usesOf = () =>
    rows(
      m.db,
      `select use from driver_documents where driver_id::text = $1 and kind = 'insurance' order by valid_from`,
      [driverId],
    );
  expect(await usesOf()).toEqual([{use: 'delivery'}, {use: 'delivery'}]);
  await rows(m.db, 'delete from driver_documents where driver_id::text = $1', [driverId]);
  await putDocuments(m.db, m.regionId, [{...insurance, validFromMs: NOW_MS, checkedAtMs: NOW_MS}]);
  expect(await usesOf()).toEqual([{use: 'personal'}]);
});

test('a rule that was put while a commit waited binds it', async () => {
  const m = await open();
  await setDispatchClock(m.db, {nowMs: NOW_MS, scale: 1});
  const client = new Client({connectionString: database.url});
  await client.connect();
  await client.query('begin');
  await client.query('select from regions where region_id = $1 for no key update', [m.regionId]);
  const refusal = commit(m);
  const waits = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  while ((await rows(m.db, waits)).length === 0);
  await client.query('select put_rule($1, $2, $3, $4, $5, null, $6)', [
    m.regionId,
    'DRY',
    'Dry.',
    'test',
    DRY.predicate,
    'ann',
  ]);
  await client.query('commit');
  await client.end();
  expect(await refusal).toBe('DRY');
});

test('limits that SQL holds are those that are told', async () => {
  const [{text}] = await rows<{text: string}>(
    database.db,
    `select string_agg(prosrc, ' ') as text from pg_proc
     where proname in ('put_rule', 'is_area', 'is_rule_predicate', 'rules_in_force')`,
  );
  for (const held of [
    `>= ${RULES_LIMIT}`,
    `<= ${AREA_POINTS_LIMIT}`,
    `> ${PREDICATE_LIMIT_BYTES}`,
    `'${SALE_HOURS_KNOWN_H} hours'`,
  ]) {
    expect(text).toContain(held);
  }
});
