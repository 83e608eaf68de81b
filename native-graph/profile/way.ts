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
  /** For the whole way, where it is mapped (ferries); it counts instead of the speeds. */
  readonly durationS?: number;
};

type Direction = 'forward' | 'backward';
type Oneway = Direction | 'both' | 'closed';

/** Undefined for what is neither a highway nor a ferry. */
export function driveWay(tags: Tags): Drive | Refusal | undefined {
  const highway = tags.get('highway');
  if (highway === undefined) return includes(CAR.ferryRoutes, tags.get('route')) ? takeFerry(tags) : undefined;
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

function takeFerry(tags: Tags): Drive | Refusal {
  const takesCars = CAR.accessKeys.some((key) => tags.get(key) !== undefined);
  const takesOthers = CAR.ferryPassengers.some((key) => tags.get(key) !== undefined);
  const oneway = onewayOf(tags, 'ferry');
  if ((takesOthers && !takesCars) || !mayEnter(tags, 'forward')) return 'access';
  if (oneway === 'closed') return 'reversible';
  const roadClass = ROAD_CLASSES.indexOf('ferry');
  const kmh = CAR.classKmh.ferry;
  const durationS = durationSeconds(tags.get('duration'));
  return {
    roadClass,
    forwardKmh: oneway === 'backward' ? 0 : kmh,
    backwardKmh: oneway === 'forward' ? 0 : kmh,
    ...(durationS && {durationS}),
  };
}

const CLOCK = /^(\d{1,3}):(\d{1,2})(?::(\d{2}))?$/;
const ISO_8601 = /^PT(?:(\d{1,3})H)?(?:(\d{1,4})M)?(?:(\d{1,5})S)?$/;

/** Minutes, HH:MM, HH:MM:SS, or ISO 8601 of hours, minutes and seconds. [wiki] Key:duration. */
export function durationSeconds(text = ''): number | undefined {
  if (/^\d{1,5}$/.test(text)) return Number(text) * 60 || undefined;
  const [, hours = 0, minutes = 0, seconds = 0] = CLOCK.exec(text) ?? ISO_8601.exec(text) ?? [];
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) || undefined;
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

/** [OSRM]: a speed limit, cut to what is driven, counts instead of the class; a bad surface bounds both. */
function drivenKmh(tags: Tags, highway: string, direction: Direction): number {
  const limit = tags.get(`maxspeed:${direction}`) ?? tags.get('maxspeed');
  const limitKmh = limit === undefined ? undefined : speedLimitKmh(limit);
  return Math.min(
    limitKmh === undefined ? (lookUp<number>(CAR.classKmh, highway) ?? 0) : limitKmh * CAR.limitShare,
    lookUp<number>(CAR.surfaceKmh, tags.get('surface')) ?? Number.POSITIVE_INFINITY,
    lookUp<number>(CAR.tracktypeKmh, tags.get('tracktype')) ?? Number.POSITIVE_INFINITY,
    lookUp<number>(CAR.smoothnessKmh, tags.get('smoothness')) ?? Number.POSITIVE_INFINITY,
  );
}

export const includes = (list: readonly string[], value: string | undefined): boolean =>
  value !== undefined && list.includes(value);
