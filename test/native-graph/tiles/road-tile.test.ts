import {VectorTile, type VectorTileFeature} from '@mapbox/vector-tile';
import {PbfReader} from 'pbf';
import {expect, test} from 'vitest';
import {EXTENT, ROAD_KINDS, roadTile, TILE_ZOOM_LIMIT} from '../../../native-graph/tiles/road-tile.ts';
import {gothenburgGraph} from '../../support/city.ts';

const g = await gothenburgGraph();

const tileX = (lon: number, z: number) => Math.floor((lon / 360 + 0.5) * 2 ** z);
const tileY = (lat: number, z: number) =>
  Math.floor((0.5 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI)) * 2 ** z);

function features(bytes: Uint8Array, layer: string): VectorTileFeature[] {
  const found = new VectorTile(new PbfReader(bytes)).layers[layer];
  return Array.from({length: found?.length ?? 0}, (_, i) => found!.feature(i));
}

/** Metres on the ground of the lines of a tile: of those pieces whose middle lies in it, so that none counts twice. */
function metres(bytes: Uint8Array, z: number, y: number): number {
  const lat = Math.atan(Math.sinh(Math.PI * (1 - (2 * (y + 0.5)) / 2 ** z)));
  const perUnit = (40_075_016.686 * Math.cos(lat)) / 2 ** z / EXTENT;
  const inside = (at: {x: number; y: number}) => at.x >= 0 && at.x <= EXTENT && at.y >= 0 && at.y <= EXTENT;
  let sum = 0;
  for (const feature of features(bytes, 'roads')) {
    for (const line of feature.loadGeometry()) {
      for (let i = 1; i < line.length; i++) {
        const [a, b] = [line[i - 1]!, line[i]!];
        if (inside({x: (a.x + b.x) / 2, y: (a.y + b.y) / 2})) sum += Math.hypot(b.x - a.x, b.y - a.y) * perUnit;
      }
    }
  }
  return sum;
}

/** Every tile of a zoom that the town touches. */
function tilesOf(z: number): [x: number, y: number][] {
  const lons = Array.from(g.pointLonE7, (lon) => tileX(lon / 1e7, z));
  const lats = Array.from(g.pointLatE7, (lat) => tileY(lat / 1e7, z));
  const [west, east] = [lons.reduce((a, b) => Math.min(a, b)), lons.reduce((a, b) => Math.max(a, b))];
  const [north, south] = [lats.reduce((a, b) => Math.min(a, b)), lats.reduce((a, b) => Math.max(a, b))];
  const tiles: [number, number][] = [];
  for (let x = west; x <= east; x++) for (let y = north; y <= south; y++) tiles.push([x, y]);
  return tiles;
}

test('the tiles of the last zoom together hold every metre of road there is', () => {
  const z = TILE_ZOOM_LIMIT;
  const drawn = tilesOf(z).reduce((sum, [x, y]) => sum + metres(roadTile(g, z, x, y), z, y), 0);
  const there = g.edgeLengthCm.reduce((sum, cm) => sum + cm, 0) / 100;
  // Where a piece is cut off depends on the tile, and coordinates are rounded to 0.3 m.
  expect(drawn / there).toBeGreaterThan(0.99);
  expect(drawn / there).toBeLessThan(1.01);
});

test('no point lies outside the tile and its margin, and no line is a point', () => {
  for (const z of [9, 12, 14]) {
    for (const [x, y] of tilesOf(z)) {
      for (const feature of features(roadTile(g, z, x, y), 'roads')) {
        expect(ROAD_KINDS).toContain(feature.properties.kind);
        for (const line of feature.loadGeometry()) {
          expect(line.length).toBeGreaterThan(1);
          for (const at of line) {
            expect(Math.min(at.x, at.y)).toBeGreaterThanOrEqual(-64);
            expect(Math.max(at.x, at.y)).toBeLessThanOrEqual(EXTENT + 64);
          }
        }
      }
    }
  }
});

test('further away only the greater roads are drawn, and no names are written', () => {
  const kindsAt = (z: number) =>
    new Set(
      tilesOf(z).flatMap(([x, y]) => features(roadTile(g, z, x, y), 'roads').map(({properties}) => properties.kind)),
    );
  expect(kindsAt(14)).toContain('minor');
  for (const kind of ['minor', 'tertiary', 'service']) expect(kindsAt(9)).not.toContain(kind);
  expect(kindsAt(9).size).toBeGreaterThan(0);
  const named = (z: number) => tilesOf(z).flatMap(([x, y]) => features(roadTile(g, z, x, y), 'names'));
  expect(named(11)).toEqual([]);
  expect(named(14).length).toBeGreaterThan(10);
  expect(named(14).every(({properties}) => String(properties.name).length > 0)).toBe(true);
});

test('a tile without a road has no bytes', () => {
  expect(roadTile(g, 14, 0, 0)).toHaveLength(0);
});
