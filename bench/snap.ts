import {existsSync} from 'node:fs';
import {assemble} from '../native-graph/build/assemble.ts';
import {importNetwork} from '../native-graph/build/import.ts';
import type {RoadGraph} from '../native-graph/layout.ts';
import {createSnapper, snap} from '../native-graph/snap.ts';
import {randomStream} from '../src/domain/random.ts';
import {cityRoads} from './city.ts';
import {checksum, type Suite} from './harness.ts';

const SEED = 1;
/** About 55 m: how far from a road an address or a phone may be, each way. */
const SPREAD_E7 = 5_000;

/** Points near roads, each put on the nearest, both directions or the curb's. */
export const snapping: Suite = async (size, measure, data) => {
  const count = size === 'smoke' ? 200 : 50_000;
  const porto = `${data}/osm/porto.osm.pbf`;
  const cities: [string, RoadGraph][] = [['Gothenburg', await cityRoads()]];
  if (size === 'full' && existsSync(porto)) cities.push(['Porto', assemble(await importNetwork(porto)).graph]);
  for (const [city, graph] of cities) {
    const points = pointsNear(graph, count);
    const snapper = createSnapper(graph);
    for (const approaches of ['unrestricted', 'curb'] as const) {
      await measure({
        name: `snap, ${approaches}`,
        input: `${count} points within 55 m of a road's point each way, ${city}, seed ${SEED}`,
        run: () => {
          const segments = points.map(([latE7, lonE7]) => {
            const at = snap(snapper, latE7, lonE7, Number.POSITIVE_INFINITY, approaches)!;
            return Math.max(at.forward, at.backward);
          });
          return checksum(segments);
        },
        things: {count, of: 'snaps/s'},
      });
    }
  }
};

function pointsNear(graph: RoadGraph, count: number): [latE7: number, lonE7: number][] {
  const random = randomStream(SEED, 'snap');
  const shift = (): number => Math.round((2 * random() - 1) * SPREAD_E7);
  return Array.from({length: count}, () => {
    const point = Math.floor(random() * graph.pointCount);
    return [graph.pointLatE7[point] + shift(), graph.pointLonE7[point] + shift()];
  });
}
