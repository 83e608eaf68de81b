// Providers of checks, and the events that they report. Secrets pass through here sealed.

import {InputFailure} from '../domain/failure.ts';
import type {Mapped, ProviderMapping} from '../domain/provider.ts';
import type {Database} from './connect.ts';
import {statement} from './statement.ts';

const PUT = statement('put_provider');
const LIST = statement('list_providers');
const RECEIVE = statement('receive_provider_event');
const DROP_OLD = statement('drop_old_provider_events');

/** Events of providers are forgotten after so many days: an event that is repeated later is taken up anew. */
const KEEP_PROVIDER_EVENTS_D = 90;
/** Events dropped by a call, and calls a minute. */
const DROPPED_AT_ONCE = 1_000;
const CALLS_LIMIT = 10;

export type Provider = {readonly id: string; readonly secret: Uint8Array; readonly mapping: ProviderMapping};

/** Secrets are sealed for the very row they stand in. */
export const providerContext = (regionId: string, id: string): string => `provider ${regionId}/${id}`;

/** Without a secret the one that stands is kept. InputFailure: SECRET_MISSING, REGION_UNKNOWN. */
export async function putProvider(
  db: Database,
  regionId: string,
  {id, secret, mapping}: Omit<Provider, 'secret'> & {readonly secret: Uint8Array | null},
): Promise<void> {
  const put = await db.query(PUT, [regionId, id, secret, JSON.stringify(mapping)]);
  if (put.length === 0) throw new InputFailure('SECRET_MISSING', `there is no secret of ${id} in ${regionId} to keep`);
}

/** Ascending by id. */
export const listProviders = (db: Database, regionId: string): Promise<Provider[]> =>
  db.query<Provider>(LIST, [regionId, null]);

export async function readProvider(db: Database, regionId: string, id: string): Promise<Provider | undefined> {
  const [found] = await db.query<Provider>(LIST, [regionId, id]);
  return found;
}

export type ReceivedEvent = {
  readonly provider: string;
  readonly eventId: string;
  readonly payloadHash: Uint8Array;
  readonly mapped: Mapped;
};

export type Received = {
  /** 'conflict': another payload came under this id before. */
  readonly outcome: 'recorded' | 'repeated' | 'conflict';
  /** Why the event changed no document, as it was found the first time; null when it did. */
  readonly reason: string | null;
};

/** Records the event and puts its document, once however often it comes. Of the payload only the document is kept. */
export async function receiveProviderEvent(
  db: Database,
  regionId: string,
  {provider, eventId, payloadHash, mapped}: ReceivedEvent,
): Promise<Received> {
  const [document, reason] =
    mapped.kind === 'document' ? [JSON.stringify(mapped.document), null] : [null, mapped.reason];
  const parameters = [regionId, provider, eventId, payloadHash, document, reason];
  const [received] = await db.query<Received>(RECEIVE, parameters);
  return received;
}

export async function dropOldProviderEvents(db: Database, regionId: string): Promise<void> {
  for (let calls = 0; calls < CALLS_LIMIT; calls++) {
    const dropped = await db.query(DROP_OLD, [regionId, KEEP_PROVIDER_EVENTS_D, DROPPED_AT_ONCE]);
    if (dropped.length < DROPPED_AT_ONCE) return;
  }
}
