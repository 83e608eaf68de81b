// The OSRM services end to end on the loopback, until the client has the whole body.

import {customized} from '../native-graph/metric/customization.ts';
import {handleOf} from '../native-graph/metric/hierarchy.ts';
import {buildRouteServer} from '../src/api/route-server.ts';
import {listen} from '../src/cli/listen.ts';
import {log} from '../src/cli/log.ts';
import {threadedRoads} from '../src/cli/threaded-roads.ts';
import {systemClock} from '../src/domain/clock.ts';
import {createPlaceThreads} from '../src/pool/place-threads.ts';
import type {Suite} from './harness.ts';
import {roadMaps, roadPlaces, SEED} from './maps.ts';

export const http: Suite = async (size, measure, data) => {
  log.level = 'warn';
  const counts = size === 'smoke' ? [10] : [100, 1_000];
  const [{name, graph}] = await roadMaps(size, data);
  const metric = {hierarchy: {...handleOf(customized(graph)), id: 0}};
  const {monotonicMs} = systemClock;
  const pool = createPlaceThreads([{name: 'graph', bytes: graph.bytes}], {threads: 2, monotonicMs});
  const server = buildRouteServer(threadedRoads('graph', graph, pool, metric), log, 1);
  try {
    const address = await listen(server, '127.0.0.1', 0);
    const ask = async (path: string): Promise<Buffer> => {
      const response = await fetch(`${address}${path}`);
      if (!response.ok) throw new Error(`${response.status}: ${(await response.text()).slice(0, 200)}`);
      return Buffer.from(await response.arrayBuffer());
    };
    const pointsOf = (places: string, count: number): string => {
      const {lonE7, latE7} = roadPlaces(graph, places, count);
      return Array.from(lonE7, (lon, i) => `${(lon / 1e7).toFixed(6)},${(latE7[i] / 1e7).toFixed(6)}`).join(';');
    };
    for (const count of counts) {
      const path = `/table/v1/driving/${pointsOf('rows', count)}`;
      const note = count === 1_000 && name === 'Porto' ? '; OSRM v6 took 1,600 ms on another machine' : '';
      await measure([
        {name: 'http, /table', input: `${count} x ${count}, ${name}, seed ${SEED}${note}`, run: () => ask(path)},
      ]);
    }
    const path = `/route/v1/driving/${pointsOf('ends', 2)}?overview=full&steps=true`;
    await measure([{name: 'http, /route', input: `overview=full, steps, ${name}, seed ${SEED}`, run: () => ask(path)}]);
  } finally {
    await server.close();
    await pool.close();
  }
};
