// The fastest way between two places: told segment by segment, its two climbs alone, and by Dijkstra on the same pairs.

import {UNREACHABLE_MS} from '../native-graph/layout.ts';
import {customized} from '../native-graph/metric/customization.ts';
import {NO_LIMIT_MS, timesFrom} from '../native-graph/route/dijkstra.ts';
import {seedsOf} from '../native-graph/route/places.ts';
import {meet, wayOver} from '../native-graph/route/point-to-point.ts';
import {createScratch} from '../native-graph/route/scratch.ts';
import {createWorkspace} from '../native-graph/route/workspace.ts';
import type {Measured, Suite} from './harness.ts';
import {roadMaps, roadPlaces, SEED} from './maps.ts';

export const ways: Suite = async (size, measure, data) => {
  // Dijkstra takes a thousand times as long: it and its rival drive fewer pairs.
  const [most, few] = size === 'smoke' ? [20, 5] : [1_000, 50];
  for (const {name, graph} of await roadMaps(size, data)) {
    const ws = createWorkspace(graph, customized(graph));
    const scratch = createScratch(graph);
    const [from, to] = [roadPlaces(graph, 'from', most), roadPlaces(graph, 'to', most)];
    const out = new Int32Array(1);
    const timed = (label: string, count: number, msOf: (pair: number) => number): Measured => ({
      name: label,
      input: `${count} pairs, ${name}, seed ${SEED}`,
      things: {count, of: 'ways/s'},
      run: () => Array.from({length: count}, (_, i) => msOf(i)),
    });
    const told = (i: number): number => wayOver(ws, from, i, to, i)?.durationMs ?? UNREACHABLE_MS;
    const met = (i: number): number => {
      const {ms} = meet(ws, seedsOf(ws, from, true, i, i + 1), seedsOf(ws, to, false, i, i + 1)).meeting;
      ws.free();
      return ms;
    };
    const searched = (i: number): number => {
      timesFrom(graph, scratch, from, i, to, Int32Array.of(i), NO_LIMIT_MS, out);
      return out[0];
    };
    await measure([timed('way', most, told), timed('way, climbs alone', most, met)]);
    await measure([timed('way', few, told), timed('way, dijkstra', few, searched)]);
  }
};
