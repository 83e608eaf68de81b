// Events of tasks as readers outside get them, and the cursor that says how far a reader is.

import {withoutPurchaser} from './disclosure.ts';

/** A place in the outbox of a region. */
export type EventCursor = {
  /** 64 bits, unsigned: no number of JavaScript's. */
  readonly xid: string;
  readonly taskId: string;
  readonly seq: number;
};

/** An event as the dossier holds it, with its place. */
export type TaskEvent = {
  readonly cursor: EventCursor;
  /** As the columns beside the body have them: what is told where the body cannot be read. */
  readonly kind: string;
  readonly actor: string;
  readonly at: string;
  readonly hash: string;
  /** Canonical JSON of actor, at, detail, kind, seq and task: what the hash is of, after the hash before it. */
  readonly body: string;
};

/** The event as JSON, for streams, pages and webhooks alike. */
export type EventMessage = {
  readonly id: string;
  readonly regionId: string;
  readonly taskId: string;
  readonly seq: number;
  readonly kind: string;
  readonly at: string;
  readonly actor: string;
  /** null where the body cannot be read; then `code` says so. */
  readonly detail: Readonly<Record<string, unknown>> | null;
  readonly code?: typeof BODY_UNREADABLE;
  readonly hash: string;
};

/** A body was damaged: its dossier does not verify, and readers go on to the next event. */
export const BODY_UNREADABLE = 'BODY_UNREADABLE';

const NO_TASK = '00000000-0000-0000-0000-000000000000';
const XID_LIMIT = 2n ** 64n;
const SEQ_LIMIT = 2 ** 31;

/** Before every event. */
export const BEGINNING: EventCursor = {xid: '0', taskId: NO_TASK, seq: 0};

/** Before every event whose transaction has the number `xid` or a higher one. */
export const cursorBefore = (xid: string): EventCursor => ({xid, taskId: NO_TASK, seq: 0});

export const formatCursor = ({xid, taskId, seq}: EventCursor): string => `${xid}-${seq}-${taskId}`;

/** '0' is the beginning; undefined where it is no cursor. */
export function parseCursor(text: string): EventCursor | undefined {
  if (text === '0') return BEGINNING;
  const [, xid, seq, taskId] = /^(\d{1,20})-(\d{1,10})-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(text) ?? [];
  if (xid === undefined || BigInt(xid) >= XID_LIMIT || Number(seq) >= SEQ_LIMIT) return undefined;
  return {xid, taskId: taskId!, seq: Number(seq)};
}

/** Below 0 where `a` comes first, 0 where they are the same place. The order is that of Postgres. */
export function compareCursors(a: EventCursor, b: EventCursor): number {
  const [x, y] = [BigInt(a.xid), BigInt(b.xid)];
  if (x !== y) return x < y ? -1 : 1;
  if (a.taskId !== b.taskId) return a.taskId < b.taskId ? -1 : 1;
  return a.seq - b.seq;
}

/** Legal holds, whose reasons are in free words: told only to who asks for them by name, by fan_out_events too. */
const HOLD_KINDS: readonly string[] = ['hold-set', 'hold-lifted'];

/** Whether an event goes to a reader who asked for `kinds`, or for none in particular. */
export const isWanted = (kinds: readonly string[] | undefined, kind: string): boolean =>
  kinds ? kinds.includes(kind) : !HOLD_KINDS.includes(kind);

/** The same however often the event is sent; no dot, which parts what a webhook signs. */
export const eventId = (taskId: string, seq: number): string => `${taskId}-${seq}`;

/** undefined where the body is none of an event. */
export function readableMessage(
  regionId: string,
  {hash, body}: Pick<TaskEvent, 'hash' | 'body'>,
): EventMessage | undefined {
  let said: Omit<EventMessage, 'taskId'> & {task: string};
  try {
    said = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof said?.kind !== 'string' || typeof said.detail !== 'object' || said.detail === null) return undefined;
  const {actor, at, detail, kind, seq, task} = said;
  return {id: eventId(task, seq), regionId, taskId: task, seq, kind, at, actor, detail: withoutPurchaser(detail), hash};
}

/** Of every event, damaged ones too: none keeps its readers from the next. */
export function messageOf(regionId: string, event: TaskEvent): EventMessage {
  const {cursor, kind, at, actor, hash} = event;
  const {taskId, seq} = cursor;
  return (
    readableMessage(regionId, event) ?? {
      id: eventId(taskId, seq),
      regionId,
      taskId,
      seq,
      kind,
      at,
      actor,
      detail: null,
      code: BODY_UNREADABLE,
      hash,
    }
  );
}
