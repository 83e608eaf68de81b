// The service table. Cells are whole milliseconds until they are written; then they are rounded to tenths of a second
// by the rule of /route, so both services give one number for one pair.

import {UNREACHABLE_MS} from '../../../native-graph/layout.ts';
import type {OsrmLimits} from '../limits.ts';
import type {Place} from './nearest.ts';
import {areOnEarth, exclusionOf, flawOf, metresApart, placesOf, snapAll, waypointOf} from './places.ts';
import type {Options, Query} from './query.ts';
import {isRefusal, type Refusal, refusal} from './refusal.ts';
import type {Table} from './roads.ts';
import {tenthsOfMetres, tenthsOfMs} from './route-json.ts';
import {headOf, type Served} from './services.ts';
import {type Matrix, matrixBytes, matrixChunks, NO_VALUE} from './table-json.ts';

/** The largest value that a cell can say, in tenths; an estimate or a scaled time may come to more. */
const MOST_TENTHS = 2 ** 31 - 1;

/** A body whose length is known before it is written. */
export type Body = {readonly kind: 'body'; readonly bytes: number; readonly chunks: Iterable<Buffer>};

export async function answerTable(served: Served, {coordinates, options}: Query<'table'>): Promise<Body | Refusal> {
  const {roads, graph} = served;
  const all = [...coordinates.keys()];
  const [sources, destinations] = [options.sources, options.destinations].map((chosen) =>
    chosen === undefined || chosen === 'all' ? all : chosen,
  );
  const flaw = tableFlaw(coordinates, options, sources, destinations, served.limits) ?? exclusionOf(options);
  if (flaw) return flaw;
  const places = placesOf(coordinates, options);
  const positions = snapAll(roads, places);
  if (isRefusal(positions)) return positions;

  const {annotations = ['duration'], fallback_speed: fallbackMps, fallback_coordinate: estimated} = options;
  const lengths = annotations.includes('distance');
  const [from, to] = [sources, destinations].map((chosen) => chosen.map((i) => positions[i]));
  const table = await roads.table(from, to, {lengths});
  const [fromPlaces, toPlaces] = [sources, destinations].map((chosen) =>
    chosen.map((i) => (estimated === 'snapped' ? positions[i] : places[i])),
  );
  const factor = options.scale_factor ?? 1;
  const cells = cellsOf(table, factor);
  // Estimates are scaled as times are.
  const estimates = fallbackMps ? estimate(cells, table, fromPlaces, toPlaces, fallbackMps / factor) : undefined;

  const waypoints = (chosen: readonly number[]) =>
    chosen.map((i) => waypointOf(graph, positions[i], places[i], options));
  const head = {
    ...headOf(served),
    ...(!options.skip_waypoints && {sources: waypoints(sources), destinations: waypoints(destinations)}),
    ...(estimates && {fallback_speed_cells: estimates}),
  };
  const columnCount = destinations.length;
  const parts: [string, Matrix][] = [];
  if (annotations.includes('duration')) parts.push(['durations', {tenths: cells.durations, columnCount}]);
  if (cells.distances) parts.push(['distances', {tenths: cells.distances, columnCount}]);
  return bodyOf(head, parts);
}

function tableFlaw(
  coordinates: Query<'table'>['coordinates'],
  options: Options<'table'>,
  sources: readonly number[],
  destinations: readonly number[],
  {tableCoordinates, tablePairs}: OsrmLimits,
): Refusal | undefined {
  const count = coordinates.length;
  const flaw = flawOf(coordinates, options);
  if (flaw) return flaw;
  if (count < 2) return refusal('InvalidOptions', 'Number of coordinates needs to be at least two.');
  const stray = [...sources, ...destinations].find((index) => index >= count);
  if (stray !== undefined) {
    return refusal('InvalidOptions', `Source or destination ${stray} is not one of ${count} coordinates`);
  }
  // Written so that NaN is refused.
  const {fallback_speed: fallbackMps, scale_factor: factor} = options;
  if (fallbackMps !== undefined && !(fallbackMps > 0)) return refusal('InvalidOptions', 'fallback_speed must be > 0');
  if (factor !== undefined && !(factor > 0)) return refusal('InvalidOptions', 'scale_factor must be > 0');
  if (!areOnEarth(coordinates)) return refusal('InvalidOptions', 'Coordinates are invalid');
  if (count > tableCoordinates || sources.length * destinations.length > tablePairs) {
    return refusal('TooBig', 'Too many table coordinates');
  }
  return undefined;
}

type Cells = {readonly durations: Int32Array; readonly distances: Int32Array | undefined};

function cellsOf({timesMs, lengthsM}: Table, factor: number): Cells {
  const durations = timesMs.map((ms) =>
    ms === UNREACHABLE_MS ? NO_VALUE : factor === 1 ? tenthsOfMs(ms) : bounded(tenthsOfMs(ms * factor)),
  );
  const distances = lengthsM && new Int32Array(lengthsM.length);
  if (distances) {
    for (let i = 0; i < distances.length; i++) {
      distances[i] = timesMs[i] === UNREACHABLE_MS ? NO_VALUE : tenthsOfMetres(lengthsM[i]);
    }
  }
  return {durations, distances};
}

const bounded = (tenths: number): number => Math.min(tenths, MOST_TENTHS);

type Point = Pick<Place, 'lonE7' | 'latE7'>;

/** Fills the cells that have no way with crow-fly figures, and tells which: [row, column]. */
function estimate(
  {durations, distances}: Cells,
  {timesMs}: Table,
  from: readonly Point[],
  to: readonly Point[],
  speedMps: number,
): [number, number][] {
  const estimated: [number, number][] = [];
  for (let i = 0; i < timesMs.length; i++) {
    if (timesMs[i] !== UNREACHABLE_MS) continue;
    const [row, column] = [Math.floor(i / to.length), i % to.length];
    const metres = metresApart(from[row], to[column]);
    durations[i] = bounded(Math.round((metres / speedMps) * 10));
    if (distances) distances[i] = tenthsOfMetres(metres);
    estimated.push([row, column]);
  }
  return estimated;
}

function bodyOf(head: object, parts: readonly (readonly [string, Matrix])[]): Body {
  const opening = Buffer.from(JSON.stringify(head).slice(0, -1));
  const labels = parts.map(([name]) => Buffer.from(`,"${name}":`));
  const matrices = parts.map(([, matrix]) => matrix);
  let bytes = opening.length + 1;
  for (const label of labels) bytes += label.length;
  for (const matrix of matrices) bytes += matrixBytes(matrix);
  function* chunks() {
    yield opening;
    for (const [i, matrix] of matrices.entries()) {
      yield labels[i];
      yield* matrixChunks(matrix);
    }
    yield Buffer.from('}');
  }
  return {kind: 'body', bytes, chunks: chunks()};
}
