// What a tick leaves behind: hashes by which anyone can tell whether a replay decided the same, and the compressed
// snapshot that a replay starts from.

import {createHash} from 'node:crypto';
import {zstdCompressSync, zstdDecompressSync} from 'node:zlib';
import {InputFailure} from '../domain/failure.ts';
import type {Proposal} from '../domain/offer.ts';
import type {Snapshot} from '../domain/snapshot.ts';
import type {Solution} from '../flow/problem.ts';
import type {SeedRecord} from './last-answer.ts';

/** Bumped when what stands in a payload changes its meaning. */
const PAYLOAD_VERSION = 2;

/** A snapshot of the largest region stays below this; more would be a damaged or hostile payload. */
const PAYLOAD_LIMIT_BYTES = 512 * 2 ** 20;

export type Payload = {
  readonly version: number;
  /** Whether candidates were the nearest drivers by road; left out, H3 disks chose them. */
  readonly nearestByRoad?: boolean;
  readonly snapshot: Snapshot;
  /** What the solve was started from; left out, from nothing. */
  readonly seed?: SeedRecord | undefined;
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export const snapshotHash = (snapshot: Snapshot): string => sha256(JSON.stringify(snapshot));

/**
 * Covers who is proposed for what, the road's times and the cost behind it, until when the driver is needed, and the
 * value of the whole answer. Not the promise: it follows from the road and the corrections, which snapshotHash covers.
 */
export function decisionHash(proposals: readonly Proposal[], solution: Solution): string {
  const lines = proposals.map(({taskId, driverId, neededUntilMs, features: f}) =>
    [taskId, driverId, neededUntilMs, f.pickupMs, f.dropMs, f.returnMs, f.acceptance, f.costMs].join(' '),
  );
  return sha256([`${solution.kind} ${solution.totalMs} ${solution.boundMs}`, ...lines].join('\n'));
}

export const packPayload = (payload: Omit<Payload, 'version'>): Uint8Array =>
  zstdCompressSync(JSON.stringify({version: PAYLOAD_VERSION, ...payload} satisfies Payload));

export function unpackPayload(bytes: Uint8Array): Payload {
  const text = zstdDecompressSync(bytes, {maxOutputLength: PAYLOAD_LIMIT_BYTES}).toString('utf8');
  const payload = JSON.parse(text) as Payload;
  if (payload.version !== PAYLOAD_VERSION) {
    throw new InputFailure('PAYLOAD_VERSION', `the payload is of version ${payload.version}, which is not known here`);
  }
  return payload;
}
