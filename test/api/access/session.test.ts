// Sessions of pages, what proxies say, and secrets: none of them is anywhere but where it belongs.
import {Writable} from 'node:stream';
import {pino} from 'pino';
import {expect, test} from 'vitest';
import {SESSIONS_PER_TOKEN} from '../../../src/api/limits.ts';
import {LOG_OPTIONS} from '../../../src/cli/log.ts';
import type {Database} from '../../../src/db/connect.ts';
import {rows} from '../../db/market.ts';
import {REGION} from '../world.ts';
import {accessServers, bearer, cookieOf, EPOCHS, makeToken, signIn, TICK} from './tokens.ts';

const {db, serverOf} = accessServers();

test('a session writes only with its word, which no page of another site can know', async () => {
  const {ask, codeOf} = serverOf();
  const {text} = await makeToken(db(), ['ops'], {name: 'Ada'});
  const [a, b] = [await signIn(ask, text), await signIn(ask, text)];
  const who = await ask('/v1/session', {cookie: a});
  expect(who.json()).toMatchObject({caller: 'Ada', scopes: ['ops']});
  expect(who.headers['cache-control']).toBe('no-store');
  const word = {'x-csrf-token': who.json().csrfToken};
  const others = {'x-csrf-token': (await ask('/v1/session', {cookie: b})).json().csrfToken};
  expect(await codeOf(TICK, {cookie: a})).toBe('CSRF_REQUIRED');
  expect(await codeOf(TICK, {cookie: a, ...others})).toBe('CSRF_REQUIRED');
  expect(await codeOf(TICK, {cookie: a, ...word, origin: 'http://evil.example'})).toBe('ORIGIN_REFUSED');
  expect(await codeOf(TICK, {cookie: a, ...word})).toBe('answered');
  expect(await codeOf(TICK, bearer(text))).toBe('answered');
  expect(await codeOf({method: 'DELETE', url: '/v1/session'}, {cookie: a})).toBe('CSRF_REQUIRED');
  const out = await ask({method: 'DELETE', url: '/v1/session'}, {cookie: a, ...word});
  expect([out.json(), out.cookies[0]?.value]).toEqual([{signedOut: true}, '']);
  expect(await codeOf(EPOCHS, {cookie: a})).toBe('TOKEN_REFUSED');
  expect(await codeOf(EPOCHS, {cookie: b})).toBe('answered');
});

test('the cookie is out of reach of scripts and other sites, and over TLS of plain HTTP', async () => {
  const {text} = await makeToken(db(), ['read']);
  const sign = {method: 'POST', url: '/v1/session', payload: {token: text}} as const;
  const plain = (await serverOf().ask(sign)).headers['set-cookie'];
  expect(plain).toMatch(/^cloudrun_session=crs_\S+; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/);
  const proxied = serverOf({options: {trustedHops: 1, allowedHosts: ['dispatch.example']}});
  const secure = (await proxied.ask({...sign, headers: {host: 'dispatch.example', 'x-forwarded-proto': 'https'}}))
    .headers;
  expect(secure['set-cookie']).toMatch(
    /^__Host-cloudrun_session=crs_\S+;.* Path=\/; HttpOnly; Secure; SameSite=Strict$/,
  );
});

test('a token has so many sessions, and the oldest give way', async () => {
  const {ask} = serverOf();
  const {id, text} = await makeToken(db(), ['read']);
  await signIn(ask, text);
  await rows(
    db(),
    `insert into api_sessions select gen_random_uuid(), token_id, token_hash, secret_hash, created_at, expires_at
     from api_sessions, generate_series(1, ${SESSIONS_PER_TOKEN + 20}) where token_id = '${id}'`,
  );
  await signIn(ask, text);
  const [left] = await rows(db(), `select count(*)::int as n from api_sessions where token_id = '${id}'`);
  expect(left).toEqual({n: SESSIONS_PER_TOKEN});
});

test('what proxies say counts only where it was stated, and no further than the hops', async () => {
  const addressOf = async (trustedHops: number): Promise<string> => {
    const {app, ask} = serverOf({options: {trustedHops}});
    let seen = '';
    app.addHook('onRequest', async ({ip}) => void (seen = ip));
    await ask('/healthz', {'x-forwarded-for': '1.1.1.1, 2.2.2.2, 3.3.3.3'});
    return seen;
  };
  expect([await addressOf(0), await addressOf(2)]).toEqual(['127.0.0.1', '2.2.2.2']);
});

test('no secret is in a log, an answer or a metric, whatever goes well or wrong with it', async () => {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const log = pino({...LOG_OPTIONS, level: 'trace'}, stream);
  let isBroken = false;
  const query: Database['query'] = (...asked) => {
    if (isBroken) throw new Error('broken');
    return db().query(...asked);
  };
  const {app, ask} = serverOf({db: {...db(), query}, world: {log}});
  app.addHook('onRequest', async (request) => request.log.info({headers: request.headers}, 'seen'));
  const {text} = await makeToken(db(), ['ops']);
  const {text: bad} = await makeToken(db(), ['read']);
  const signedIn = await ask({method: 'POST', url: '/v1/session', payload: {token: text}});
  const cookie = cookieOf(signedIn);
  const word = {'x-csrf-token': signedIn.json().csrfToken};
  const answers = [
    await ask(EPOCHS, bearer(text)),
    await ask(TICK, {cookie, ...word}),
    await ask(TICK, bearer(bad)),
    await ask({method: 'POST', url: '/v1/session', payload: {token: `${bad} `, other: text}}),
    await ask({
      method: 'POST',
      url: '/v1/session',
      payload: `{"token": "${text}`,
      headers: {'content-type': 'application/json'},
    }),
    await ask(`/v1/tasks/${text}`, bearer(text)),
    await ask(`/nowhere/${REGION}`, bearer(text)),
  ];
  isBroken = true;
  answers.push(await ask(EPOCHS, bearer(bad)), await ask('/v1/stores', bearer(text)));
  isBroken = false;
  const exposed = await ask('/metrics', bearer(text));
  log.warn({request: {headers: {authorization: text, cookie}}, body: {token: text}}, 'by mistake');
  expect(lines.length).toBeGreaterThan(answers.length);
  expect(lines.join('')).toContain('"authorization":"[redacted]"');
  for (const secret of [text, bad, cookie.split('=')[1]!].map((whole) => whole.slice(-43))) {
    for (const line of lines) expect(line).not.toContain(secret);
    for (const {body} of [...answers, exposed]) expect(body).not.toContain(secret);
  }
});
