import {afterAll, beforeAll, expect, test} from 'vitest';
import type {RoadGraph} from '../../native-graph/layout.ts';
import {placesOn} from '../../src/cli/demo-roads.ts';
import {nearestDrivers, nearestOfAll} from '../../src/cli/region-port.ts';
import {roadsOf} from '../../src/cli/roads.ts';
import {searchesOf} from '../../src/cli/searches.ts';
import {ROUTERS, type RouterKind} from '../../src/config.ts';
import type {NearestDrivers} from '../../src/dispatch/world.ts';
import {type Random, randomStream} from '../../src/domain/random.ts';
import {NO_COORDINATE_E7} from '../../src/domain/units.ts';
import {createPool, type WorkerPool} from '../../src/pool/pool.ts';
import {createRouter, type Router} from '../../src/router/router.ts';
import {gothenburgGraph} from '../support/city.ts';
import {below} from '../support/random-network.ts';

let city: RoadGraph;
let pool: WorkerPool;
beforeAll(async () => {
  city = await gothenburgGraph();
  pool = createPool({graphs: [{name: 'city', bytes: city.bytes}], threads: 1, monotonicMs: () => performance.now()});
});
afterAll(() => pool?.close());

function routerOf(kind: RouterKind): Router {
  const {graph, metric} = roadsOf(city, kind);
  return createRouter({graph, ...searchesOf('city', city, pool)(0, metric), nowMs: () => 0});
}

/** Some of them where others are, and some nowhere. */
function points(random: Random, count: number) {
  const anywhere = placesOn(city);
  const latE7: number[] = [];
  const lonE7: number[] = [];
  for (let i = 0; i < count; i++) {
    const at = anywhere(random);
    const like = below(random, 3) === 0 && i > 0 ? below(random, i) : -1;
    latE7.push(below(random, 10) === 0 ? NO_COORDINATE_E7 : like < 0 ? at.latE7 : latE7[like]);
    lonE7.push(like < 0 ? at.lonE7 : lonE7[like]);
  }
  return {latE7, lonE7};
}

test('a router without a hierarchy gives the nearest drivers that one with a hierarchy gives', async () => {
  const [byHierarchy, byDijkstra] = ROUTERS.map(routerOf);
  const ask = nearestDrivers(byHierarchy, 'city')!;
  expect(nearestDrivers(byDijkstra, 'city')).toBeUndefined();
  const random = randomStream(12, 'nearest of all');
  let found = 0;
  for (let round = 0; round < 20; round++) {
    const [driverCount, storeCount] = [below(random, 40), 1 + below(random, 6)];
    const drivers = {...points(random, driverCount), id: Array.from({length: driverCount}, (_, i) => `driver ${i}`)};
    const driver = Int32Array.from(drivers.id.keys()).filter(() => below(random, 5) > 0);
    const store = Int32Array.from({length: storeCount}, (_, i) => i).filter(() => below(random, 4) > 0);
    const request: NearestDrivers = {
      drivers,
      driver,
      stores: points(random, storeCount),
      store,
      wanted: store.map(() => 1 + below(random, 8)),
      limitMs: [120_000, 600_000, 3_600_000][below(random, 3)],
    };
    const nearest = await nearestOfAll(byDijkstra)(request);
    expect(nearest, `round ${round}`).toEqual(await ask(request));
    found += nearest.driver.length;
  }
  expect(found).toBeGreaterThan(100);
});
