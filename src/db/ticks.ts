// The records of ticks: headers for ever, payloads for as long as their hour is kept.

import type {ProposalFate} from '../domain/offer.ts';
import type {TickHeader, TickRecord} from '../domain/tick-record.ts';
import type {Database} from './connect.ts';
import {statement} from './statement.ts';

const SAVE = statement('save_tick');
const READ = statement('read_tick');
const READ_PAYLOAD = statement('read_tick_payload');
const LIST = statement('list_ticks');
const READ_FATE = statement('read_proposal_fate');
const KEEP_PARTITIONS = statement('keep_payload_partitions');

export type SavedTick = {
  /** 'fenced': the lease has passed to another owner, and nothing of this tick was committed. */
  readonly kind: 'saved' | 'fenced';
};

/** Saves a record once; the partition of its hour must exist (keepPayloadPartitions). */
export async function saveTick(db: Database, {payload, ...header}: TickRecord): Promise<SavedTick> {
  const [{outcome}] = await db.query<{outcome: SavedTick['kind']}>(SAVE, [
    header.regionId,
    JSON.stringify(header),
    payload,
  ]);
  return {kind: outcome};
}

export async function readTick(db: Database, regionId: string, tickId: string): Promise<TickHeader | undefined> {
  const [header] = await db.query<TickHeader>(READ, [regionId, tickId]);
  return header;
}

/** undefined when the tick is unknown or its payload was dropped. */
export async function readTickPayload(db: Database, regionId: string, tickId: string): Promise<Uint8Array | undefined> {
  const [row] = await db.query<{payload: Uint8Array}>(READ_PAYLOAD, [regionId, tickId]);
  return row?.payload;
}

/** The last `last` ticks, newest first; of those that are not later than `untilMs`, where that is given. */
export const listTicks = (db: Database, regionId: string, last: number, untilMs?: number): Promise<TickHeader[]> =>
  db.query<TickHeader>(LIST, [regionId, last, untilMs ?? null]);

/** undefined when nothing was proposed for the task, or nothing was committed. */
export async function readProposalFate(
  db: Database,
  regionId: string,
  tickId: string,
  taskId: string,
): Promise<ProposalFate | undefined> {
  const [fate] = await db.query<ProposalFate>(READ_FATE, [regionId, tickId, taskId]);
  return fate;
}

export type PayloadKeeping = {
  /** Epoch milliseconds in dispatch time. */
  readonly nowMs: number;
  readonly keepHours: number;
};

/**
 * Makes the partitions of this hour and the next and drops those that ended more than `keepHours` before this hour.
 * Call it at start, and at least once an hour of dispatch time. Waits two seconds for readers, then fails as 'busy'.
 */
export async function keepPayloadPartitions(db: Database, {nowMs, keepHours}: PayloadKeeping): Promise<void> {
  await db.query(KEEP_PARTITIONS, [Math.round(nowMs), keepHours]);
}
