// An area has the hexagons that reached roads pass, all of them and no others: held against places picked along every
// road, each timed by a search of its own.
import fc from 'fast-check';
import {cellToBoundary, cellToLatLng, getPentagons, gridDisk, latLngToCell} from 'h3-js';
import {beforeAll, describe, expect, test} from 'vitest';
import {assemble} from '../../../native-graph/build/assemble.ts';
import {importNetwork} from '../../../native-graph/build/import.ts';
import {METRES_PER_E7, pointBetween, wrapE7} from '../../../native-graph/geometry.ts';
import {type Area, type Areas, areasAround, HEXAGONS_LIMIT} from '../../../native-graph/isochrone/areas.ts';
import {createHexagons} from '../../../native-graph/isochrone/hexagons.ts';
import type {RoadGraph} from '../../../native-graph/layout.ts';
import {type Position, positionsOf} from '../../../native-graph/position.ts';
import {everyPick, NO_LIMIT_MS, timesFrom, timesTo} from '../../../native-graph/route/dijkstra.ts';
import {createScratch} from '../../../native-graph/route/scratch.ts';
import {gothenburg} from '../../../src/cli/city-graph.ts';
import {type Random, randomStream} from '../../../src/domain/random.ts';
import {roughWorld, workspaceOf} from '../../support/random-hierarchy.ts';
import {below, placeOn} from '../../support/random-network.ts';
import {runs} from '../../support/runs.ts';
import {sharedFile} from '../../support/shared.ts';
import {BLOCK_E7, BLOCK_MS, town} from '../../support/town.ts';

type Direction = 'from' | 'to';

function areasOf(g: RoadGraph, direction: Direction, at: Position, limitsMs: readonly number[]): Areas {
  return areasAround(g, {scratch: createScratch(g)}, direction, positionsOf([at]), 0, limitsMs);
}

/** By place, from `at` or to it. */
function timesOf(g: RoadGraph, direction: Direction, at: Position, places: readonly Position[]): Int32Array {
  const [one, many] = [positionsOf([at]), positionsOf(places)];
  const out = new Int32Array(places.length);
  const scratch = createScratch(g);
  if (direction === 'from') timesFrom(g, scratch, one, 0, many, everyPick(many), NO_LIMIT_MS, out);
  else timesTo(g, scratch, many, everyPick(many), one, 0, NO_LIMIT_MS, out);
  return out;
}

/** Whether a point lies in an area: inside an odd number of its rings. */
function isIn({polygons}: Area, lat: number, lon: number): boolean {
  let inside = false;
  for (const ring of polygons.flat()) {
    for (let i = 1; i < ring.length; i++) {
      const [[ax, ay], [bx, by]] = [ring[i - 1], ring[i]];
      const [x1, x2] = [ax, bx].map((x) => wrapE7(Math.round((x - lon) * 1e7)));
      if (ay > lat === by > lat) continue;
      if (x1 + ((lat - ay) / (by - ay)) * (x2 - x1) > 0) inside = !inside;
    }
  }
  return inside;
}

/** Positions every so many metres along every road, each on both of its directions. */
function placesAlong(g: RoadGraph, metres: number): Position[] {
  return Array.from({length: g.edgeCount}, (_, edge) => {
    const steps = Math.max(1, Math.ceil(g.edgeLengthCm[edge] / 100 / metres));
    return Array.from({length: steps + 1}, (_, i) => placeOn(g, edge, i / steps, true, true));
  }).flat();
}

type Point = Pick<Position, 'latE7' | 'lonE7'>;

const hexagonOf = ({latE7, lonE7}: Point, resolution: number): string =>
  latLngToCell(latE7 / 1e7, lonE7 / 1e7, resolution);

/** Around a point, should it lie on a side to the centimetre. */
const hexagonsNear = ({latE7, lonE7}: Point, resolution: number): string[] =>
  [-20, 0, 20].flatMap((north) =>
    [-20, 0, 20].map((east) => latLngToCell((latE7 + north) / 1e7, (lonE7 + east) / 1e7, resolution)),
  );

