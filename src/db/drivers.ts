// Drivers, their documents and their positions.

import type {Driver, DriverDocument, DriverPosition, DriverProfile} from '../domain/driver.ts';
import {InputFailure} from '../domain/failure.ts';
import type {DriverStatus, TaskState} from '../domain/state.ts';
import type {Database} from './connect.ts';
import {statement} from './statement.ts';

const UPSERT = statement('upsert_drivers');
const ELSEWHERE = statement('drivers_elsewhere');
const LEAVE = statement('leave_region');
const PUT_DOCUMENTS = statement('put_documents');
const RECORD_POSITIONS = statement('record_positions');
const KNOWN = statement('known_drivers');
const READ = statement('read_driver');
const LIST = statement('list_drivers');
const CHANGE_SHIFT = statement('change_shift');

/**
 * Creates or replaces drivers of any regions, which must exist; of several profiles of one driver the last counts. A
 * driver who was in another region leaves it first; documents stay behind, and are revoked on coming back. Of one
 * region all are written or none, one statement a region. Those who move come from one region and nobody else with
 * them, so that nothing can be refused once they have left. InputFailure: DRIVERS_MOVE_APART, OPEN_WORK_ELSEWHERE,
 * CAPACITY_BELOW_LOAD.
 */
export async function upsertDrivers(db: Database, profiles: readonly DriverProfile[]): Promise<void> {
  const byId = new Map(profiles.map((profile) => [profile.id, profile]));
  const elsewhere = await db.query<{id: string; regionId: string}>(ELSEWHERE, [
    [...byId.keys()],
    [...byId.values()].map(({regionId}) => regionId),
  ]);
  const leaving = elsewhere[0];
  if (leaving) {
    const {id, regionId} = leaving;
    if (elsewhere.length < byId.size || elsewhere.some((driver) => driver.regionId !== regionId)) {
      throw new InputFailure(
        'DRIVERS_MOVE_APART',
        `driver ${id} leaves ${regionId}: move all from there, and no others`,
      );
    }
    const [busy] = await db.query<{refused_id: string}>(LEAVE, [regionId, elsewhere.map((driver) => driver.id)]);
    if (busy) throw new InputFailure('OPEN_WORK_ELSEWHERE', `driver ${busy.refused_id} has open work in ${regionId}`);
  }
  for (const [regionId, drivers] of Map.groupBy(byId.values(), (driver) => driver.regionId)) {
    const [busy] = await db.query<{refused_id: string}>(UPSERT, [regionId, JSON.stringify(drivers)]);
    if (busy) {
      const {refused_id: id} = busy;
      throw new InputFailure(
        'CAPACITY_BELOW_LOAD',
        `driver ${id} holds more than ${byId.get(id)!.capacity} offers and tasks`,
      );
    }
  }
}

/**
 * Records documents of one region's drivers, all or none; one with the same driver, kind and start replaces what stood.
 * A revoked document revokes all of its kind that were checked no later than it was. InputFailure: DRIVER_UNKNOWN.
 */
export async function putDocuments(
  db: Database,
  regionId: string,
  documents: readonly DriverDocument[],
): Promise<void> {
  const distinct = new Map(documents.map((given) => [`${given.driverId} ${given.kind} ${given.validFromMs}`, given]));
  const [unknown] = await db.query<{unknown_id: string}>(PUT_DOCUMENTS, [
    regionId,
    JSON.stringify([...distinct.values()]),
  ]);
  if (unknown) throw new InputFailure('DRIVER_UNKNOWN', `there is no driver ${unknown.unknown_id} in ${regionId}`);
}

/** Records the newest position of each driver; returns whose was newer than what stood. Leaves out unknown ids. */
export async function recordPositions(
  db: Database,
  regionId: string,
  positions: readonly DriverPosition[],
): Promise<string[]> {
  const recorded = await db.query<{driver_id: string}>(RECORD_POSITIONS, [
    regionId,
    positions.map(({driverId}) => driverId),
    positions.map(({latE7}) => latE7),
    positions.map(({lonE7}) => lonE7),
    positions.map(({recordedAtMs}) => recordedAtMs),
  ]);
  return recorded.map(({driver_id}) => driver_id);
}

/** Those of the ids that are drivers of the region. */
export async function knownDrivers(db: Database, regionId: string, driverIds: readonly string[]): Promise<string[]> {
  const known = await db.query<{id: string}>(KNOWN, [regionId, [...driverIds]]);
  return known.map(({id}) => id);
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

export type ChangedShift =
  | {
      readonly kind: 'done';
      readonly status: DriverStatus;
      /** True when the shift stood so already. */
      readonly repeated: boolean;
      /** Open offers that ended with the shift. */
      readonly rejectedOffers: readonly string[];
    }
  /** Tasks are in hand. */
  | {
      readonly kind: 'conflict';
      readonly status: DriverStatus;
      readonly tasks: readonly {readonly id: string; readonly state: TaskState}[];
    }
  | {readonly kind: 'not-found'};

type ShiftRow =
  | {
      readonly outcome: 'done';
      readonly status: DriverStatus;
      readonly repeated: boolean;
      readonly rejected_ids: readonly string[];
    }
  | {
      readonly outcome: 'conflict';
      readonly status: DriverStatus;
      readonly tasks: readonly {readonly id: string; readonly state: TaskState}[];
    }
  | {readonly outcome: 'not-found'};

/** Begins or ends a shift; `afterWork` ends it although tasks are in hand, which are finished first. */
export async function changeShift(
  db: Database,
  regionId: string,
  driverId: string,
  on: boolean,
  {afterWork = false, ...said}: {readonly afterWork?: boolean; readonly caller?: string} = {},
): Promise<ChangedShift> {
  const [row] = await db.query<ShiftRow>(CHANGE_SHIFT, [regionId, driverId, on, afterWork, JSON.stringify(said)]);
  switch (row.outcome) {
    case 'done':
      return {kind: 'done', status: row.status, repeated: row.repeated, rejectedOffers: row.rejected_ids};
    case 'conflict':
      return {kind: 'conflict', status: row.status, tasks: row.tasks};
    case 'not-found':
      return {kind: 'not-found'};
    default:
      return row satisfies never;
  }
}
