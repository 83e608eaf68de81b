// What the car profile makes of a way: its class, and the speed in each direction.

import type {Tags} from '../osm/elements.ts';
import {CAR, ROAD_CLASSES} from './car.ts';
import {lookUp, speedLimitKmh} from './speed-limit.ts';

/** Why a way tagged as a highway is left out. */
export type Refusal = 'no-car-road' | 'area' | 'construction' | 'impassable' | 'access' | 'reversible';

/** A way that cars may drive in one direction at least. */
export type Drive = {
  /** Index into ROAD_CLASSES. */
  readonly roadClass: number;
  /** km/h along and against the order of the nodes; 0 = not drivable that way. */
  readonly forwardKmh: number;
  readonly backwardKmh: number;
};

type Direction = 'forward' | 'backward';
type Oneway = Direction | 'both' | 'closed';

/** Undefined for what is no highway at all. A ferry would enter here, by route=ferry instead of a highway class. */
export function driveWay(tags: Tags): Drive | Refusal | undefined {
  const highway = tags.get('highway');
  if (highway === undefined) return undefined;
  const roadClass = (ROAD_CLASSES as readonly string[]).indexOf(highway);
  if (roadClass === -1) return highway === 'construction' || highway === 'proposed' ? 'construction' : 'no-car-road';
  const refusal = refusalOf(tags, highway);
  if (refusal !== undefined) return refusal;
  const oneway = onewayOf(tags, highway);
  if (oneway === 'closed') return 'reversible';
  const kmhTowards = (direction: Direction): number =>
    oneway !== opposite(direction) && mayEnter(tags, direction) ? drivenKmh(tags, highway, direction) : 0;
  const forwardKmh = kmhTowards('forward');
  const backwardKmh = kmhTowards('backward');
  return forwardKmh === 0 && backwardKmh === 0 ? 'access' : {roadClass, forwardKmh, backwardKmh};
}

function refusalOf(tags: Tags, highway: string): Refusal | undefined {
  if (tags.get('area') === 'yes') return 'area';
  if (!includes(CAR.usableConstruction, tags.get('construction') ?? 'no')) return 'construction';
  if (tags.get('proposed') !== undefined) return 'construction';
  if (tags.get('impassable') === 'yes') return 'impassable';
  if (tags.get('status') === 'impassable' || tags.get('smoothness') === 'impassable') return 'impassable';
  if (includes(CAR.forbiddenService, tags.get('service'))) return 'access';
  if (includes(CAR.forbiddenHov, tags.get('hov'))) return 'access';
  return includes(CAR.byPermissionOnly, highway) && !isPermitted(tags) ? 'no-car-road' : undefined;
}

/** Said for motor vehicles: access=yes on a forest track is said of walkers. */
const isPermitted = (tags: Tags): boolean =>
  includes(CAR.permissions, tags.get('motorcar') ?? tags.get('motor_vehicle') ?? tags.get('vehicle'));

function onewayOf(tags: Tags, highway: string): Oneway {
  for (const key of CAR.onewayKeys) {
    const found = lookUp<Oneway>(CAR.oneway, tags.get(key));
    if (found !== undefined) return found;
  }
  const implied = includes(CAR.onewayClasses, highway) || includes(CAR.onewayJunctions, tags.get('junction'));
  return implied ? 'forward' : 'both';
}

const opposite = (direction: Direction): Direction => (direction === 'forward' ? 'backward' : 'forward');

/** The most specific key decides, and of one key the directed form before the plain one. */
function mayEnter(tags: Tags, direction: Direction): boolean {
  for (const key of CAR.accessKeys) {
    const value = tags.get(`${key}:${direction}`) ?? tags.get(key);
    if (value !== undefined) return !isForbidden(value);
  }
  return true;
}

/** A list such as "agricultural;forestry" shuts a way only if each of its values does. */
export const isForbidden = (value: string): boolean =>
  value.split(';').every((one) => includes(CAR.forbidden, one.trim()));

/** [OSRM]: a speed limit, cut to what is driven, counts more than the class and the surface. */
function drivenKmh(tags: Tags, highway: string, direction: Direction): number {
  const limit = tags.get(`maxspeed:${direction}`) ?? tags.get('maxspeed');
  const limitKmh = limit === undefined ? undefined : speedLimitKmh(limit);
  if (limitKmh !== undefined) return limitKmh * CAR.limitShare;
  return Math.min(
    lookUp<number>(CAR.classKmh, highway) ?? 0,
    lookUp<number>(CAR.surfaceKmh, tags.get('surface')) ?? Number.POSITIVE_INFINITY,
    lookUp<number>(CAR.tracktypeKmh, tags.get('tracktype')) ?? Number.POSITIVE_INFINITY,
    lookUp<number>(CAR.smoothnessKmh, tags.get('smoothness')) ?? Number.POSITIVE_INFINITY,
  );
}

export const includes = (list: readonly string[], value: string | undefined): boolean =>
  value !== undefined && list.includes(value);
