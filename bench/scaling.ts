// How all of it grows with the map: synthetic worlds from ten thousand junctions to a state of five million. A world
// whose hierarchy does not fit is told in one line, with the bytes that it takes.

import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {assembleUnranked} from '../native-graph/build/assemble.ts';
import {importNetwork} from '../native-graph/build/import.ts';
import {InputFailure} from '../native-graph/failure.ts';
import {type RoadGraph, UNREACHABLE_MS} from '../native-graph/layout.ts';
import {customized} from '../native-graph/metric/customization.ts';
import {type Weighted, weigh} from '../native-graph/metric/weighted.ts';
import {dissect} from '../native-graph/order/dissect.ts';
import {NO_LIMIT_MS} from '../native-graph/route/dijkstra.ts';
import {table} from '../native-graph/route/many-to-many.ts';
import {wayOver} from '../native-graph/route/point-to-point.ts';
import {createWorkspace} from '../native-graph/route/workspace.ts';
import {synthesize} from '../native-graph/synth/synth.ts';
import {withBlockThreads, withCellThreads} from '../src/cli/build-threads.ts';
import type {Suite} from './harness.ts';
import {roadPlaces, SEED} from './maps.ts';

const PLACES = 100;

export const scaling: Suite = (size, measure) =>
  scaleAll(size === 'smoke' ? [2_000] : [10_000, 100_000, 1_000_000], measure);

/** Its contraction does not fit, and it takes ten minutes to say so. */
export const scalingState: Suite = (size, measure) => scaleAll([size === 'smoke' ? 1_000 : 5_000_000], measure);

async function scaleAll(sizes: readonly number[], measure: Parameters<Suite>[1]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'cloudrun-scaling-'));
  try {
    for (const junctions of sizes) await scale(junctions, join(folder, `${junctions}.osm.pbf`), measure);
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}

async function scale(junctions: number, file: string, measure: Parameters<Suite>[1]): Promise<void> {
  synthesize(file, {junctions, seed: SEED});
  const input = `graph synth --junctions ${junctions} --seed ${SEED}`;
  /** Measures what is done once, and gives it. */
  const once = async <T>(name: string, make: () => T | Promise<T>, facts: (made: T) => Record<string, number>) => {
    const made: T[] = [];
    const run = async () => {
      made.push(await make());
      return 1;
    };
    await measure([{name: `scaling, ${name}`, input, once: true, run, facts: () => facts(made[0])}]);
    return made[0];
  };
  const graph = await once(
    'build without order',
    async () => assembleUnranked(await withBlockThreads((runner) => importNetwork(file, {runner}))).graph,
    ({bytes, segmentCount}) => ({bytes: bytes.byteLength, segments: segmentCount}),
  );
  await once(
    'order, 2 threads',
    () => withCellThreads((runner) => dissect(graph, runner)),
    () => ({}),
  );
  const w = await once(
    'contraction',
    () => weighedOrTooLarge(graph),
    (made) => ({
      ...(made && {bytes: made.memory.buffer.byteLength, arcs: made.up.state.length + made.down.state.length}),
    }),
  );
  if (w === undefined) return;
  const h = await once(
    'customization',
    () => customized(graph, {contraction: w}),
    ({memory, up, down, nodeCount}) => ({
      bytes: memory.buffer.byteLength,
      arcsKept: up.first[nodeCount] + down.first[nodeCount],
    }),
  );
  const ws = createWorkspace(graph, h);
  const [from, to] = [roadPlaces(graph, 'from', PLACES), roadPlaces(graph, 'to', PLACES)];
  const pairs = Array.from({length: PLACES}, (_, i) => i);
  const out = new Int32Array(PLACES * PLACES);
  await measure([
    {
      name: 'scaling, ways',
      input: `${PLACES} pairs, ${input}`,
      run: () => pairs.map((i) => wayOver(ws, from, i, to, i)?.durationMs ?? UNREACHABLE_MS),
    },
    {
      name: 'scaling, table',
      input: `${PLACES} x ${PLACES}, ${input}`,
      run() {
        table(ws, {from, firstRow: 0, endRow: PLACES, to}, NO_LIMIT_MS, out);
        return out;
      },
    },
  ]);
}

function weighedOrTooLarge(graph: RoadGraph): Weighted | undefined {
  try {
    return weigh(graph);
  } catch (failure) {
    if (!(failure instanceof InputFailure)) throw failure;
    process.stderr.write(`bench: ${failure.code}: ${failure.message}\n`);
    return undefined;
  }
}
