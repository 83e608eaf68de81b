// Tables of road times by shape and method, on one thread; over the hierarchy beside Dijkstra on the same work; and on
// worker threads, as a command or a server asks for them.

import {twins} from '../native-graph/kernels/kernels.ts';
import {type RoadGraph, UNREACHABLE_MS} from '../native-graph/layout.ts';
import {customized} from '../native-graph/metric/customization.ts';
import {type Hierarchy, handleOf} from '../native-graph/metric/hierarchy.ts';
import type {Positions} from '../native-graph/position.ts';
import {everyPick, NO_LIMIT_MS, timesFrom} from '../native-graph/route/dijkstra.ts';
import {table, tableWithLengths} from '../native-graph/route/many-to-many.ts';
import {createScratch} from '../native-graph/route/scratch.ts';
import {createWorkspace} from '../native-graph/route/workspace.ts';
import {systemClock} from '../src/domain/clock.ts';
import {createPlaceThreads} from '../src/pool/place-threads.ts';
import {checksum, type Measured, type Suite} from './harness.ts';
import {placesOn, roadGraphs, SEED} from './road-graphs.ts';

const SHAPES = {
  smoke: [[8, 20]],
  full: [
    [1, 100],
    [10, 10],
    [20, 1_000],
    [1_000, 20],
    [100, 100],
    [500, 500],
    [1_000, 1_000],
  ],
} as const;

export const tablesBench: Suite = async (size, measure) => {
  for (const {name, graph} of await roadGraphs(size)) {
    const h = customized(graph);
    const ws = createWorkspace(graph, h);
    for (const [rows, columns] of SHAPES[size]) {
      const [from, to] = [placesOn(graph, 'from', rows), placesOn(graph, 'to', columns)];
      const input = `${rows} x ${columns}, ${name}, seed ${SEED}`;
      const shape = {from, firstRow: 0, endRow: rows, to};
      const times = new Int32Array(rows * columns);
      const lengths = new Int32Array(rows * columns);
      const by =
        (method: 'sweep' | 'buckets', of = ws) =>
        () => {
          table(of, shape, NO_LIMIT_MS, times, method);
          return checksum(times);
        };
      await measure([
        {name: 'table, sweep', input, run: by('sweep')},
        {name: 'table, buckets', input, run: by('buckets')},
        {
          name: 'table, with lengths',
          input,
          run: () => {
            tableWithLengths(ws, shape, NO_LIMIT_MS, times, lengths);
            return checksum(times);
          },
        },
        ...(rows * columns <= 20_000 ? [byDijkstra(graph, from, to, input)] : []),
      ]);
      if (rows * columns < 1_000_000 && size === 'full') continue;
      await measure({name: 'table, sweep by twins', input, run: by('sweep', createWorkspace(graph, h, twins))});
      await onThreads(measure, graph, h, from, to, input);
    }
  }
};

function byDijkstra(graph: RoadGraph, from: Positions, to: Positions, input: string): Measured {
  const scratch = createScratch(graph);
  const every = everyPick(to);
  const times = new Int32Array(from.count * to.count);
  return {
    name: 'table, dijkstra',
    input,
    run: () => {
      for (let row = 0; row < from.count; row++) {
        timesFrom(graph, scratch, from, row, to, every, NO_LIMIT_MS, times.subarray(row * to.count));
      }
      return checksum(times);
    },
  };
}

async function onThreads(
  measure: Parameters<Suite>[1],
  graph: RoadGraph,
  h: Hierarchy,
  from: Positions,
  to: Positions,
  input: string,
): Promise<void> {
  const metric = {hierarchy: {...handleOf(h), id: 0}};
  const {monotonicMs} = systemClock;
  for (const threads of [1, 2]) {
    const pool = createPlaceThreads([{name: 'graph', bytes: graph.bytes}], {threads, monotonicMs});
    await measure({
      name: `table, ${threads} worker${threads > 1 ? 's' : ''}`,
      input,
      run: async () => {
        const {timesMs} = await pool.times('graph', 'from', from, to, {metric});
        return checksum(timesMs.map((ms) => (ms < UNREACHABLE_MS ? ms : 0)));
      },
    });
    await pool.close();
  }
}
