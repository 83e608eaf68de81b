// The roads of a graph for the OSRM services: snapped on this thread, searched on others.

import type {RoadGraph} from '../../native-graph/layout.ts';
import {positionsOf} from '../../native-graph/position.ts';
import {nearestPlaces} from '../api/osrm/nearest.ts';
import type {Roads} from '../api/osrm/roads.ts';
import type {PlaceThreads} from '../pool/place-threads.ts';

export const threadedRoads = (graphName: string, graph: RoadGraph, threads: PlaceThreads): Roads => ({
  graph,
  nearest: nearestPlaces(graph),

  ways: (pairs) =>
    threads.ways(graphName, positionsOf(pairs.map(([from]) => from)), positionsOf(pairs.map(([, to]) => to))),

  async table(from, to, {lengths}) {
    const [origins, destinations] = [positionsOf(from), positionsOf(to)];
    // One search a row: of fewer destinations than origins, it is their searches that are run, backward.
    if (lengths || from.length <= to.length) return threads.times(graphName, 'from', origins, destinations, lengths);
    const {timesMs} = await threads.times(graphName, 'to', origins, destinations);
    return {timesMs: transposed(timesMs, from.length)};
  },
});

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
