// The snapshot of a region, read in one statement.

import {withCorrections} from '../domain/eta-correction.ts';
import type {Snapshot} from '../domain/snapshot.ts';
import type {Database} from './connect.ts';
import {type Statement, statement} from './statement.ts';

/**
 * For one driver it is another statement than for all: measured with 10,000 drivers, by one plan for both that driver
 * takes 84 ms instead of 1, and on statistics of an empty table all of them more than a minute instead of a fifth of a
 * second.
 */
const READ: Statement = {...statement('read_snapshot'), planned: 'each-time'};

/** One of them alone, in whatever state it is. */
export type Subject = {readonly driverId: string} | {readonly taskId: string};

/** undefined when the region is unknown. `only`: nobody else stands in it, and of its figures none means a thing. */
export async function readSnapshot(db: Database, regionId: string, only?: Subject): Promise<Snapshot | undefined> {
  const driverId = only && 'driverId' in only ? only.driverId : null;
  const taskId = only && 'taskId' in only ? only.taskId : null;
  const [row] = await db.query<{snapshot: string; corrections: string | null}>(READ, [regionId, driverId, taskId]);
  return row && withCorrections(JSON.parse(row.snapshot), JSON.parse(row.corrections ?? '[]'));
}
