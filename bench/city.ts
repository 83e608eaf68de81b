// The city that benches run on: Gothenburg, from the package that the demo uses too. Smoke sizes keep the city and
// shrink the load, so that what runs in CI is what runs for figures.

import {assemble} from '../native-graph/build/assemble.ts';
import {importNetwork} from '../native-graph/build/import.ts';
import type {RoadGraph} from '../native-graph/layout.ts';
import {gothenburg} from '../src/cli/city-graph.ts';
import {placesOn} from '../src/cli/demo-roads.ts';
import {roadsOf} from '../src/cli/roads.ts';
import {searchesOf} from '../src/cli/searches.ts';
import type {RouterKind} from '../src/config.ts';
import {systemClock} from '../src/domain/clock.ts';
import {type Random, randomStream} from '../src/domain/random.ts';
import {createPool, type WorkerPool} from '../src/pool/pool.ts';
import {createRouter, type Router} from '../src/router/router.ts';
import type {Point} from '../src/sim/city.ts';

export const GRAPH = 'gothenburg';

export async function cityRoads(): Promise<RoadGraph> {
  return assemble(await importNetwork(gothenburg())).graph;
}

export type Engine = {readonly router: Router; readonly pool: WorkerPool; readonly close: () => Promise<void>};

/** A router whose cache is off unless asked for, so that every run does the same work. */
export async function engine(
  graph: RoadGraph,
  threads: number,
  cacheEntries = 0,
  kind: RouterKind = 'cch',
): Promise<Engine> {
  const {monotonicMs} = systemClock;
  const pool = createPool({graphs: [{name: GRAPH, bytes: graph.bytes}], threads, monotonicMs});
  const {metric} = roadsOf(graph, kind);
  await pool.prepare(GRAPH, metric);
  const searches = searchesOf(GRAPH, graph, pool)(0, metric);
  const router = createRouter({graph, ...searches, nowMs: monotonicMs, cacheEntries});
  return {router, pool, close: pool.close};
}

export function points(graph: RoadGraph, seed: number, name: string, count: number): Point[] {
  const random: Random = randomStream(seed, name);
  const place = placesOn(graph);
  return Array.from({length: count}, () => place(random));
}
