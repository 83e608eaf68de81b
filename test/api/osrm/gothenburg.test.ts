// Properties that hold on every route of a real city, and what our detection of roundabouts makes of tagged ones.
import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import fc from 'fast-check';
import instructions from 'osrm-text-instructions';
import {expect, test} from 'vitest';
import {assemble} from '../../../native-graph/build/assemble.ts';
import {importNetwork} from '../../../native-graph/build/import.ts';
import {decodePolyline} from '../../../src/api/osrm/polyline.ts';
import {ringsOf} from '../../../src/api/osrm/ring.ts';
import {runs} from '../../support/runs.ts';
import {townServer} from './town-server.ts';

const city = fileURLToPath(import.meta.resolve('geojson-path-finder/test/large-network.json'));
const {graph} = assemble(await importNetwork(city));
const {ask} = townServer(graph);

const BOX = {west: 11.87, east: 12.08, south: 57.655, north: 57.755};
const coordinate = fc
  .record({x: fc.integer({min: 0, max: 100_000}), y: fc.integer({min: 0, max: 100_000})})
  .map(({x, y}) => {
    const lon = BOX.west + (x / 1e5) * (BOX.east - BOX.west);
    const lat = BOX.south + (y / 1e5) * (BOX.north - BOX.south);
    return `${lon.toFixed(6)},${lat.toFixed(6)}`;
  });

type LonLat = [number, number];
type Line = {coordinates: LonLat[]};
type Step = {
  distance: number;
  duration: number;
  geometry: Line;
  name: string;
  maneuver: {type: string; modifier?: string; location: LonLat; bearing_before: number; bearing_after: number};
  intersections: {location: LonLat; bearings: number[]; entry: boolean[]; in?: number; out?: number}[];
};
type Leg = {distance: number; duration: number; steps: Step[]; summary: string};
type Route = {distance: number; duration: number; geometry: Line; legs: Leg[]};

const tenths = (values: readonly number[]): number => values.reduce((sum, value) => sum + Math.round(value * 10), 0);
const compiler = instructions('v5');

function checkLeg({distance, duration, steps}: Leg): void {
  expect(tenths(steps.map((step) => step.duration))).toBe(Math.round(duration * 10));
  expect(tenths(steps.map((step) => step.distance))).toBe(Math.round(distance * 10));
  expect(steps.length).toBeGreaterThanOrEqual(2);
  steps.forEach(({maneuver, geometry, intersections, ...step}, i) => {
    const [type, others] = i === 0 ? ['depart', 'arrive'] : i === steps.length - 1 ? ['arrive', 'depart'] : [];
    if (type) expect(maneuver.type).toBe(type);
    else expect(maneuver.modifier).toBeDefined();
    expect(maneuver.type).not.toBe(others);
    expect(step.duration).toBeGreaterThanOrEqual(0);
    expect(step.distance).toBeGreaterThanOrEqual(0);
    expect(maneuver.location).toEqual(geometry.coordinates[0]);
    expect(intersections[0].location).toEqual(maneuver.location);
    if (i + 1 < steps.length) expect(steps[i + 1].maneuver.location).toEqual(geometry.coordinates.at(-1));
    for (const {bearings, entry, in: into, out} of intersections) {
      expect(bearings).toHaveLength(entry.length);
      expect(bearings.every((each, k) => each >= 0 && each < 360 && (k === 0 || each >= bearings[k - 1]))).toBe(true);
      if (out !== undefined) expect(entry[out]).toBe(true);
      if (into !== undefined) expect(into).toBeLessThan(bearings.length);
    }
    expect(compiler.compile('en', {maneuver, ...step})).toMatch(/^[A-Z][^{}]+$/);
  });
}