describe('in a drawn town', () => {
  const drawn = town(`
    a-b-c-d-e-f
    |   v   | ^
    g>h-i<j-k-l
    ^   |   | |
    m-n-o>p-q-r   s-t
  `);
  const {graph: g} = drawn;
  const places = placesAlong(g, 0.25);
  const limitsMs = [1, 1.5, 4.2].map((blocks) => Math.round(blocks * BLOCK_MS));

  test.each(['from', 'to'] as const)(
    'an area %s a place has the hexagons of all places within and no others',
    (direction) => {
      const at = drawn.on('bc', 0.3);
      const {resolution, areas} = areasOf(g, direction, at, limitsMs);
      const times = timesOf(g, direction, at, places);
      for (const area of areas) {
        const wanted = new Set(places.filter((_, i) => times[i] <= area.limitMs).map((p) => hexagonOf(p, resolution)));
        const near = new Set(
          places.filter((_, i) => times[i] <= area.limitMs).flatMap((place) => hexagonsNear(place, resolution)),
        );
        const candidates = new Set(places.flatMap((place) => hexagonsNear(place, resolution)));
        for (const hexagon of candidates) {
          const inside = isIn(area, ...(cellToLatLng(hexagon) as [number, number]));
          if (wanted.has(hexagon)) expect([hexagon, inside]).toEqual([hexagon, true]);
          if (!near.has(hexagon)) expect([hexagon, inside]).toEqual([hexagon, false]);
        }
      }
    },
  );

  test('an area ends where the limit is reached, not where a street ends', () => {
    const {resolution, areas} = areasOf(g, 'from', drawn.on('st', 0), [BLOCK_MS / 2 - 1, BLOCK_MS]);
    const [start, end] = [drawn.on('st', 0), drawn.on('st', 1)];
    const hexagons = createHexagons(resolution);
    hexagons.moveTo(start.latE7, start.lonE7, 0);
    hexagons.lineTo(end.latE7, (start.lonE7 + end.lonE7) / 2);
    const half = hexagons.ids.length;
    hexagons.lineTo(end.latE7, end.lonE7);
    const isInside = (area: Area) => hexagons.ids.map((id) => isIn(area, ...(cellToLatLng(id) as [number, number])));
    expect(isInside(areas[0])).toEqual(hexagons.ids.map((_, i) => i < half));
    expect(isInside(areas[1])).toEqual(hexagons.ids.map(() => true));
    // It stands on both directions of the street.
    expect(areas.map(({segments}) => segments)).toEqual([2, 2]);
  });

  test('another island is in no area, and the place itself in every', () => {
    const {areas} = areasOf(g, 'to', drawn.at.s, [0, 3_600_000]);
    for (const area of areas) expect(isIn(area, drawn.at.s.latE7 / 1e7, drawn.at.s.lonE7 / 1e7)).toBe(true);
    expect(isIn(areas[1], drawn.at.a.latE7 / 1e7, drawn.at.a.lonE7 / 1e7)).toBe(false);
  });

  test('limits that do not ascend are refused', () => {
    expect(() => areasOf(g, 'from', drawn.at.a, [2, 2])).toThrow('ascend');
  });
});

