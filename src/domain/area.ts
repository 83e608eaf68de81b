// What may be drawn on the map as an area, said in words where it may not. is_area of migrations/0029-rules.sql says
// the same and is what the tables hold to.

import {AREA_POINTS_LIMIT, type Area} from './rule.ts';

type Checked = {readonly kind: 'area'; readonly area: Area} | {readonly kind: 'flaw'; readonly sentence: string};

/** The geometry of a GeoJSON Polygon or MultiPolygon, bare, as a Feature, or as the only one of a FeatureCollection. */
export function areaOf(given: unknown): Checked {
  const flaw = (sentence: string): Checked => ({kind: 'flaw', sentence});
  const geometry = geometryOf(given);
  if (geometry === undefined) return flaw('is not one GeoJSON geometry or feature');
  const {type, coordinates, ...rest} = geometry;
  if (type !== 'Polygon' && type !== 'MultiPolygon') return flaw('is neither a Polygon nor a MultiPolygon');
  const strange = Object.keys(rest).find((name) => name !== 'bbox');
  if (strange !== undefined) return flaw(`has a member ${strange} that no geometry has`);
  const polygons = type === 'Polygon' ? [coordinates] : coordinates;
  if (!isList(polygons) || !polygons.every(isList)) return flaw('has no list of rings');
  const rings = polygons.flat();
  if (polygons.length === 0) return flaw('has no ring');
  if (polygons.some((polygon) => polygon.length === 0)) return flaw('has a polygon without a ring');
  for (const [i, ring] of rings.entries()) {
    const sentence = ringFlaw(ring);
    if (sentence !== undefined) return flaw(`has a ring, number ${i + 1}, ${sentence}`);
  }
  const points = rings.reduce<number>((sum, ring) => sum + (ring as unknown[]).length, 0);
  if (points > AREA_POINTS_LIMIT) return flaw(`has ${points} points, more than ${AREA_POINTS_LIMIT}`);
  return {kind: 'area', area: {type, coordinates} as Area};
}

type Members = Readonly<Record<string, unknown>>;
const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
const isRecord = (value: unknown): value is Members => typeof value === 'object' && value !== null && !isList(value);

function geometryOf(given: unknown): Members | undefined {
  if (!isRecord(given)) return undefined;
  if (given.type === 'FeatureCollection') {
    return isList(given.features) && given.features.length === 1 ? geometryOf(given.features[0]) : undefined;
  }
  if (given.type === 'Feature') return isRecord(given.geometry) ? given.geometry : undefined;
  return given;
}

function ringFlaw(ring: unknown): string | undefined {
  if (!isList(ring) || ring.length < 4) return 'of fewer than four points';
  for (const point of ring) {
    const [lon, lat] = isList(point) && point.length === 2 ? point : [];
    const isOnEarth = typeof lon === 'number' && typeof lat === 'number' && Math.abs(lon) <= 180 && Math.abs(lat) <= 90;
    if (!isOnEarth) return `with a point that is not [lon, lat] in degrees: ${JSON.stringify(point)?.slice(0, 60)}`;
  }
  const [[x, y], [endX, endY]] = [ring[0], ring.at(-1)] as [number[], number[]];
  return x === endX && y === endY ? undefined : 'that does not end where it starts';
}
