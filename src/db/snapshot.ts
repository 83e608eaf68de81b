// The snapshot of a region, read in one statement.

import type {Snapshot} from '../domain/snapshot.ts';
import type {Database} from './connect.ts';
import {statement} from './statement.ts';

const READ = statement('read_snapshot');

/** One of them alone, in whatever state it is. */
export type Subject = {readonly driverId: string} | {readonly taskId: string};

/** undefined when the region is unknown. `only`: nobody else stands in it, and of its figures none means a thing. */
export async function readSnapshot(db: Database, regionId: string, only?: Subject): Promise<Snapshot | undefined> {
  const driverId = only && 'driverId' in only ? only.driverId : null;
  const taskId = only && 'taskId' in only ? only.taskId : null;
  const [row] = await db.query<{snapshot: string}>(READ, [regionId, driverId, taskId]);
  return row && (JSON.parse(row.snapshot) as Snapshot);
}
