// The daemon as production starts it, by command line and HTTP alone: a graph, a schema, a region, then a delivery from
// order to hand-over; and a daemon that is killed while an offer is open.
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {v7 as uuidv7} from 'uuid';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {gothenburg} from '../../src/cli/city-graph.ts';
import {setDispatchClock} from '../../src/db/clock.ts';
import {readInvariantViolations} from '../../src/db/invariants.ts';
import {pauseRegion, resumeRegion} from '../../src/db/leases.ts';
import {readRegionArea} from '../../src/db/regions.ts';
import {DOCUMENT_KINDS} from '../../src/domain/document.ts';
import {run, start} from '../support/cloudrun.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';

const folder = mkdtempSync(join(tmpdir(), 'cloudrun-serve-'));
const graph = join(folder, 'gothenburg.crg');
const REGION = 'gothenburg';
const HOUR_MS = 3_600_000;
let database: TestDatabase;
let environment: Record<string, string>;

beforeAll(async () => {
  database = await createDatabase({migrated: false});
  environment = {DATABASE_URL: database.url, CLOUDRUN_GRAPHS: `${REGION}=${graph}`, CLOUDRUN_PORT: '0'};
  const built = await run(['graph', 'build', gothenburg(), graph, '--json']);
  expect(built.code, built.stderr).toBe(0);
});
afterAll(async () => {
  await database.drop();
  rmSync(folder, {recursive: true, force: true});
});

async function command(...args: string[]) {
  const {code, stdout, stderr} = await run([...args, '--json'], environment);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

async function serve(more: Record<string, string> = {}) {
  const daemon = start(['serve'], {...environment, ...more});
  const [, address] = await daemon.printed(/"address":"(https?:[^"]+)".*"msg":"dispatching"/);
  const ask = async (path: string, body: unknown, method: string) => {
    const sent = body === undefined ? {} : {body: JSON.stringify(body), headers: {'content-type': 'application/json'}};
    const reply = await fetch(`${address}${path}`, {method, ...sent});
    // biome-ignore lint/suspicious/noExplicitAny: whatever the daemon answers; each test says what it expects.
    return {status: reply.status, body: (await reply.json()) as any};
  };
  /** A busy machine makes the daemon shed load; it says to ask again, and so does every good client. */
  const call = async (path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST') => {
    for (;;) {
      const answer = await ask(path, body, method);
      if (answer.body.code !== 'OVERLOADED' && answer.body.code !== 'Unavailable') return answer;
      await new Promise((later) => setTimeout(later, 200));
    }
  };
  /** The task once it is in a state; ticks come every second. */
  const reached = async (taskId: string, state: string) => {
    for (;;) {
      const {body} = await call(`/v1/tasks/${taskId}`);
      if (body.state === state) return body;
      await new Promise((later) => setTimeout(later, 50));
    }
  };
  return {...daemon, address: address!, call, reached};
}

type Served = Awaited<ReturnType<typeof serve>>;

/** A store, and a driver with all documents, next to each other in the city. */
async function people(served: Served) {
  const at = (ms: number) => new Date(Date.now() + ms).toISOString();
  const [storeId, driverId] = [uuidv7(), uuidv7()];
  const place = {lon: 11.9746, lat: 57.7089};
  const driver = {id: driverId, name: 'D', bornOn: '1990-01-31', optedIn: true, capacity: 1, shiftOn: true};
  const document = {validFrom: at(-HOUR_MS), validUntil: at(900 * HOUR_MS), checkedAt: at(-HOUR_MS)};
  const answers = [
    await served.call('/v1/stores', {id: storeId, name: 'S', at: place, permitUntil: at(900 * HOUR_MS)}),
    await served.call('/v1/drivers', driver),
    await served.call(
      `/v1/drivers/${driverId}/documents`,
      {documents: DOCUMENT_KINDS.map((kind) => ({kind, use: 'delivery', ...document}))},
      'PUT',
    ),
    await served.call('/v1/drivers/positions', {positions: [{driverId, lon: 11.97, lat: 57.7, recordedAt: at(0)}]}),
  ];
  for (const {status, body} of answers) expect(status, JSON.stringify(body)).toBeLessThan(300);
  return {storeId, driverId};
}

