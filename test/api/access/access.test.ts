// Tokens over HTTP as a client meets them: with the real database, and a clock that the test moves.
import {expect, test} from 'vitest';
import {callerOf} from '../../../src/api/access/caller.ts';
import {
  AUTH_FAILURES_PER_WINDOW,
  DRIVER_WRITES_PER_WINDOW,
  TOKEN_FRESH_MS,
  TOKEN_STALE_LIMIT_MS,
} from '../../../src/api/limits.ts';
import type {Database} from '../../../src/db/connect.ts';
import {revokeToken, rotateToken} from '../../../src/db/tokens.ts';
import {secretHashOf, secretText} from '../../../src/domain/access.ts';
import {createDatabase} from '../../support/database.ts';
import {databaseGone} from '../world.ts';
import {accessServers, bearer, EPOCHS, makeToken, signIn, TICK} from './tokens.ts';

const {db, serverOf, pass} = accessServers();

test('without a token there is a challenge, and with one that does not hold it says so', async () => {
  const {ask} = serverOf();
  const none = await ask(EPOCHS);
  expect([none.statusCode, none.json().code]).toEqual([401, 'TOKEN_REQUIRED']);
  expect(none.headers['www-authenticate']).toBe('Bearer realm="cloudrun"');
  const unknown = secretText('token', '019a8f6e-7c1a-7b52-9f3e-3d0f5c2b8a10', Buffer.alloc(32));
  for (const text of ['x', unknown, unknown.replace('crd', 'crs')]) {
    const bad = await ask(EPOCHS, bearer(text));
    expect([bad.statusCode, bad.json().code]).toEqual([401, 'TOKEN_REFUSED']);
    expect(bad.headers['www-authenticate']).toContain('error="invalid_token"');
    if (text.length > 20) expect(bad.body).not.toContain(text.slice(-20));
  }
  const basic = await ask(EPOCHS, {authorization: `Basic ${Buffer.from('a:b').toString('base64')}`});
  expect(basic.json().code).toBe('TOKEN_REFUSED');
});

test('a scope that does not do is answered with those that would', async () => {
  const {ask} = serverOf();
  const {text} = await makeToken(db(), ['read', 'metrics']);
  const answer = await ask(TICK, bearer(text));
  expect(answer.json()).toMatchObject({status: 403, code: 'SCOPE_MISSING', scopes: ['ops', 'services']});
  expect(answer.headers['www-authenticate']).toContain('error="insufficient_scope", scope="ops services"');
});

test('a revocation takes effect within the stated time, for a session too', async () => {
  const {ask, codeOf} = serverOf();
  const {id, text} = await makeToken(db(), ['ops']);
  const cookie = await signIn(ask, text);
  expect(await codeOf(EPOCHS, bearer(text))).toBe('answered');
  expect(await codeOf(EPOCHS, {cookie})).toBe('answered');
  await revokeToken(db(), id);
  pass(TOKEN_FRESH_MS + 1);
  expect(await codeOf(EPOCHS, bearer(text))).toBe('TOKEN_REFUSED');
  expect(await codeOf(EPOCHS, {cookie})).toBe('TOKEN_REFUSED');
});

test('a rotated token keeps its id; the last secret and its sessions hold for the overlap', async () => {
  const {ask, codeOf} = serverOf();
  const {id, text} = await makeToken(db(), ['ops']);
  const cookie = await signIn(ask, text);
  const [second, third] = [Buffer.alloc(32, 2), Buffer.alloc(32, 3)];
  await rotateToken(db(), id, secretHashOf(second), 3_600);
  expect(await codeOf(EPOCHS, bearer(secretText('token', id, second)))).toBe('answered');
  pass(TOKEN_FRESH_MS + 1);
  expect(await codeOf(EPOCHS, bearer(text))).toBe('answered');
  expect(await codeOf(EPOCHS, {cookie})).toBe('answered');
  expect(await codeOf(EPOCHS, bearer(secretText('token', id, second)))).toBe('answered');
  await rotateToken(db(), id, secretHashOf(third), 0);
  pass(TOKEN_FRESH_MS + 1);
  expect(await codeOf(EPOCHS, bearer(text))).toBe('TOKEN_REFUSED');
  expect(await codeOf(EPOCHS, {cookie})).toBe('TOKEN_REFUSED');
  expect(await codeOf(EPOCHS, bearer(secretText('token', id, second)))).toBe('TOKEN_REFUSED');
  expect(await codeOf(EPOCHS, bearer(secretText('token', id, third)))).toBe('answered');
});

test('an open daemon wants tokens soon after the first one was made, and goes on when it is revoked', async () => {
  const empty = await createDatabase();
  const {app, codeOf} = serverOf({db: empty.db, wanted: false});
  const callers: string[] = [];
  app.addHook('preHandler', async (request) => void callers.push(callerOf(request)));
  expect(await codeOf(EPOCHS)).toBe('answered');
  expect(callers).toEqual(['loopback']);
  const {id, text} = await makeToken(empty.db, ['ops']);
  expect(await codeOf(EPOCHS)).toBe('answered');
  pass(TOKEN_FRESH_MS + 1);
  expect(await codeOf(EPOCHS)).toBe('TOKEN_REQUIRED');
  expect(await codeOf(EPOCHS, bearer(text))).toBe('answered');
  expect(callers.at(-1)).toBe(id);
  await revokeToken(empty.db, id);
  pass(TOKEN_FRESH_MS + 1);
  expect(await codeOf(EPOCHS)).toBe('TOKEN_REQUIRED');
  expect(await codeOf('/healthz')).toBe('answered');
  await empty.drop();
});

