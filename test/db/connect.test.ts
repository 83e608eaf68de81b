import {once} from 'node:events';
import {type AddressInfo, createServer} from 'node:net';
import fc from 'fast-check';
import {afterAll, beforeAll, beforeEach, expect, onTestFinished, test} from 'vitest';
import {type ConnectOptions, connect, type Database, ping} from '../../src/db/connect.ts';
import {failureKind} from '../../src/db/failure-kind.ts';
import type {Parameter} from '../../src/db/parameter.ts';
import {systemClock} from '../../src/domain/clock.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await createDatabase({migrated: false});
  db = database.db;
  await run(db, 'CREATE TABLE numbers (n int PRIMARY KEY CHECK (n >= 0))');
});
afterAll(() => database?.drop());
beforeEach(() => run(db, 'DELETE FROM numbers'));

const run = <Row extends object>(on: Database, text: string, parameters: Parameter[] = []) =>
  on.query<Row>({name: 'test', text}, parameters);

/** Another pool to the same database, or to `url`. */
function open(url = database.url, options: Partial<ConnectOptions> = {}): Database {
  const opened = connect(url, {
    maxConnections: 2,
    applicationName: 'connect-test',
    monotonicMs: systemClock.monotonicMs,
    ...options,
  });
  onTestFinished(() => opened.close());
  return opened;
}

/** How a statement that must fail fails. */
const kindOf = async (statement: Promise<unknown>) =>
  statement.then(
    () => 'succeeded',
    (error) => failureKind(error),
  );

/** Resolves when a backend of `applicationName` runs a statement that contains `text`, with its process id. */
async function backendRunning(applicationName: string, text: string): Promise<number> {
  for (;;) {
    const [found] = await run<{pid: number}>(
      db,
      `SELECT pid FROM pg_stat_activity
       WHERE application_name = $1 AND state = 'active' AND position($2 IN query) > 0 AND pid <> pg_backend_pid()`,
      [applicationName, text],
    );
    if (found) return found.pid;
  }
}

test('values come back as they went in', async () => {
  const text = fc.string({unit: 'grapheme'}).filter((value) => !value.includes('\0'));
  const given = fc.record({
    small: fc.integer(),
    large: fc.maxSafeInteger(),
    real: fc.double({noNaN: true, noDefaultInfinity: true}).filter((value) => !Object.is(value, -0)),
    flag: fc.boolean(),
    text,
    bytes: fc.uint8Array(),
    json: fc.jsonValue().filter((value) => !JSON.stringify(value).includes('\\u0000')),
    atMs: fc.integer({min: 0, max: 4e12}),
    texts: fc.array(fc.option(text)),
    numbers: fc.array(fc.maxSafeInteger()),
    flags: fc.array(fc.boolean()),
  });
  await fc.assert(
    fc.asyncProperty(given, async (value) => {
      const [row] = await run(
        db,
        `SELECT $1::int AS small, $2::int8 AS large, $3::float8 AS real, $4::boolean AS flag, $5::text AS text,
           $6::bytea AS bytes, $7::json AS json, $8::timestamptz AS "atMs", to_json($9::text[]) AS texts,
           to_json($10::int8[]) AS numbers, to_json($11::boolean[]) AS flags`,
        [
          ...[value.small, value.large, value.real, value.flag, value.text, value.bytes, JSON.stringify(value.json)],
          ...[value.atMs, value.texts, value.numbers, value.flags],
        ],
      );
      const json = JSON.parse(JSON.stringify(value.json));
      expect(row).toEqual({...value, json, bytes: Buffer.from(value.bytes)});
    }),
    {numRuns: 300},
  );
});

test('nulls are null, dates and numerics are text, an empty array is one', async () => {
  const rows = await run(
    db,
    `SELECT $1::int AS nothing, $2::timestamptz AS never, date '2005-02-28' AS day, 1.10::numeric AS price,
       cardinality($3::uuid[]) AS none, timestamptz '2026-11-22 10:00:00.123456+02' AS "atMs"`,
    [null, null, []],
  );
  const atMs = Date.UTC(2026, 10, 22, 8, 0, 0, 123);
  expect(rows).toEqual([{nothing: null, never: null, day: '2005-02-28', price: '1.10', none: 0, atMs}]);
  expect(await run(db, 'SELECT n FROM numbers')).toEqual([]);
});

test('an int8 that a number cannot hold is an error, and the connection stays good', async () => {
  const one = open(database.url, {maxConnections: 1});
  await expect(run(one, 'SELECT 9007199254740993::int8 AS big')).rejects.toThrow('int8 9007199254740993');
  expect(await run(one, 'SELECT 1 AS one')).toEqual([{one: 1}]);
});

