// The main job end to end: a real city, real Postgres, simulated people; ended by time, by Ctrl-C and by kill -9.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterAll, expect, onTestFinished, test} from 'vitest';
import {startEmbedded} from '../../src/db/embedded/start.ts';
import {run, start} from '../support/cloudrun.ts';
import {sharedFile} from '../support/shared.ts';

const folder = mkdtempSync(join(tmpdir(), 'cloudrun-demo-'));
// Root's Postgres runs as nobody; where it may enter, the cluster lies in the data folder itself.
chmodSync(folder, 0o755);
afterAll(() => rmSync(folder, {recursive: true, force: true}));

/** A new data folder; the city's roads are in it if a demo of this file has built them before. */
function dataDirOf(name: string): string {
  const [dataDir, before] = [join(folder, name), join(folder, 'whole')];
  mkdirSync(dataDir);
  if (existsSync(join(before, 'graphs'))) {
    for (const kept of ['CLOUDRUN', 'graphs']) cpSync(join(before, kept), join(dataDir, kept), {recursive: true});
  }
  return dataDir;
}

/** Half an hour of the world: offers are answered and time out, and deliveries complete. */
const LIVELY = ['--for', '16', '--time-scale', '100', '--drivers', '120', '--tasks-per-minute', '4', '--port', '0'];

const sums = (stdout: string) => JSON.parse(stdout) as Record<string, number> & {tickMs: Record<string, number>};
type Listed = {ticks: {id: string; fence: number; decisionHash: string; saved: number | null}[]};
const postmasterOf = (dataDir: string) => join(dataDir, 'postgres', 'postmaster.pid');

test('the demo city is dispatched: offers, answers, time-outs and deliveries, every tick certified', async () => {
  const dataDir = join(folder, 'whole');
  const {code, stdout, stderr} = await run(['demo', ...LIVELY, '--json', '--data-dir', dataDir]);
  expect(code, stderr).toBe(0);
  const said = sums(stdout);
  expect(said.ticks).toBeGreaterThan(5);
  expect(said.certifiedTicks).toBe(said.ticks);
  expect(said).toMatchObject({uncertifiedTicks: 0, failedTicks: 0, failedSteps: 0, invariantViolations: 0});
  for (const count of ['tasksCreated', 'offersMade', 'accepted', 'rejected', 'timedOut', 'delivered']) {
    expect(said[count], `${count} in ${stdout}`).toBeGreaterThan(0);
  }
  expect(said.tickMs.p50).toBeLessThanOrEqual(said.tickMs.max);
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  expect(existsSync(postmasterOf(dataDir)), 'Postgres was stopped').toBe(false);

  const ticks = await run(['ticks', '--data-dir', dataDir, '--last', '5', '--json']);
  const listed = JSON.parse(ticks.stdout) as Listed;
  expect(listed.ticks).toHaveLength(5);
  expect(existsSync(postmasterOf(dataDir)), 'Postgres was stopped again').toBe(false);

  // Held, so that each of the commands that follow finds it running.
  const postgres = await startEmbedded({dataDir});
  onTestFinished(async () => void (await postgres.stop()));
  const verified = await run(['verify-dossier', '--data-dir', dataDir, '--json']);
  expect(JSON.parse(verified.stdout)).toMatchObject({ok: true, firstBad: null, tasks: said.tasksCreated});

  const {id, decisionHash, saved} = listed.ticks[4];
  expect(saved, 'it started from the answer of the tick before').not.toBeNull();
  const replayed = await run(['replay', id, '--data-dir', dataDir, '--json']);
  expect(JSON.parse(replayed.stdout)).toEqual({id, recordedHash: decisionHash, replayedHash: decisionHash, same: true});
  expect(replayed.code).toBe(0);

  const asked = await run(['what-if', id, '--data-dir', dataDir, '--json']);
  expect(JSON.parse(asked.stdout)).toMatchObject({ticks: [{id, same: true}], moved: 0});
  const nobody = '00000000-0000-7000-8000-000000000000';
  const explained = await run(['explain', id, '--task', nobody, '--data-dir', dataDir, '--json']);
  expect(JSON.parse(explained.stdout)).toMatchObject({kind: 'no-part', tickId: id, taskId: nobody});
  const malformed = await run(['explain', id, '--task', 'nonsense', '--data-dir', dataDir]);
  expect([malformed.code, malformed.stderr]).toEqual([2, expect.stringContaining('ID_MALFORMED')]);
});

