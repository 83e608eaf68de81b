// Webhook endpoints and their deliveries. Secrets pass through here sealed.

import type {EventCursor} from '../domain/event.ts';
import {InputFailure} from '../domain/failure.ts';
import type {WebhookEndpoint} from '../domain/webhook.ts';
import type {Database} from './connect.ts';
import {statement} from './statement.ts';

const CREATE = statement('create_webhook_endpoint');
const LIST = statement('list_webhook_endpoints');
const PAUSE = statement('pause_webhook_endpoint');
const ROTATE = statement('rotate_webhook_secret');
const REWIND = statement('rewind_webhook_endpoint');
const REVIVE = statement('revive_deliveries');
const DELETE = statement('delete_webhook_endpoint');
const FAN_OUT = statement('fan_out_events');
const DUE = statement('due_endpoints');
const CLAIM = statement('claim_deliveries');
const FINISH = statement('finish_delivery');
const DROP_OLD = statement('drop_old_deliveries');

/** Endpoints of a region. */
const WEBHOOK_ENDPOINTS_LIMIT = 50;
/** Deliveries that wait at one endpoint; the events after them stay in the outbox. */
const WAITING_DELIVERIES_LIMIT = 5_000;
/** Events handed to an endpoint by one call. */
const FAN_OUT_LIMIT = 1_000;
/** Failed deliveries revived by one call. */
export const REVIVE_LIMIT = 10_000;
/** Ended deliveries are forgotten after so many days. */
const KEEP_DELIVERIES_D = 14;
/** Deliveries dropped by a call, and calls a minute: more than a region's endpoints can be sent in it. */
const DROP_AT_ONCE = 10_000;
const DROP_CALLS_LIMIT = 20;

export type NewEndpoint = {
  readonly id: string;
  readonly url: string;
  readonly secret: Uint8Array;
  readonly kinds: readonly string[] | null;
  readonly cursor: EventCursor;
};

/** InputFailure: WEBHOOK_ENDPOINTS_LIMIT. */
export async function createWebhookEndpoint(db: Database, regionId: string, made: NewEndpoint): Promise<void> {
  const {id, url, secret, kinds, cursor} = made;
  const place = [cursor.xid, cursor.taskId, cursor.seq];
  const created = await db.query(CREATE, [regionId, id, url, secret, kinds, ...place, WEBHOOK_ENDPOINTS_LIMIT]);
  if (created.length > 0) return;
  throw new InputFailure(
    'WEBHOOK_ENDPOINTS_LIMIT',
    `a region has at most ${WEBHOOK_ENDPOINTS_LIMIT} webhook endpoints`,
  );
}

export type SealedEndpoint = WebhookEndpoint & {readonly secret: Uint8Array; readonly oldSecret: Uint8Array | null};

/** Ascending by id. */
export const listWebhookEndpoints = (db: Database, regionId: string): Promise<SealedEndpoint[]> =>
  db.query<SealedEndpoint>(LIST, [regionId, null]);

export async function readWebhookEndpoint(
  db: Database,
  regionId: string,
  id: string,
): Promise<SealedEndpoint | undefined> {
  const [found] = await db.query<SealedEndpoint>(LIST, [regionId, id]);
  return found;
}

/** False where there is no such endpoint; so do the others that answer a boolean. */
export const pauseWebhookEndpoint = async (db: Database, regionId: string, id: string, paused: boolean) =>
  (await db.query(PAUSE, [regionId, id, paused])).length > 0;

/** The secret that stood signs beside the new one for `overlapS`. */
export const rotateWebhookSecret = async (
  db: Database,
  regionId: string,
  id: string,
  secret: Uint8Array,
  overlapS: number,
) => (await db.query(ROTATE, [regionId, id, secret, overlapS])).length > 0;

/** Everything after the cursor is delivered again. */
export const rewindWebhookEndpoint = async (db: Database, regionId: string, id: string, to: EventCursor) =>
  (await db.query(REWIND, [regionId, id, to.xid, to.taskId, to.seq])).length > 0;

/** How many that failed, dead or not, go out at once: at most REVIVE_LIMIT, the oldest. */
export const reviveDeliveries = async (db: Database, regionId: string, id: string): Promise<number> =>
  (await db.query(REVIVE, [regionId, id, REVIVE_LIMIT])).length;

export const deleteWebhookEndpoint = async (db: Database, regionId: string, id: string) =>
  (await db.query(DELETE, [regionId, id])).length > 0;

/** Hands events to endpoints; whether any endpoint got as many as it may at once, so that there may be more. */
export async function fanOutEvents(db: Database, regionId: string): Promise<boolean> {
  const moved = await db.query<{passed: number}>(FAN_OUT, [regionId, FAN_OUT_LIMIT, WAITING_DELIVERIES_LIMIT]);
  return moved.some(({passed}) => passed >= FAN_OUT_LIMIT);
}

export const dueEndpoints = async (db: Database, regionId: string): Promise<string[]> =>
  (await db.query<{id: string}>(DUE, [regionId])).map(({id}) => id);

export type ClaimedDelivery = {
  readonly taskId: string;
  readonly seq: number;
  /** Its number since the event was first handed out, by which a late answer is told from the present attempt's. */
  readonly attempt: number;
  /** Its number since the last replay. */
  readonly tries: number;
  readonly hash: string;
  readonly body: string;
  readonly url: string;
  readonly secret: Uint8Array;
  readonly oldSecret: Uint8Array | null;
};

export const claimDeliveries = (
  db: Database,
  regionId: string,
  endpointId: string,
  limit: number,
  leaseMs: number,
): Promise<ClaimedDelivery[]> => db.query<ClaimedDelivery>(CLAIM, [regionId, endpointId, limit, leaseMs]);

export type DeliveryEnding =
  | {readonly state: 'DELIVERED'}
  | {readonly state: 'DEAD'; readonly error: string}
  | {readonly state: 'WAITING'; readonly error: string; readonly retryAfterMs: number};

/** False where another has claimed it meanwhile, or it is gone. */
export async function finishDelivery(
  db: Database,
  regionId: string,
  endpointId: string,
  {taskId, seq, attempt}: Pick<ClaimedDelivery, 'taskId' | 'seq' | 'attempt'>,
  ending: DeliveryEnding,
): Promise<boolean> {
  const error = ending.state === 'DELIVERED' ? null : ending.error;
  const retryMs = ending.state === 'WAITING' ? ending.retryAfterMs : null;
  const row = [regionId, endpointId, taskId, seq, attempt];
  return (await db.query(FINISH, [...row, ending.state, error, retryMs])).length > 0;
}

/** How many were dropped. What is left after the last call waits for the next minute. */
export async function dropOldDeliveries(
  db: Database,
  regionId: string,
  {atOnce, callsLimit} = {atOnce: DROP_AT_ONCE, callsLimit: DROP_CALLS_LIMIT},
): Promise<number> {
  let dropped = 0;
  for (let calls = 0; calls < callsLimit; calls++) {
    const {length} = await db.query(DROP_OLD, [regionId, KEEP_DELIVERIES_D, atOnce]);
    dropped += length;
    if (length < atOnce) break;
  }
  return dropped;
}
