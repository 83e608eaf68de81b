// Webhooks of one region: events are handed from the outbox to endpoints, and deliveries are attempted until each has
// arrived or is dead. Any number of daemons may do this at once, and any of them may die at any point: what is handed
// out is a row, what is being sent is claimed for a while, and only an answer ends it.

import type {Database} from '../db/connect.ts';
import {
  type ClaimedDelivery,
  claimDeliveries,
  type DeliveryEnding,
  dropOldDeliveries,
  dueEndpoints,
  fanOutEvents,
  finishDelivery,
} from '../db/webhooks.ts';
import type {Clock} from '../domain/clock.ts';
import {BODY_UNREADABLE, eventId, readableMessage} from '../domain/event.ts';
import type {Random} from '../domain/random.ts';
import type {Sealing} from '../domain/sealing.ts';
import {sign} from '../domain/signature.ts';
import {ATTEMPTS_LIMIT, endpointContext, retryAfterMs, webhookBody} from '../domain/webhook.ts';
import {startCadence} from './cadence.ts';
import {type Posted, postWebhook, WEBHOOK_TIMEOUT_LIMIT_MS} from './webhook-post.ts';
import type {CheckTarget} from './webhook-target.ts';

/** Deliveries to one endpoint under way at a time, by one daemon: a slow endpoint holds up no other. */
export const ENDPOINT_CONCURRENCY = 8;
/** A claim outlives its attempt, the time to look up the name included; then it is another's. */
const CLAIM_LEASE_MS = 2 * WEBHOOK_TIMEOUT_LIMIT_MS;
/** Calls of one round that hand out events. */
const FAN_OUT_CALLS = 20;
const HOUSEKEEP_EVERY_MS = 60_000;

/** Every point at which a daemon may die: a test lets it. */
export type DeliveryStep = 'handed' | 'claimed' | 'posting' | 'answered' | 'finished';

export type WebhookObserver = {
  /** An attempt ended; `late`: after another had claimed it. */
  readonly attempted: (outcome: 'delivered' | 'failed' | 'dead' | 'late') => void;
  readonly failed: (error: unknown) => void;
};

export type WebhookOptions = {
  readonly db: Database;
  readonly regionId: string;
  readonly everyMs: number;
  readonly sealing: Sealing;
  readonly checkTarget: CheckTarget;
  readonly clock: Clock;
  readonly random: Random;
  readonly observer: WebhookObserver;
  /** Shorter in tests. */
  readonly leaseMs?: number;
  readonly timeoutMs?: number;
  readonly retryFirstMs?: number;
  readonly attemptsLimit?: number;
  readonly at?: (step: DeliveryStep) => void;
};

export type Webhooks = {
  /** Claims nothing more; what is under way ends. */
  stop(): Promise<void>;
};

export function startWebhooks(options: WebhookOptions): Webhooks {
  const {db, regionId, everyMs, clock, observer, leaseMs = CLAIM_LEASE_MS, at = () => {}} = options;
  const underway = new Map<string, number>();
  const attempts = new Set<Promise<void>>();
  let stopping = false;

  const count = (endpointId: string, more: number) => {
    underway.set(endpointId, (underway.get(endpointId) ?? 0) + more);
  };

  /** Claims as many as the endpoint has room for, and starts them; each that ends looks for the next. */
  const serve = async (endpointId: string): Promise<void> => {
    const room = ENDPOINT_CONCURRENCY - (underway.get(endpointId) ?? 0);
    if (room <= 0 || stopping) return;
    // The room is taken before the claim is known, so that no other claim takes it too.
    count(endpointId, room);
    const claimed = await claimDeliveries(db, regionId, endpointId, room, leaseMs).catch((error: unknown) => {
      observer.failed(error);
      return [];
    });
    count(endpointId, claimed.length - room);
    if (claimed.length > 0) at('claimed');
    for (const delivery of claimed) {
      const attempt = deliver(options, endpointId, delivery)
        .catch(observer.failed)
        .then(() => {
          count(endpointId, -1);
          return serve(endpointId);
        })
        .finally(() => attempts.delete(attempt));
      attempts.add(attempt);
    }
  };

  const round = async () => {
    try {
      for (let calls = 0; calls < FAN_OUT_CALLS && !stopping; calls++) {
        if (!(await fanOutEvents(db, regionId))) break;
      }
      at('handed');
      await Promise.all((await dueEndpoints(db, regionId)).map(serve));
    } catch (error) {
      observer.failed(error);
    }
  };
  const housekeep = () =>
    dropOldDeliveries(db, regionId).then(
      () => {},
      (error: unknown) => observer.failed(error),
    );
  const rounds = startCadence(everyMs, clock, round);
  const housekeeper = startCadence(HOUSEKEEP_EVERY_MS, clock, housekeep);
  return {
    async stop() {
      stopping = true;
      await Promise.all([rounds.stop(), housekeeper.stop()]);
      while (attempts.size > 0) await Promise.all(attempts);
    },
  };
}

async function deliver(options: WebhookOptions, endpointId: string, delivery: ClaimedDelivery): Promise<void> {
  const {db, regionId, random, retryFirstMs, attemptsLimit = ATTEMPTS_LIMIT, observer, at = () => {}} = options;
  const posted = await post(options, endpointId, delivery);
  at('answered');
  const ending: DeliveryEnding =
    posted.kind === 'delivered'
      ? {state: 'DELIVERED'}
      : delivery.tries >= attemptsLimit || posted.error === BODY_UNREADABLE
        ? {state: 'DEAD', error: posted.error}
        : {state: 'WAITING', error: posted.error, retryAfterMs: retryAfterMs(delivery.tries, random, retryFirstMs)};
  const mine = await finishDelivery(db, regionId, endpointId, delivery, ending);
  at('finished');
  const outcomes = {DELIVERED: 'delivered', DEAD: 'dead', WAITING: 'failed'} as const;
  observer.attempted(mine ? outcomes[ending.state] : 'late');
}

/**
 * One attempt. A target that is no longer allowed, or a secret that cannot be opened, fails like any other; a damaged
 * event fails for good, so that those after it go out.
 */
async function post(options: WebhookOptions, endpointId: string, delivery: ClaimedDelivery): Promise<Posted> {
  const {regionId, sealing, checkTarget, clock, timeoutMs, at = () => {}} = options;
  const {taskId, seq, secret, oldSecret} = delivery;
  const message = readableMessage(regionId, delivery);
  if (message === undefined) return {kind: 'failed', error: BODY_UNREADABLE};
  let secrets: string[];
  try {
    const sealed = oldSecret === null ? [secret] : [secret, oldSecret];
    secrets = sealed.map((each) => sealing.open(each, endpointContext(regionId, endpointId)));
  } catch {
    return {kind: 'failed', error: 'SEALED_OTHERWISE'};
  }
  const target = await checkTarget(delivery.url);
  if (target.kind === 'refused') return {kind: 'failed', error: target.reason};
  const body = webhookBody(message);
  at('posting');
  return postWebhook(target, sign(secrets, eventId(taskId, seq), clock.wallMs(), body), body, timeoutMs);
}
