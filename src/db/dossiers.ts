// Dossiers, one by one: read, held, purged. All of them are verified in dossier-check.ts.

import {type ChainFlaw, type DossierEvent, flawOf, type Tombstone} from '../domain/dossier.ts';
import type {Database} from './connect.ts';
import {statement} from './statement.ts';

const READ = statement('read_dossier');
const SET_HOLD = statement('set_legal_hold');
const PURGE = statement('purge_dossiers');
const PURGEABLE = statement('purgeable_dossiers');

/** What a task is at the moment, without anything that names a person. */
export type DossierTask = {
  readonly state: string;
  readonly storeId: string;
  readonly customerAddressId: string | null;
  readonly category: string;
  readonly units: number;
  readonly valueCents: number;
  readonly payCents: number;
  readonly readyAtMs: number;
  readonly dueAtMs: number;
  readonly latestAtMs: number;
  readonly ageCheckUntilMs: number | null;
  readonly driverId: string | null;
  readonly legalHold: boolean;
  readonly createdAtMs: number;
  readonly changedAtMs: number;
  readonly closedAtMs: number | null;
  /** When it may be purged, unless it is on legal hold; null until it has ended. */
  readonly keptUntilMs: number | null;
};

export type Dossier = {
  readonly regionId: string;
  readonly taskId: string;
  /** IANA name of the region's. */
  readonly timeZone: string;
  readonly task: DossierTask;
  readonly head: {readonly seq: number; readonly hash: string};
  readonly events: readonly DossierEvent[];
  readonly flaw: ChainFlaw | undefined;
};

type HexEvent = Omit<DossierEvent, 'hash' | 'prevHash'> & {readonly hash: string; readonly prevHash: string};
type StoredHead = {readonly headSeq: number; readonly headHash: string};
type StoredDossier = {
  readonly timeZone: string;
  readonly task: (DossierTask & StoredHead) | null;
  readonly tombstone: (StoredHead & Omit<Tombstone, 'seq' | 'hash'>) | null;
  readonly events: readonly HexEvent[];
};

export type ReadDossier =
  | {readonly kind: 'dossier'; readonly dossier: Dossier}
  | {readonly kind: 'purged'; readonly purgedAtMs: number; readonly head: Dossier['head']}
  | {readonly kind: 'not-found'};

export async function readDossier(db: Database, regionId: string, taskId: string): Promise<ReadDossier> {
  const [stored] = await db.query<StoredDossier>(READ, [regionId, taskId]);
  if (stored?.tombstone && !stored.task) {
    const {headSeq, headHash, purgedAtMs} = stored.tombstone;
    return {kind: 'purged', purgedAtMs, head: {seq: headSeq, hash: headHash}};
  }
  if (!stored?.task) return {kind: 'not-found'};
  const {headSeq, headHash, ...task} = stored.task;
  const events = stored.events.map(({hash, prevHash, ...event}) => ({
    ...event,
    hash: Buffer.from(hash, 'hex'),
    prevHash: Buffer.from(prevHash, 'hex'),
  }));
  const {state, closedAtMs, legalHold} = task;
  const head = {seq: headSeq, hash: Buffer.from(headHash, 'hex'), state, closedAtMs, legalHold};
  const flaw = flawOf({taskId, events, head, tombstone: stored.tombstone ? tombstoneOf(stored.tombstone) : undefined});
  return {
    kind: 'dossier',
    dossier: {regionId, taskId, timeZone: stored.timeZone, task, head: {seq: headSeq, hash: headHash}, events, flaw},
  };
}

const tombstoneOf = ({headSeq, headHash, ...times}: NonNullable<StoredDossier['tombstone']>): Tombstone => ({
  seq: headSeq,
  hash: Buffer.from(headHash, 'hex'),
  ...times,
});

export type HeldTask = {readonly kind: 'done'; readonly repeated: boolean} | {readonly kind: 'not-found'};

/** Keeps a task beyond its retention (`on`), or no longer; reason and caller go to its dossier. */
export async function setLegalHold(
  db: Database,
  regionId: string,
  taskId: string,
  on: boolean,
  detail: {readonly reason: string; readonly caller?: string},
): Promise<HeldTask> {
  const [row] = await db.query<{outcome: HeldTask['kind']; repeated: boolean}>(SET_HOLD, [
    regionId,
    taskId,
    on,
    JSON.stringify(detail),
  ]);
  return row.outcome === 'done' ? {kind: 'done', repeated: row.repeated} : {kind: 'not-found'};
}

export type Purged = {readonly tasks: number; readonly events: number};
/** A place in the order in which tasks are purged. */
export type PurgeCursor = {readonly closedAtMs: number; readonly id: string};

/** One batch of what is past its retention, from `after` on; none is left behind `next` when that is undefined. */
export async function purgeDossiers(
  db: Database,
  regionId: string,
  limit: number,
  after?: PurgeCursor,
): Promise<Purged & {readonly next: PurgeCursor | undefined}> {
  const [{tasks, events, last_ms: closedAtMs, last_id: id}] = await db.query<
    Purged & {last_ms: number; last_id: string | null}
  >(PURGE, [regionId, limit, after?.closedAtMs ?? null, after?.id ?? null]);
  return {tasks, events, next: id === null ? undefined : {closedAtMs, id}};
}

/** What is past its retention, and what would be but for a legal hold. */
export async function purgeableDossiers(db: Database, regionId: string): Promise<Purged & {readonly held: number}> {
  const [purgeable] = await db.query<Purged & {held: number}>(PURGEABLE, [regionId]);
  return purgeable;
}
