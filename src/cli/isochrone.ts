// What is within some minutes of a point over a graph file, as GeoJSON. The point snaps to the nearest kept road,
// however far.

import {areasAround, written} from '../../native-graph/isochrone/areas.ts';
import {attach} from '../../native-graph/metric/hierarchy.ts';
import {positionsOf} from '../../native-graph/position.ts';
import {createScratch} from '../../native-graph/route/scratch.ts';
import {createWorkspace} from '../../native-graph/route/workspace.ts';
import {type Approaches, createSnapper, snap} from '../../native-graph/snap.ts';
import {featureCollection, parseMinutes} from '../api/isochrone-json.ts';
import {ISOCHRONE_MINUTES_LIMIT, ISOCHRONES_LIMIT} from '../api/limits.ts';
import {InputFailure} from '../domain/failure.ts';
import {parsePoint} from './points.ts';
import {openRoads, type RoadsOptions} from './roads.ts';
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
  const {graph, metric} = openRoads(file, options);
  const snapper = createSnapper(graph);
  const {hierarchy} = metric;
  const by = hierarchy ? {ws: createWorkspace(graph, attach(hierarchy))} : {scratch: createScratch(graph)};
  const {result, computeMs} = await timed(() => {
    const at = snap(snapper, latE7, lonE7, Number.POSITIVE_INFINITY, options.approaches);
    if (at === null) throw new InputFailure('NO_SEGMENT', `${file} has no roads`);
    const limitsMs = minutes.map((each) => each * 60_000);
    return {at, found: areasAround(graph, by, direction, positionsOf([at]), 0, limitsMs)};
  });
  const {at, found} = result;
  const lines = found.areas.map(({limitMs, segments, polygons}) => {
    return `${limitMs / 60_000} min: ${segments} segments, an outline of ${polygons.flat(2).length} points`;
  });
  const collection = JSON.parse(featureCollection(written(found), {at, direction}));
  terminal(options.json ?? false).answer({...collection, computeMs}, `${lines.join('\n')}\nin ${computeMs} ms`);
}
