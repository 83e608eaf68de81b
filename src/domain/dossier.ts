// A task's dossier: a chain of events, and what is wrong with one. docs/DOSSIER.md states the format to the byte.
//
// Invariants of a chain that nobody altered:
//   - events are numbered from 1 without a gap, and the task (or its tombstone) holds the last number and hash;
//   - the task stands as its events left it: its state, when it ended, and whether it is on legal hold;
//   - a tombstone stands alone, and was left no earlier than the task's retention was over;
//   - hash = SHA-256(prevHash ‖ body); prevHash is the hash of the event before, of the first 32 zero bytes;
//   - body is canonical JSON of actor, at, detail, kind, seq and task, and says what the columns beside it say.
//
// Shares no code with the SQL that writes chains. Cannot detect a chain that was rewritten whole, head included: that
// is what a digest of all heads, kept elsewhere, is for.

import {hash as hashOf} from 'node:crypto';
import {readCanonical} from './canonical-json.ts';

export type DossierEvent = {
  readonly seq: number;
  readonly kind: string;
  readonly actor: string;
  /** ISO 8601 in UTC with microseconds, all that the column holds; the body has milliseconds. */
  readonly at: string;
  /** Exactly what is hashed. */
  readonly body: string;
  readonly prevHash: Uint8Array;
  readonly hash: Uint8Array;
};

/** What the task's row holds of its last event, and what a chain has to account for. */
export type DossierHead = {
  readonly seq: number;
  readonly hash: Uint8Array;
  readonly state: string;
  readonly closedAtMs: number | null;
  readonly legalHold: boolean;
};

/** What remains of a task that was purged; its times by its own word. */
export type Tombstone = {
  readonly seq: number;
  readonly hash: Uint8Array;
  readonly closedAtMs: number;
  readonly keptUntilMs: number;
  readonly purgedAtMs: number;
};

export type Chain = {
  readonly taskId: string;
  /** Ascending by seq. */
  readonly events: readonly DossierEvent[];
  /** undefined: no task stands. */
  readonly head: DossierHead | undefined;
  readonly tombstone?: Tombstone | undefined;
};

export const FLAW_KINDS = {
  missing: 'the event is not there',
  altered: 'hash, previous hash and body do not fit together',
  contradicted: 'the columns do not say what the body says',
  reordered: 'the body bears another number',
  foreign: 'the body is of another task',
  'not-canonical': 'the body is not canonical JSON',
  unlinked: 'it does not follow from the event before',
  rewritten: 'the event after follows from another one',
  'head-altered': 'the task holds another hash for its last event',
  surplus: 'the task knows of no such event',
  'task-missing': 'there are events, but neither the task nor a tombstone',
  'task-altered': 'the task does not stand as its events left it',
  'not-purged': 'there is a tombstone, but also the task or events',
  'purged-early': 'the task was purged before its retention was over',
} as const;
export type FlawKind = keyof typeof FLAW_KINDS;

/** The first thing that is wrong: at which event, and what. */
export type ChainFlaw = {readonly seq: number; readonly kind: FlawKind; readonly detail: string};

const FIRST_PREV_HASH = new Uint8Array(32);

/** undefined for a chain that verifies. O(bytes of its bodies). */
export function flawOf({taskId, events, head, tombstone}: Chain): ChainFlaw | undefined {
  if (tombstone) {
    if (events.length > 0 || head) return flaw(events[0]?.seq ?? tombstone.seq, 'not-purged');
    return tombstone.purgedAtMs < tombstone.keptUntilMs ? flaw(tombstone.seq, 'purged-early') : undefined;
  }
  for (const [i, event] of events.entries()) {
    const {seq} = event;
    if (seq !== i + 1) return flaw(i + 1, 'missing');
    if (head && seq > head.seq) return flaw(seq, 'surplus');
    if (!equal(sha256(event.prevHash, event.body), event.hash)) return flaw(seq, 'altered');
    const contradiction = bodyFlaw(taskId, event);
    if (contradiction) return contradiction;
    if (!equal(event.prevHash, i === 0 ? FIRST_PREV_HASH : events[i - 1].hash)) {
      // Who is to blame? When all that follows builds on this event, it is the one before that was replaced.
      const isBuiltOn = equal(events[i + 1]?.prevHash ?? head?.hash, event.hash);
      return isBuiltOn && i > 0 ? flaw(seq - 1, 'rewritten') : flaw(seq, 'unlinked');
    }
  }
  const last = events.at(-1);
  if (!head) return flaw(last?.seq ?? 1, 'task-missing');
  if ((last?.seq ?? 0) < head.seq || !last) return flaw((last?.seq ?? 0) + 1, 'missing');
  if (!equal(last.hash, head.hash)) return flaw(last.seq, 'head-altered');
  return taskFlaw(events, head);
}

