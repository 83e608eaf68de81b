// Offers: opened a tick's whole batch at a time, read, answered by drivers, and closed when they are due.

import type {Change} from '../domain/change.ts';
import type {Committed, CommittedOffer, Offer, Proposal, Refusal} from '../domain/offer.ts';
import type {OfferAnswer, OfferState, TaskState} from '../domain/state.ts';
import type {Database} from './connect.ts';
import {instantText} from './parameter.ts';
import {statement} from './statement.ts';

const COMMIT = statement('commit_offers');
const EXPIRE = statement('expire_offers');
const READ = statement('read_offer');
const LIST = statement('list_offers');
const ANSWER = statement('answer_offer');

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
    proposals.map(({dropAtMs}) => instantText(dropAtMs)),
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

export async function readOffer(db: Database, regionId: string, offerId: string): Promise<Offer | undefined> {
  const [offer] = await db.query<Offer>(READ, [regionId, offerId]);
  return offer;
}

export type OfferFilter = {
  readonly states?: readonly OfferState[];
  readonly driverId?: string;
  readonly taskId?: string;
  readonly afterId?: string;
  readonly limit: number;
};

/** Ascending by id, whose first part is the time of the tick. */
export const listOffers = (db: Database, regionId: string, filter: OfferFilter): Promise<Offer[]> =>
  db.query<Offer>(LIST, [
    regionId,
    filter.states ?? null,
    filter.driverId ?? null,
    filter.taskId ?? null,
    filter.afterId ?? null,
    filter.limit,
  ]);

export type AnsweredOffer =
  | {
      readonly kind: 'done';
      readonly state: OfferState;
      /** True when this very offer had been answered so before, whatever became of the task since. */
      readonly repeated: boolean;
      readonly taskId: string;
      readonly taskState: TaskState;
    }
  | Exclude<Change<OfferState>, {kind: 'done'}>;

type AnswerRow =
  | {
      readonly outcome: 'done';
      readonly state: OfferState;
      readonly repeated: boolean;
      readonly task_id: string;
      readonly task_state: TaskState;
    }
  | {readonly outcome: 'conflict'; readonly state: OfferState; readonly reason: string}
  | {readonly outcome: 'not-found'};

/** Accepts or rejects just this offer; what it does to the task, and the reasons of a conflict, are changeTask's. */
export async function answerOffer(
  db: Database,
  regionId: string,
  offerId: string,
  answer: OfferAnswer,
  {driverId, ...said}: {readonly driverId: string; readonly reason?: string; readonly caller?: string},
): Promise<AnsweredOffer> {
  const [row] = await db.query<AnswerRow>(ANSWER, [regionId, offerId, answer, driverId, JSON.stringify(said)]);
  switch (row.outcome) {
    case 'done':
      return {
        kind: 'done',
        state: row.state,
        repeated: row.repeated,
        taskId: row.task_id,
        taskState: row.task_state,
      };
    case 'conflict':
      return {kind: 'conflict', state: row.state, reason: row.reason};
    case 'not-found':
      return {kind: 'not-found'};
    default:
      return row satisfies never;
  }
}
