// Signatures of webhooks, ours and those of providers: https://www.standardwebhooks.com, version 1.
//
// Signed is `id.timestamp.body` by HMAC-SHA256. The package `standardwebhooks` does the same against the clock of the
// machine; here the instant is a parameter. The tests hold both against each other.

import {createHmac, randomBytes, timingSafeEqual} from 'node:crypto';

const PREFIX = 'whsec_';
const SECRET_BYTES = 32;
/** Shorter ones can be guessed; the specification allows 24 to 64 bytes. */
const [SECRET_LEAST_BYTES, SECRET_MOST_BYTES] = [24, 64];

export const newSecret = (): string => PREFIX + randomBytes(SECRET_BYTES).toString('base64');

/** `whsec_` and base64 of 24 to 64 bytes; the prefix may be missing. */
export function isSecret(text: string): boolean {
  const coded = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text;
  const {length} = bytesOf(text);
  return /^[A-Za-z0-9+/]+={0,2}$/.test(coded) && length >= SECRET_LEAST_BYTES && length <= SECRET_MOST_BYTES;
}

const bytesOf = (secret: string): Buffer =>
  Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, 'base64');

const macOf = (secret: string, id: string, timestamp: string, body: string): Buffer =>
  createHmac('sha256', bytesOf(secret)).update(`${id}.${timestamp}.${body}`).digest();

export type SignedHeaders = Readonly<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>>;

/** One signature for each secret, so that a receiver may know either while they are changed. */
export function sign(secrets: readonly string[], id: string, atMs: number, body: string): SignedHeaders {
  const timestamp = String(Math.floor(atMs / 1_000));
  const signatures = secrets.map((secret) => `v1,${macOf(secret, id, timestamp, body).toString('base64')}`);
  return {'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ')};
}

export type Verdict =
  | {readonly kind: 'signed'; readonly id: string; readonly atMs: number}
  /** A header is missing or cannot be read. */
  | {readonly kind: 'unsigned'}
  /** Signed further from now than the tolerance: perhaps recorded and sent again. */
  | {readonly kind: 'stale'}
  | {readonly kind: 'forged'};

/** Whether `body`, as it arrived, was signed under `secret` within `toleranceS` of now. */
export function verify(
  secret: string,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: string,
  nowMs: number,
  toleranceS: number,
): Verdict {
  const [id, timestamp, signatures] = ['id', 'timestamp', 'signature'].map((name) => headers[`webhook-${name}`]);
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string') {
    return {kind: 'unsigned'};
  }
  if (!/^[\x21-\x7e]{1,255}$/.test(id) || !/^\d{1,12}$/.test(timestamp)) return {kind: 'unsigned'};
  const wanted = macOf(secret, id, timestamp, body);
  // Every one is looked at, so that the time taken tells nothing.
  const matches = signatures.split(' ').filter((each) => {
    const given = Buffer.from(each.startsWith('v1,') ? each.slice(3) : '', 'base64');
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  });
  if (matches.length === 0) return {kind: 'forged'};
  const atMs = Number(timestamp) * 1_000;
  return Math.abs(nowMs - atMs) > toleranceS * 1_000 ? {kind: 'stale'} : {kind: 'signed', id, atMs};
}