/** The state that an event leaves its task in; holds change none. */
const STATES: Readonly<Record<string, string>> = {
  created: 'PENDING',
  offered: 'OFFERED',
  accepted: 'ASSIGNED',
  rejected: 'PENDING',
  'timed-out': 'EXPIRED',
  'picked-up': 'PICKED_UP',
  delivered: 'DELIVERED',
  'verification-failed': 'RETURNING',
  returned: 'RETURNED',
  released: 'PENDING',
  cancelled: 'CANCELLED',
  failed: 'FAILED',
  're-opened': 'PENDING',
};
const ENDED: readonly (string | undefined)[] = ['DELIVERED', 'RETURNED', 'CANCELLED', 'FAILED'];

/** Of a chain that is whole: what decides when a task is purged is in the row, and has to be what the events say. */
function taskFlaw(events: readonly DossierEvent[], head: DossierHead): ChainFlaw | undefined {
  const isHold = ({kind}: DossierEvent) => kind === 'hold-set' || kind === 'hold-lifted';
  const hold = events.findLast(isHold);
  const change = events.findLast((event) => !isHold(event));
  const state = change && STATES[change.kind];
  const closedAtMs = change && ENDED.includes(state) ? Date.parse(change.at) : null;
  const told: [string, seq: number | undefined, unknown, unknown][] = [
    ['state', change?.seq, state, head.state],
    ['end', change?.seq, closedAtMs, head.closedAtMs],
    ['legal hold', hold?.seq, hold?.kind === 'hold-set', head.legalHold],
  ];
  const differing = told.find(([, , byEvents, inTask]) => byEvents !== inTask);
  if (!differing) return undefined;
  const [what, seq = head.seq, byEvents, inTask] = differing;
  return flaw(seq, 'task-altered', `${what} is ${byEvents} by the events, else ${inTask}`);
}

const MEMBERS = 'actor,at,detail,kind,seq,task';

function bodyFlaw(taskId: string, {seq, kind, actor, at, body}: DossierEvent): ChainFlaw | undefined {
  const read = readCanonical(body);
  if (read.kind === 'flaw') return flaw(seq, 'not-canonical', read.detail);
  const said = (read.value ?? {}) as Readonly<Record<string, unknown>>;
  if (`${Object.keys(said)}` !== MEMBERS) return flaw(seq, 'not-canonical', `its members are not ${MEMBERS}`);
  if (said.task !== taskId) return flaw(seq, 'foreign', `the body is of task ${said.task}`);
  if (said.seq !== seq) return flaw(seq, 'reordered', `the body bears number ${said.seq}`);
  const told: [string, unknown, unknown][] = [
    ['kind', said.kind, kind],
    ['actor', said.actor, actor],
    ['at', `${said.at}`.replace(/Z$/, '000Z'), at],
  ];
  const differing = told.find(([, inBody, inColumn]) => inBody !== inColumn);
  return differing && flaw(seq, 'contradicted', `${differing[0]} is ${differing[1]} in the body, else ${differing[2]}`);
}

const flaw = (seq: number, kind: FlawKind, detail: string = FLAW_KINDS[kind]): ChainFlaw => ({seq, kind, detail});

const sha256 = (prevHash: Uint8Array, body: string): Uint8Array =>
  hashOf('sha256', Buffer.concat([prevHash, Buffer.from(body)]), 'buffer');

const equal = (a: Uint8Array | undefined, b: Uint8Array): boolean => a !== undefined && Buffer.compare(a, b) === 0;
