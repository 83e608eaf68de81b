// The leases of regions: who may decide for each, and the fence that every decision names; and the daemons that live.

import type {Database} from './connect.ts';
import {statement} from './statement.ts';

const CLAIM = statement('claim_lease');
const RELEASE = statement('release_lease');
const LIST = statement('list_leases');
const PAUSE = statement('pause_region');
const RESUME = statement('resume_region');
const BEAT = statement('beat_daemon');
const REMOVE = statement('remove_daemon');
const DROP_DEAD = statement('drop_dead_daemons');
const LIST_DAEMONS = statement('list_daemons');

export type Claimed =
  /** The fence stays while the owner does, and grows when it changes. */
  | {readonly kind: 'held'; readonly fence: number}
  /** Without an owner it was given back or has ended, and somebody is about to take it. */
  | {readonly kind: 'taken'; readonly owner: string | undefined; readonly expiresInMs: number};

type Row = {
  readonly kind: Claimed['kind'];
  readonly owner: string | null;
  readonly fence: number;
  readonly expires_in_ms: number;
};

/** Claims the region for `ttlMs` of real time, or renews the claim; waits for nobody. The region must exist. */
export async function claimLease(db: Database, regionId: string, owner: string, ttlMs: number): Promise<Claimed> {
  const [row] = await db.query<Row>(CLAIM, [regionId, owner, ttlMs]);
  if (row.kind === 'held') return {kind: 'held', fence: row.fence};
  return {kind: 'taken', owner: row.owner ?? undefined, expiresInMs: row.expires_in_ms};
}

/** Gives the lease back if it is still held under this fence. */
export async function releaseLease(db: Database, regionId: string, fence: number): Promise<void> {
  await db.query(RELEASE, [regionId, fence]);
}

export type StandingLease = {
  readonly regionId: string;
  /** Null: the lease has ended, or was given back. */
  readonly owner: string | null;
  readonly fence: number;
  readonly expiresInMs: number;
  /** Both null while the region is not paused. */
  readonly pausedBy: string | null;
  readonly pausedAtMs: number | null;
};

/** Of every region that was ever dispatched or paused, ascending. */
export const listLeases = (db: Database): Promise<StandingLease[]> => db.query<StandingLease>(LIST, []);

/** Until it is resumed, whichever daemon dispatches it. The region must exist. */
export async function pauseRegion(db: Database, regionId: string, actor: string): Promise<void> {
  await db.query(PAUSE, [regionId, actor]);
}

export async function resumeRegion(db: Database, regionId: string): Promise<void> {
  await db.query(RESUME, [regionId]);
}

/** Says for `ttlMs` of real time that a daemon lives and can dispatch these regions. */
export async function beatDaemon(
  db: Database,
  owner: string,
  regionIds: readonly string[],
  ttlMs: number,
): Promise<void> {
  await db.query(BEAT, [owner, regionIds, ttlMs]);
}

export async function removeDaemon(db: Database, owner: string): Promise<void> {
  await db.query(REMOVE, [owner]);
}

/** Those that ended without a word. */
export async function dropDeadDaemons(db: Database): Promise<void> {
  await db.query(DROP_DEAD, []);
}

export type LivingDaemon = {readonly owner: string; readonly regionIds: readonly string[]};

export const listDaemons = (db: Database): Promise<LivingDaemon[]> => db.query<LivingDaemon>(LIST_DAEMONS, []);
