// Tables of times over a hierarchy: by sweeps and by buckets in turns, with lengths, on threads, and beside Dijkstra.

import {customized} from '../native-graph/metric/customization.ts';
import {handleOf} from '../native-graph/metric/hierarchy.ts';
import {NO_LIMIT_MS} from '../native-graph/route/dijkstra.ts';
import {table, tableWithLengths} from '../native-graph/route/many-to-many.ts';
import {createWorkspace} from '../native-graph/route/workspace.ts';
import {systemClock} from '../src/domain/clock.ts';
import {createPlaceThreads} from '../src/pool/place-threads.ts';
import type {Measured, Suite} from './harness.ts';
import {roadMaps, roadPlaces, SEED} from './maps.ts';

const SHAPES = {
  smoke: [
    [3, 20],
    [20, 20],
  ],
  full: [
    [20, 1_000],
    [1_000, 20],
    [100, 100],
    [500, 500],
    [1_000, 1_000],
  ],
} as const;

/** Where buckets might be cheaper than sweeps. */
const SMALL_SHAPES = {
  smoke: [[1, 1]],
  full: [
    [1, 1],
    [1, 10],
    [1, 1_000],
    [1_000, 1],
    [10, 10],
  ],
} as const;

const LIMITS_MS = [120_000, 300_000];

export const tables: Suite = async (size, measure, data) => {
  for (const {name, graph} of await roadMaps(size, data)) {
    const h = customized(graph);
    const ws = createWorkspace(graph, h);
    const byMethod = (rows: number, columns: number, limitMs: number): Measured[] => {
      const shape = {...placed(rows, columns), firstRow: 0, endRow: rows};
      const out = new Int32Array(rows * columns);
      // Short ones are repeated: a clock shows no less than microseconds.
      const repeats = Math.max(1, Math.floor(1_000 / (rows * columns)));
      const limit = limitMs === NO_LIMIT_MS ? '' : ` within ${limitMs / 60_000} min`;
      const input = `${rows} x ${columns}${limit}, ${name}, seed ${SEED}${repeats > 1 ? `, ${repeats} times` : ''}`;
      return (['sweep', 'buckets'] as const).map((method) => ({
        name: `table, ${method}`,
        input,
        run() {
          for (let i = 0; i < repeats; i++) table(ws, shape, limitMs, out, method);
          return out;
        },
      }));
    };
    const placed = (rows: number, columns: number) => ({
      from: roadPlaces(graph, 'rows', rows),
      to: roadPlaces(graph, 'columns', columns),
    });
    const [threaded, alone] = [2, 1].map((threads) =>
      createPlaceThreads([{name, bytes: graph.bytes}], {threads, monotonicMs: systemClock.monotonicMs}),
    );
    const metric = {hierarchy: {...handleOf(h), id: 0}};
    try {
      for (const [rows, columns] of SHAPES[size]) {
        const {from, to} = placed(rows, columns);
        const input = `${rows} x ${columns}, ${name}, seed ${SEED}`;
        const [times, lengths] = [new Int32Array(rows * columns), new Int32Array(rows * columns)];
        const on = (pool: typeof alone, options: Parameters<typeof alone.times>[4]) => async () =>
          (await pool.times(name, 'from', from, to, options)).timesMs;
        await measure([
          ...byMethod(rows, columns, NO_LIMIT_MS),
          {
            name: 'table, with lengths',
            input,
            run() {
              tableWithLengths(ws, {from, firstRow: 0, endRow: rows, to}, NO_LIMIT_MS, times, lengths);
              return times;
            },
          },
          {name: 'table, 1 thread', input, run: on(alone, {metric})},
          {name: 'table, 2 threads', input, run: on(threaded, {metric})},
        ]);
        if (rows !== SHAPES[size][0][0]) continue;
        // Where the slow truth does not take minutes. It sweeps the caches clean for who comes next.
        await measure([
          {name: 'table, cch beside dijkstra', input, run: on(alone, {metric})},
          {name: 'table, dijkstra', input, run: on(alone, {})},
        ]);
      }
      for (const [rows, columns] of SMALL_SHAPES[size]) await measure(byMethod(rows, columns, NO_LIMIT_MS));
      const [[, columns]] = SHAPES[size];
      for (const limitMs of LIMITS_MS) await measure(byMethod(columns, columns, limitMs));
    } finally {
      await Promise.all([threaded.close(), alone.close()]);
    }
  }
};
