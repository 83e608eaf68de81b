// Router and workers for a command that decides in its own process.

import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {graphHash, openGraph} from '../../native-graph/file.ts';
import type {RoadGraph} from '../../native-graph/layout.ts';
import {makeEpoch} from '../../native-graph/metric/epoch.ts';
import {weightsBytes} from '../../native-graph/metric/weights.ts';
import {DEFAULTS, graphsFromEnvironment, type RouterKind, routerFromEnvironment} from '../config.ts';
import type {KeptSpeeds} from '../db/speed-epochs.ts';
import {systemClock} from '../domain/clock.ts';
import {InputFailure} from '../domain/failure.ts';
import type {SpeedEpoch} from '../domain/speed-epoch.ts';
import {createPool, type WorkerPool} from '../pool/pool.ts';
import {createRouter, type Router} from '../router/router.ts';
import {roadsOf} from './roads.ts';
import {searchesOf} from './searches.ts';

export type Engine = {readonly router: Router; readonly pool: WorkerPool};

export type KeptEpoch = SpeedEpoch & KeptSpeeds;

export type GraphOptions = {
  readonly graph?: string;
  readonly dataDir?: string;
  /** By default that of CLOUDRUN_ROUTER. */
  readonly router?: RouterKind;
};

/** Opens the graph at the times of the epoch that is given for its file, calls `use`, and stops the workers. */
export async function withEngine<T>(
  name: string,
  options: GraphOptions,
  epochOf: (graphHash: string) => Promise<KeptEpoch | undefined>,
  use: (engine: Engine) => Promise<T>,
): Promise<T> {
  const graph = openGraph(graphPath(name, options));
  const kept = await epochOf(graphHash(graph));
  const weights = kept && weightsOf(graph, kept);
  const {graph: timed, metric} = roadsOf(graph, options.router ?? routerFromEnvironment(), weights);
  const {monotonicMs} = systemClock;
  const pool = createPool({graphs: [{name, bytes: graph.bytes}], threads: DEFAULTS.threads, monotonicMs});
  try {
    const epoch = kept?.epoch ?? 0;
    const searches = searchesOf(name, graph, pool)(epoch, metric);
    const router = createRouter({graph: timed, ...searches, nowMs: monotonicMs, epoch});
    return await use({router, pool});
  } finally {
    await pool.close();
  }
}

function weightsOf(graph: RoadGraph, {kept, epoch, weightsHash}: KeptEpoch): SharedArrayBuffer {
  const weights = new SharedArrayBuffer(weightsBytes(graph));
  const made = makeEpoch(graph, {kept}, weights);
  if (made.weightsHash === weightsHash) return weights;
  throw new InputFailure('EPOCH_DIFFERS', `epoch ${epoch} has other weights here than where it was made`);
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
