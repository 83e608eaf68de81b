// Access tokens from the command line: the only way to make one. The secret is told once, here.

import {randomBytes} from 'node:crypto';
import {v7 as uuidv7} from 'uuid';
import {createToken, listTokens, readToken, revokeToken, rotateToken, type Token} from '../db/tokens.ts';
import {readScope, SECRET_BYTES, secretHashOf, secretText} from '../domain/access.ts';
import {InputFailure} from '../domain/failure.ts';
import {type DatabaseOptions, withDatabase} from './database.ts';
import {terminal} from './terminal.ts';

export type TokenOptions = DatabaseOptions & {readonly json?: boolean};

const DAY_S = 86_400;
const HOUR_S = 3_600;
const NAME = /^[^\p{Cc}]{1,100}$/u;

/** InputFailure SCOPE_UNKNOWN, NAME_INVALID. */
export async function create(
  options: TokenOptions & {readonly name: string; readonly scope: readonly string[]; readonly expires?: number},
): Promise<void> {
  const {name, expires} = options;
  if (!NAME.test(name))
    throw new InputFailure('NAME_INVALID', 'a name has 1 to 100 characters, none a control character');
  const scopes = [...new Set(options.scope.map(readScope))];
  const [id, secret] = [uuidv7(), randomBytes(SECRET_BYTES)];
  await withDatabase(options, async (db) => {
    const expiresInS = expires === undefined ? null : expires * DAY_S;
    await createToken(db, {id, name, scopes, secretHash: secretHashOf(secret), expiresInS});
    tell(options, await readToken(db, id), secretText('token', id, secret));
  });
}

export async function list(options: TokenOptions): Promise<void> {
  const tokens = await withDatabase(options, listTokens);
  const text = tokens.map(lineOf).join('\n');
  terminal(options.json ?? false).answer({tokens: tokens.map(shown)}, text || 'no tokens yet');
}

/** InputFailure TOKEN_UNKNOWN, TOKEN_ENDED. */
export async function rotate(given: string, options: TokenOptions & {readonly overlap: number}): Promise<void> {
  const id = readId(given);
  const secret = randomBytes(SECRET_BYTES);
  await withDatabase(options, async (db) => {
    await rotateToken(db, id, secretHashOf(secret), options.overlap * HOUR_S);
    tell(options, await readToken(db, id), secretText('token', id, secret));
  });
}

/** InputFailure TOKEN_UNKNOWN. */
export async function revoke(given: string, options: TokenOptions): Promise<void> {
  const id = readId(given);
  const token = await withDatabase(options, async (db) => {
    await revokeToken(db, id);
    return readToken(db, id);
  });
  terminal(options.json ?? false).answer(shown(token), lineOf(token));
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function readId(given: string): string {
  const id = given.toLowerCase();
  // A whole token that was pasted must not come back in a message.
  if (!ID.test(id)) throw new InputFailure('TOKEN_ID_INVALID', 'give the id that token list shows');
  return id;
}

function tell(options: TokenOptions, token: Token, secret: string): void {
  const screen = terminal(options.json ?? false);
  screen.line(lineOf(token));
  screen.line('The token is shown this once:');
  screen.answer({...shown(token), token: secret}, secret);
}

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

const shown = ({createdAtMs, expiresAtMs, revokedAtMs, previousUntilMs, ...token}: Token) => ({
  ...token,
  createdAt: iso(createdAtMs),
  expiresAt: iso(expiresAtMs),
  revokedAt: iso(revokedAtMs),
  previousUntil: iso(previousUntilMs),
});

function lineOf({id, name, scopes, expiresAtMs, revokedAtMs, previousUntilMs, holds}: Token): string {
  const ended = revokedAtMs === null ? `expired ${iso(expiresAtMs)}` : `revoked ${iso(revokedAtMs)}`;
  const standing = expiresAtMs === null ? 'holds' : `holds until ${iso(expiresAtMs)}`;
  const overlap = previousUntilMs === null ? '' : `, the secret before until ${iso(previousUntilMs)}`;
  return `${id}  ${name}  ${scopes.join(' ')}  ${holds ? standing + overlap : ended}`;
}
