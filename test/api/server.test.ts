import {once} from 'node:events';
import {type AddressInfo, connect as connectSocket} from 'node:net';
import {text} from 'node:stream/consumers';
import {setImmediate} from 'node:timers/promises';
import type {FastifyInstance, InjectOptions} from 'fastify';
import {afterAll, afterEach, expect, test} from 'vitest';
import {BODY_LIMIT_BYTES, STATEMENTS_WAITING_LIMIT} from '../../src/api/limits.ts';
import {buildServer, type ServerOptions} from '../../src/api/server.ts';
import type {World} from '../../src/api/world.ts';
import type {Database} from '../../src/db/connect.ts';
import {databaseGone, fakeDispatch, fakeServer, fakeWorld, REGION} from './world.ts';

const opened: FastifyInstance[] = [];
afterEach(async () => {
  for (const app of opened.splice(0)) await app.close();
});

function serverOf(
  overrides: Partial<World> = {},
  db: Database = databaseGone,
  options: ServerOptions = {},
): FastifyInstance {
  const app = fakeServer(db, overrides, options);
  opened.push(app);
  return app;
}

/** For requests that are injected and leave nothing behind. */
const plain = fakeServer(databaseGone);
afterAll(() => plain.close());

const emptyDatabase: Database = {...databaseGone, query: async () => []};

