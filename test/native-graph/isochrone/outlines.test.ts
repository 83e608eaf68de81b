// Outlines are held against H3's own, and against the hexagons that they are made of.
import fc from 'fast-check';
import {cellsToMultiPolygon, cellToLatLng, getPentagons, gridDisk, latLngToCell} from 'h3-js';
import {expect, test} from 'vitest';
import {CIRCLE_E7, wrapE7} from '../../../native-graph/geometry.ts';
import {createHexagons} from '../../../native-graph/isochrone/hexagons.ts';
import {outlinesOf, type Polygons} from '../../../native-graph/isochrone/outlines.ts';
import {type Random, randomStream} from '../../../src/domain/random.ts';
import {below} from '../../support/random-network.ts';

type Ring = readonly (readonly number[])[];

/** In square degrees, above 0 anticlockwise. */
const areaOf = (ring: Ring): number => {
  const [[lon, lat]] = ring;
  return ring
    .slice(1)
    .reduce((sum, [x, y], i) => sum + ((ring[i][0] - lon) * (y - lat) - (x - lon) * (ring[i][1] - lat)) / 2, 0);
};

/** By polygon: how many points each ring has, holes after the outer one, and its area in millionths of the least. */
const shapeOf = (polygons: readonly (readonly Ring[])[]) =>
  polygons
    .map(([outer, ...holes]) => ({
      outer: [outer.length, areaOf(outer)],
      holes: holes.map((hole) => [hole.length, areaOf(hole)]).sort(byArea),
    }))
    .sort((a, b) => byArea(a.outer, b.outer));
const byArea = ([pointsA, areaA]: number[], [pointsB, areaB]: number[]): number => pointsA - pointsB || areaA - areaB;

/** Some hexagons around one, at levels 0 to 2. */
function someHexagons(random: Random, around: string, resolution: number) {
  const hexagons = createHexagons(resolution);
  for (const id of gridDisk(around, 1 + below(random, 6))) {
    const [lat, lon] = cellToLatLng(id);
    if (random() < 0.7) hexagons.moveTo(lat * 1e7, lon * 1e7, below(random, 3));
  }
  return hexagons;
}

const runOn = (polygons: number[][][][], lon: number): number[][][][] =>
  polygons.map((rings) =>
    rings.map((ring) =>
      ring.map(([x, y]) => [lon + wrapE7(((x - lon) * 1e7) % CIRCLE_E7) / 1e7, y] as [number, number]),
    ),
  );

function check(random: Random, around: string, resolution: number): void {
  const hexagons = someHexagons(random, around, resolution);
  const [, lon] = cellToLatLng(around);
  const outlines = outlinesOf(hexagons, 3, lon * 1e7);
  for (const [level, found] of outlines.entries()) {
    const ids = hexagons.ids.filter((_, i) => hexagons.levels[i] <= level);
    const wanted = ids.length === 0 ? [] : runOn(cellsToMultiPolygon(ids, true) as number[][][][], lon);
    const [told, truth] = [shapeOf(found), shapeOf(wanted)];
    const counts = (shape: typeof told) =>
      shape.map(({outer, holes}) => [outer[0], ...holes.map(([points]) => points)]);
    expect(counts(told)).toEqual(counts(truth));
    const total = (polygons: Polygons | number[][][][]) => polygons.flat().reduce((sum, ring) => sum + areaOf(ring), 0);
    expect(total(found) / Math.max(total(wanted), 1e-9)).toBeCloseTo(ids.length === 0 ? 0 : 1, 2);
    for (const [outer, ...holes] of found) {
      expect(areaOf(outer)).toBeGreaterThan(0);
      for (const hole of holes) expect(areaOf(hole)).toBeLessThan(0);
      for (const ring of [outer, ...holes]) expect(ring[0]).toEqual(ring.at(-1));
    }
  }
}

test('the outlines of random hexagons are those of H3', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const random = randomStream(seed, 'outlines');
      const resolution = 6 + below(random, 5);
      const lon = below(random, 4) === 0 ? 179.99 : random() * 360 - 180;
      check(random, latLngToCell(random() * 160 - 80, lon, resolution), resolution);
    }),
    {numRuns: 300},
  );
});

test('around a pentagon too', () => {
  const random = randomStream(5, 'pentagons');
  for (const resolution of [7, 8, 9]) {
    for (const pentagon of getPentagons(resolution)) check(random, pentagon, resolution);
  }
});

test('of no hexagons there is no polygon', () => {
  expect(outlinesOf(createHexagons(9), 2, 0)).toEqual([[], []]);
});

test('a hexagon within a hole is a polygon of its own', () => {
  const [centre, ...around] = gridDisk(latLngToCell(57.7, 11.97, 9), 2);
  const hexagons = createHexagons(9);
  for (const id of [centre, ...around.slice(6)]) {
    const [lat, lon] = cellToLatLng(id);
    hexagons.moveTo(lat * 1e7, lon * 1e7, 0);
  }
  const [polygons] = outlinesOf(hexagons, 1, 11.97e7);
  expect(polygons.map((rings) => rings.map(({length}) => length))).toEqual([[7], [31, 19]]);
});