async function order(served: Served, storeId: string): Promise<string> {
  const at = (ms: number) => new Date(Date.now() + ms).toISOString();
  const {status, body} = await served.call('/v1/tasks', {
    storeId,
    drop: {lon: 11.9865, lat: 57.6967},
    readyAt: at(0),
    dueAt: at(HOUR_MS),
    latestAt: at(2 * HOUR_MS),
    category: 'vapes',
    valueCents: 4_500,
    units: 2,
    payCents: 800,
    ageCheckUntil: at(24 * HOUR_MS),
  });
  expect(status, JSON.stringify(body)).toBe(201);
  return body.id;
}

test('before its schema and its region exist, the daemon says what to run', async () => {
  const unmigrated = await run(['serve'], environment);
  expect([unmigrated.code, unmigrated.stderr]).toEqual([2, expect.stringContaining('DATABASE_NOT_MIGRATED')]);
  expect((await command('migrate')).applied.length).toBeGreaterThan(10);
  expect(await command('migrate')).toEqual({applied: []});
  const empty = await run(['serve'], environment);
  expect([empty.code, empty.stderr]).toEqual([2, expect.stringContaining('NO_REGION')]);
  const made = await command('region', 'put', REGION, '--time-zone', 'Europe/Stockholm', '--set', 'offerTtlS=120');
  expect(made).toMatchObject({id: REGION, graph: REGION, settings: {offerTtlS: 120}});
  expect((await command('region', 'list')).regions).toEqual([made]);
  const area = {type: 'Polygon', coordinates: [[11, 12, 12, 11].map((lon, i) => [lon, 57 + (i >> 1)])]};
  const file = join(folder, 'area.json');
  const draw = async (given: unknown) => {
    writeFileSync(file, JSON.stringify(given));
    return run(['region', 'put', REGION, '--area', file], environment);
  };
  const open = await draw(area);
  expect([open.code, open.stderr]).toEqual([2, expect.stringMatching(/AREA_UNREADABLE.*does not end where/)]);
  area.coordinates[0]!.push([11, 57]);
  expect((await draw(area)).code).toBe(0);
  expect((await readRegionArea(database.db, REGION))!.area).toEqual(area);
  expect((await run(['region', 'put', REGION, '--no-area'], environment)).code).toBe(0);
  expect((await readRegionArea(database.db, REGION))!.area).toBe(null);
});

test('settings out of bounds and unknown time zones are refused', async () => {
  for (const [option, value, code] of [
    ['--set', 'offerTtlS=5', 'SETTING_OUT_OF_RANGE'],
    ['--set', 'colour=blue', 'SETTING_UNKNOWN'],
    ['--time-zone', 'Mars/Olympus', 'TIME_ZONE_UNKNOWN'],
  ] as const) {
    const {code: exit, stderr} = await run(['region', 'put', REGION, option, value], environment);
    expect([exit, stderr]).toEqual([2, expect.stringContaining(code)]);
  }
});

test('rules are put from a file, listed, and ended; a file that holds none is refused', async () => {
  const file = join(folder, 'rules.json');
  const given = {code: 'DRY', sentence: 'Dry.', source: 'test', predicate: {kind: 'possession', units: 7}};
  const put = async (content: unknown) => {
    writeFileSync(file, JSON.stringify(content));
    return run(['rules', 'put', file, '--by', 'ann', '--json'], environment);
  };
  expect((await put([given])).code).toBe(0);
  const {rules} = await command('rules', 'list');
  expect(rules).toContainEqual(expect.objectContaining({...given, putBy: 'ann', validUntilMs: null}));
  expect(await command('rules', 'end', 'DRY')).toEqual({ended: 'DRY'});
  expect((await command('rules', 'list')).rules).toHaveLength(rules.length - 1);
  for (const [content, code] of [
    [{...given, colour: 'blue'}, 'RULES_UNREADABLE'],
    [{...given, validFrom: 'soon'}, 'RULES_UNREADABLE'],
    [{...given, predicate: {kind: 'full-moon'}}, 'PREDICATE_INVALID'],
  ] as const) {
    const {code: exit, stderr} = await put(content);
    expect([exit, stderr]).toEqual([2, expect.stringContaining(code)]);
  }
});

