// The coordinates of a query: checked, with their options, put on roads, and told as OSRM's waypoints.

import {METRES_PER_E7, RADIANS_PER_E7, wrapE7} from '../../../native-graph/geometry.ts';
import {nameText, type RoadGraph} from '../../../native-graph/layout.ts';
import type {Position} from '../../../native-graph/position.ts';
import {toE7} from '../../domain/units.ts';
import {toE6} from './line.ts';
import type {Place} from './nearest.ts';
import type {GeneralOptions} from './query.ts';
import {type Refusal, refusal} from './refusal.ts';
import type {Roads} from './roads.ts';

type Coordinates = readonly (readonly [number, number])[];

const PER_PLACE = ['hints', 'bearings', 'radiuses', 'approaches'] as const;

/** What is wrong with options that every service has. Names and numbers come in OSRM's order. */
export function flawOf(coordinates: Coordinates, options: GeneralOptions): Refusal | undefined {
  for (const name of PER_PLACE) {
    const size = options[name]?.length ?? 0;
    if (size > 0 && size !== coordinates.length) {
      const text = `Number of elements in ${name} size ${size} does not match coordinate size ${coordinates.length}`;
      return refusal('InvalidOptions', text);
    }
  }
  for (const bearing of options.bearings ?? []) {
    if (bearing === null) continue;
    const {deg, rangeDeg} = bearing;
    if (deg < 0 || deg > 360 || rangeDeg < 0 || rangeDeg > 180) {
      return refusal('InvalidOptions', `Bearing ${deg},${rangeDeg} is not within 0..360,0..180`);
    }
  }
  if (options.radiuses?.some((radiusM) => radiusM !== null && radiusM < 0)) {
    return refusal('InvalidOptions', 'A radius must not be negative');
  }
  return undefined;
}

/** What the graph cannot do: it knows no classes of roads that a query could keep off. */
export function exclusionOf({exclude = []}: GeneralOptions): Refusal | undefined {
  const named = exclude.filter((name) => name !== 'none');
  return named.length > 0 ? refusal('InvalidValue', 'Exclude flag combination is not supported.') : undefined;
}

export const areOnEarth = (coordinates: Coordinates): boolean =>
  coordinates.every(([lon, lat]) => Math.abs(lon) <= 180 && Math.abs(lat) <= 90);

export function placesOf(coordinates: Coordinates, options: GeneralOptions): Place[] {
  return coordinates.map(([lon, lat], i) => ({
    lonE7: toE7(lon),
    latE7: toE7(lat),
    radiusM: options.radiuses?.[i] ?? Number.POSITIVE_INFINITY,
    approach: options.approaches?.[i] ?? 'unrestricted',
    bearing: options.bearings?.[i] ?? null,
    anyRoad: options.snapping === 'any',
  }));
}

/** Each place on its nearest road. VROOM reads the number in the message. */
export function snapAll(roads: Roads, places: readonly Place[]): Position[] | Refusal {
  const positions: Position[] = [];
  for (const place of places) {
    const [at] = roads.nearest(place, 1);
    if (at === undefined) {
      return refusal('NoSegment', `Could not find a matching segment for coordinate ${positions.length}`);
    }
    positions.push(at);
  }
  return positions;
}

export type Waypoint = {
  readonly location: readonly [number, number];
  readonly name: string;
  readonly distance: number;
  readonly hint?: string;
};

export function waypointOf(
  g: RoadGraph,
  at: Position,
  place: Place,
  {generate_hints: hints = true}: GeneralOptions,
): Waypoint {
  const name = nameText(g, g.edgeName[edgeOf(g, at)]);
  const distance = Math.round(metresApart(at, place) * 1e6) / 1e6;
  const location = [toE6(at.lonE7) / 1e6, toE6(at.latE7) / 1e6] as const;
  return {...(hints && {hint: hintOf(g, at)}), location, name, distance};
}

export const edgeOf = (g: RoadGraph, at: Position): number => g.drawn[Math.max(at.forward, at.backward)] >>> 1;

/**
 * Where the place lies, for a person who wants to compare; never read again, because a place is found by its
 * coordinate and options alone.
 */
function hintOf(g: RoadGraph, at: Position): string {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32LE(edgeOf(g, at), 0);
  bytes.writeInt32LE(at.lonE7, 4);
  bytes.writeInt32LE(at.latE7, 8);
  return bytes.toString('base64url');
}

type Point = {readonly lonE7: number; readonly latE7: number};

/** Along a great circle. */
export function metresApart(a: Point, b: Point): number {
  const [latA, latB] = [a.latE7 * RADIANS_PER_E7, b.latE7 * RADIANS_PER_E7];
  const sinLat = Math.sin((latB - latA) / 2);
  const sinLon = Math.sin((wrapE7(b.lonE7 - a.lonE7) * RADIANS_PER_E7) / 2);
  const half = sinLat * sinLat + Math.cos(latA) * Math.cos(latB) * sinLon * sinLon;
  return ((2 * Math.asin(Math.min(1, Math.sqrt(half)))) / RADIANS_PER_E7) * METRES_PER_E7;
}
