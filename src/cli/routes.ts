// Routes, tables and nearest drivers over a graph file, for a person to try and for a script to compare with another
// engine. Points snap to the nearest kept road, however far. Times are whole milliseconds, written as seconds.

import {type RoadGraph, UNREACHABLE_MS} from '../../native-graph/layout.ts';
import {attach, type HierarchyHandle} from '../../native-graph/metric/hierarchy.ts';
import {type Position, type Positions, positionsOf} from '../../native-graph/position.ts';
import {type Route, route} from '../../native-graph/route/path.ts';
import {routeOver} from '../../native-graph/route/point-to-point.ts';
import {createScratch} from '../../native-graph/route/scratch.ts';
import {createWorkspace} from '../../native-graph/route/workspace.ts';
import {type Approaches, createSnapper, snap} from '../../native-graph/snap.ts';
import {systemClock} from '../domain/clock.ts';
import {InputFailure} from '../domain/failure.ts';
import {createPlaceThreads, type PlaceThreads} from '../pool/place-threads.ts';
import {type Point, parsePoint, readPoints} from './points.ts';
import {openRoads, type Roads, type RoadsOptions} from './roads.ts';
import {terminal} from './terminal.ts';
import {timed} from './timed.ts';

/** Answers are one JSON line, which a string must hold. */
const PAIRS_LIMIT = 20_000_000;

type Common = RoadsOptions & {readonly json?: boolean; readonly approaches: Approaches};

export async function routeCommand(
  file: string,
  options: Common & {readonly from: string; readonly to: string},
): Promise<void> {
  const ends = [parsePoint(options.from, '--from'), parsePoint(options.to, '--to')];
  const {graph, metric} = openRoads(file, options);
  const snapper = createSnapper(graph);
  const ways = metric.hierarchy ? waysOver(graph, metric.hierarchy) : waysBy(graph);
  const {result, computeMs} = await timed(() => {
    const [from, to] = ends.map(({latE7, lonE7}) => snap(snapper, latE7, lonE7, Infinity, options.approaches));
    return from && to ? ways(from, to) : null;
  });
  const answer = {
    durationS: result && result.durationMs / 1_000,
    distanceM: result && Math.round(result.lengthM * 100) / 100,
    geometry: result && {type: 'LineString', coordinates: result.lonLat},
    computeMs,
  };
  const text = result ? `${answer.durationS} s, ${answer.distanceM} m, in ${computeMs} ms` : 'there is no way';
  terminal(options.json ?? false).answer(answer, text);
}

export async function tableCommand(
  file: string,
  options: Common & {readonly sources: string; readonly destinations: string; readonly threads: number},
): Promise<void> {
  const [sources, destinations] = [readPoints(options.sources), readPoints(options.destinations)];
  checkPairs(sources.length, destinations.length);
  const {rows, computeMs} = await matrix(openRoads(file, options), 'from', sources, destinations, options);
  const durationsS = rows.map((row) => Array.from(row, secondsOf));
  const text = durationsS.map((row) => row.map((seconds) => seconds ?? '-').join('\t')).join('\n');
  terminal(options.json ?? false).answer({durationsS, computeMs}, `${text}\nin ${computeMs} ms`);
}

export async function nearestDriversCommand(
  file: string,
  options: Common & {readonly drivers: string; readonly tasks: string; readonly k: number; readonly threads: number},
): Promise<void> {
  const [drivers, tasks] = [readPoints(options.drivers), readPoints(options.tasks)];
  const roads = openRoads(file, options);
  const {nearest, computeMs} = await (roads.metric.hierarchy ? nearestIndexed : nearestOfAll)(
    roads,
    drivers,
    tasks,
    options,
  );
  const text = nearest
    .map((list, task) => `${task}: ${list.map(({driver, durationS}) => `${driver} (${durationS} s)`).join(', ')}`)
    .join('\n');
  terminal(options.json ?? false).answer({nearest, computeMs}, `${text}\nin ${computeMs} ms`);
}