test('a delivery from order to hand-over by HTTP alone, each illegal turn refused', async () => {
  const served = await serve();
  expect((await served.call('/readyz')).status).toBe(200);
  const {body: table} = await served.call('/table/v1/driving/11.9746,57.7089;11.9865,57.6967');
  expect(table).toMatchObject({
    code: 'Ok',
    durations: [
      [0, expect.any(Number)],
      [expect.any(Number), 0],
    ],
  });
  const {storeId, driverId} = await people(served);
  const taskId = await order(served, storeId);
  const offered = await served.reached(taskId, 'OFFERED');
  expect(offered).toMatchObject({driverId, attempts: 1});

  const act = (action: string, body: object = {driverId}) => served.call(`/v1/tasks/${taskId}/${action}`, body);
  const {body: made} = await served.call(`/v1/offers?taskId=${taskId}`);
  const [{id: offerId, tickId}] = made.offers;
  const why = `/internal/dispatch/explain?tick=${tickId}&task=${taskId}&driver=${driverId}`;
  // The record follows the commit.
  let told = await served.call(why);
  while (told.body.code === 'TICK_NOT_FOUND') told = await served.call(why);
  expect(told.body).toMatchObject({kind: 'chosen', instead: null, fate: {offerId}, regret: {kind: 'exact'}});
  const verification = {verifiedBy: 'clerk-4', units: 2, driverIdentified: true};
  const pickup = () => act('pickup', {driverId, verification});
  const idScan = {
    method: 'barcode',
    result: 'passed',
    documentKind: 'driving_licence',
    documentExpiresOn: '2099-12-31',
    over21: true,
  };
  const deliver = () => act('deliver', {driverId, idScan});
  expect(await pickup()).toMatchObject({status: 409, body: {state: 'OFFERED'}});
  expect(await act('accept', {driverId: uuidv7()})).toMatchObject({status: 409, body: {reason: 'NOT_YOURS'}});
  expect(await act('accept')).toMatchObject({status: 200, body: {state: 'ASSIGNED', repeated: false}});
  expect(await act('accept')).toMatchObject({status: 200, body: {state: 'ASSIGNED', repeated: true}});
  expect(await deliver()).toMatchObject({status: 409, body: {allowedActions: expect.arrayContaining(['pickup'])}});
  expect(await pickup()).toMatchObject({status: 200, body: {state: 'PICKED_UP'}});
  expect(await act('cancel', {})).toMatchObject({status: 409});
  expect(await deliver()).toMatchObject({status: 200, body: {state: 'DELIVERED'}});

  const owned = await run(['tick', '--region', REGION, '--json'], environment);
  expect([owned.code, JSON.parse(owned.stdout)]).toEqual([1, expect.objectContaining({kind: 'owned-elsewhere'})]);
  served.child.kill('SIGTERM');
  expect((await served.ended).code).toBe(0);

  await pauseRegion(database.db, REGION, 'night shift');
  const paused = await run(['tick', '--region', REGION, '--json'], environment);
  expect([paused.code, JSON.parse(paused.stdout)]).toEqual([1, {kind: 'paused', pausedBy: 'night shift'}]);
  await resumeRegion(database.db, REGION);
  const alone = await command('tick', '--region', REGION);
  expect(alone).toMatchObject({regionId: REGION, solve: {certified: true}});
  expect(await command('replay', alone.id)).toMatchObject({same: true});
});

