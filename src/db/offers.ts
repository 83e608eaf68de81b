// Opening offers, a tick's whole batch at a time, and closing those that are due.

import type {Committed, CommittedOffer, Proposal, Refusal} from '../domain/offer.ts';
import type {Database} from './connect.ts';
import {instantText} from './parameter.ts';
import {statement} from './statement.ts';

const COMMIT = statement('commit_offers');
const EXPIRE = statement('expire_offers');

export type Batch = {
  readonly regionId: string;
  /** Of the lease that the tick ran under. */
  readonly fence: number;
  /** Names the batch: committing it again answers with the first outcome, whatever is proposed then. */
  readonly tickId: string;
  readonly proposals: readonly Proposal[];
};

type CommitRow = {
  readonly kind: 'committed' | 'fenced';
  readonly repeated: boolean;
  readonly at_ms: number;
  readonly expires_at_ms: number;
  readonly task_ids: string[];
  readonly driver_ids: string[];
  readonly offer_ids: (string | null)[];
  readonly refusals: (Refusal | null)[];
};

/** Offers each proposed task to its driver or says why not: all in one round trip and one transaction. */
export async function commitOffers(db: Database, {regionId, fence, tickId, proposals}: Batch): Promise<Committed> {
  const [row] = await db.query<CommitRow>(COMMIT, [
    regionId,
    fence,
    tickId,
    proposals.map(({taskId}) => taskId),
    proposals.map(({driverId}) => driverId),
    proposals.map(({neededUntilMs}) => instantText(neededUntilMs)),
    proposals.map(({features}) => JSON.stringify(features)),
  ]);
  if (row.kind === 'fenced') return {kind: 'fenced'};
  const landed: CommittedOffer[] = [];
  const refused: {taskId: string; driverId: string; reason: Refusal}[] = [];
  for (const [i, taskId] of row.task_ids.entries()) {
    const driverId = row.driver_ids[i];
    const offerId = row.offer_ids[i];
    if (offerId === null) refused.push({taskId, driverId, reason: row.refusals[i]!});
    else landed.push({offerId, taskId, driverId, expiresAtMs: row.expires_at_ms});
  }
  return {kind: 'committed', repeated: row.repeated, atMs: row.at_ms, landed, refused};
}

export type Expired = {
  /** Offers that timed out; their tasks wait again. */
  readonly expired: number;
  /** Tasks past their latest time or attempts. */
  readonly failed: number;
  /** Which of the eight places of sweepers this call took; null when all were taken, and then it did nothing. */
  readonly slot: number | null;
};

/** Times out at most `limit` due offers. Any number of callers at once; each offer expires exactly once. */
export async function expireOffers(db: Database, regionId: string, limit: number): Promise<Expired> {
  const [expired] = await db.query<Expired>(EXPIRE, [regionId, limit]);
  return expired;
}
