// A server where tokens are wanted, on the real database, with a clock that the test moves; and tokens made for it, as
// the command line would show them.
import {randomBytes} from 'node:crypto';
import type {FastifyInstance, InjectOptions} from 'fastify';
import {v7 as uuidv7} from 'uuid';
import {afterAll, afterEach, beforeAll, expect} from 'vitest';
import {openTokens} from '../../../src/api/access/tokens.ts';
import type {ServerOptions} from '../../../src/api/server.ts';
import type {World} from '../../../src/api/world.ts';
import type {Database} from '../../../src/db/connect.ts';
import {createToken} from '../../../src/db/tokens.ts';
import {type Scope, SECRET_BYTES, secretHashOf, secretText} from '../../../src/domain/access.ts';
import {createDatabase, type TestDatabase} from '../../support/database.ts';
import {fakeServer} from '../world.ts';

export type Made = {readonly id: string; readonly text: string};

export async function makeToken(
  db: Database,
  scopes: readonly Scope[],
  {name = scopes.join(' '), expiresInS = null as number | null} = {},
): Promise<Made> {
  const [id, secret] = [uuidv7(), randomBytes(SECRET_BYTES)];
  await createToken(db, {id, name, scopes, secretHash: secretHashOf(secret), expiresInS});
  return {id, text: secretText('token', id, secret)};
}

export const bearer = (text: string) => ({authorization: `Bearer ${text}`});

/** A clock that a test moves. */
export function handClock() {
  let ms = 1_000_000;
  const clock = {monotonicMs: () => ms, wallMs: () => ms};
  return {clock, pass: (more: number) => void (ms += more)};
}

type Special = {db?: Database; wanted?: boolean; world?: Partial<World>; options?: ServerOptions};
type Served = ReturnType<typeof serve>;
type Clock = ReturnType<typeof handClock>['clock'];

/** For a whole test file. */
export function accessServers() {
  const {clock, pass} = handClock();
  const opened: FastifyInstance[] = [];
  let database: TestDatabase;
  let shared: Served;
  beforeAll(async () => {
    database = await createDatabase();
    shared = serve(database.db, clock);
  });
  afterEach(async () => {
    for (const app of opened.splice(0)) await app.close();
  });
  afterAll(async () => {
    await shared?.app.close();
    await database?.drop();
  });
  return {
    pass,
    db: () => database.db,
    /** One of a test's own where it asks for something special, else the one they share: each takes a while to make. */
    serverOf(special?: Special): Served {
      if (!special) return shared;
      const served = serve(special.db ?? database.db, clock, special);
      opened.push(served.app);
      return served;
    },
  };
}

function serve(db: Database, clock: Clock, {wanted = true, world = {}, options = {}}: Special = {}) {
  const app = fakeServer(db, {tokens: openTokens(db, clock, wanted), ...world}, options);
  const ask = async (request: InjectOptions | string, headers: Record<string, string> = {}) => {
    const asked = typeof request === 'string' ? {url: request} : request;
    return app.inject({...asked, headers: {host: 'localhost', ...headers, ...asked.headers}});
  };
  const codeOf = async (...asked: Parameters<typeof ask>): Promise<string> => {
    const answer = await ask(...asked);
    return `${answer.headers['content-type']}`.startsWith('application/problem+json') ? answer.json().code : 'answered';
  };
  return {app, ask, codeOf};
}

export const cookieOf = (answer: {cookies: {name: string; value: string}[]}): string =>
  answer.cookies.map(({name, value}) => `${name}=${value}`).join('; ');

/** The cookie of a new session. */
export async function signIn(ask: Served['ask'], token: string): Promise<string> {
  const answer = await ask({method: 'POST', url: '/v1/session', payload: {token}});
  expect(answer.statusCode, answer.body).toBe(200);
  return cookieOf(answer);
}

export const EPOCHS = '/internal/graph/speeds';
export const TICK = {method: 'POST', url: '/internal/dispatch/tick'} as const;
