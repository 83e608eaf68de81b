import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {Client} from 'pg';
import {afterAll, afterEach, beforeAll, beforeEach, expect, inject, onTestFinished, test} from 'vitest';
import {lockDataDir} from '../../src/db/data-dir.ts';
import {serverAccount} from '../../src/db/embedded/account.ts';
import type {Settings} from '../../src/db/embedded/postmaster.ts';
import {type Embedded, startEmbedded} from '../../src/db/embedded/start.ts';
import {embeddedProcess} from '../support/embedded-process.ts';

const isRoot = process.getuid?.() === 0;
if (!isRoot) console.log('skipped: what only root can do (a folder that the server cannot enter, another user)');

/** A fresh folder that everybody may enter, for one test; `dataDir` in it is not there yet. */
let parent: string;
let dataDir: string;
/** A data folder with an initialised, stopped cluster, for the tests that leave it as good. */
let madeParent: string;
let made: string;
const started: Embedded[] = [];

const openFolder = () => {
  const folder = mkdtempSync(join(inject('runFolder'), 'embedded-'));
  chmodSync(folder, 0o755);
  return folder;
};
const remove = (folder: string) => rmSync(folder, {recursive: true, force: true});

beforeAll(async () => {
  madeParent = openFolder();
  made = join(madeParent, 'data');
  await (await startEmbedded({dataDir: made})).stop();
});
afterAll(() => remove(madeParent));
beforeEach(() => {
  parent = openFolder();
  dataDir = join(parent, 'data');
});
afterEach(async () => {
  for (const embedded of started.splice(0)) await embedded.stop();
  remove(parent);
});

/** Starts the server of a folder in this process; it is stopped when the test ends, if not before. */
async function start(folder: string, settings: Settings = {}): Promise<Embedded> {
  const embedded = await startEmbedded({dataDir: folder, settings});
  started.push(embedded);
  return embedded;
}

