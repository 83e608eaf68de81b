// Regions, their settings and weights.

import {InputFailure} from '../domain/failure.ts';
import {type RegionSettings, SETTING_LIMITS, type Weights} from '../domain/region.ts';
import type {Area} from '../domain/rule.ts';
import type {Database} from './connect.ts';
import {statement} from './statement.ts';

const PUT = statement('put_region');
const LIST = statement('list_regions');
const SET_AREA = statement('set_region_area');
const READ_AREA = statement('read_region_area');

export type Region = {
  /** A slug: 1 to 40 of a-z, 0-9 and '-'. */
  readonly id: string;
  readonly name: string;
  /** IANA name, such as America/Chicago. */
  readonly timeZone: string;
  /** A name of CLOUDRUN_GRAPHS. */
  readonly graph: string;
  readonly settings: RegionSettings;
  /** A version is written once: other values need another version. */
  readonly weights: Weights;
};

/**
 * Creates the region or replaces its settings, effective at the next tick. InputFailure: REGION_ID_INVALID,
 * SETTING_OUT_OF_RANGE, TIME_ZONE_UNKNOWN, WEIGHTS_CHANGED.
 */
export async function putRegion(db: Database, {id, name, timeZone, graph, settings, weights}: Region): Promise<void> {
  if (!/^[a-z0-9-]{1,40}$/.test(id)) {
    throw new InputFailure('REGION_ID_INVALID', `the region ${JSON.stringify(id)} is not 1 to 40 of a-z, 0-9 and "-"`);
  }
  for (const [setting, [least, most]] of Object.entries(SETTING_LIMITS)) {
    const value = settings[setting as keyof RegionSettings];
    if (!(value >= least && value <= most)) {
      throw new InputFailure(
        'SETTING_OUT_OF_RANGE',
        `${setting} of ${id} is ${value}, not within ${least} and ${most}`,
      );
    }
  }
  const parameters = [id, name, timeZone, graph, JSON.stringify(settings), JSON.stringify(weights)];
  const [{outcome}] = await db.query<{outcome: 'done' | 'TIME_ZONE_UNKNOWN' | 'WEIGHTS_CHANGED'}>(PUT, parameters);
  switch (outcome) {
    case 'done':
      return;
    case 'TIME_ZONE_UNKNOWN':
      throw new InputFailure(outcome, `${timeZone} of ${id} is not a time zone that Postgres knows`);
    case 'WEIGHTS_CHANGED':
      throw new InputFailure(outcome, `version ${weights.version} of the weights of ${id} exists with other values`);
    default:
      return outcome satisfies never;
  }
}

/** Draws the region on maps; null: it is not drawn. InputFailure: REGION_UNKNOWN. */
export async function setRegionArea(db: Database, regionId: string, area: Area | null): Promise<void> {
  const written = await db.query<{id: string}>(SET_AREA, [regionId, area && JSON.stringify(area)]);
  if (written.length === 0) throw regionUnknown(regionId);
}

export type DrawnRegion = {readonly id: string; readonly name: string; readonly area: Area | null};

export async function readRegionArea(db: Database, regionId: string): Promise<DrawnRegion | undefined> {
  const [region] = await db.query<DrawnRegion>(READ_AREA, [regionId]);
  return region;
}

export async function readRegion(db: Database, regionId: string): Promise<Region | undefined> {
  const [region] = await db.query<Region>(LIST, [regionId]);
  return region;
}

/** Ascending by id. */
export const listRegions = (db: Database): Promise<Region[]> => db.query<Region>(LIST, [null]);

export const regionUnknown = (regionId: string): InputFailure =>
  new InputFailure('REGION_UNKNOWN', `there is no region ${regionId}`);
