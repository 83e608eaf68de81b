// The OSRM services over one graph file, without a database, until a signal.

import {ROUTE_TIMEOUT_MS} from '../api/limits.ts';
import {buildRouteServer} from '../api/route-server.ts';
import {systemClock} from '../domain/clock.ts';
import {createPlaceThreads} from '../pool/place-threads.ts';
import {listen} from './listen.ts';
import {log} from './log.ts';
import {openRoads, type RoadsOptions} from './roads.ts';
import {onShutdown} from './shutdown.ts';
import {terminal} from './terminal.ts';
import {threadedRoads} from './threaded-roads.ts';

export async function routeServer(
  file: string,
  options: RoadsOptions & {
    readonly host: string;
    readonly port: number;
    readonly threads: number;
    readonly json?: boolean;
  },
): Promise<void> {
  const {host, port, threads} = options;
  // Where it listens is the command's own answer.
  log.level = 'warn';
  const shutdown = onShutdown();
  const {graph, metric} = openRoads(file, options);
  const {monotonicMs} = systemClock;
  const pool = createPlaceThreads([{name: 'graph', bytes: graph.bytes}], {
    threads,
    monotonicMs,
    jobLimitMs: ROUTE_TIMEOUT_MS,
  });
  // One thread is left to routes and tables, where there are two.
  const server = buildRouteServer(threadedRoads('graph', graph, pool, metric), log, Math.max(1, threads - 1));
  try {
    pool.prepare('graph', metric);
    const address = await listen(server, host, port);
    terminal(options.json ?? false).answer(
      {address, graph: file, segments: graph.segmentCount, threads},
      `OSRM services: ${address}   (Ctrl-C ends)`,
    );
    await shutdown.asked();
  } finally {
    await server.close();
    await pool.close();
  }
}