async function rows(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({connectionString: url});
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const pidFile = (folder: string) => join(folder, 'postgres/postmaster.pid');
const postmasterPid = (folder: string) => Number(readFileSync(pidFile(folder), 'utf8').split('\n')[0]);
const refused = (url: string) => expect(rows(url, 'SELECT 1')).rejects.toMatchObject({code: 'ECONNREFUSED'});

test('makes a database, keeps it between starts, and leaves no process', async () => {
  const steps: string[] = [];
  const first = await startEmbedded({dataDir, onProgress: (step) => steps.push(step)});
  expect(first.adopted).toBe(false);
  await rows(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
  expect(await first.stop()).toBe('stopped');
  await refused(first.url);
  expect(existsSync(pidFile(dataDir))).toBe(false);

  const second = await startEmbedded({dataDir, onProgress: (step) => steps.push(step)});
  expect(await rows(second.url, 'SELECT answer FROM kept')).toEqual([{answer: 42}]);
  expect(await second.stop()).toBe('stopped');
  expect(steps.slice(-3)).toEqual(['making the database', 'starting Postgres', 'starting Postgres']);
});

test('listens on the loopback address alone, with a password, in UTF-8 and UTC, with fsync', async () => {
  const {url} = await start(made);
  const wrong = new URL(url);
  wrong.password = 'wrong';
  await expect(rows(wrong.href, 'SELECT 1')).rejects.toMatchObject({code: '28P01'});
  const [found] = await rows(
    url,
    `SELECT current_setting('listen_addresses') AS listens, current_setting('unix_socket_directories') AS sockets,
       current_setting('server_encoding') AS encoding, current_setting('timezone') AS zone,
       current_setting('fsync') AS fsync, (SELECT count(*)::int FROM pg_hba_file_rules
       WHERE auth_method <> 'scram-sha-256') AS "withoutPassword"`,
  );
  expect(found).toEqual({
    listens: '127.0.0.1',
    sockets: '',
    encoding: 'UTF8',
    zone: 'UTC',
    fsync: 'on',
    withoutPassword: 0,
  });
});

test('two processes make one folder at once: both get the same server, and the last to leave stops it', async () => {
  const processes = [embeddedProcess('start', dataDir), embeddedProcess('start', dataDir)];
  const [a, b] = await Promise.all(processes.map((process) => process.report('started')));
  expect(a!.url).toBe(b!.url);
  expect([a!.adopted, b!.adopted].sort()).toEqual([false, true]);
  expect(await processes[0]!.stop()).toBe('still used');
  expect(await rows(b!.url, 'SELECT 1 AS one')).toEqual([{one: 1}]);
  expect(await processes[1]!.stop()).toBe('stopped');
  await refused(b!.url);
});

test('a server that a killed process left running is adopted, and stopped at the end', async () => {
  const killed = embeddedProcess('start', made);
  const {url} = await killed.report('started');
  await killed.kill();
  const next = await start(made);
  expect(next).toMatchObject({url, adopted: true});
  expect(await next.stop()).toBe('stopped');
  await refused(url);
});

test('a process that is killed while it makes the database leaves nothing that hinders the next', async () => {
  const killed = embeddedProcess('start', dataDir);
  while ((await killed.report('step')) !== 'making the database');
  await killed.kill();
  const {url} = await start(dataDir);
  expect(await rows(url, 'SELECT 1 AS one')).toEqual([{one: 1}]);
});

test('after kill -9 of the server the next start recovers what was committed', async () => {
  const {url} = await start(made);
  await rows(url, 'CREATE TABLE survives AS SELECT 42 AS answer');
  const pid = postmasterPid(made);
  process.kill(pid, 'SIGKILL');
  const next = await start(made);
  expect(next.adopted).toBe(false);
  expect(postmasterPid(made)).not.toBe(pid);
  expect(await rows(next.url, 'SELECT answer FROM survives')).toEqual([{answer: 42}]);
});

test('a pid file that names another living process of the same account is not believed', async () => {
  const other = spawn('/bin/sleep', ['1000'], {...serverAccount(), stdio: 'ignore'});
  onTestFinished(() => void other.kill());
  await once(other, 'spawn');
  const stale = `${other.pid}\n${join(made, 'postgres')}\n1700000000\n5432\n\n127.0.0.1\n  12345 67890\nready   \n`;
  writeFileSync(pidFile(made), stale);
  const {uid, gid} = serverAccount();
  if (uid !== undefined && gid !== undefined) chownSync(pidFile(made), uid, gid);
  const {url, adopted} = await start(made);
  expect(adopted).toBe(false);
  expect(await rows(url, 'SELECT 1 AS one')).toEqual([{one: 1}]);
  expect(other.exitCode).toBeNull();
});

test.skipIf(!isRoot)(
  'below a folder that only root can enter, the cluster lies elsewhere and is found again',
  async () => {
    chmodSync(parent, 0o700);
    const first = await start(dataDir);
    const {home} = JSON.parse(readFileSync(join(dataDir, 'postgres.json'), 'utf8'));
    onTestFinished(() => remove(home));
    expect(home).toMatch(/^\/var\/lib\/cloudrun\/[0-9a-f-]{36}$/);
    expect(readdirSync(dataDir)).not.toContain('postgres');
    await rows(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    const second = await start(dataDir);
    expect(await rows(second.url, 'SELECT answer FROM kept')).toEqual([{answer: 42}]);
    await second.stop();

    rmSync(home, {recursive: true});
    await expect(start(dataDir)).rejects.toMatchObject({name: 'InputFailure', code: 'DATA_DIR_LOST'});
  },
);

test.skipIf(!isRoot)('an ordinary user runs it as themselves, and root does not touch it', async () => {
  const {uid, gid} = serverAccount();
  chownSync(parent, uid!, gid!);
  const user = embeddedProcess('start', dataDir, {uid: uid!, gid: gid!, home: parent});
  const {url} = await user.report('started');
  expect(await rows(url, 'SELECT 1 AS one')).toEqual([{one: 1}]);
  expect(await user.stop()).toBe('stopped');
  expect(readdirSync(join(parent, '.cache/cloudrun'))).toContainEqual(expect.stringMatching(/^postgres-18.*[^l]$/));
  chownSync(join(dataDir, 'postgres'), 12_345, 12_345);
  await expect(start(dataDir)).rejects.toMatchObject({name: 'InputFailure', code: 'DATA_DIR_OWNER'});
});

test('a folder with files of others is refused and left as it was', async () => {
  mkdirSync(dataDir);
  writeFileSync(join(dataDir, 'thesis.txt'), 'mine');
  await expect(start(dataDir)).rejects.toMatchObject({name: 'InputFailure', code: 'DATA_DIR_FOREIGN'});
  expect(readdirSync(dataDir)).toEqual(['thesis.txt']);
});

test('a data folder that cannot be one is one clear failure', async () => {
  writeFileSync(dataDir, 'a file');
  await expect(start(dataDir)).rejects.toMatchObject({name: 'InputFailure', code: 'DATA_DIR_UNUSABLE'});
});

test('a cluster of another major version, or a damaged description, is one clear failure', async () => {
  const versionFile = join(made, 'postgres/PG_VERSION');
  writeFileSync(versionFile, '17\n');
  await expect(start(made)).rejects.toMatchObject({name: 'InputFailure', code: 'DATA_DIR_VERSION'});
  writeFileSync(versionFile, '18\n');

  const text = readFileSync(join(made, 'postgres.json'), 'utf8');
  writeFileSync(join(made, 'postgres.json'), text.replace(/"password": "[^"]*"/, '"password": "wrong"'));
  await expect(start(made)).rejects.toMatchObject({name: 'InputFailure', code: 'DATA_DIR_DAMAGED'});
  expect(existsSync(pidFile(made)), 'a server that nobody can use is left running').toBe(false);
  writeFileSync(join(made, 'postgres.json'), text.slice(0, 20));
  await expect(start(made)).rejects.toMatchObject({name: 'InputFailure', code: 'DATA_DIR_DAMAGED'});
  writeFileSync(join(made, 'postgres.json'), text);
});

test('a server that does not start says why, in one line from its log', async () => {
  await expect(start(made, {shared_buffers: 'plenty'})).rejects.toMatchObject({
    name: 'InputFailure',
    code: 'EMBEDDED_POSTGRES_FAILED',
    message: expect.stringMatching(/^the embedded Postgres did not start: .*"shared_buffers": "plenty".*$/),
  });
});

test('a data folder has one owner, named to the next; a killed owner owns nothing', async () => {
  const owner = embeddedProcess('lock', dataDir);
  await owner.report('locked');
  expect(() => lockDataDir(dataDir)).toThrow(
    expect.objectContaining({code: 'DATA_DIR_IN_USE', message: `${dataDir} is in use by process ${owner.child.pid}`}),
  );
  await owner.kill();
  const release = lockDataDir(dataDir);
  await expect(embeddedProcess('lock', dataDir).report('locked')).rejects.toMatchObject({code: 'DATA_DIR_IN_USE'});
  release();
  lockDataDir(dataDir)();
});
