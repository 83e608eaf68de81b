// Idempotency keys: what became of a request that a caller may send again.

import type {Database} from './connect.ts';
import {statement} from './statement.ts';

const CLAIM = statement('claim_idempotency_key');
const STORE = statement('store_response');
const FREE = statement('free_idempotency_key');
const DROP_OLD = statement('drop_old_idempotency_keys');

export type KeyedRequest = {
  readonly regionId: string;
  readonly caller: string;
  readonly key: string;
  /** sha256 of what is asked. */
  readonly hash: Uint8Array;
};

export type StoredResponse = {readonly status: number; readonly body: string; readonly location: string | null};

export type ClaimedKey =
  /** Run it, then store its response or free the key. */
  | {readonly kind: 'claimed'}
  | {readonly kind: 'stored'; readonly response: StoredResponse}
  /** The same request has not been answered yet. */
  | {readonly kind: 'running'}
  /** The key belongs to another request. */
  | {readonly kind: 'reused'};

type ClaimRow =
  | {readonly kind: 'claimed' | 'running' | 'reused'}
  | {
      readonly kind: 'stored';
      readonly response_status: number;
      readonly response_body: string;
      readonly response_location: string | null;
    };

/** A claim that is not answered within `runningMs` passes to the next who asks; after `keepHours` the key is free. */
export async function claimKey(
  db: Database,
  {regionId, caller, key, hash}: KeyedRequest,
  {runningMs, keepHours}: {readonly runningMs: number; readonly keepHours: number},
): Promise<ClaimedKey> {
  const [row] = await db.query<ClaimRow>(CLAIM, [regionId, caller, key, hash, runningMs, keepHours]);
  if (row.kind !== 'stored') return {kind: row.kind};
  const {response_status: status, response_body: body, response_location: location} = row;
  return {kind: 'stored', response: {status, body, location}};
}

export async function storeResponse(
  db: Database,
  {regionId, caller, key, hash}: KeyedRequest,
  {status, body, location}: StoredResponse,
): Promise<void> {
  await db.query(STORE, [regionId, caller, key, hash, status, body, location]);
}

export async function freeKey(db: Database, {regionId, caller, key, hash}: KeyedRequest): Promise<void> {
  await db.query(FREE, [regionId, caller, key, hash]);
}

/** Keys per statement when old ones are dropped, and statements a call: what is left waits for the next. */
const DROPPED_AT_ONCE = 1_000;
const CALLS_LIMIT = 10;

export async function dropOldKeys(db: Database, regionId: string, keepHours: number): Promise<void> {
  for (let calls = 0; calls < CALLS_LIMIT; calls++) {
    const dropped = await db.query(DROP_OLD, [regionId, keepHours, DROPPED_AT_ONCE]);
    if (dropped.length < DROPPED_AT_ONCE) return;
  }
}
