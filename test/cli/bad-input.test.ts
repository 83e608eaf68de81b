// Bad input ends a command with one clear line and exit code 2, and leaves nothing behind.
import {chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, expect, test} from 'vitest';
import {run} from '../support/cloudrun.ts';
import {CROSSING, toXml} from '../support/map-data.ts';
import {toPbf} from '../support/pbf-writer.ts';

const folder = mkdtempSync(join(tmpdir(), 'cloudrun-bad-input-'));
// Root's Postgres runs as nobody; where it may enter, the cluster lies in the data folder itself.
chmodSync(folder, 0o755);
afterAll(() => rmSync(folder, {recursive: true, force: true}));

const ONE_LINE = /^cloudrun: [A-Z][A-Z_]+: .+\n$/;

async function refused(args: string[], code: string, environment?: Record<string, string>): Promise<string> {
  const ended = await run(args, environment);
  expect(ended.stdout).toBe('');
  expect(ended.stderr).toMatch(ONE_LINE);
  expect(ended.stderr).toContain(`cloudrun: ${code}: `);
  expect(ended.code).toBe(2);
  return ended.stderr;
}

/** The last line is the verdict; progress lines may come before it. */
async function refusedAfterProgress(args: string[], code: string): Promise<string> {
  const ended = await run(args);
  const last = `${ended.stderr.trimEnd().split('\n').at(-1)}\n`;
  expect(last).toMatch(ONE_LINE);
  expect(last).toContain(`cloudrun: ${code}: `);
  expect(ended.code).toBe(2);
  return last;
}

test.each([
  [['demo', '--bogus']],
  [['demo', '--for', 'soon']],
  [['demo', '--drivers', '1.5']],
  [['demo', '--time-scale', '0']],
  [['demo', '--osm', 'a', '--graph', 'b']],
  [['no-such-command']],
  [['graph', 'build', 'only-one-argument']],
])('cloudrun %j is refused as usage', async (args) => {
  await refused(args, 'USAGE');
});

test('a missing city file is named, before anything is made', async () => {
  const dataDir = join(folder, 'missing-city');
  expect(await refused(['demo', '--osm', 'no/such/city.osm.pbf', '--data-dir', dataDir], 'MAP_NOT_FOUND')).toContain(
    'no/such/city.osm.pbf',
  );
  expect(existsSync(dataDir)).toBe(false);
});

test.each([
  ['is no map', 'letter.osm.pbf', 'Dear Sir or Madam, this is not a map.', 'MAP_FORMAT'],
  ['is cut off', 'cut.osm', toXml(CROSSING).slice(0, -20), 'XML_DAMAGED'],
  ['is cut off', 'cut.osm.pbf', toPbf(CROSSING).subarray(0, 150), 'PBF_DAMAGED'],
  ['has no roads', 'empty.osm', '<osm version="0.6"></osm>', 'MAP_WITHOUT_ROADS'],
])('a map that %s is refused by graph build, and nothing is written: %s', async (_title, name, contents, code) => {
  writeFileSync(join(folder, name), contents);
  expect(await refusedAfterProgress(['graph', 'build', join(folder, name), join(folder, 'out.crg')], code)).toContain(
    name,
  );
  expect(readdirSync(folder).filter((entry) => entry.startsWith('out.crg'))).toEqual([]);
});

test('a file that is not a graph is refused by info and verify', async () => {
  const file = join(folder, 'foreign.crg');
  writeFileSync(file, Buffer.alloc(4_096, 7));
  for (const command of ['info', 'verify']) {
    const ended = await run(['graph', command, file]);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('foreign.crg');
  }
});

test('a data folder with other files in it is refused and left as it was', async () => {
  const dataDir = mkdtempSync(join(folder, 'foreign-'));
  writeFileSync(join(dataDir, 'thesis.txt'), 'years of work');
  await refused(['demo', '--data-dir', dataDir], 'DATA_DIR_FOREIGN');
  expect(readdirSync(dataDir)).toEqual(['thesis.txt']);
  expect(readFileSync(join(dataDir, 'thesis.txt'), 'utf8')).toBe('years of work');
});

test('serve names the variable that is missing or wrong', async () => {
  expect(await refused(['serve'], 'CONFIG_INVALID')).toContain('DATABASE_URL');
  const url = {DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none'};
  expect(await refused(['serve'], 'CONFIG_INVALID', url)).toContain('CLOUDRUN_GRAPHS');
  const port = {...url, CLOUDRUN_GRAPHS: 'a=a.crg', CLOUDRUN_PORT: 'seven'};
  expect(await refused(['serve'], 'CONFIG_INVALID', port)).toContain('CLOUDRUN_PORT');
});

test('a DATABASE_URL that is malformed or leads nowhere is refused without its password', async () => {
  const graphs = {CLOUDRUN_GRAPHS: 'a=a.crg'};
  await refused(['serve'], 'DATABASE_URL_INVALID', {...graphs, DATABASE_URL: 'not a url'});
  const nowhere = {...graphs, DATABASE_URL: 'postgres://me:secret-word@127.0.0.1:1/none'};
  expect(await refused(['serve'], 'DATABASE_UNREACHABLE', nowhere)).not.toContain('secret-word');
  expect(await refused(['migrate'], 'DATABASE_UNREACHABLE', nowhere)).not.toContain('secret-word');
});

test('commands that need a database say how to name one', async () => {
  await refused(['ticks'], 'NO_DATABASE');
  await refused(['ticks', '--data-dir', join(folder, 'absent')], 'NO_DATABASE');
  expect(existsSync(join(folder, 'absent'))).toBe(false);
});

test('a port in use is named, and the demo leaves nothing running', async () => {
  const squatter = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => squatter.once('listening', listening));
  const {port} = squatter.address() as {port: number};
  const dataDir = join(folder, 'port-in-use');
  const message = await refusedAfterProgress(['demo', '--port', String(port), '--data-dir', dataDir], 'PORT_IN_USE');
  expect(message).toContain(String(port));
  expect(existsSync(join(dataDir, 'postgres', 'postmaster.pid'))).toBe(false);
  squatter.close();
});
