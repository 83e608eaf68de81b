// Router and workers for a command that decides in its own process.

import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {openGraph} from '../../native-graph/file.ts';
import {DEFAULTS, graphsFromEnvironment} from '../config.ts';
import {systemClock} from '../domain/clock.ts';
import {InputFailure} from '../domain/failure.ts';
import {createPool, type WorkerPool} from '../pool/pool.ts';
import {createRouter, type Router} from '../router/router.ts';

export type Engine = {readonly router: Router; readonly pool: WorkerPool};

export type GraphOptions = {readonly graph?: string; readonly dataDir?: string};

/** Opens the graph, calls `use`, and stops the workers. */
export async function withEngine<T>(
  name: string,
  options: GraphOptions,
  use: (engine: Engine) => Promise<T>,
): Promise<T> {
  const graph = openGraph(graphPath(name, options));
  const {monotonicMs} = systemClock;
  const pool = await createPool({graphs: [{name, bytes: graph.bytes}], threads: DEFAULTS.threads, monotonicMs});
  try {
    const router = createRouter({graph, betweenTimes: (pairs) => pool.betweenTimes(name, pairs), nowMs: monotonicMs});
    return await use({router, pool});
  } finally {
    await pool.close();
  }
}

/** The file that is named, else the one of CLOUDRUN_GRAPHS, else the one that a demo built in its data folder. */
function graphPath(name: string, {graph, dataDir}: GraphOptions): string {
  if (graph !== undefined) return graph;
  const configured = graphsFromEnvironment().find((entry) => entry.name === name);
  if (configured) return configured.path;
  const built = join(dataDir ?? '', 'graphs', `${name}.crg`);
  if (dataDir !== undefined && existsSync(built)) return built;
  throw new InputFailure('NO_GRAPH', `no file for graph ${name}: name it with --graph`);
}
