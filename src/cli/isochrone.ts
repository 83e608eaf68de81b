// What is within some minutes of a point over a graph file, as GeoJSON. The point snaps to the nearest kept road,
// however far.

import {type Areas, areasWithin} from '../../native-graph/isochrone/areas.ts';
import {attach} from '../../native-graph/metric/hierarchy.ts';
import {positionsOf} from '../../native-graph/position.ts';
import {timesWithin} from '../../native-graph/route/dijkstra.ts';
import {createScratch} from '../../native-graph/route/scratch.ts';
import {timesWithinOver} from '../../native-graph/route/within.ts';
import {createWorkspace} from '../../native-graph/route/workspace.ts';
import {type Approaches, createSnapper, snap} from '../../native-graph/snap.ts';
import {featureCollection, parseMinutes} from '../api/isochrone-json.ts';
import {ISOCHRONE_MINUTES_LIMIT, ISOCHRONES_LIMIT} from '../api/limits.ts';
import {InputFailure} from '../domain/failure.ts';
import {parsePoint} from './points.ts';
import {openRoads, type Roads, type RoadsOptions} from './roads.ts';
import {terminal} from './terminal.ts';
import {timed} from './timed.ts';

type Options = RoadsOptions & {
  readonly from?: string;
  readonly to?: string;
  readonly minutes: string;
  readonly approaches: Approaches;
  readonly json?: boolean;
};

export async function isochroneCommand(file: string, {from, to, minutes: list, ...options}: Options): Promise<void> {
  if ((from === undefined) === (to === undefined)) {
    throw new InputFailure('POINT_MISSING', 'give a point with --from, or with --to');
  }
  const direction = from === undefined ? 'to' : 'from';
  const {latE7, lonE7} = parsePoint((from ?? to)!, `--${direction}`);
  const minutes = parseMinutes(list, ISOCHRONE_MINUTES_LIMIT, ISOCHRONES_LIMIT);
  if (typeof minutes === 'string') throw new InputFailure('MINUTES_MALFORMED', `--minutes: ${list}: ${minutes}`);
  const roads = openRoads(file, options);
  const snapper = createSnapper(roads.graph);
  const find = searchOf(roads);
  const {result, computeMs} = await timed(() => {
    const at = snap(snapper, latE7, lonE7, Number.POSITIVE_INFINITY, options.approaches);
    if (at === null) throw new InputFailure('NO_SEGMENT', `${file} has no roads`);
    const limitsMs = minutes.map((each) => each * 60_000);
    return featureCollection(find(direction, positionsOf([at]), limitsMs), {at, direction});
  });
  const lines = result.features.map(({properties: {minutes: within, segments}, geometry}) => {
    return `${within} min: ${segments} segments, an outline of ${geometry.coordinates.flat(2).length} points`;
  });
  terminal(options.json ?? false).answer({...result, computeMs}, `${lines.join('\n')}\nin ${computeMs} ms`);
}

type Search = (direction: 'from' | 'to', at: ReturnType<typeof positionsOf>, limitsMs: readonly number[]) => Areas;

function searchOf({graph, metric: {hierarchy}}: Roads): Search {
  const nearMs = new Int32Array(graph.segmentCount);
  const scratch = hierarchy ? undefined : createScratch(graph);
  const ws = hierarchy && createWorkspace(graph, attach(hierarchy));
  return (direction, at, limitsMs) => {
    const longestMs = limitsMs[limitsMs.length - 1];
    if (ws) timesWithinOver(ws, direction, at, 0, longestMs, nearMs);
    else timesWithin(graph, scratch!, direction, at, 0, longestMs, nearMs);
    return areasWithin(graph, direction, at, 0, limitsMs, nearMs);
  };
}
