// The roads of a graph for the OSRM services and isochrones: snapped on this thread, searched on others.

import type {RoadGraph} from '../../native-graph/layout.ts';
import {positionsOf} from '../../native-graph/position.ts';
import {nearestPlaces} from '../api/osrm/nearest.ts';
import type {Roads} from '../api/osrm/roads.ts';
import type {Metric} from '../pool/messages.ts';
import type {PlaceThreads} from '../pool/place-threads.ts';
import type {Epochs} from '../router/epochs.ts';
import type {Router} from '../router/router.ts';

/** `graph` has the times of the metric in its views. */
export const threadedRoads = (
  graphName: string,
  graph: RoadGraph,
  threads: PlaceThreads,
  metric: Metric,
  known: Partial<Pick<Roads, 'nearest' | 'epoch'>> = {},
): Roads => ({
  graph,
  nearest: nearestPlaces(graph),
  ...known,

  ways: (pairs) =>
    threads.ways(graphName, positionsOf(pairs.map(([from]) => from)), positionsOf(pairs.map(([, to]) => to)), metric),

  async table(from, to, {lengths}) {
    const [origins, destinations] = [positionsOf(from), positionsOf(to)];
    const options = {lengths, metric};
    // By Dijkstra a row is a search: of fewer destinations than origins, it is their searches that are run, backward.
    if (metric.hierarchy || lengths || from.length <= to.length) {
      return threads.times(graphName, 'from', origins, destinations, options);
    }
    const {timesMs} = await threads.times(graphName, 'to', origins, destinations, options);
    return {timesMs: transposed(timesMs, from.length)};
  },

  areas: (at, direction, limitsMs) => threads.areas(graphName, direction, positionsOf([at]), limitsMs, metric),

  tile: (z, x, y) => threads.tile(graphName, z, x, y),
});

/** Lends the roads of the standing epoch for a whole answer. */
export function standingRoads(
  graphName: string,
  epochs: Epochs,
  threads: PlaceThreads,
): <T>(use: (roads: Roads) => Promise<T>) => Promise<T> {
  const nearest = nearestPlaces(epochs.graph);
  const known = new WeakMap<Router, Roads>();
  return (use) =>
    epochs.hold((router, memory) => {
      const {graph, epoch} = router;
      const roads = known.get(router) ?? threadedRoads(graphName, graph, threads, memory, {nearest, epoch});
      known.set(router, roads);
      return use(roads);
    });
}

/** Rows as columns. */
function transposed(cells: Int32Array, columnCount: number): Int32Array {
  const rowCount = cells.length / columnCount;
  const turned = new Int32Array(cells.length);
  for (let row = 0; row < rowCount; row++) {
    for (let column = 0; column < columnCount; column++) {
      turned[column * rowCount + row] = cells[row * columnCount + column];
    }
  }
  return turned;
}