async function problemFrom(app: FastifyInstance, request: InjectOptions) {
  const answer = await app.inject(request);
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  const problem = answer.json();
  expect(problem.status).toBe(answer.statusCode);
  expect(problem.type).toMatch(/^\/docs#[A-Z_]+$/);
  return {...problem, headers: answer.headers};
}

const tick: InjectOptions = {method: 'POST', url: '/internal/dispatch/tick'};
const json = {'content-type': 'application/json'};

async function listening(app: FastifyInstance): Promise<number> {
  await app.listen({port: 0, host: '127.0.0.1'});
  return (app.server.address() as AddressInfo).port;
}

/** Sends bytes as they are and reads until the server closes. */
async function rawExchange(port: number, bytes: string): Promise<string> {
  const socket = connectSocket(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(bytes);
  return text(socket);
}

test('the process is healthy whatever the database does', async () => {
  const answer = await plain.inject('/healthz');
  expect([answer.statusCode, answer.json()]).toEqual([200, {status: 'ok'}]);
});

test('ready means that every check passes, the database among them', async () => {
  const answer = await serverOf({}, emptyDatabase).inject('/readyz');
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toEqual({
    ready: true,
    checks: [
      {name: 'graph', ok: true, detail: 'loaded'},
      {name: 'database', ok: true, detail: 'answers'},
    ],
  });
});

test('a database that is gone makes the daemon unready, and the check says which', async () => {
  const answer = await plain.inject('/readyz');
  expect(answer.statusCode).toBe(503);
  expect(answer.json().checks).toContainEqual({name: 'database', ok: false, detail: 'does not answer'});
});

test('a graph that loads or a loop that stands makes the daemon unready', async () => {
  const checks = [{name: 'loop test', ok: false, detail: 'no tick for 3.2 s'}];
  const dispatch = fakeDispatch({readiness: () => ({ready: false, checks})});
  const answer = await serverOf({dispatch}, emptyDatabase).inject('/readyz');
  expect(answer.statusCode).toBe(503);
  expect(answer.json().checks).toContainEqual(checks[0]);
});

test('a database that is gone is 503 with Retry-After on every route that needs it, never a stack', async () => {
  for (const url of ['/v1/tasks', '/v1/drivers', '/v1/stores', '/internal/dispatch/ticks', '/internal/map/live']) {
    const problem = await problemFrom(plain, {url});
    expect(problem).toMatchObject({status: 503, code: 'DATABASE_GONE'});
    expect(problem.headers['retry-after']).toBe('1');
    expect(JSON.stringify(problem)).not.toContain('ECONNREFUSED');
  }
});

test('an error nobody foresaw is a defect without its message or stack', async () => {
  const query = async () => {
    throw new Error('secret detail');
  };
  const problem = await problemFrom(serverOf({}, {...databaseGone, query}), {url: '/v1/stores'});
  expect(problem).toMatchObject({status: 500, code: 'DEFECT'});
  expect(JSON.stringify(problem)).not.toMatch(/secret|\bat /);
});

test('what the database refuses for the data is not a defect of ours', async () => {
  const query = async () => {
    throw Object.assign(new Error('violates check constraint'), {code: '23514'});
  };
  const problem = await problemFrom(serverOf({}, {...databaseGone, query}), {url: '/v1/stores'});
  expect(problem).toMatchObject({status: 422, code: 'CONSTRAINT'});
});

test('a route that is not there is a problem too', async () => {
  const problem = await problemFrom(plain, {url: '/v2/tasks?secret=1'});
  expect(problem).toMatchObject({status: 404, code: 'ROUTE_NOT_FOUND'});
  expect(problem.detail).not.toContain('secret');
  expect(await problemFrom(plain, {url: '/%zz'})).toMatchObject({status: 400, code: 'MALFORMED'});
});

test('JSON that cannot be read is 400', async () => {
  for (const payload of ['{', '{"dryRun": tru', '{"__proto__": {"a": 1}}', '"\\u']) {
    const problem = await problemFrom(plain, {...tick, headers: json, payload});
    expect(problem, payload).toMatchObject({status: 400, code: 'MALFORMED'});
  }
});

test('a body that is not JSON is 415, and an empty one is none, whatever its type', async () => {
  const form = {'content-type': 'application/x-www-form-urlencoded'};
  const app = plain;
  expect(await problemFrom(app, {...tick, headers: form, payload: 'dryRun=true'})).toMatchObject({code: 'MEDIA_TYPE'});
  for (const headers of [{}, json, form]) {
    expect((await app.inject({...tick, headers, payload: ''})).statusCode).toBe(200);
  }
});

test('a validation error names the field, and unknown fields are refused', async () => {
  const problem = await problemFrom(plain, {...tick, payload: {dryRun: 'yes', force: true}});
  expect(problem).toMatchObject({status: 400, code: 'INVALID'});
  expect(problem.errors).toEqual([
    {field: 'force', message: 'is not a known field'},
    {field: 'dryRun', message: 'must be boolean'},
  ]);
});

test('a field of a query, of a path, and one deep in a list are named where they stand', async () => {
  const app = plain;
  const fieldOf = async (request: InjectOptions) => (await problemFrom(app, request)).errors[0].field;
  expect(await fieldOf({url: '/v1/tasks?limit=0'})).toBe('query.limit');
  for (const text of ['true', '0x5', '1.5', '5e0']) {
    expect([text, await fieldOf({url: `/v1/tasks?limit=${text}`})]).toEqual([text, 'query.limit']);
  }
  expect(await fieldOf({url: '/v1/tasks/17'})).toBe('params.id');
  const at = {lon: 181, lat: 0, driverId: '019a8f6e-7c1a-7b52-9f3e-3d0f5c2b8a10', recordedAt: '2026-06-01T18:00:00Z'};
  const batch = {method: 'POST', url: '/v1/drivers/positions', payload: {positions: [at]}} as const;
  expect(await fieldOf(batch)).toBe('positions.0.lon');
});

test('a body beyond the limit is 413 and names it', async () => {
  const payload = `{"regionId": "${'a'.repeat(BODY_LIMIT_BYTES)}"}`;
  const problem = await problemFrom(plain, {...tick, headers: json, payload});
  expect(problem).toMatchObject({status: 413, code: 'BODY_TOO_LARGE'});
  expect(problem.detail).toContain(`${BODY_LIMIT_BYTES} bytes`);
});

test('headers beyond the limit are 431, and what is not HTTP is 400, each as a problem', async () => {
  const port = await listening(serverOf());
  const long = await rawExchange(port, `GET / HTTP/1.1\r\nHost: localhost:${port}\r\nX: ${'x'.repeat(60_000)}\r\n\r\n`);
  expect(long).toMatch(/^HTTP\/1\.1 431 /);
  expect(long).toContain('"code":"HEADERS_TOO_LARGE"');
  const junk = await rawExchange(port, '\u0016\u0003\u0001 not http\r\n\r\n');
  expect(junk).toMatch(/^HTTP\/1\.1 400 /);
  expect(junk).toContain('application/problem+json');
});

test('only loopback names with our port and the bound host reach a listening server', async () => {
  const port = await listening(serverOf({}, databaseGone, {allowedHosts: ['dispatch.example:443']}));
  const statusFor = async (host: string) => {
    const answer = await rawExchange(port, `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    return Number(answer.split(' ', 2)[1]);
  };
  for (const host of [
    `localhost:${port}`,
    `127.0.0.1:${port}`,
    `[::1]:${port}`,
    `LOCALHOST:${port}`,
    'dispatch.example:443',
  ]) {
    expect([host, await statusFor(host)]).toEqual([host, 200]);
  }
  const foreign = [
    `evil.example:${port}`,
    'localhost',
    `localhost:${port + 1}`,
    `localhost.evil.example:${port}`,
    `127.0.0.1.evil.example:${port}`,
    'dispatch.example',
    '',
    `a@localhost:${port}`,
    `localhost:${port}:1`,
  ];
  for (const host of foreign) expect([host, await statusFor(host)]).toEqual([host, 403]);
});

test('a page of another site may change nothing, and a page of ours and a program may', async () => {
  const app = plain;
  const statusFor = async (headers: Record<string, string>, method: 'GET' | 'POST' = 'POST') =>
    (await app.inject({...tick, method, headers: {host: 'localhost', ...headers}})).statusCode;
  for (const origin of ['http://evil.example', 'null', 'http://localhost:3000', 'http://localhost.evil.example']) {
    expect([origin, await statusFor({origin})]).toEqual([origin, 403]);
  }
  expect(await statusFor({origin: 'http://localhost'})).toBe(200);
  expect(await statusFor({})).toBe(200);
  expect(
    (await app.inject({url: '/healthz', headers: {host: 'localhost', origin: 'http://evil.example'}})).statusCode,
  ).toBe(200);
});

test('no answer carries a CORS header, every page and answer carries the policy', async () => {
  const app = plain;
  for (const url of ['/', '/healthz', '/docs', '/nowhere']) {
    const {headers} = await app.inject({url, headers: {host: 'localhost', origin: 'http://evil.example'}});
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['x-content-type-options']).toBe('nosniff');
  }
});

test('a request in flight ends when the server closes, and what comes meanwhile is told', async () => {
  const [entered, closing] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const [release, mayClose] = [
    Promise.withResolvers<{expired: number; failed: number}>(),
    Promise.withResolvers<void>(),
  ];
  const expire = () => {
    entered.resolve();
    return release.promise;
  };
  const app = serverOf({dispatch: fakeDispatch({expire})});
  app.addHook('preClose', () => {
    closing.resolve();
    return mayClose.promise;
  });
  const port = await listening(app);
  const headers = `Host: localhost:${port}\r\nContent-Length: 0`;
  const inFlight = rawExchange(port, `POST /internal/dispatch/expire_offers HTTP/1.1\r\n${headers}\r\n\r\n`);
  await entered.promise;
  const closed = app.close();
  await closing.promise;
  const meanwhile = await rawExchange(port, `GET /healthz HTTP/1.1\r\n${headers}\r\n\r\n`);
  expect(meanwhile).toMatch(/^HTTP\/1\.1 503 /);
  expect(meanwhile).toContain('"code":"STOPPING"');
  mayClose.resolve();
  release.resolve({expired: 4, failed: 0});
  expect(await inFlight).toContain('"expired":4');
  await closed;
});

test('under load requests are shed with Retry-After, but never the probes and the metrics', async () => {
  const app = buildServer(fakeWorld(emptyDatabase), {delayLimitMs: 1e-9});
  opened.push(app);
  let shed = await app.inject('/page/icon.svg');
  while (shed.statusCode === 200) {
    // Lets the timer run that samples the delay.
    await setImmediate();
    shed = await app.inject('/page/icon.svg');
  }
  expect(shed.json()).toMatchObject({status: 503, code: 'OVERLOADED'});
  expect(shed.headers['retry-after']).toBe('1');
  for (const url of ['/healthz', '/readyz', '/metrics']) expect((await app.inject(url)).statusCode).toBe(200);
});

test('while more statements wait than a tick can stand, all is shed but probes and what stops dispatch', async () => {
  let waiting = STATEMENTS_WAITING_LIMIT;
  const app = serverOf({}, {...emptyDatabase, waiting: () => waiting});
  expect((await app.inject('/page/icon.svg')).statusCode).toBe(200);
  waiting++;
  expect(await problemFrom(app, tick)).toMatchObject({status: 503, code: 'OVERLOADED', headers: {'retry-after': '1'}});
  for (const url of ['/healthz', '/readyz', '/metrics']) expect((await app.inject(url)).statusCode).toBe(200);
  const pause = {method: 'POST', url: `/internal/dispatch/regions/${REGION}/pause`} as const;
  expect((await app.inject(pause)).statusCode).toBe(200);
  // There is no database here: it was asked.
  const kill = {method: 'PUT', url: `/v1/regions/${REGION}/kill-switches/vape`, body: {reason: 'recall'}} as const;
  expect((await app.inject(kill)).json()).not.toMatchObject({code: 'OVERLOADED'});
  waiting--;
  expect((await app.inject('/page/icon.svg')).statusCode).toBe(200);
});

test('requests are timed by the pattern of their route, so that ids make no series', async () => {
  const app = serverOf();
  await app.inject('/v1/tasks/019a8f6e-7c1a-7b52-9f3e-3d0f5c2b8a10');
  await app.inject('/nowhere/17');
  const exposed = (await app.inject('/metrics')).body;
  expect(exposed).toContain(
    'cloudrun_http_request_duration_seconds_count{method="GET",route="/v1/tasks/:id",status="503"} 1',
  );
  expect(exposed).toContain('cloudrun_http_request_duration_seconds_count{method="GET",route="none",status="404"} 1');
});
