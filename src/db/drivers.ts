// Drivers, their documents and their positions.

import type {Driver, DriverDocument, DriverPosition, DriverProfile} from '../domain/driver.ts';
import type {DriverStatus} from '../domain/state.ts';
import type {Database} from './connect.ts';
import {statement} from './statement.ts';

const UPSERT = statement('upsert_drivers');
const ELSEWHERE = statement('drivers_elsewhere');
const LEAVE = statement('leave_region');
const PUT_DOCUMENTS = statement('put_documents');
const RECORD_POSITIONS = statement('record_positions');
const READ = statement('read_driver');
const LIST = statement('list_drivers');

export type RefusedDriver = {
  readonly driverId: string;
  /** Open work in another region, or more work in hand than the capacity asked for. */
  readonly code: 'OPEN_WORK_ELSEWHERE' | 'CAPACITY_BELOW_LOAD';
};

/**
 * Creates or replaces drivers of any regions, which must exist; of several profiles of one driver the last counts.
 * A driver who was in another region leaves it first; documents do not move along. Returns those refused; the others
 * are written. One call a region, so a failure half-way leaves some written: repeat it.
 */
export async function upsertDrivers(db: Database, profiles: readonly DriverProfile[]): Promise<RefusedDriver[]> {
  const byId = new Map(profiles.map((profile) => [profile.id, profile]));
  const elsewhere = await db.query<{id: string; regionId: string}>(ELSEWHERE, [
    [...byId.keys()],
    [...byId.values()].map(({regionId}) => regionId),
  ]);
  const refused: RefusedDriver[] = [];
  for (const [regionId, drivers] of Map.groupBy(elsewhere, (driver) => driver.regionId)) {
    const staying = await db.query<{refused_id: string}>(LEAVE, [regionId, drivers.map(({id}) => id)]);
    for (const {refused_id: driverId} of staying) {
      byId.delete(driverId);
      refused.push({driverId, code: 'OPEN_WORK_ELSEWHERE'});
    }
  }
  for (const [regionId, drivers] of Map.groupBy(byId.values(), (driver) => driver.regionId)) {
    const overloaded = await db.query<{refused_id: string}>(UPSERT, [regionId, JSON.stringify(drivers)]);
    for (const {refused_id: driverId} of overloaded) refused.push({driverId, code: 'CAPACITY_BELOW_LOAD'});
  }
  return refused;
}

/**
 * Records documents of one region's drivers; one with the same driver, kind and start replaces what stood. A revoked
 * document revokes all of its kind that were checked no later than it was. Returns the drivers that do not exist.
 */
export async function putDocuments(
  db: Database,
  regionId: string,
  documents: readonly DriverDocument[],
): Promise<string[]> {
  const distinct = new Map(documents.map((given) => [`${given.driverId} ${given.kind} ${given.validFromMs}`, given]));
  const unknown = await db.query<{unknown_id: string}>(PUT_DOCUMENTS, [
    regionId,
    JSON.stringify([...distinct.values()]),
  ]);
  return unknown.map(({unknown_id}) => unknown_id);
}

/** Records the newest position of each driver and returns how many were newer than what stood; unknown ids are left out. */
export async function recordPositions(
  db: Database,
  regionId: string,
  positions: readonly DriverPosition[],
): Promise<number> {
  const recorded = await db.query(RECORD_POSITIONS, [
    regionId,
    positions.map(({driverId}) => driverId),
    positions.map(({latE7}) => latE7),
    positions.map(({lonE7}) => lonE7),
    positions.map(({recordedAtMs}) => recordedAtMs),
  ]);
  return recorded.length;
}

export async function readDriver(db: Database, regionId: string, driverId: string): Promise<Driver | undefined> {
  const [driver] = await db.query<Driver>(READ, [regionId, driverId]);
  return driver;
}

export type DriverFilter = {
  readonly statuses?: readonly DriverStatus[];
  readonly afterId?: string;
  readonly limit: number;
};

/** Ascending by id. */
export const listDrivers = (db: Database, regionId: string, filter: DriverFilter): Promise<Driver[]> =>
  db.query<Driver>(LIST, [regionId, filter.statuses ?? null, filter.afterId ?? null, filter.limit]);
