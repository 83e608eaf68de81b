// Which region a request is about.

import {readRegion} from '../db/regions.ts';
import type {Failure} from './failures.ts';
import type {World} from './world.ts';

type Region = {readonly kind: 'region'; readonly id: string};
type NoRegion = Extract<Failure, {kind: 'region-required' | 'region-unknown'}>;

/** The region that is named, or the daemon's only one. Of a region that other daemons dispatch, the row must exist. */
export async function regionOf(world: World, asked: string | undefined): Promise<Region | NoRegion> {
  const {regions} = world.dispatch;
  if (asked === undefined) return ownRegion(world, undefined);
  if (regions.includes(asked) || (await readRegion(world.db, asked))) return {kind: 'region', id: asked};
  return {kind: 'region-unknown', regionId: asked};
}

/** The same for what only the daemon that dispatches the region can do. */
export function ownRegion(world: World, asked: string | undefined): Region | NoRegion {
  const {regions} = world.dispatch;
  if (asked !== undefined) {
    return regions.includes(asked) ? {kind: 'region', id: asked} : {kind: 'region-unknown', regionId: asked};
  }
  return regions.length === 1 ? {kind: 'region', id: regions[0]!} : {kind: 'region-required', regions};
}

/**
 * The one region of all rows of a call. Of two, the rows of one would be written while those of the other are refused:
 * a statement is of one region.
 */
export async function regionOfRows(
  world: World,
  given: readonly {readonly regionId?: string}[],
): Promise<Region | Failure> {
  const known = new Set<string>();
  for (const asked of new Set(given.map(({regionId}) => regionId))) {
    const region = await regionOf(world, asked);
    if (region.kind !== 'region') return region;
    known.add(region.id);
  }
  const [id, other] = known;
  if (other === undefined) return {kind: 'region', id: id!};
  return {
    kind: 'refused',
    code: 'REGIONS_MIXED',
    detail: `The rows are of ${id} and of ${other}: send a call for each.`,
  };
}
