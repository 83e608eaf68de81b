// Access tokens: what they look like, what they may do, and how a secret is compared.
//
// A token is `crd_<id>_<secret>`: a prefix that secret scanners can look for, the id of its row, and 256 random bits.
// What is stored is the sha256 of the secret. A slow hash would add nothing: there is no dictionary of such secrets.
// A session of a page is the same under another prefix.

import {createHash, timingSafeEqual} from 'node:crypto';
import {InputFailure} from './failure.ts';

/** What a token may be for. `driver:<id>` is the fifth, one driver each. */
const PLAIN_SCOPES = ['ops', 'services', 'read', 'metrics'] as const;
export type Scope = (typeof PLAIN_SCOPES)[number] | `driver:${string}`;

/** 'token' stands in a header, 'session' in a cookie. */
const PREFIXES = {token: 'crd', session: 'crs'} as const;
export type SecretKind = keyof typeof PREFIXES;

export const SECRET_BYTES = 32;

export type Presented = {readonly kind: SecretKind; readonly id: string; readonly secretHash: Buffer};

const FORM = /^(crd|crs)_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})_([\w-]{43})$/;

/** `secret`: SECRET_BYTES random bytes. */
export const secretText = (kind: SecretKind, id: string, secret: Uint8Array): string =>
  `${PREFIXES[kind]}_${id.replaceAll('-', '')}_${Buffer.from(secret).toString('base64url')}`;

/** What a text of that form claims to be; undefined where it has another form. */
export function readSecret(text: string): Presented | undefined {
  const [, prefix, a, b, c, d, e, secret] = FORM.exec(text) ?? [];
  if (secret === undefined) return undefined;
  return {kind: prefix === 'crd' ? 'token' : 'session', id: [a, b, c, d, e].join('-'), secretHash: hashOf(secret)};
}

/** Of the secret's characters. */
const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

export const secretHashOf = (secret: Uint8Array): Buffer => hashOf(Buffer.from(secret).toString('base64url'));

export const sameHash = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b);

const DRIVER_SCOPE = /^driver:([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

/** InputFailure SCOPE_UNKNOWN. */
export function readScope(text: string): Scope {
  const scope = text.toLowerCase();
  if (DRIVER_SCOPE.test(scope)) return scope as Scope;
  const found = PLAIN_SCOPES.find((plain) => plain === scope);
  if (found) return found;
  throw new InputFailure('SCOPE_UNKNOWN', `${text} is not ${PLAIN_SCOPES.join(', ')} or driver:<id of the driver>`);
}

/** The drivers that a caller with these scopes speaks for. */
export const driversOf = (scopes: readonly Scope[]): string[] =>
  scopes.flatMap((scope) => DRIVER_SCOPE.exec(scope)?.[1] ?? []);