const secondsOf = (ms: number): number | null => (ms < UNREACHABLE_MS ? ms / 1_000 : null);

function checkPairs(rows: number, columns: number): void {
  if (rows * columns <= PAIRS_LIMIT) return;
  throw new InputFailure('TABLE_TOO_LARGE', `${rows} times ${columns} points are more than ${PAIRS_LIMIT} pairs`);
}

type NearestOptions = ThreadOptions & {readonly k: number};
type Listed = {readonly nearest: {readonly driver: number; readonly durationS: number}[][]; readonly computeMs: number};

/** From the whole table. */
async function nearestOfAll(
  roads: Roads,
  drivers: readonly Point[],
  tasks: readonly Point[],
  options: NearestOptions,
): Promise<Listed> {
  checkPairs(drivers.length, tasks.length);
  const {rows, computeMs} = await matrix(roads, 'to', drivers, tasks, options);
  const nearest = rows.map((row) =>
    Array.from(row.keys())
      .filter((driver) => row[driver] < UNREACHABLE_MS)
      .sort((a, b) => row[a] - row[b] || a - b)
      .slice(0, options.k)
      .map((driver) => ({driver, durationS: row[driver] / 1_000})),
  );
  return {nearest, computeMs};
}

/** From an index of the drivers, which is made anew for each measured run. */
function nearestIndexed(
  {graph, metric}: Roads,
  drivers: readonly Point[],
  tasks: readonly Point[],
  options: NearestOptions,
): Promise<Listed> {
  return withThreads(graph, options, async (threads, snapAll) => {
    const {result, computeMs} = await timed(() =>
      threads.nearest('graph', metric, snapAll(drivers), snapAll(tasks), options.k),
    );
    const nearest = tasks.map((_, task) =>
      Array.from({length: result.first[task + 1] - result.first[task]}, (_, i) => {
        const at = result.first[task] + i;
        return {driver: result.driver[at], durationS: result.ms[at] / 1_000};
      }),
    );
    return {nearest, computeMs};
  });
}

/** Times by row: by origin where the direction is 'from', by destination where it is 'to'. */
function matrix(
  {graph, metric}: Roads,
  direction: 'from' | 'to',
  from: readonly Point[],
  to: readonly Point[],
  options: ThreadOptions,
): Promise<{rows: Int32Array[]; computeMs: number}> {
  const [rowCount, columnCount] = direction === 'from' ? [from.length, to.length] : [to.length, from.length];
  return withThreads(graph, options, async (threads, snapAll) => {
    const {result, computeMs} = await timed(() =>
      threads.times('graph', direction, snapAll(from), snapAll(to), {metric}),
    );
    const rows = Array.from({length: rowCount}, (_, row) =>
      result.timesMs.subarray(row * columnCount, (row + 1) * columnCount),
    );
    return {rows, computeMs};
  });
}

type ThreadOptions = {readonly threads: number; readonly approaches: Approaches};

/** Lends threads, and what snaps points for them. */
async function withThreads<T>(
  graph: RoadGraph,
  {threads, approaches}: ThreadOptions,
  use: (threads: PlaceThreads, snapAll: (points: readonly Point[]) => Positions) => Promise<T>,
): Promise<T> {
  const snapper = createSnapper(graph);
  const {monotonicMs} = systemClock;
  const placeThreads = createPlaceThreads([{name: 'graph', bytes: graph.bytes}], {threads, monotonicMs});
  try {
    return await use(placeThreads, (points) =>
      positionsOf(points.map(({latE7, lonE7}) => snap(snapper, latE7, lonE7, Infinity, approaches))),
    );
  } finally {
    await placeThreads.close();
  }
}

type WayBetween = (from: Position, to: Position) => Route | null;

function waysOver(graph: RoadGraph, hierarchy: HierarchyHandle): WayBetween {
  const ws = createWorkspace(graph, attach(hierarchy));
  return (from, to) => routeOver(ws, from, to);
}

function waysBy(graph: RoadGraph): WayBetween {
  const scratch = createScratch(graph);
  return (from, to) => route(graph, scratch, from, to);
}