test('a parameter that cannot be sent is an error, prepared or not, and the connection stays good', async () => {
  const one = open(database.url, {maxConnections: 1});
  const at = (ms: number) => run(one, 'SELECT $1::timestamptz AS "atMs"', [ms]);
  await expect(at(Number.NaN)).rejects.toThrow('Invalid time value');
  expect(await at(1)).toEqual([{atMs: 1}]);
  await expect(at(Number.NaN)).rejects.toThrow('Invalid time value');
  expect(await at(2)).toEqual([{atMs: 2}]);
});

test('a statement is prepared once per connection, and one statement cannot hide another', async () => {
  const one = open(database.url, {maxConnections: 1});
  for (let i = 0; i < 5; i++) await run(one, 'SELECT $1::int AS n', [i]);
  const counted = `SELECT count(*) AS prepared FROM pg_prepared_statements WHERE statement = 'SELECT $1::int AS n'`;
  expect(await run(one, counted)).toEqual([{prepared: 1}]);
  expect(await kindOf(run(one, 'SELECT 1; SELECT 2'))).toBe('defect');
});

test('a statement that is planned each time is never prepared, and still one alone', async () => {
  const one = open(database.url, {maxConnections: 1});
  const anew = (text: string, parameters: Parameter[] = []) =>
    one.query({name: 'test', text, planned: 'each-time'}, parameters);
  for (let i = 0; i < 7; i++) expect(await anew('SELECT $1::int AS n', [i])).toEqual([{n: i}]);
  expect(await run(one, 'SELECT count(*) AS prepared FROM pg_prepared_statements')).toEqual([{prepared: 1}]);
  expect(await kindOf(anew('SELECT 1; SELECT 2'))).toBe('defect');
  expect(await kindOf(anew('SELECT $1::int; SELECT 2', [1]))).toBe('defect');
});

test('every round trip is reported with its name and whether it went well', async () => {
  const trips: unknown[] = [];
  const told = open(database.url, {onRoundTrip: (name, ms, failure) => trips.push([name, ms >= 0, failure])});
  await told.query({name: 'good', text: 'SELECT 1'});
  await kindOf(told.query({name: 'bad', text: 'SELECT 1 FROM nowhere'}));
  expect(trips).toEqual([
    ['good', true, undefined],
    ['bad', true, 'defect'],
  ]);
});

test('failures are told apart by what the caller can do', async () => {
  const insert = (n: number) => run(db, 'INSERT INTO numbers VALUES ($1)', [n]);
  await insert(1);
  expect(await kindOf(insert(1))).toBe('refused');
  expect(await kindOf(insert(-1))).toBe('refused');
  expect(await kindOf(run(db, 'SELECT $1::int', ['x']))).toBe('refused');
  expect(await kindOf(run(db, 'SELECT 1 FROM nowhere'))).toBe('defect');
  expect(failureKind(new TypeError('x is not a function'))).toBe('defect');
  expect(failureKind(undefined)).toBe('defect');

  const slow = open(database.url, {applicationName: 'cancelled'});
  const cancelled = kindOf(run(slow, 'SELECT pg_sleep(1000)'));
  await run(db, 'SELECT pg_cancel_backend($1)', [await backendRunning('cancelled', 'pg_sleep')]);
  expect(await cancelled).toBe('busy');
});

test('a backend that dies under a statement takes nothing else with it, and the next statement works', async () => {
  const used = open(database.url, {applicationName: 'terminated'});
  const one = open(database.url, {applicationName: 'alone', maxConnections: 1});
  const doomed = [kindOf(run(used, 'SELECT pg_sleep(1000)')), kindOf(run(one, 'SELECT pg_sleep(1000)'))];
  const next = run(one, 'SELECT 1 AS one');
  const other = run(used, `SELECT 'kept' AS answer, pg_sleep(0.2)::text AS slept`);
  await backendRunning('terminated', 'kept');
  for (const application of ['terminated', 'alone'])
    await run(db, 'SELECT pg_terminate_backend($1)', [await backendRunning(application, 'pg_sleep(1000)')]);
  expect(await Promise.all(doomed)).toEqual(['gone', 'gone']);
  expect(await other).toEqual([{answer: 'kept', slept: ''}]);
  expect(await next).toEqual([{one: 1}]);
});

