import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {at, bring, DAY_MS, type Market, NOW_MS, newId, openMarket, rows} from '../db/market.ts';
import {run} from '../support/cloudrun.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';

const folder = mkdtempSync(join(tmpdir(), 'cloudrun-dossiers-'));
let database: TestDatabase;
let m: Market;
beforeAll(async () => {
  database = await createDatabase();
  m = await openMarket(database.db, {drivers: 2, tasks: 3, settings: {retentionDays: 30}});
  await bring(m, m.tasks[0], m.drivers[0], 'DELIVERED');
  await bring(m, m.tasks[1], m.drivers[1], 'RETURNED');
});
afterAll(async () => {
  await database.drop();
  rmSync(folder, {recursive: true});
});

const cloudrun = (...args: string[]) => run(args, {DATABASE_URL: database.url});
const verify = async (...args: string[]) => {
  const {code, stdout} = await cloudrun('verify-dossier', '--json', ...args);
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  return {code, said: JSON.parse(stdout)};
};

test('chains are verified, and the digest of an earlier run comes out again', async () => {
  const {code, said} = await verify();
  expect(code).toBe(0);
  expect(said).toMatchObject({events: 12, tasks: 3, tombstones: 0, badTasks: 0, ok: true, firstBad: null});
  const again = ['--expect', said.headsDigest, '--as-of', said.asOf];
  expect(await verify(...again)).toMatchObject({code: 0, said: {ok: true, isExpected: true}});
  const other = said.headsDigest.replace(/^./, (digit: string) => (digit === '0' ? '1' : '0'));
  expect(await verify('--expect', other, '--as-of', said.asOf)).toMatchObject({code: 1, said: {isExpected: false}});
  expect(await verify('--task', m.tasks[0].toUpperCase())).toMatchObject({code: 0, said: {events: 5, tasks: 1}});
});

test('a dossier is written for programs and for readers', async () => {
  const json = join(folder, 'dossier.json');
  const html = join(folder, 'dossier.html');
  const written = await cloudrun('dossier', 'export', json, '--task', m.tasks[1]);
  expect([written.code, written.stdout]).toEqual([0, `${json}: 6 events of task ${m.tasks[1]}; the chain verifies\n`]);
  const dossier = JSON.parse(readFileSync(json, 'utf8'));
  expect(dossier).toMatchObject({taskId: m.tasks[1], verification: {ok: true}, head: {seq: 6}});
  expect((await cloudrun('dossier', 'export', html, '--task', m.tasks[1], '--format', 'html')).code).toBe(0);
  const page = readFileSync(html, 'utf8');
  expect(page).toContain(dossier.head.hash);
  expect(page).not.toMatch(/(?:href|src)=/);
  const printed = await cloudrun('dossier', 'export', '-', '--task', m.tasks[1]);
  expect(JSON.parse(printed.stdout)).toEqual(dossier);
});

test.each([
  [['verify-dossier', '--task', 'seventeen'], 'TASK_UNKNOWN'],
  [['verify-dossier', '--task', newId()], 'TASK_UNKNOWN'],
  [['verify-dossier', '--expect', 'abc'], 'DIGEST_INVALID'],
  [['verify-dossier', '--as-of', '-1'], 'AS_OF_INVALID'],
  [['dossier', 'export', '-', '--task', newId()], 'TASK_UNKNOWN'],
  [['purge', '--region', 'nowhere'], 'REGION_UNKNOWN'],
])('%j is refused', async (args, code) => {
  const ended = await cloudrun(...args);
  expect(ended.code).toBe(2);
  expect(ended.stderr).toMatch(new RegExp(`cloudrun: ${code}: .+\n$`));
});

test('an unwritable output is refused', async () => {
  const ended = await cloudrun('dossier', 'export', join(folder, 'no', 'such'), '--task', m.tasks[1]);
  expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining('cloudrun: OUTPUT_UNWRITABLE: ')]);
});

test('what is past its retention is counted, then purged, but for what is damaged', async () => {
  await rows(m.db, `update dossier_events set actor = 'x' where region_id = $1 and task_id = $2 and seq = 2`, [
    m.regionId,
    m.tasks[1],
  ]);
  expect(await verify()).toMatchObject({
    code: 1,
    said: {ok: false, badTasks: 1, firstBad: {taskId: m.tasks[1], seq: 2, kind: 'contradicted', regionId: m.regionId}},
  });
  await at(m.db, NOW_MS + 31 * DAY_MS);
  const dry = await cloudrun('purge', '--dry-run', '--json');
  expect(JSON.parse(dry.stdout)).toEqual({dryRun: true, tasks: 2, events: 11, held: 0, left: 0});
  const done = await cloudrun('purge', '--json');
  expect(JSON.parse(done.stdout)).toEqual({dryRun: false, tasks: 1, events: 5, held: 0, left: 1});
  expect(done.code).toBe(1);
  const gone = await cloudrun('dossier', 'export', '-', '--task', m.tasks[0]);
  expect([gone.code, gone.stderr]).toEqual([2, expect.stringContaining('cloudrun: TASK_PURGED: ')]);
  expect(await verify('--task', m.tasks[0])).toMatchObject({code: 0, said: {tasks: 0, tombstones: 1, events: 0}});
});
