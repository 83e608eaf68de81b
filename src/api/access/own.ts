// A driver's token reaches that driver's own, and nothing else: the one place that sees to it.
//
// Whatever driver a request names must be the caller's, and a route says what else makes it the driver's own. What is
// another's is answered as what does not exist: a driver learns nothing about it.

import type {FastifyRequest} from 'fastify';
import {readOffer} from '../../db/offers.ts';
import {driverPart} from '../../db/tokens.ts';
import type {Failure} from '../failures.ts';
import {regionOf} from '../region.ts';
import type {World} from '../world.ts';

type Named = {readonly driverId?: unknown; readonly regionId?: string; readonly positions?: readonly Named[]};

/** Why a driver may not ask this; undefined for everybody else. Path, query and body have been checked by then. */
export async function notOwn(world: World, request: FastifyRequest): Promise<Failure | undefined> {
  const {caller} = request;
  if (caller.kind !== 'token' || !caller.onlyDrivers) return undefined;
  const mine: ReadonlySet<unknown> = new Set(caller.onlyDrivers);
  const {own} = request.routeOptions.config;
  const query = (request.query ?? {}) as Named;
  const {id} = (request.params ?? {}) as {id?: string};
  const named = namedBy(query, (request.body ?? {}) as Named);
  if (own === 'driver') named.push(lower(id));
  if (!named.every((driverId) => mine.has(driverId))) return {kind: 'not-own'};
  // Elsewhere the path says whose it is, and a body's schema wants the driver.
  if (own !== 'held-task' && own !== 'offer' && named.length === 0) return {kind: 'not-own'};
  if (own === 'driver' || own === 'named') return undefined;

  const region = await regionOf(world, query.regionId);
  if (region.kind !== 'region') return region;
  if (own === 'offer') {
    const offer = await readOffer(world.db, region.id, `${id}`);
    return offer && mine.has(offer.driverId) ? undefined : {kind: 'offer-not-found', id: `${lower(id)}`};
  }
  const part = await driverPart(world.db, region.id, `${id}`, caller.onlyDrivers);
  const isOwn = part === 'holder' || (part === 'asked' && own === 'asked-task');
  return isOwn ? undefined : {kind: 'task-not-found', id: `${lower(id)}`};
}

const lower = (id: unknown): unknown => (typeof id === 'string' ? id.toLowerCase() : id);

function namedBy(query: Named, body: Named): unknown[] {
  const all = [query.driverId, body.driverId, ...(body.positions ?? []).map(({driverId}) => driverId)];
  return all.filter((driverId) => driverId !== undefined).map(lower);
}
