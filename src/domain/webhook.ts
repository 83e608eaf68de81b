// Webhook endpoints: who is told of events over HTTP, and when a delivery that failed is tried again.

import type {EventCursor, EventMessage} from './event.ts';
import type {Random} from './random.ts';

export type WebhookEndpoint = {
  readonly id: string;
  readonly regionId: string;
  readonly url: string;
  /** Kinds of events that are sent; null: all but legal holds. */
  readonly kinds: readonly string[] | null;
  readonly paused: boolean;
  readonly createdAtMs: number;
  /** Until then the secret before the last rotation signs too; null when it no longer does. */
  readonly oldSecretUntilMs: number | null;
  /** The last event that was handed to deliveries. */
  readonly cursor: EventCursor;
  readonly waiting: number;
  readonly dead: number;
  /** Of the delivery that failed last, if it has not been delivered since. */
  readonly lastError: string | null;
};

/** Secrets are sealed for the very row they stand in. */
export const endpointContext = (regionId: string, endpointId: string): string => `webhook ${regionId}/${endpointId}`;

/** What is posted for an event: the same bytes at every attempt. */
export const webhookBody = (message: EventMessage): string =>
  JSON.stringify({type: `task.${message.kind}`, timestamp: message.at, data: message});

/** Attempts before a delivery is dead: spread over most of a day. */
export const ATTEMPTS_LIMIT = 12;
const RETRY_FIRST_MS = 5_000;
const RETRY_FACTOR = 3;
/** A receiver that comes back is found within this. */
const RETRY_LONGEST_MS = 6 * 3_600_000;

/** The wait after the attempt `tries`, from 1. It grows threefold; half is chance, so that none march in step. */
export function retryAfterMs(tries: number, random: Random, firstMs = RETRY_FIRST_MS): number {
  const wholeMs = Math.min(RETRY_LONGEST_MS, firstMs * RETRY_FACTOR ** (tries - 1));
  return Math.ceil(wholeMs * (0.5 + random() / 2));
}