test('kill -9 in mid-run loses no task and double-offers none: the next start goes on', async () => {
  const dataDir = dataDirOf('killed');
  const first = start(['demo', ...LIVELY.with(1, '600'), '--data-dir', dataDir]);
  await first.printed(/delivered so far [1-9]/);
  first.child.kill('SIGKILL');
  await first.ended;
  expect(existsSync(postmasterOf(dataDir)), 'a killed demo leaves its Postgres').toBe(true);

  const again = start(['demo', ...LIVELY.with(1, '600'), '--json', '--data-dir', dataDir]);
  await again.printed(/delivered so far [1-9]/);
  again.child.kill('SIGINT');
  const second = await again.ended;
  expect(second.code, second.stderr).toBe(0);
  expect(sums(second.stdout)).toMatchObject({uncertifiedTicks: 0, invariantViolations: 0});
  expect(existsSync(postmasterOf(dataDir)), 'the next start stops it').toBe(false);

  // Whoever takes over starts from nothing; what the killed one decided is decided again.
  const {stdout} = await run(['ticks', '--data-dir', dataDir, '--last', '500', '--json']);
  const {ticks} = JSON.parse(stdout) as Listed;
  const begins = ticks.filter(({fence}, i) => fence !== ticks[i - 1]?.fence);
  expect(begins.map(({saved}) => saved)).toEqual(begins.map(() => null));
  const {id} = ticks.findLast(({fence, saved}) => fence === ticks[0].fence && saved !== null)!;
  const replayed = await run(['replay', id, '--data-dir', dataDir, '--json']);
  expect(JSON.parse(replayed.stdout)).toMatchObject({id, same: true});
});

// The next test ends one so too, by way of its launcher.
test.runIf(process.env.CLOUDRUN_SOAK)(
  'Ctrl-C ends in order: nothing is left running, and the sums are printed',
  async () => {
    const dataDir = dataDirOf('interrupted');
    const demo = start(['demo', ...LIVELY.with(1, '600'), '--data-dir', dataDir]);
    await demo.printed(/offers +[1-9]/);
    demo.child.kill('SIGINT');
    const {code, stdout} = await demo.ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/invariantViolations +0/);
    expect(existsSync(postmasterOf(dataDir))).toBe(false);
  },
);

test('Ctrl-C on a terminal reaches launcher and demo alike, and is one wish', async () => {
  const dataDir = dataDirOf('terminal');
  const launch = fileURLToPath(new URL('../../src/cli/launch.mjs', import.meta.url));
  const args = ['demo', ...LIVELY.with(1, '600'), '--data-dir', dataDir];
  // In a group of its own, which is what a terminal signals.
  const child = spawn('sh', ['-c', 'node "$0" "$@"', launch, ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stderr.resume();
  let printed = '';
  const ended = once(child, 'close');
  await new Promise<void>((seen) => {
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      printed += chunk;
      if (/offers +[1-9]/.test(printed)) seen();
    });
  });
  process.kill(-(child.pid ?? 0), 'SIGINT');
  await ended;
  expect(printed).toMatch(/invariantViolations +0/);
  expect(existsSync(postmasterOf(dataDir))).toBe(false);
});

test('another seed is another world, and is refused in a folder that holds one', async () => {
  const dataDir = join(folder, 'terminal');
  const {code, stderr} = await run(['demo', ...LIVELY, '--seed', '2', '--data-dir', dataDir]);
  expect(code).toBe(2);
  expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^cloudrun: WORLD_DIFFERS: .*seed 1/);
});

test('two demos do not share a data folder', async () => {
  const dataDir = dataDirOf('shared');
  const first = start(['demo', ...LIVELY.with(1, '600'), '--data-dir', dataDir]);
  await first.printed(/Map and API/);
  const {code, stderr} = await run(['demo', ...LIVELY, '--data-dir', dataDir]);
  expect([code, stderr]).toEqual([2, expect.stringMatching(/^cloudrun: DATA_DIR_IN_USE: .*process \d+\n$/)]);
  first.child.kill('SIGINT');
  expect((await first.ended).code).toBe(0);
});

const austin = sharedFile('data/osm/austin_ut_downtown.osm');

test.skipIf(!austin)(
  'another city is dispatched from its OSM file, and the daemon answers tick and expire',
  async () => {
    const demo = start(['demo', ...LIVELY.with(1, '600'), '--osm', austin ?? '', '--data-dir', join(folder, 'austin')]);
    const [, address] = await demo.printed(/Map and API: (http:\S+)/);
    await demo.printed(/offers +[1-9]/);
    const post = async (action: string) => fetch(`${address}/internal/dispatch/${action}`, {method: 'POST'});
    let answer = await post('tick');
    // 409: the loop's own tick is running; 503: a busy machine sheds load.
    for (let tries = 0; [409, 503].includes(answer.status) && tries < 500; tries++) answer = await post('tick');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({tick: {regionId: 'austin-ut-downtown', solve: {certified: true}}});
    const expired = await post('expire_offers');
    expect([expired.status, await expired.json()]).toEqual([
      200,
      expect.objectContaining({expired: expect.any(Number)}),
    ]);
    expect(await (await fetch(`${address}/metrics`)).text()).toMatch(
      /cloudrun_ticks_total\{[^}]*certified[^}]*\} [1-9]/,
    );
    expect((await fetch(`${address}/readyz`)).status).toBe(200);
    demo.child.kill('SIGTERM');
    expect((await demo.ended).code).toBe(0);
  },
);
