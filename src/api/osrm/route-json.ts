// Routes as OSRM tells them: route, legs, steps, annotations, geometries.
//
// Steps share one timeline. A turn's time belongs to the step before it, as with OSRM. Tenths are taken on the sums
// from the start of the leg, so steps add up to their leg, and legs to the route, exactly.

import {nameText, type RoadGraph} from '../../../native-graph/layout.ts';
import {annotationOf, EVERY_ANNOTATION} from './annotations.ts';
import type {Leg, Run} from './legs.ts';
import {type Line, lineOf} from './line.ts';
import {classOf} from './passage.ts';
import {encodePolyline} from './polyline.ts';
import type {Options} from './query.ts';
import type {Rings} from './ring.ts';
import {type Points, simplify} from './simplify.ts';
import {type Asked, type Maneuver, type Step, stepsOf} from './steps.ts';

/** What is kept for a graph. */
export type Guide = {
  readonly graph: RoadGraph;
  readonly rings: Rings;
  readonly drivingSide: 'left' | 'right';
};

/** Seconds or metres with one decimal, from tenths. */
const fromTenths = (tenths: number): number => tenths / 10;
/** Tenths of a second. A table gives the same. */
export const tenthsOfMs = (ms: number): number => Math.round(ms / 100);
export const tenthsOfMetres = (metres: number): number => Math.round(metres * 10);

export function routeJson(
  guide: Guide,
  legs: readonly Leg[],
  places: readonly Asked[],
  options: Options<'route'>,
): object {
  const {overview = 'simplified', geometries = 'polyline'} = options;
  const lines = legs.map((leg) => lineOf(guide.graph, leg));
  const told = legs.map((leg, i) => legJson(guide, leg, lines[i], [places[i], places[i + 1]], options));
  const tenths = (of: (leg: Leg) => number): number => legs.reduce((sum, leg) => sum + of(leg), 0);
  const duration = fromTenths(tenths(({durationMs}) => tenthsOfMs(durationMs)));
  return {
    distance: fromTenths(tenths(({lengthM}) => tenthsOfMetres(lengthM))),
    duration,
    weight: duration,
    weight_name: 'duration',
    legs: overview === 'by_legs' ? told.map((leg, i) => ({...leg, geometry: geometryOf(lines[i], geometries)})) : told,
    ...(overview !== 'false' && overview !== 'by_legs' && {geometry: overviewOf(lines, overview, geometries)}),
  };
}

type Geometries = NonNullable<Options<'route'>['geometries']>;

/** Each leg is simplified by itself, so that its ends stay. */
function overviewOf(lines: readonly Line[], overview: 'full' | 'simplified', geometries: Geometries): unknown {
  const kept = overview === 'full' ? lines.map(({lonE6}) => Array.from(lonE6.keys())) : simplify(lines);
  const whole = {lonE6: [] as number[], latE6: [] as number[]};
  lines.forEach(({lonE6, latE6}, i) => {
    // A leg begins where the one before it ends.
    for (const point of i === 0 ? kept[i] : kept[i].slice(1)) {
      whole.lonE6.push(lonE6[point]);
      whole.latE6.push(latE6[point]);
    }
  });
  return geometryOf(whole, geometries);
}

function geometryOf({lonE6, latE6}: Points, geometries: Geometries): unknown {
  if (geometries === 'polyline') return encodePolyline(latE6, lonE6, 5);
  if (geometries === 'polyline6') return encodePolyline(latE6, lonE6, 6);
  const coordinates = lonE6.map((lon, i) => [lon / 1e6, latE6[i] / 1e6]);
  // A LineString has two positions at least.
  return {type: 'LineString', coordinates: coordinates.length > 1 ? coordinates : [coordinates[0], coordinates[0]]};
}

function legJson(
  guide: Guide,
  leg: Leg,
  line: Line,
  [from, to]: readonly [Asked, Asked],
  {steps: wantsSteps = false, annotations = false, geometries = 'polyline'}: Options<'route'>,
): object {
  const {graph, rings} = guide;
  const duration = fromTenths(tenthsOfMs(leg.durationMs));
  const parts = annotations === true ? EVERY_ANNOTATION : annotations === false ? [] : annotations;
  const steps = wantsSteps ? stepsOf(graph, leg, line, rings, from, to) : [];
  return {
    distance: fromTenths(tenthsOfMetres(leg.lengthM)),
    duration,
    weight: duration,
    summary: wantsSteps ? summaryOf(graph, leg) : '',
    steps: stepsJson(guide, leg, line, steps, geometries),
    ...(parts.length > 0 && {annotation: annotationOf(graph, line, parts)}),
  };
}