test('steps add up to their leg, join up to its geometry, and become sentences', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(coordinate, {minLength: 2, maxLength: 4}), async (coordinates) => {
      const path = `/route/v1/driving/${coordinates.join(';')}?steps=true&overview=full&geometries=geojson`;
      const {routes, waypoints} = await ask(path);
      const [{geometry, legs, ...route}] = routes as Route[];
      expect(waypoints).toHaveLength(coordinates.length);
      expect(tenths(legs.map(({duration}) => duration))).toBe(Math.round(route.duration * 10));
      expect(tenths(legs.map(({distance}) => distance))).toBe(Math.round(route.distance * 10));
      legs.forEach(checkLeg);
      const joined: LonLat[] = [];
      for (const {steps} of legs) {
        for (const {geometry: part} of steps.slice(0, -1))
          joined.push(...part.coordinates.slice(joined.length ? 1 : 0));
      }
      expect(joined).toEqual(geometry.coordinates);
      legs.forEach(({steps}, i) => {
        expect(steps[0].maneuver.location).toEqual(waypoints[i].location);
        expect(steps.at(-1)?.maneuver.location).toEqual(waypoints[i + 1].location);
      });
      // A simplified overview keeps the ends of legs, and is drawn from the same points.
      const simplified = (await ask(path.replace('overview=full', 'overview=simplified'))).routes[0].geometry;
      expect(geometry.coordinates).toEqual(expect.arrayContaining(simplified.coordinates));
      expect([simplified.coordinates[0], simplified.coordinates.at(-1)]).toEqual([joined[0], joined.at(-1)]);
      const polyline = (await ask(path.replace('geojson', 'polyline6'))).routes[0].geometry;
      expect(decodePolyline(polyline, 6)).toEqual(geometry.coordinates);
    }),
    {numRuns: runs(150)},
  );
});

test('a table equals the routes of all its pairs, and its parts', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(coordinate, {minLength: 2, maxLength: 6}), async (coordinates) => {
      const places = coordinates.join(';');
      const table = await ask(`/table/v1/driving/${places}?annotations=duration,distance`);
      for (const [i, from] of coordinates.entries()) {
        for (const [j, to] of coordinates.entries()) {
          const {routes} = await ask(`/route/v1/driving/${from};${to}?overview=false`);
          expect([table.durations[i][j], table.distances[i][j]]).toEqual([routes[0].duration, routes[0].distance]);
        }
      }
      const part = await ask(`/table/v1/driving/${places}?sources=1;0&destinations=0`);
      expect(part.durations).toEqual([[table.durations[1][0]], [table.durations[0][0]]]);
    }),
    {numRuns: runs(40, 2)},
  );
});

test('roundabouts are found by their shape', () => {
  type Feature = {properties: Record<string, string>; geometry: {coordinates: LonLat[]}};
  const {features} = JSON.parse(readFileSync(city, 'utf8')) as {features: Feature[]};
  const key = ([lon, lat]: LonLat): string => `${Math.round(lon * 1e7)},${Math.round(lat * 1e7)}`;
  const tagged = new Set(
    features
      .filter(({properties}) => ['roundabout', 'circular'].includes(properties.junction))
      .flatMap(({geometry}) =>
        geometry.coordinates.slice(1).map((to, i) => `${key(geometry.coordinates[i])} ${key(to)}`),
      ),
  );
  const rings = ringsOf(graph, 'right');
  const count = {both: 0, onlyTagged: 0, onlyFound: 0};
  for (let segment = 0; segment < graph.segmentCount; segment++) {
    const edge = graph.drawn[segment] >>> 1;
    if ((graph.drawn[segment] & 1) === 1) continue;
    const p = graph.firstPoint[edge];
    const point = (i: number): string => `${graph.pointLonE7[i]},${graph.pointLatE7[i]}`;
    const isTagged = tagged.has(`${point(p)} ${point(p + 1)}`);
    const isFound = rings.has(segment);
    if (isTagged && isFound) count.both++;
    else if (isTagged) count.onlyTagged++;
    else if (isFound) count.onlyFound++;
  }
  // Of 574 tagged stretches.
  expect(count).toEqual({both: 555, onlyTagged: 19, onlyFound: 19});
});