test('while the database is gone a token that was known goes on for a while, and no other begins to', async () => {
  let isGone = false;
  const query: Database['query'] = (...asked) => (isGone ? databaseGone.query(...asked) : db().query(...asked));
  const {codeOf} = serverOf({db: {...db(), query}});
  const known = await makeToken(db(), ['metrics']);
  const other = await makeToken(db(), ['metrics']);
  expect(await codeOf('/metrics', bearer(known.text))).toBe('answered');
  isGone = true;
  pass(TOKEN_FRESH_MS + 1);
  expect(await codeOf('/metrics', bearer(known.text))).toBe('answered');
  expect(await codeOf('/metrics', bearer(known.text.replace(/.{4}$/, 'AAAA')))).toBe('TOKEN_REFUSED');
  expect(await codeOf('/metrics', bearer(other.text))).toBe('DATABASE_GONE');
  pass(TOKEN_STALE_LIMIT_MS);
  expect(await codeOf('/metrics', bearer(known.text))).toBe('DATABASE_GONE');
});

test('an address that presents too many bad tokens waits, while a token that is in use goes on', async () => {
  const {ask, codeOf} = serverOf({});
  const {text} = await makeToken(db(), ['ops']);
  const late = await makeToken(db(), ['ops']);
  expect(await codeOf(EPOCHS, bearer(text))).toBe('answered');
  for (let i = 0; i < AUTH_FAILURES_PER_WINDOW; i++) expect(await codeOf(EPOCHS, bearer('x'))).toBe('TOKEN_REFUSED');
  const answer = await ask(EPOCHS, bearer('x'));
  expect([answer.statusCode, answer.json().code]).toEqual([429, 'RATE_LIMITED']);
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  expect(await codeOf({method: 'POST', url: '/v1/session', payload: {token: text}})).toBe('RATE_LIMITED');
  expect(await codeOf(EPOCHS, bearer(late.text))).toBe('RATE_LIMITED');
  expect(await codeOf(EPOCHS, bearer(text))).toBe('answered');
  const elsewhere = {url: EPOCHS, remoteAddress: '10.9.9.9'};
  expect(await codeOf(elsewhere, bearer('x'))).toBe('TOKEN_REFUSED');
});

test('a token that asks too often is told when to come back; another is not', async () => {
  const {ask, codeOf} = serverOf();
  const driverId = '019a8f6e-7c1a-7b52-9f3e-3d0f5c2b8a10';
  const [one, two] = [await makeToken(db(), [`driver:${driverId}`]), await makeToken(db(), [`driver:${driverId}`])];
  const accept = {method: 'POST', url: `/v1/tasks/${driverId}/accept`, payload: {driverId}} as const;
  for (let i = 0; i < DRIVER_WRITES_PER_WINDOW; i++)
    expect(await codeOf(accept, bearer(one.text))).toBe('TASK_NOT_FOUND');
  const answer = await ask(accept, bearer(one.text));
  expect(answer.json()).toMatchObject({status: 429, code: 'RATE_LIMITED'});
  expect(answer.json().detail).toMatch(/too many writes .* repeat the request in \d+ s/);
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  expect(await codeOf(accept, bearer(two.text))).toBe('TASK_NOT_FOUND');
  expect(await codeOf(`/v1/tasks?driverId=${driverId}`, bearer(one.text))).toBe('answered');
});

test('open on loopback, nothing is counted', async () => {
  const empty = await createDatabase();
  const {codeOf} = serverOf({db: empty.db, wanted: false});
  for (let i = 0; i < 3 * DRIVER_WRITES_PER_WINDOW; i++) expect(await codeOf(TICK)).toBe('answered');
  await empty.drop();
});

test('a route that does not say who may call it keeps the server from starting', async () => {
  const {app} = serverOf({});
  const refusal = (config: object | undefined) => () => app.get('/new', config ? {config} : {}, async () => 'x');
  expect(refusal(undefined)).toThrow('GET /new: its config must name the scopes that may call it');
  expect(refusal({scopes: ['services']})).toThrow('ops may call everything');
  expect(refusal({scopes: ['ops', 'driver']})).toThrow('own goes with the scope driver');
  expect(refusal({scopes: ['ops', 'driver'], own: 'named'})).not.toThrow();
});

test('every operation says in the OpenAPI document which scopes would do', async () => {
  const {paths, components} = (await serverOf().ask('/docs/json')).json();
  expect(Object.keys(components.securitySchemes)).toEqual(['token', 'session']);
  expect(paths['/v1/tasks/{id}/accept'].post.security).toEqual([
    {token: ['ops', 'services', 'driver']},
    {session: ['ops', 'services', 'driver']},
  ]);
  expect(paths['/healthz'].get.security).toBeUndefined();
  expect(Object.keys(paths['/metrics'].get.responses)).toEqual(expect.arrayContaining(['401', '403', '429']));
});
