// Isochrones as GeoJSON (RFC 7946): a feature a limit, the shortest first.

import type {Area, Areas} from '../../native-graph/isochrone/areas.ts';
import type {Position} from '../../native-graph/position.ts';
import {fromE7} from '../domain/units.ts';

export type Asked = {
  /** On the road. */
  readonly at: Position;
  readonly direction: 'from' | 'to';
  /** Of live speeds; left out where there are none. */
  readonly epoch?: number | undefined;
};

export const featureCollection = ({resolution, areas}: Areas, {at, direction, epoch}: Asked) => ({
  type: 'FeatureCollection' as const,
  /** Members of ours: where on the road, and how fine. */
  place: {lon: fromE7(at.lonE7), lat: fromE7(at.latE7), distanceM: Math.round(at.distanceM * 10) / 10},
  h3Resolution: resolution,
  features: areas.map(({limitMs, segments, polygons}: Area) => ({
    type: 'Feature' as const,
    properties: {minutes: limitMs / 60_000, direction, ...(epoch !== undefined && {epoch}), segments},
    geometry: {type: 'MultiPolygon' as const, coordinates: polygons},
  })),
});

/**
 * The minutes of a list such as `5,10,15`, or a sentence that ends "must …": whole minutes up to `longest`, ascending,
 * at most `most` of them.
 */
export function parseMinutes(text: string, longest: number, most: number): number[] | string {
  const minutes = text.split(',').map((part) => (/^\d{1,6}$/.test(part) ? Number(part) : Number.NaN));
  if (minutes.some((each) => !(each >= 1 && each <= longest))) {
    return `must be whole minutes from 1 to ${longest}, such as 5,10,15`;
  }
  if (minutes.length > most) return `must be at most ${most} limits`;
  if (minutes.some((each, i) => i > 0 && each <= minutes[i - 1]!)) return 'must ascend';
  return minutes;
}
