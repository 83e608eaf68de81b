// Access tokens and the sessions of pages. A secret is made here or in the command line, is told once, and never comes
// near a statement: what is stored and compared is its sha256.

import type {Scope, SecretKind} from '../domain/access.ts';
import {InputFailure} from '../domain/failure.ts';
import type {Database} from './connect.ts';
import {statement} from './statement.ts';

const READ = statement('read_secret');
const COUNT = statement('count_tokens');
const LIST = statement('list_tokens');
const CREATE = statement('create_token');
const ROTATE = statement('rotate_token');
const REVOKE = statement('revoke_token');
const OPEN_SESSION = statement('open_session');
const CLOSE_SESSION = statement('close_session');
const DRIVER_PART = statement('driver_part');

/** What a secret is compared with, and what it may do. */
export type StoredSecret = {
  /** Of the token, also where a session was asked for. */
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly secretHash: Buffer;
  readonly previousHash: Buffer | null;
};

export async function readSecret(db: Database, kind: SecretKind, id: string): Promise<StoredSecret | undefined> {
  const [found] = await db.query<StoredSecret>(READ, [kind, id]);
  return found;
}

/** Tokens that were ever made, and those of them that hold. */
export async function countTokens(db: Database): Promise<{readonly made: number; readonly holding: number}> {
  const [counts] = await db.query<{made: number; holding: number}>(COUNT);
  return counts ?? {made: 0, holding: 0};
}

export type Token = {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAtMs: number;
  readonly expiresAtMs: number | null;
  readonly revokedAtMs: number | null;
  /** Until when the secret before the last rotation holds. */
  readonly previousUntilMs: number | null;
  readonly holds: boolean;
};

/** The oldest first. */
export const listTokens = (db: Database): Promise<Token[]> => db.query<Token>(LIST, [null]);

/** InputFailure TOKEN_UNKNOWN. */
export async function readToken(db: Database, id: string): Promise<Token> {
  const [token] = await db.query<Token>(LIST, [id]);
  return token ?? tokenUnknown(id);
}

export type NewToken = {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly secretHash: Uint8Array;
  /** null: never. */
  readonly expiresInS: number | null;
};

export async function createToken(db: Database, {id, name, scopes, secretHash, expiresInS}: NewToken): Promise<void> {
  await db.query(CREATE, [id, name, scopes, secretHash, expiresInS]);
}

/** The secret before it holds for `overlapS` more. InputFailure TOKEN_UNKNOWN, TOKEN_ENDED. */
export async function rotateToken(db: Database, id: string, secretHash: Uint8Array, overlapS: number): Promise<void> {
  const [{outcome}] = await db.query<{outcome: 'done' | 'not-found' | 'ended'}>(ROTATE, [id, secretHash, overlapS]);
  switch (outcome) {
    case 'done':
      return;
    case 'not-found':
      return tokenUnknown(id);
    case 'ended':
      throw new InputFailure('TOKEN_ENDED', `token ${id} was revoked or has expired: create another`);
    default:
      return outcome satisfies never;
  }
}

/** Revoking twice changes nothing. InputFailure TOKEN_UNKNOWN. */
export async function revokeToken(db: Database, id: string): Promise<void> {
  const [found] = await db.query(REVOKE, [id]);
  if (!found) tokenUnknown(id);
}

export type NewSession = {
  readonly id: string;
  readonly tokenId: string;
  readonly tokenHash: Uint8Array;
  readonly secretHash: Uint8Array;
  readonly lifetimeS: number;
  /** Of one token; the oldest give way. */
  readonly most: number;
};

/** When it ends; undefined where the token holds no more. */
export async function openSession(db: Database, s: NewSession): Promise<number | undefined> {
  const parameters = [s.id, s.tokenId, s.tokenHash, s.secretHash, s.lifetimeS, s.most];
  const [opened] = await db.query<{expiresAtMs: number}>(OPEN_SESSION, parameters);
  return opened?.expiresAtMs;
}

export async function closeSession(db: Database, id: string): Promise<void> {
  await db.query(CLOSE_SESSION, [id]);
}

/** 'holder': the task is offered to one of the drivers, or is theirs. 'asked': it was offered to one of them once. */
export type DriverPart = 'holder' | 'asked';

export async function driverPart(
  db: Database,
  regionId: string,
  taskId: string,
  driverIds: readonly string[],
): Promise<DriverPart | undefined> {
  const [row] = await db.query<{part: DriverPart | null}>(DRIVER_PART, [regionId, taskId, driverIds]);
  return row?.part ?? undefined;
}

function tokenUnknown(id: string): never {
  throw new InputFailure('TOKEN_UNKNOWN', `there is no token ${id}`);
}
