// The lease of a region: who may decide for it, and the fence that every decision names.

import type {Database} from './connect.ts';
import {statement} from './statement.ts';

const CLAIM = statement('claim_lease');
const RELEASE = statement('release_lease');

export type Claimed =
  /** The fence stays while the owner does, and grows when it changes. */
  | {readonly kind: 'held'; readonly fence: number}
  | {readonly kind: 'taken'; readonly owner: string; readonly expiresInMs: number};

type Row = {
  readonly kind: Claimed['kind'];
  readonly owner: string | null;
  readonly fence: number;
  readonly expires_in_ms: number;
};

/** Claims the region for `ttlMs` of real time, or renews the claim. The region must exist. */
export async function claimLease(db: Database, regionId: string, owner: string, ttlMs: number): Promise<Claimed> {
  const [row] = await db.query<Row>(CLAIM, [regionId, owner, ttlMs]);
  if (row.kind === 'held') return {kind: 'held', fence: row.fence};
  // Without an owner it was given back, and somebody is about to take it.
  return {kind: 'taken', owner: row.owner ?? 'unknown', expiresInMs: row.expires_in_ms};
}

/** Gives the lease back if it is still held under this fence. */
export async function releaseLease(db: Database, regionId: string, fence: number): Promise<void> {
  await db.query(RELEASE, [regionId, fence]);
}
