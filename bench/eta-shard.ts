import {DEFAULTS, ROUTERS} from '../src/config.ts';
import {cityRoads, engine, points} from './city.ts';
import {checksum, type Suite} from './harness.ts';

const LIMIT_MS = 1_800_000;
const SEED = 1;

/** Road times of a tick's pickups: every driver to every store, searched backward from the stores on the workers. */
export const etaShard: Suite = async (size, measure) => {
  const graph = await cityRoads();
  const [drivers, stores] = size === 'smoke' ? [50, 5] : [1_000, 40];
  const driverPoints = points(graph, SEED, 'drivers', drivers);
  for (const threads of new Set([1, DEFAULTS.threads])) {
    for (const kind of ROUTERS) {
      const {router, close} = await engine(graph, threads, 0, kind);
      const at = driverPoints.map(({latE7, lonE7}) => router.snap(lonE7, latE7));
      const to = points(graph, SEED, 'stores', stores).map(({latE7, lonE7}) => router.snap(lonE7, latE7));
      const from = Int32Array.from({length: drivers * stores}, (_, i) => i % drivers);
      const into = Int32Array.from({length: drivers * stores}, (_, i) => Math.floor(i / drivers));
      await measure({
        name: `eta, ${kind}, ${threads} thread${threads > 1 ? 's' : ''}`,
        input: `${drivers} drivers to ${stores} stores within 30 min, Gothenburg, seed ${SEED}`,
        run: async () => checksum(await router.timePairs(at, to, from, into, LIMIT_MS)),
        things: {count: drivers * stores, of: 'pairs/s'},
      });
      await close();
    }
  }
};
