// A table over HTTP, end to end: a client on loopback asks the route server and reads the whole body.

import {Agent, get} from 'node:http';
import {crc32} from 'node:zlib';
import pino from 'pino';
import {buildRouteServer} from '../src/api/route-server.ts';
import {roadsOf} from '../src/cli/roads.ts';
import {threadedRoads} from '../src/cli/threaded-roads.ts';
import {systemClock} from '../src/domain/clock.ts';
import {fromE7} from '../src/domain/units.ts';
import {createPlaceThreads} from '../src/pool/place-threads.ts';
import {points} from './city.ts';
import type {Suite} from './harness.ts';
import {roadGraphs, SEED} from './road-graphs.ts';

const THREADS = 2;

export const httpTable: Suite = async (size, measure) => {
  const count = size === 'smoke' ? 10 : 1_000;
  for (const {name, graph} of (await roadGraphs(size)).filter(({name}) => name !== 'New York')) {
    const {metric} = roadsOf(graph, 'cch');
    const {monotonicMs} = systemClock;
    const pool = createPlaceThreads([{name, bytes: graph.bytes}], {threads: THREADS, monotonicMs});
    const server = buildRouteServer(threadedRoads(name, graph, pool, metric), pino({level: 'silent'}));
    const address = await server.listen({host: '127.0.0.1', port: 0});
    const agent = new Agent({keepAlive: true});
    const places = [...points(graph, SEED, 'from', count), ...points(graph, SEED, 'to', count)];
    const coordinates = places.map(({lonE7, latE7}) => `${fromE7(lonE7)},${fromE7(latE7)}`).join(';');
    const half = (from: number): string => Array.from({length: count}, (_, i) => from + i).join(';');
    for (const annotations of ['duration', 'duration,distance']) {
      const url = `${address}/table/v1/driving/${coordinates}?sources=${half(0)}&destinations=${half(count)}`;
      await measure({
        name: `HTTP table, ${annotations}`,
        input: `${count} x ${count}, ${name}, ${THREADS} threads, seed ${SEED}`,
        run: () => bodyOf(`${url}&annotations=${annotations}`, agent),
      });
    }
    agent.destroy();
    await server.close();
    await pool.close();
  }
};

/** The checksum of the whole body. */
function bodyOf(url: string, agent: Agent): Promise<number> {
  const {promise, resolve, reject} = Promise.withResolvers<number>();
  get(url, {agent}, (response) => {
    let sum = 0;
    if (response.statusCode !== 200) reject(new Error(`the server answered ${response.statusCode}`));
    response.on('data', (chunk: Buffer) => {
      sum = crc32(chunk, sum);
    });
    response.on('end', () => resolve(sum));
  }).on('error', reject);
  return promise;
}
