// Everything within fifteen minutes of a place, and without a limit: over a hierarchy, with compiled kernels and their
// twins, and by Dijkstra; and the areas that isochrones are made of.

import {areasWithin} from '../native-graph/isochrone/areas.ts';
import {twins} from '../native-graph/kernels/kernels.ts';
import {customized} from '../native-graph/metric/customization.ts';
import {NO_LIMIT_MS, timesWithin} from '../native-graph/route/dijkstra.ts';
import {createScratch} from '../native-graph/route/scratch.ts';
import {timesWithinOver} from '../native-graph/route/within.ts';
import {createWorkspace} from '../native-graph/route/workspace.ts';
import type {Measured, Suite} from './harness.ts';
import {roadMaps, roadPlaces, SEED} from './maps.ts';

const AREAS_MS = [300_000, 600_000, 900_000];
const [LIMIT_MS] = AREAS_MS.slice(-1);

export const within: Suite = async (size, measure, data) => {
  const count = size === 'smoke' ? 2 : 20;
  for (const {name, graph} of await roadMaps(size, data)) {
    const h = customized(graph);
    const [ws, twinned] = [createWorkspace(graph, h), createWorkspace(graph, h, twins)];
    const scratch = createScratch(graph);
    const at = roadPlaces(graph, 'within', count);
    const nearMs = new Int32Array(graph.segmentCount);
    type Search = (direction: 'from' | 'to', i: number, limitMs: number) => void;
    const searches: readonly (readonly [label: string, search: Search])[] = [
      ['cch', (direction, i, limitMs) => timesWithinOver(ws, direction, at, i, limitMs, nearMs)],
      ['cch, twins', (direction, i, limitMs) => timesWithinOver(twinned, direction, at, i, limitMs, nearMs)],
      ['dijkstra', (direction, i, limitMs) => timesWithin(graph, scratch, direction, at, i, limitMs, nearMs)],
    ];
    /** The same number for each search: the segments told of. */
    const told = (limitMs: number): number => nearMs.reduce((sum, ms) => sum + (ms <= limitMs ? 1 : 0), 0);
    for (const limitMs of [LIMIT_MS, NO_LIMIT_MS]) {
      const limit = limitMs === NO_LIMIT_MS ? 'no limit' : `${limitMs / 60_000} min`;
      for (const direction of ['from', 'to'] as const) {
        await measure(
          searches.map(([label, search]): Measured => {
            return {
              name: `within, ${label}`,
              input: `${count} places, ${direction} them, ${limit}, ${name}, seed ${SEED}`,
              things: {count, of: 'places/s'},
              run() {
                for (let i = 0; i < count; i++) search(direction, i, limitMs);
                return told(limitMs);
              },
            };
          }),
        );
      }
    }
    timesWithinOver(ws, 'from', at, 0, LIMIT_MS, nearMs);
    const asked = {direction: 'from', at, i: 0, limitsMs: AREAS_MS, nearMs} as const;
    await measure({
      name: 'within, areas',
      input: `1 place, 5, 10 and 15 min, ${name}, seed ${SEED}`,
      run: () => areasWithin(graph, asked).areas.map(({segments}) => segments),
    });
  }
};
