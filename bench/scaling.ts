// What grows how: synthetic states of 10,000 junctions and more, from the order to a table. Long steps run once.

import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {assembleUnranked} from '../native-graph/build/assemble.ts';
import {importNetwork} from '../native-graph/build/import.ts';
import type {RoadGraph} from '../native-graph/layout.ts';
import {customized} from '../native-graph/metric/customization.ts';
import {weigh} from '../native-graph/metric/weighted.ts';
import {dissect} from '../native-graph/order/dissect.ts';
import {NO_LIMIT_MS} from '../native-graph/route/dijkstra.ts';
import {table} from '../native-graph/route/many-to-many.ts';
import {wayOver} from '../native-graph/route/point-to-point.ts';
import {createWorkspace} from '../native-graph/route/workspace.ts';
import {synthesize} from '../native-graph/synth/synth.ts';
import {withBlockThreads, withCellThreads} from '../src/cli/build-threads.ts';
import {checksum, type Size, type Suite} from './harness.ts';
import {placesOn, SEED} from './road-graphs.ts';

const JUNCTIONS: Record<Size, readonly number[]> = {smoke: [1_000], full: [10_000, 100_000, 1_000_000]};
const PLACES = 100;

export const scaling: Suite = async (size, measure) => {
  for (const junctions of JUNCTIONS[size]) {
    const graph = await state(junctions);
    const about = `state of ${junctions} junctions, ${graph.segmentCount} segments, seed ${SEED}`;
    await withCellThreads((runner) =>
      measure({
        name: 'scaling, order',
        input: about,
        once: true,
        run: async () => {
          await dissect(graph, runner);
          return checksum(graph.rank);
        },
      }),
    );
    let contraction = undefined as ReturnType<typeof weigh> | undefined;
    const run = () => {
      contraction = weigh(graph);
      return contraction.up.state.length + contraction.down.state.length;
    };
    // The checksum is the number of arcs.
    await measure({name: 'scaling, contract', input: about, once: true, run});
    let h = undefined as ReturnType<typeof customized> | undefined;
    await measure({
      name: 'scaling, customize',
      input: about,
      once: true,
      run: () => {
        h = customized(graph, {contraction: contraction!});
        return h.up.first[h.nodeCount] + h.down.first[h.nodeCount];
      },
    });
    const bytes = [contraction!.memory, h!.memory].map(({buffer}) => Math.round(buffer.byteLength / 2 ** 20));
    const ws = createWorkspace(graph, h!);
    const [from, to] = [placesOn(graph, 'from', PLACES), placesOn(graph, 'to', PLACES)];
    const input = `${about}; contraction ${bytes[0]} MiB, hierarchy ${bytes[1]} MiB`;
    const times = new Int32Array(PLACES * PLACES);
    await measure({
      name: 'scaling, table',
      input: `${PLACES} x ${PLACES}, ${input}`,
      run: () => {
        table(ws, {from, firstRow: 0, endRow: PLACES, to}, NO_LIMIT_MS, times);
        return checksum(times);
      },
    });
    await measure({
      name: 'scaling, ways',
      input: `${PLACES} pairs, ${input}`,
      things: {count: PLACES, of: 'pairs/s'},
      run: () => checksum(Array.from(from.fraction.keys(), (i) => wayOver(ws, from, i, to, i)?.durationMs ?? 0)),
    });
  }
};

async function state(junctions: number): Promise<RoadGraph> {
  const folder = mkdtempSync(join(tmpdir(), 'cloudrun-scaling-'));
  try {
    const file = join(folder, 'state.osm.pbf');
    synthesize(file, {junctions, seed: SEED});
    return assembleUnranked(await withBlockThreads((runner) => importNetwork(file, {runner}))).graph;
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}
