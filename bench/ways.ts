// One way at a time over the hierarchy, beside Dijkstra on the same pairs: its time alone, and the way itself.

import {UNREACHABLE_MS} from '../native-graph/layout.ts';
import {customized} from '../native-graph/metric/customization.ts';
import {NO_LIMIT_MS, timesFrom} from '../native-graph/route/dijkstra.ts';
import {seedsAt} from '../native-graph/route/places.ts';
import {meet, wayOver} from '../native-graph/route/point-to-point.ts';
import {edgeAt} from '../native-graph/route/same-edge.ts';
import {createScratch} from '../native-graph/route/scratch.ts';
import {createWorkspace} from '../native-graph/route/workspace.ts';
import {checksum, type Suite} from './harness.ts';
import {placesOn, roadGraphs, SEED} from './road-graphs.ts';

export const waysBench: Suite = async (size, measure) => {
  const [many, few] = size === 'smoke' ? [20, 20] : [1_000, 100];
  for (const {name, graph} of await roadGraphs(size)) {
    const ws = createWorkspace(graph, customized(graph));
    const scratch = createScratch(graph);
    const [from, to] = [placesOn(graph, 'from', many), placesOn(graph, 'to', many)];
    // Two places on one edge are a case of their own, which `meet` alone does not answer.
    const apart = [...from.fraction.keys()].filter((i) => edgeAt(graph, from, i) !== edgeAt(graph, to, i));
    const wayMs = (i: number): number => wayOver(ws, from, i, to, i)?.durationMs ?? UNREACHABLE_MS;
    const [out, target] = [new Int32Array(1), new Int32Array(1)];
    const dijkstraMs = (i: number): number => {
      target[0] = i;
      timesFrom(graph, scratch, from, i, to, target, NO_LIMIT_MS, out);
      return out[0];
    };
    const timeMs = (i: number): number => {
      const {meeting} = meet(ws, seedsAt(ws, from, i, true), seedsAt(ws, to, i, false));
      ws.free();
      return meeting.ms;
    };
    const all = (pairs: readonly number[], msOf: (i: number) => number) => ({
      input: `${pairs.length} pairs, ${name}, seed ${SEED}`,
      things: {count: pairs.length, of: 'pairs/s'},
      run: () => checksum(pairs.map(msOf)),
    });
    await measure([
      {name: 'time, cch', ...all(apart.slice(0, few), timeMs)},
      {name: 'way, cch', ...all(apart.slice(0, few), wayMs)},
      {name: 'time, dijkstra', ...all(apart.slice(0, few), dijkstraMs)},
    ]);
    await measure({name: 'time, cch, many', ...all(apart, timeMs)});
    await measure({name: 'way, cch, many', ...all(apart, wayMs)});
  }
};
