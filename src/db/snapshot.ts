// The snapshot of a region, read in one statement.

import type {Snapshot} from '../domain/snapshot.ts';
import type {Database} from './connect.ts';
import {statement} from './statement.ts';

const READ = statement('read_snapshot');

/** undefined when the region is unknown. */
export async function readSnapshot(db: Database, regionId: string): Promise<Snapshot | undefined> {
  const [row] = await db.query<{snapshot: string}>(READ, [regionId]);
  return row && (JSON.parse(row.snapshot) as Snapshot);
}