test('a point lies in the hexagon that H3 names, be it near a side or a corner', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const random = randomStream(seed, 'points');
      const resolution = 7 + below(random, 4);
      const pentagons = getPentagons(resolution);
      const around = latLngToCell(random() * 160 - 80, random() * 360 - 180, resolution);
      const disk = gridDisk(below(random, 4) === 0 ? pentagons[below(random, pentagons.length)] : around, 2);
      const hexagons = createHexagons(resolution);
      for (let i = 0; i < 200; i++) {
        const id = disk[below(random, disk.length)];
        const [boundary, [lat, lon]] = [cellToBoundary(id), cellToLatLng(id)];
        const side = below(random, boundary.length);
        const [[latA, lonA], [latB, lonB]] = [boundary[side], boundary[(side + 1) % boundary.length]];
        const onSide = pointBetween(latA * 1e7, lonA * 1e7, latB * 1e7, lonB * 1e7, random());
        // Out of the centre through a side, up to some millimetres or metres from it.
        const out = 1 + (random() - 0.5) * 10 ** -(1 + below(random, 6));
        const {latE7, lonE7} = pointBetween(lat * 1e7, lon * 1e7, onSide.latE7, onSide.lonE7, out);
        hexagons.moveTo(latE7, lonE7, i);
        const wanted = latLngToCell(latE7 / 1e7, lonE7 / 1e7, resolution);
        // Each is asked for at a level of its own, the least of which stays.
        expect(hexagons.levels[hexagons.ids.indexOf(wanted)]).toBeLessThanOrEqual(i);
        const before = [...hexagons.levels];
        hexagons.moveTo(latE7, lonE7, -1 - i);
        const changed = hexagons.levels.flatMap((level, h) => (level === before[h] ? [] : [hexagons.ids[h]]));
        expect(changed).toEqual([wanted]);
      }
    }),
    {numRuns: runs(100)},
  );
});

test('a line has every hexagon that a finer line has, and no others', () => {
  fc.assert(
    fc.property(fc.integer({min: 0, max: 2 ** 31}), (seed) => {
      const random = randomStream(seed, 'lines');
      const resolution = 8 + below(random, 3);
      const [latE7, lonE7] = [below(random, 1_600_000_000) - 800_000_000, below(random, 3_600_000_000) - 1_800_000_000];
      const far = [200, 20_000, 300_000][below(random, 3)];
      const [north, east] = [below(random, 2 * far) - far, below(random, 2 * far) - far];
      const hexagons = createHexagons(resolution);
      hexagons.moveTo(latE7, lonE7, 0);
      hexagons.lineTo(latE7 + north, wrapE7(lonE7 + east));
      const found = new Set(hexagons.ids);
      expect(found.size).toBe(hexagons.ids.length);
      const fine = new Set<string>();
      for (let i = 0; i <= 400; i++) {
        const point = pointBetween(latE7, lonE7, latE7 + north, wrapE7(lonE7 + east), i / 400);
        const id = latLngToCell(point.latE7 / 1e7, point.lonE7 / 1e7, resolution);
        fine.add(id);
        if (!found.has(id)) {
          // A corner of less than a step.
          const around = hexagonsNear(point, resolution);
          expect(around.some((other) => found.has(other))).toBe(true);
        }
      }
      // Finer points miss short corners.
      expect(found.size).toBeLessThanOrEqual(fine.size + 3 + fine.size / 4);
    }),
    {numRuns: runs(500)},
  );
});

const somePlace = (g: RoadGraph, random: Random): Position =>
  placeOn(g, below(random, g.edgeCount), random(), true, below(random, 3) > 0);

