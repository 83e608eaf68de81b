// The roads that a command searches: a graph file, at its own times or at live speeds, with a hierarchy or without.

import {openGraph} from '../../native-graph/file.ts';
import type {RoadGraph} from '../../native-graph/layout.ts';
import {customized} from '../../native-graph/metric/customization.ts';
import {handleOf} from '../../native-graph/metric/hierarchy.ts';
import {withWeights} from '../../native-graph/metric/weights.ts';
import type {RouterKind} from '../config.ts';
import type {Metric} from '../pool/messages.ts';
import {weightsFromFile} from './speeds.ts';

export type RoadsOptions = {readonly router: RouterKind; readonly speeds?: string};

/** `graph` has the times that count in its views; `metric` is what threads search by. */
export type Roads = {readonly graph: RoadGraph; readonly metric: Metric};

export function openRoads(file: string, {router, speeds}: RoadsOptions): Roads {
  const graph = openGraph(file);
  return roadsOf(graph, router, speeds === undefined ? undefined : weightsFromFile(graph, speeds));
}

/** The hierarchy is made in this thread. */
export function roadsOf(graph: RoadGraph, router: RouterKind, weights?: SharedArrayBuffer): Roads {
  const timed = weights ? withWeights(graph, weights) : graph;
  const hierarchy = router === 'cch' && {hierarchy: {...handleOf(customized(timed)), id: 0}};
  return {graph: timed, metric: {...(weights && {weights}), ...hierarchy}};
}