/** The two names that are driven longest, in driving order. */
function summaryOf(g: RoadGraph, {runs}: Leg): string {
  const spentMs = new Map<number, number>();
  for (const {segment, driveMs} of runs) {
    const name = g.edgeName[g.drawn[segment] >>> 1];
    if (name !== 0) spentMs.set(name, (spentMs.get(name) ?? 0) + driveMs);
  }
  const names = [...spentMs.keys()];
  const longest = names.toSorted((a, b) => spentMs.get(b)! - spentMs.get(a)!).slice(0, 2);
  return names
    .filter((name) => longest.includes(name))
    .map((name) => nameText(g, name))
    .join(', ');
}

function stepsJson(guide: Guide, leg: Leg, line: Line, steps: readonly Step[], geometries: Geometries): object[] {
  const {graph: g, drivingSide} = guide;
  const {runs} = leg;
  const msBefore = sums(runs.map(({driveMs, turnMs}) => driveMs + turnMs));
  const metresBefore = sums(line.metres);
  const durations = partTenths(
    steps.map(({firstRun}) => tenthsOfMs(msBefore[firstRun])),
    tenthsOfMs(leg.durationMs),
  );
  const distances = partTenths(
    steps.map(({point}) => tenthsOfMetres(metresBefore[point])),
    tenthsOfMetres(leg.lengthM),
  );
  return steps.map((step, i) => {
    const end = steps[i + 1]?.point ?? step.point;
    const points = {lonE6: line.lonE6.slice(step.point, end + 1), latE6: line.latE6.slice(step.point, end + 1)};
    const run = runs[Math.min(step.firstRun, runs.length - 1)];
    return {
      distance: fromTenths(distances[i]),
      duration: fromTenths(durations[i]),
      weight: fromTenths(durations[i]),
      name: nameText(g, step.name),
      ref: '',
      mode: classOf(g, g.drawn[run.segment]) === 'ferry' ? 'ferry' : 'driving',
      driving_side: drivingSide,
      maneuver: maneuverJson(line, step.point, step.maneuver),
      intersections: step.crossings.map((crossing) => intersectionJson(g, runs, line, step, crossing)),
      geometry: geometryOf(points, geometries),
    };
  });
}

/** By index, and one more: the sum of what stands before it. */
function sums(values: readonly number[]): number[] {
  const before = [0];
  for (const value of values) before.push(before[before.length - 1] + value);
  return before;
}

/** What lies between each of these rising sums and the next; the last reaches up to `whole`, whatever was rounded. */
const partTenths = (starts: readonly number[], whole: number): number[] =>
  starts.map((start, i) => Math.min(whole, starts[i + 1] ?? whole) - Math.min(whole, start));

const locationOf = ({lonE6, latE6}: Line, point: number): [number, number] => [lonE6[point] / 1e6, latE6[point] / 1e6];

const maneuverJson = (line: Line, point: number, {type, modifier, bearingBefore, bearingAfter, exit}: Maneuver) => ({
  type,
  ...(modifier && {modifier}),
  location: locationOf(line, point),
  bearing_before: bearingBefore,
  bearing_after: bearingAfter,
  ...(exit && {exit}),
});

function intersectionJson(
  g: RoadGraph,
  runs: readonly Run[],
  line: Line,
  {maneuver}: Step,
  {point, passage, run}: Step['crossings'][number],
): object {
  const location = locationOf(line, point);
  const roadClass = classOf(g, g.drawn[runs[run].segment]);
  const classes = CLASSES.has(roadClass) && {classes: [roadClass]};
  if (passage) {
    const {arms, in: into, out} = passage;
    const entry = arms.map(({canEnter}) => canEnter);
    return {location, bearings: arms.map(({bearing}) => bearing), entry, in: into, out, ...classes};
  }
  return maneuver.type === 'arrive'
    ? {location, bearings: [(maneuver.bearingBefore + 180) % 360], entry: [true], in: 0}
    : {location, bearings: [maneuver.bearingAfter], entry: [true], out: 0, ...classes};
}

/** Classes of OSRM's car profile that a graph knows. */
const CLASSES: ReadonlySet<string> = new Set(['motorway', 'ferry']);
