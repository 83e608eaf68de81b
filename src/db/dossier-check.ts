// Every dossier of a database, verified in one pass that holds a few thousand events at a time.

import {createHash} from 'node:crypto';
import {type Chain, type ChainFlaw, type DossierEvent, flawOf} from '../domain/dossier.ts';
import type {Database} from './connect.ts';
import {statement} from './statement.ts';

const READ_CHUNK = statement('read_dossier_chunk');
const OLDEST_RUNNING = statement('oldest_running_xid');
const COUNT_TASKS = statement('count_tasks');

/** About so many of each are in memory at a time; a chain is never cut. */
const TASKS_PER_CHUNK = 2_000;
const EVENTS_PER_CHUNK = 8_000;
const LAST_UUID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
const FIRST_UUID = '00000000-0000-0000-0000-000000000000';

export type BadEvent = ChainFlaw & {readonly regionId: string; readonly taskId: string};

export type Verification = {
  readonly events: number;
  /** Tasks that stand; those that were purged are `tombstones`. */
  readonly tasks: number;
  readonly tombstones: number;
  /** Chains in which something is wrong. */
  readonly badTasks: number;
  /** The first of them by region, task and event. */
  readonly firstBad: BadEvent | undefined;
  /** SHA-256 of a line for each head, as of `asOf`: see docs/DOSSIER.md. */
  readonly headsDigest: string;
  /** The same of tombstones that were left before `asOf`, with their times. */
  readonly tombstonesDigest: string;
  /** Only events written by transactions before this one are in the digest: none of them can still change. */
  readonly asOf: string;
};

export type VerifyOptions = {
  readonly regionIds: readonly string[];
  /** Only this one, in whichever of the regions it is. */
  readonly taskId?: string | undefined;
  /** The `asOf` of an earlier run, whose digest is wanted again; else all that is settled now. */
  readonly asOf?: string | undefined;
  readonly onProgress?: (tasksDone: number, events: number) => void;
};

type ChunkRow = {
  readonly task_id: string;
  readonly seq: number;
  readonly kind: string | null;
  readonly actor: string;
  readonly at: string;
  readonly body: string;
  readonly prev_hash: Buffer;
  readonly hash: Buffer;
  readonly is_old: boolean | null;
  readonly head_seq: number | null;
  readonly head_hash: Buffer;
  readonly state: string | null;
  readonly closed_at: number | null;
  readonly legal_hold: boolean;
  readonly purged_at: number | null;
  readonly kept_until: number;
  readonly is_old_purge: boolean | null;
};

/**
 * Recomputes every hash from the stored bodies. Each chunk is one snapshot, so that what is written meanwhile is seen
 * whole or not at all, and the digest is of a cut through history that no later write can touch.
 */
export async function verifyDossiers(db: Database, options: VerifyOptions): Promise<Verification> {
  const {regionIds, taskId, onProgress} = options;
  const asOf = options.asOf ?? (await db.query<{xid: string}>(OLDEST_RUNNING))[0].xid;
  const digest = createHash('sha256');
  const tombstonesDigest = createHash('sha256');
  const count = {events: 0, tasks: 0, tombstones: 0, badTasks: 0};
  let firstBad: BadEvent | undefined;

  for (const regionId of regionIds) {
    const upTo = taskId ?? LAST_UUID;
    const readFrom = (first: string) =>
      db.query<ChunkRow>(READ_CHUNK, [regionId, first, upTo, TASKS_PER_CHUNK, EVENTS_PER_CHUNK, asOf]);
    for (let reading: Promise<ChunkRow[]> | undefined = readFrom(taskId ?? FIRST_UUID); reading; ) {
      const rows: ChunkRow[] = await reading;
      const last = rows.at(-1)?.task_id;
      // The server reads the next chunk while this one is hashed here.
      reading = last === undefined || last >= upTo ? undefined : readFrom(uuidAfter(last));
      for (const {chain, old, isOldPurge} of chainsOf(rows)) {
        count.events += chain.events.length;
        if (chain.tombstone) count.tombstones++;
        else count.tasks++;
        const flaw = flawOf(chain);
        if (flaw) {
          count.badTasks++;
          firstBad ??= {regionId, taskId: chain.taskId, ...flaw};
        }
        if (old) digest.update(`${headLine(regionId, chain.taskId, old.seq, old.hash)}\n`);
        if (isOldPurge && chain.tombstone) tombstonesDigest.update(`${tombstoneLine(regionId, chain)}\n`);
      }
      onProgress?.(count.tasks + count.tombstones, count.events);
    }
  }
  return {
    ...count,
    firstBad,
    headsDigest: digest.digest('hex'),
    tombstonesDigest: tombstonesDigest.digest('hex'),
    asOf,
  };
}

type ReadChain = {
  readonly chain: Chain;
  /** The last event that is old, if any. */
  readonly old: {readonly seq: number; readonly hash: Buffer} | undefined;
  readonly isOldPurge: boolean;
};

/** The rows of each task, as a chain. */
function* chainsOf(rows: readonly ChunkRow[]): Generator<ReadChain> {
  for (let i = 0; i < rows.length; ) {
    const taskId = rows[i].task_id;
    const events: DossierEvent[] = [];
    let head: Chain['head'];
    let tombstone: Chain['tombstone'];
    let old: ReadChain['old'];
    let isOldPurge = false;
    for (; i < rows.length && rows[i].task_id === taskId; i++) {
      const {seq, kind, actor, at, body, prev_hash, hash, is_old, head_seq, head_hash, ...row} = rows[i];
      if (kind !== null) events.push({seq, kind, actor, at, body, prevHash: prev_hash, hash});
      if (is_old) old = {seq, hash: kind === null ? head_hash : hash};
      if (head_seq === null) continue;
      const last = {seq: head_seq, hash: head_hash};
      if (row.purged_at !== null) {
        const times = {closedAtMs: row.closed_at!, keptUntilMs: row.kept_until, purgedAtMs: row.purged_at};
        tombstone = {...last, ...times};
        isOldPurge = row.is_old_purge === true;
      } else {
        head = {...last, state: row.state!, closedAtMs: row.closed_at, legalHold: row.legal_hold};
      }
    }
    yield {chain: {taskId, events, head, tombstone}, old, isOldPurge};
  }
}

/** One line of what the digest is of. */
const headLine = (regionId: string, taskId: string, seq: number, hash: Uint8Array): string =>
  `${regionId} ${taskId} ${seq} ${Buffer.from(hash).toString('hex')}`;

function tombstoneLine(regionId: string, {taskId, tombstone}: Chain): string {
  const {seq, hash, closedAtMs, keptUntilMs, purgedAtMs} = tombstone!;
  const times = [closedAtMs, keptUntilMs, purgedAtMs].map((ms) => new Date(ms).toISOString());
  return [headLine(regionId, taskId, seq, hash), ...times].join(' ');
}

/** The next UUID in the order in which Postgres and their text agree. */
function uuidAfter(uuid: string): string {
  const next = (BigInt(`0x${uuid.replaceAll('-', '')}`) + 1n).toString(16).padStart(32, '0');
  return next.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Dossiers of a region, those that were purged included: for progress. */
export async function countTasks(db: Database, regionId: string): Promise<number> {
  const [{tasks}] = await db.query<{tasks: number}>(COUNT_TASKS, [regionId]);
  return tasks;
}
