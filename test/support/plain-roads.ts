// Roads for the OSRM services and isochrones that search on the calling thread, one search a row, without a pool.
import {gzipSync} from 'node:zlib';
import {areasAround, written} from '../../native-graph/isochrone/areas.ts';
import type {RoadGraph} from '../../native-graph/layout.ts';
import {positionsOf} from '../../native-graph/position.ts';
import {everyPick, NO_LIMIT_MS, timesFrom} from '../../native-graph/route/dijkstra.ts';
import {createLengthScratch, lengthsFrom} from '../../native-graph/route/lengths.ts';
import {fastestWay} from '../../native-graph/route/path.ts';
import {createScratch} from '../../native-graph/route/scratch.ts';
import {roadTile} from '../../native-graph/tiles/road-tile.ts';
import {nearestPlaces} from '../../src/api/osrm/nearest.ts';
import type {Roads} from '../../src/api/osrm/roads.ts';

export function plainRoads(graph: RoadGraph): Roads {
  const scratch = createScratch(graph);
  const lengths = createLengthScratch(graph);
  return {
    graph,
    nearest: nearestPlaces(graph),
    ways: async (pairs) =>
      pairs.map(([from, to]) => fastestWay(graph, scratch, positionsOf([from]), 0, positionsOf([to]), 0)),
    async table(from, to, want) {
      const [origins, destinations] = [positionsOf(from), positionsOf(to)];
      const picks = everyPick(destinations);
      const timesMs = new Int32Array(from.length * to.length);
      const lengthsM = new Float64Array(from.length * to.length);
      for (let row = 0; row < from.length; row++) {
        const cells: [number, number] = [row * to.length, (row + 1) * to.length];
        const out = timesMs.subarray(...cells);
        timesFrom(graph, scratch, origins, row, destinations, picks, NO_LIMIT_MS, out);
        lengthsFrom(graph, scratch, lengths, origins, row, destinations, picks, out, lengthsM.subarray(...cells));
      }
      return want.lengths ? {timesMs, lengthsM} : {timesMs};
    },
    async tile(z, x, y) {
      const plain = roadTile(graph, z, x, y);
      return {plain, gzipped: gzipSync(plain)};
    },
    async areas(at, direction, limitsMs) {
      return written(areasAround(graph, {scratch}, direction, positionsOf([at]), 0, limitsMs));
    },
  };
}