test('no more connections are opened than allowed, and statements are sent in the order they came', async () => {
  const counted = `SELECT count(*) AS backends FROM pg_stat_activity WHERE application_name = 'crowded'`;
  const three = open(database.url, {maxConnections: 3, applicationName: 'crowded'});
  const answers = await Promise.all(Array.from({length: 30}, () => run<{backends: number}>(three, counted)));
  expect(Math.max(...answers.map(([row]) => row!.backends))).toBe(3);

  const one = open(database.url, {maxConnections: 1});
  const order: number[] = [];
  const ask = async (index: number) => {
    await run(one, 'SELECT 1');
    order.push(index);
  };
  const indices = Array.from({length: 30}, (_, index) => index);
  const asked = indices.map(ask);
  expect(one.waiting()).toBe(29);
  await Promise.all(asked);
  expect(one.waiting()).toBe(0);
  expect(order).toEqual(indices);
});

test('while backends are killed, each statement answers rightly or is gone, and none hangs', async () => {
  const used = open(database.url, {maxConnections: 4, applicationName: 'hunted'});
  const kill = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'hunted' AND state = 'active' LIMIT 1`;
  const seen = {right: 0, gone: 0};
  const insert = async (n: number) => {
    try {
      const rows = await run(used, 'INSERT INTO numbers VALUES ($1) RETURNING n, pg_sleep(0.002)::text AS slept', [n]);
      expect(rows).toEqual([{n, slept: ''}]);
      seen.right++;
    } catch (error) {
      expect(failureKind(error), `${error}`).toBe('gone');
      seen.gone++;
    }
  };
  let next = 0;
  while (seen.gone < 50) await Promise.all([run(db, kill), ...Array.from({length: 20}, () => insert(next++))]);
  // A statement that is gone may still have taken effect.
  const [stored] = await run<{rows: number}>(db, 'SELECT count(*) AS rows FROM numbers');
  expect(seen.right).toBeGreaterThan(0);
  expect(stored!.rows).toBeGreaterThanOrEqual(seen.right);
  expect(stored!.rows).toBeLessThanOrEqual(next);
});

test('an overdue reply fails as gone, and later statements get fresh connections', async () => {
  const used = open(database.url, {maxConnections: 1, replyLimitMs: 300, applicationName: 'overdue'});
  expect(await kindOf(run(used, 'SELECT pg_sleep(1000)'))).toBe('gone');
  expect(await run(used, 'SELECT 1 AS one')).toEqual([{one: 1}]);
  await run(db, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'overdue'`);
});

test.each(['says nothing', 'hangs up'])(
  'a port whose program %s is gone, not a statement that waits for ever',
  async (what) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      if (what === 'hangs up') socket.end();
      else onTestFinished(() => void socket.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const {port} = server.address() as AddressInfo;
    const used = open(`postgres://u:secret@127.0.0.1:${port}/x`, {replyLimitMs: 300});
    expect(await kindOf(run(used, 'SELECT 1'))).toBe('gone');
  },
);

test('ping says in one line what is wrong with an address, and never the password', async () => {
  await ping(open());
  const {username, password, port} = new URL(database.url);
  const wrong: [string, RegExp][] = [
    [
      `postgres://${username}:sesame@127.0.0.1:${port}/postgres`,
      /^cannot use the database 127.*:\d+\/postgres: password/,
    ],
    [`postgres://${username}:${password}@127.0.0.1:${port}/nowhere`, /database "nowhere" does not exist/],
    [`postgres://${username}:sesame@127.0.0.1:1/x`, /127\.0\.0\.1:1\/x: .*ECONNREFUSED/],
    ['postgres://u:sesame@localhost:1/x', /localhost:1\/x: .*ECONNREFUSED/],
    ['postgres://u:sesame@no-such-host.invalid/x', /no-such-host\.invalid:5432\/x: .*(ENOTFOUND|EAI_AGAIN)/],
  ];
  for (const [url, message] of wrong) {
    const failure = await ping(open(url)).catch((error) => error);
    expect(failure).toMatchObject({name: 'InputFailure', code: 'DATABASE_UNREACHABLE'});
    expect(failure.message).toMatch(message);
    expect(failure.message).not.toMatch(/sesame|\n/);
    expect(failure.message).not.toContain(password);
  }
});

test.each([
  '',
  'sesame',
  'mysql://u:sesame@h/x',
  'postgres://u:sesame@h',
  'postgres:///x',
  'postgres://u:se%zzsame@h/x',
])('an address that is none is refused without repeating it: %s', (url) => {
  const failure = expect.objectContaining({
    code: 'DATABASE_URL_INVALID',
    message: expect.not.stringMatching(/se.*same/),
  });
  expect(() => open(url)).toThrow(failure);
});

test('closing lets a statement end, and what comes later is gone', async () => {
  const used = open(database.url, {applicationName: 'closing'});
  const last = run(used, `SELECT pg_sleep(0.2)::text AS slept`);
  await backendRunning('closing', 'pg_sleep');
  await used.close();
  expect(await last).toEqual([{slept: ''}]);
  expect(await kindOf(run(used, 'SELECT 1'))).toBe('gone');
});