describe.each([
  ['Gothenburg', gothenburg()],
  ['Monaco', sharedFile('data/osm/monaco.osm.pbf')],
  ['Fiji', sharedFile('data/osm/edge-cases/r5-fiji-ferry.osm.pbf')],
])('on the roads of %s', (name, file) => {
  let g: RoadGraph;
  beforeAll(async () => {
    if (file) g = assemble(await importNetwork(file), {minComponentSegments: 4}).graph;
  });

  test.skipIf(!file)('every place within a limit lies in its area and those of longer ones', () => {
    const random = randomStream(3, name);
    const limitsMs = [120_000, 300_000, 600_000];
    const places = Array.from({length: 2_000}, () => somePlace(g, random));
    for (const direction of ['from', 'to'] as const) {
      const at = somePlace(g, random);
      const {resolution, areas} = areasOf(g, direction, at, limitsMs);
      const times = timesOf(g, direction, at, places);
      for (const [i, {latE7, lonE7}] of places.entries()) {
        const told = areas.map((area) => isIn(area, latE7 / 1e7, lonE7 / 1e7));
        areas.forEach(({limitMs}, k) => {
          if (times[i] <= limitMs) expect(told[k]).toBe(true);
        });
        // Nested.
        expect(told.some((inside, k) => inside && told.slice(k).includes(false))).toBe(false);
      }
      expect(resolution).toBe(9);
      for (const {polygons} of areas) for (const ring of polygons.flat()) expect(ring[0]).toEqual(ring.at(-1));
    }
  });

  test.skipIf(!file)('outer rings go anticlockwise and holes clockwise, as RFC 7946 has it', () => {
    const {areas} = areasOf(g, 'from', somePlace(g, randomStream(9, name)), [600_000]);
    const turn = (ring: readonly (readonly [number, number])[]): number =>
      ring.slice(1).reduce((sum, [x, y], i) => sum + ring[i][0] * y - x * ring[i][1], 0);
    for (const [outer, ...holes] of areas[0].polygons) {
      expect(turn(outer)).toBeGreaterThan(0);
      for (const hole of holes) expect(turn(hole)).toBeLessThan(0);
    }
    expect(areas[0].polygons.length).toBeGreaterThan(0);
  });
});

test('over a hierarchy the areas are the same', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const {graph: g, places, random} = roughWorld(seed);
      const at = places[1 + below(random, places.length - 1)]!;
      const ws = workspaceOf(g);
      const limitsMs = [below(random, 100), 100 + below(random, 900), 1_000 + below(random, 30_000)];
      for (const direction of ['from', 'to'] as const) {
        const over = areasAround(g, {ws}, direction, positionsOf([at]), 0, limitsMs);
        expect(over).toEqual(areasOf(g, direction, at, limitsMs));
      }
    }),
    {numRuns: runs(200)},
  );
});

test('an area of too many hexagons is made of larger ones, and holds every place all the same', () => {
  const drawn = town('a-b-c-d-e-f-g-h-i-j-k-l-m-n-o-p-q-r');
  // Blocks of 100 km, each in ten seconds.
  const g = {...drawn.graph, pointLonE7: drawn.graph.pointLonE7.map((lon) => 1_000 * lon)};
  const {resolution, areas} = areasOf(g, 'from', drawn.at.a, [5 * BLOCK_MS, 17 * BLOCK_MS]);
  expect(resolution).toBe(9);
  for (const blocks of [0, 1, 4.9, 5.1, 16.9]) {
    expect(areas.map((area) => isIn(area, 0, (1_000 * blocks * BLOCK_E7) / 1e7))).toEqual([blocks < 5, true]);
  }
  const least = (1_000 * 17 * BLOCK_E7 * METRES_PER_E7) / 150;
  expect(least).toBeGreaterThan(HEXAGONS_LIMIT);
  expect(areasOf(g, 'from', drawn.at.a, [5 * BLOCK_MS]).resolution).toBe(10);
});

test('across the antimeridian longitudes run on', () => {
  const drawn = town('a-b-c-d');
  const eastward = 1_799_990_000;
  const g = {...drawn.graph, pointLonE7: drawn.graph.pointLonE7.map((lon) => wrapE7(lon + eastward))};
  const at = {...drawn.at.a, lonE7: eastward};
  const {areas} = areasOf(g, 'from', at, [10 * BLOCK_MS]);
  const lons = areas[0].polygons.flat(2).map(([lon]) => lon);
  expect(Math.min(...lons)).toBeGreaterThan(179);
  expect(Math.max(...lons)).toBeGreaterThan(180 + (2 * BLOCK_E7) / 1e7 - 0.001);
  expect(Math.max(...lons)).toBeLessThan(181);
});
