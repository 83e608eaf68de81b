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

/** The region of each of several, in their order; the first that has none ends it. */
export async function regionsOf(
  world: World,
  given: readonly {readonly regionId?: string}[],
): Promise<{readonly kind: 'regions'; readonly ids: readonly string[]} | NoRegion> {
  const known = new Map<string | undefined, string>();
  for (const {regionId} of given) {
    if (known.has(regionId)) continue;
    const region = await regionOf(world, regionId);
    if (region.kind !== 'region') return region;
    known.set(regionId, region.id);
  }
  return {kind: 'regions', ids: given.map(({regionId}) => known.get(regionId)!)};
}
