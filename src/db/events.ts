// The outbox: what happened to the tasks of a region, for readers outside.

import {cursorBefore, type EventCursor, type TaskEvent} from '../domain/event.ts';
import type {Database} from './connect.ts';
import {statement} from './statement.ts';

const READ = statement('read_events');
const READ_END = statement('read_outbox_end');
const READ_GAUGES = statement('read_outbox_gauges');

type Row = EventCursor & Omit<TaskEvent, 'cursor'>;

/** The next events after a cursor, at most `limit`. Who goes on from the last one misses none: see the statement. */
export async function readEvents(
  db: Database,
  regionId: string,
  after: EventCursor,
  limit: number,
): Promise<TaskEvent[]> {
  const rows = await db.query<Row>(READ, [regionId, after.xid, after.taskId, after.seq, limit]);
  return rows.map(({xid, taskId, seq, ...event}) => ({cursor: {xid, taskId, seq}, ...event}));
}

/** `now` is the place after everything that readers see; no cursor of this database has a number from `nextXid` on. */
export async function readOutboxEnd(db: Database): Promise<{readonly now: EventCursor; readonly nextXid: bigint}> {
  const [{horizon, next}] = await db.query<{horizon: string; next: string}>(READ_END);
  return {now: cursorBefore(horizon), nextXid: BigInt(next)};
}

export type OutboxGauges = {
  /** How long ago, in dispatch time, the first event happened that a transaction under way keeps from readers. */
  readonly lagMs: number;
  /** Deliveries that wait, paused endpoints left out, and for how long the oldest does, in real time. */
  readonly waiting: number;
  readonly oldestWaitingMs: number;
};

export async function readOutboxGauges(db: Database, regionId: string): Promise<OutboxGauges> {
  const [gauges] = await db.query<OutboxGauges>(READ_GAUGES, [regionId]);
  return gauges;
}
