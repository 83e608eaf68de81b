// Isochrones as GeoJSON (RFC 7946): a feature a limit, the shortest first.

import type {WrittenAreas} from '../../native-graph/isochrone/areas.ts';
import type {Position} from '../../native-graph/position.ts';
import {fromE7} from '../domain/units.ts';

export type Asked = {
  /** On the road. */
  readonly at: Position;
  readonly direction: 'from' | 'to';
  /** Of live speeds; left out where there are none. */
  readonly epoch?: number | undefined;
};

/** The text of a FeatureCollection. */
export function featureCollection({resolution, areas}: WrittenAreas, {at, direction, epoch}: Asked): string {
  /** Members of ours: where on the road, and how fine. */
  const place = {lon: fromE7(at.lonE7), lat: fromE7(at.latE7), distanceM: Math.round(at.distanceM * 10) / 10};
  const features = areas.map(({limitMs, segments, coordinates}) => {
    const properties = {minutes: limitMs / 60_000, direction, epoch, segments};
    const geometry = `{"type":"MultiPolygon","coordinates":${coordinates}}`;
    return `{"type":"Feature","properties":${JSON.stringify(properties)},"geometry":${geometry}}`;
  });
  const head = `"type":"FeatureCollection","place":${JSON.stringify(place)},"h3Resolution":${resolution}`;
  return `{${head},"features":[${features.join()}]}`;
}

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
