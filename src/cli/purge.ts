// Removes what is past its retention, in batches, each its own transaction.

import type {Database} from '../db/connect.ts';
import {type PurgeCursor, purgeableDossiers, purgeDossiers} from '../db/dossiers.ts';
import {listRegions} from '../db/regions.ts';
import {InputFailure} from '../domain/failure.ts';
import {type DatabaseOptions, theRegion, withDatabase} from './database.ts';
import {terminal} from './terminal.ts';

export type PurgeOptions = DatabaseOptions & {
  readonly region?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
};

/** Holds its locks for about a second. */
const TASKS_PER_BATCH = 1_000;

/** Exit code 1 when tasks are left that should have gone: their chains are damaged. */
export async function purge(options: PurgeOptions): Promise<void> {
  const shown = terminal(options.json ?? false);
  const sums = await withDatabase(options, async (db) => {
    const regions = options.region === undefined ? await listRegions(db) : [await theRegion(db, options.region)];
    const all = {tasks: 0, events: 0, held: 0, left: 0};
    for (const {id} of regions) {
      const due = await purgeableDossiers(db, id);
      all.held += due.held;
      if (options.dryRun) {
        all.tasks += due.tasks;
        all.events += due.events;
        continue;
      }
      const progress = shown.progress(`purging ${id}`);
      try {
        let done = 0;
        for (let batch = await purgeBatch(db, id); batch.next; batch = await purgeBatch(db, id, batch.next)) {
          done += batch.tasks;
          all.tasks += batch.tasks;
          all.events += batch.events;
          progress.at(done, Math.max(done, due.tasks));
        }
      } finally {
        progress.end();
      }
      all.left += (await purgeableDossiers(db, id)).tasks;
    }
    return all;
  });
  const {tasks, events, held, left} = sums;
  const lines = [
    `${tasks} tasks with ${events} events ${options.dryRun ? 'would be purged' : 'were purged'}; ${held} on legal hold`,
    ...(left > 0 ? [`${left} tasks are left although they are due: run cloudrun verify-dossier`] : []),
  ];
  shown.answer({dryRun: options.dryRun ?? false, ...sums}, lines.join('\n'));
  if (left > 0) process.exitCode = 1;
}

/** SQLSTATE of a role that lacks a right. */
const INSUFFICIENT_PRIVILEGE = '42501';

/** SQLSTATEs of what met another's write, foreign_key_violation and deadlock_detected: nothing was removed. */
const MET_ANOTHER = ['23503', '40P01'];
const TRIES = 5;

async function purgeBatch(db: Database, regionId: string, after?: PurgeCursor) {
  for (let tries = 1; ; tries++) {
    try {
      return await purgeDossiers(db, regionId, TASKS_PER_BATCH, after);
    } catch (error) {
      const code = `${(error as {code?: unknown}).code}`;
      if (code === INSUFFICIENT_PRIVILEGE) {
        const detail = 'the user of DATABASE_URL must be a member of the role cloudrun_purge';
        throw new InputFailure('PURGE_FORBIDDEN', detail);
      }
      if (!MET_ANOTHER.includes(code) || tries === TRIES) throw error;
    }
  }
}
