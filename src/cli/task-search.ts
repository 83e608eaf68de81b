// A task by its id alone, as commands are given it: in whichever region it is.

import type {Database} from '../db/connect.ts';
import type {ReadDossier} from '../db/dossiers.ts';
import {listRegions} from '../db/regions.ts';
import {InputFailure} from '../domain/failure.ts';
import {UUID} from './recorded-tick.ts';

type Absent = Exclude<ReadDossier, {readonly kind: 'dossier'}>;

/** What `read` finds in the first region that has it. InputFailure: TASK_PURGED, TASK_UNKNOWN. */
export async function findTask<Found extends {readonly kind: string}>(
  db: Database,
  taskId: string,
  read: (db: Database, regionId: string, taskId: string) => Promise<Found | Absent>,
): Promise<Exclude<Found, Absent>> {
  for (const {id} of await listRegions(db)) {
    const found = await read(db, id, taskId);
    if (found.kind === 'not-found') continue;
    if (found.kind !== 'purged') return found as Exclude<Found, Absent>;
    const {purgedAtMs, head} = found as Extract<Absent, {readonly kind: 'purged'}>;
    const at = new Date(purgedAtMs).toISOString();
    throw new InputFailure('TASK_PURGED', `task ${taskId} was purged at ${at}; its last hash is ${head.hash}`);
  }
  throw taskUnknown(taskId);
}

export function taskIdOf(given: string): string {
  if (!UUID.test(given)) throw new InputFailure('TASK_UNKNOWN', `${given.slice(0, 60)} is not the id of a task`);
  return given.toLowerCase();
}

export const taskUnknown = (id: string) => new InputFailure('TASK_UNKNOWN', `there is no task ${id}`);
