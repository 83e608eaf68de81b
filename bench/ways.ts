// The fastest way between two places: told segment by segment, its two climbs alone, and by Dijkstra on the same pairs.

import {UNREACHABLE_MS} from '../native-graph/layout.ts';
import {customized} from '../native-graph/metric/customization.ts';
import {NO_LIMIT_MS, timesFrom} from '../native-graph/route/dijkstra.ts';
import {seedsOf} from '../native-graph/route/places.ts';
import {meet, wayOver} from '../native-graph/route/point-to-point.ts';
import {createScratch} from '../native-graph/route/scratch.ts';
import {createWorkspace} from '../native-graph/route/workspace.ts';
import type {Suite} from './harness.ts';
import {roadMaps, roadPlaces, SEED} from './maps.ts';

export const ways: Suite = async (size, measure, data) => {
  const count = size === 'smoke' ? 20 : 1_000;
  for (const {name, graph} of await roadMaps(size, data)) {
    const ws = createWorkspace(graph, customized(graph));
    const scratch = createScratch(graph);
    const [from, to] = [roadPlaces(graph, 'from', count), roadPlaces(graph, 'to', count)];
    const every = (one: (pair: number) => number): number[] => Array.from({length: count}, (_, i) => one(i));
    const input = `${count} pairs, ${name}, seed ${SEED}`;
    const things = {count, of: 'ways/s'};
    const out = new Int32Array(1);
    await measure([
      {
        name: 'way',
        input,
        things,
        run: () => every((i) => wayOver(ws, from, i, to, i)?.durationMs ?? UNREACHABLE_MS),
      },
      {
        name: 'way, climbs alone',
        input,
        things,
        run: () =>
          every((i) => {
            const {ms} = meet(ws, seedsOf(ws, from, true, i, i + 1), seedsOf(ws, to, false, i, i + 1)).meeting;
            ws.free();
            return ms;
          }),
      },
      {
        name: 'way, dijkstra',
        input,
        things,
        run: () =>
          every((i) => {
            timesFrom(graph, scratch, from, i, to, Int32Array.of(i), NO_LIMIT_MS, out);
            return out[0];
          }),
      },
    ]);
  }
};
