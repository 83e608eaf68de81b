// What of a region moves on a map, in one reading.

import type {DriverStatus, TaskState} from '../domain/state.ts';
import type {Database} from './connect.ts';
import {statement} from './statement.ts';

const READ = statement('read_live_map');

/** Each list ascends by id. */
export type LiveMap = {
  readonly nowMs: number;
  readonly drivers: readonly (readonly [id: string, lonE7: number, latE7: number, status: DriverStatus])[];
  readonly stores: readonly (readonly [id: string, name: string, lonE7: number, latE7: number])[];
  readonly tasks: readonly (readonly [
    id: string,
    dropLonE7: number,
    dropLatE7: number,
    state: TaskState,
    storeId: string,
    driverId: string | null,
    readyAtMs: number,
    offeredAtMs: number | null,
    offerExpiresAtMs: number | null,
  ])[];
};

/** At most `limit` of each. */
export async function readLiveMap(db: Database, regionId: string, limit: number): Promise<LiveMap> {
  const [found] = await db.query<LiveMap>(READ, [regionId, limit]);
  return found;
}
