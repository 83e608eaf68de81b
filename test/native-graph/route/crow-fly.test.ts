// How often the drivers nearest as the crow flies are not the ones nearest by road, on real cities: what a tick without
// a hierarchy may miss. The shares stand in docs/decisions/0004-h3-for-candidates.md.

import {expect, test} from 'vitest';
import {assemble} from '../../../native-graph/build/assemble.ts';
import {importNetwork} from '../../../native-graph/build/import.ts';
import type {RoadGraph} from '../../../native-graph/layout.ts';
import {positionsOf} from '../../../native-graph/position.ts';
import {NO_LIMIT_MS} from '../../../native-graph/route/dijkstra.ts';
import {createDriverIndex, moveDrivers, nearestDrivers} from '../../../native-graph/route/nearest.ts';
import {gothenburg} from '../../../src/cli/city-graph.ts';
import {type Random, randomStream} from '../../../src/domain/random.ts';
import {workspaceOf} from '../../support/random-hierarchy.ts';
import {below, placeOn} from '../../support/random-network.ts';
import {IS_SOAK} from '../../support/runs.ts';
import {sharedFile} from '../../support/shared.ts';

const DRIVERS = 1_000;
const TASKS = 300;
const K = 8;

const cities = ['porto', 'columbus', 'heidelberg'].map(
  (name) => [name, sharedFile(`data/osm/${name}.osm.pbf`)] as const,
);

test.each([['gothenburg', gothenburg()] as const, ...(IS_SOAK ? cities : []).filter(([, path]) => path !== undefined)])(
  'in %s the crow often misses a driver whom the road has among the nearest',
  async (city, path) => {
    const {graph} = assemble(await importNetwork(path!));
    const random = randomStream(1, city);
    const [drivers, tasks] = [DRIVERS, TASKS].map((count) =>
      Array.from({length: count}, () => anyPlace(graph, random)),
    );
    const ws = workspaceOf(graph);
    const index = createDriverIndex(ws, DRIVERS, NO_LIMIT_MS);
    const [at, stores] = [positionsOf(drivers), positionsOf(tasks)];
    moveDrivers(index, Int32Array.from(drivers.keys()), at);
    const shape = {drivers: at, tasks: stores, firstTask: 0, endTask: TASKS, limitMs: NO_LIMIT_MS, k: K};
    const found = nearestDrivers(ws, index.buckets, shape);

    let missedTasks = 0;
    let missedDrivers = 0;
    tasks.forEach((task, t) => {
      const byCrow = new Set(
        [...drivers.keys()].sort((a, b) => crow2(drivers[a], task) - crow2(drivers[b], task)).slice(0, K),
      );
      const byRoad = found.driver.subarray(found.first[t], found.first[t + 1]);
      const missed = byRoad.filter((driver) => !byCrow.has(driver)).length;
      missedDrivers += missed;
      if (missed > 0) missedTasks++;
    });
    const share = (part: number, whole: number) => `${Math.round((100 * part) / whole)} %`;
    const [ofTasks, ofDrivers] = [share(missedTasks, TASKS), share(missedDrivers, TASKS * K)];
    console.log(`${city}: a driver missed at ${ofTasks} of tasks, ${ofDrivers} of drivers`);
    // Were either search a guess of the other, this would be 0.
    expect(missedTasks / TASKS).toBeGreaterThan(0.3);
    expect(missedDrivers / (TASKS * K)).toBeLessThan(0.6);
  },
);

const anyPlace = (g: RoadGraph, random: Random) => placeOn(g, below(random, g.edgeCount), random(), true, true);

type Place = {readonly latE7: number; readonly lonE7: number};

/** Squared, in units of latitude. */
function crow2(a: Place, b: Place): number {
  const shrink = Math.cos((a.latE7 / 1e7) * (Math.PI / 180));
  return (a.latE7 - b.latE7) ** 2 + ((a.lonE7 - b.lonE7) * shrink) ** 2;
}
