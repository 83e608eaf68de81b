// The GeoJSON reader, for OSM ways as Overpass and osmtogeojson export them: LineStrings whose properties are the tags
// of the way, or hold them under `tags`. There are no node ids: equal coordinates are the same node.
//
// A polygon is a closed way that the exporter took for an area, so its outer rings are shown as ways with area=yes. A
// point is a node with tags. Other geometries are left out.

import {isId, type MapVisitor, NO_TAGS, onEarth, PARTS_LIMIT, type Tags} from './elements.ts';
import {geoJsonDamage, readFeatures} from './geojson-features.ts';

type Properties = Readonly<Record<string, unknown>>;
type Way = {readonly id: number; readonly tags: Tags};

/** Throws InputFailure with the byte offset of the feature that is damaged. */
export async function readGeoJson(path: string, chunks: AsyncIterable<Uint8Array>, visitor: MapVisitor): Promise<void> {
  let position = 0;
  for await (const {text, offset} of readFeatures(path, chunks)) {
    try {
      showFeature(JSON.parse(text), ++position, visitor);
    } catch (error) {
      throw isDamage(error) ? geoJsonDamage(path, offset, (error as Error).message) : error;
    }
  }
}

/** JSON.parse throws SyntaxErrors and this file plain ones; errors of other classes are defects. */
const isDamage = (error: unknown): boolean =>
  error instanceof SyntaxError || (error instanceof Error && error.constructor === Error);

function showFeature(feature: Properties, position: number, visitor: MapVisitor): void {
  if (feature.type !== 'Feature') throw new Error('an entry that is no feature');
  const properties = isObject(feature.properties) ? feature.properties : {};
  const plainTags = isObject(properties.tags) ? properties.tags : properties;
  const tags: Tags = {get: (key) => tagText(plainTags, key)};
  const way = {id: wayId(feature, properties, position), tags};
  const area = {id: way.id, tags: {get: (key: string) => (key === 'area' ? 'yes' : tags.get(key))}};
  if (!isObject(feature.geometry)) return; // A feature may be without place: null.
  const {type, coordinates} = feature.geometry;
  if (type === 'LineString') showLine(way, list(coordinates), visitor);
  else if (type === 'MultiLineString') for (const line of list(coordinates)) showLine(way, list(line), visitor);
  else if (type === 'Polygon') showLine(area, list(list(coordinates)[0]), visitor);
  else if (type === 'MultiPolygon') {
    for (const polygon of list(coordinates)) showLine(area, list(list(polygon)[0]), visitor);
  } else if (type === 'Point') {
    const {id, latE7, lonE7} = nodeAt(coordinates);
    visitor.node?.(id, latE7, lonE7, tags);
  }
}

function showLine(way: Way, positions: readonly unknown[], visitor: MapVisitor): void {
  if (positions.length > PARTS_LIMIT) throw new Error(`a line of more than ${PARTS_LIMIT} points`);
  const refs: number[] = [];
  for (const position of positions) {
    const {id, latE7, lonE7} = nodeAt(position);
    refs.push(id);
    visitor.node?.(id, latE7, lonE7, NO_TAGS);
  }
  visitor.way?.(way.id, refs, way.tags);
}

/** "way/123", as osmtogeojson writes it, or a bare number; else minus the feature's place in the file. */
function wayId(feature: Properties, properties: Properties, position: number): number {
  const found = String(feature.id ?? properties['@id'] ?? properties.id ?? '').match(/^(?:way\/)?(-?\d+)$/);
  return found && isId(Number(found[1])) ? Number(found[1]) : -position;
}

function tagText(tags: Properties, key: string): string | undefined {
  const value = Object.hasOwn(tags, key) ? tags[key] : undefined;
  return typeof value === 'object' || value === undefined ? undefined : String(value);
}

function nodeAt(position: unknown): {id: number; latE7: number; lonE7: number} {
  const [lon, lat] = list(position);
  const latE7 = typeof lat === 'number' ? Math.round(lat * 1e7) : Number.NaN;
  const lonE7 = typeof lon === 'number' ? Math.round(lon * 1e7) : Number.NaN;
  if (!onEarth(latE7, lonE7)) throw new Error(`a position [${lon}, ${lat}]`);
  return {id: coordinateId(latE7, lonE7), latE7, lonE7};
}

/**
 * A stable node id made from a place: 53 bits of a scrambled 64. A Feistel network of four rounds is a bijection, so
 * two places clash only in the 11 bits dropped: once in 10^7 files of 40,000 points. The importer refuses a clash.
 */
export function coordinateId(latE7: number, lonE7: number): number {
  let left = latE7 | 0;
  let right = lonE7 | 0;
  for (let round = 1; round <= 4; round++) [left, right] = [right, left ^ scramble(right + round)];
  return (left >>> 0) * 2 ** 21 + (right >>> 11);
}

/** The finalizer of MurmurHash3 (A. Appleby, public domain). */
function scramble(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

const isObject = (value: unknown): value is Properties =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Error('coordinates that are no list');
}