test('a daemon killed while an offer is open loses nothing: the next one waits for the lease and goes on', async () => {
  const first = await serve();
  const {storeId} = await people(first);
  const taskId = await order(first, storeId);
  const before = await first.reached(taskId, 'OFFERED');
  first.child.kill('SIGKILL');
  await first.ended;

  const second = await serve();
  const after = await second.reached(taskId, 'OFFERED');
  expect(after).toMatchObject({offerId: before.offerId, driverId: before.driverId, attempts: 1});
  expect(
    (await second.call(`/v1/tasks/${taskId}/reject`, {driverId: before.driverId, reason: 'flat tyre'})).status,
  ).toBe(200);
  // Another driver appears; the one who declined is not asked again within the cool-down.
  await people(second);
  expect((await second.reached(taskId, 'OFFERED')).driverId).not.toBe(before.driverId);
  second.child.kill('SIGTERM');
  await second.ended;
  expect(await readInvariantViolations(database.db, REGION)).toEqual([]);
});

test('with tokens, under the role of the service: made, used, rotated and revoked by command line', async () => {
  const exposed = await run(['serve'], {...environment, CLOUDRUN_HOST: '0.0.0.0'});
  expect([exposed.code, exposed.stderr]).toEqual([2, expect.stringContaining('HOST_NOT_LOOPBACK')]);
  const ops = await command('token', 'create', '--name', 'ops', '--scope', 'ops', '--scope', 'read');
  expect(ops).toMatchObject({name: 'ops', scopes: ['ops', 'read'], holds: true, expiresAt: null});
  expect(ops.token).toMatch(/^crd_[0-9a-f]{32}_[\w-]{43}$/);
  const service = new URL(database.url);
  service.searchParams.set('role', 'cloudrun_service');
  const served = await serve({DATABASE_URL: service.href});
  expect(await served.call('/internal/dispatch/ticks')).toMatchObject({status: 401, body: {code: 'TOKEN_REQUIRED'}});
  expect((await served.call('/readyz')).status).toBe(200);

  // The loop's own tick may be under way, or the machine be busy.
  const tick = async (token: string): ReturnType<typeof run> => {
    const ended = await run(['tick', '--dry-run', '--json', '--url', served.address], {CLOUDRUN_TOKEN: token});
    return /BUSY|OVERLOADED/.test(ended.stdout) ? tick(token) : ended;
  };
  const ticked = await tick(ops.token);
  expect([ticked.code, JSON.parse(ticked.stdout)], ticked.stderr).toEqual([0, expect.objectContaining({dryRun: true})]);
  const rotated = await command('token', 'rotate', ops.id, '--overlap', '1');
  expect([rotated.id, rotated.token === ops.token]).toEqual([ops.id, false]);
  expect(rotated.previousUntil).not.toBeNull();
  const expired = ['expire', '--json', '--url', served.address, '--token', rotated.token];
  expect((await run(expired)).code).toBe(0);
  await command('token', 'revoke', ops.id);
  const listed = await run(['token', 'list', '--json'], environment);
  expect(listed.stdout).not.toContain('crd_');
  expect(JSON.parse(listed.stdout).tokens).toEqual([expect.objectContaining({id: ops.id, holds: false})]);
  const pasted = await run(['token', 'revoke', ops.token], environment);
  expect([pasted.code, pasted.stderr.includes(ops.token)]).toEqual([2, false]);
  served.child.kill('SIGTERM');
  const {code, stderr} = await served.ended;
  expect(code).toBe(0);
  expect(stderr).not.toContain(ops.token.slice(-43));
  expect(stderr.split('\n').filter((line) => /"level":[456]0/.test(line))).toEqual([]);
});

test("a demo's scaled time is not served", async () => {
  await setDispatchClock(database.db, {nowMs: Date.now(), scale: 20});
  const {code, stderr} = await run(['serve'], environment);
  expect([code, stderr]).toEqual([2, expect.stringContaining('TIME_SCALED')]);
});
