// Random roads for searches over a hierarchy, and their slow truth by Dijkstra: with what a plain random network lacks,
// namely turn restrictions, ranks in any order, and an epoch of other times in which ties abound and turns are closed.

import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import {assemble} from '../../native-graph/build/assemble.ts';
import type {Kernels} from '../../native-graph/kernels/kernels.ts';
import {type RoadGraph, UNREACHABLE_MS} from '../../native-graph/layout.ts';
import {customized} from '../../native-graph/metric/customization.ts';
import {weigh} from '../../native-graph/metric/weighted.ts';
import {type Position, type Positions, positionsOf} from '../../native-graph/position.ts';
import {everyPick, NO_LIMIT_MS, timesFrom} from '../../native-graph/route/dijkstra.ts';
import {createScratch} from '../../native-graph/route/scratch.ts';
import {createWorkspace, type Workspace} from '../../native-graph/route/workspace.ts';
import {type Random, randomStream} from '../../src/domain/random.ts';
import {below, randomNetwork, randomPlaces, unevenTurns} from './random-network.ts';
import {randomRestrictions} from './restriction-oracle.ts';

export type RoughWorld = {
  readonly graph: RoadGraph;
  /** null is a point that no road is near. */
  readonly places: readonly (Position | null)[];
  readonly random: Random;
};

export function roughWorld(seed: number): RoughWorld {
  const random = randomStream(seed, 'rough world');
  const bare = randomNetwork(random);
  const network = below(random, 2) === 0 ? bare : {...bare, restrictions: randomRestrictions(bare, random)};
  const turnCostMs = below(random, 2) === 0 ? unevenTurns : () => 0;
  const {graph} = assemble(network, {minComponentSegments: 1 + below(random, 4), turnCostMs});
  const ranked = below(random, 2) === 0 ? graph : inAnyOrder(graph, random);
  const inEpoch = below(random, 3) === 0 ? ranked : inRandomEpoch(ranked, random);
  return {graph: inEpoch, places: randomPlaces(inEpoch, random).places, random};
}

/** 0 .. count - 1 shuffled. R. A. Fisher and F. Yates. */
export function permutation(count: number, random: Random): Uint32Array {
  const items = Uint32Array.from({length: count}, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = below(random, i + 1);
    [items[i], items[j]] = [items[j], items[i]];
  }
  return items;
}

const inAnyOrder = (g: RoadGraph, random: Random): RoadGraph => ({
  ...g,
  rank: permutation(g.segmentCount, random),
});

/** The same roads and turn costs at other times: all alike, few different ones, or any; some turns may be closed. */
export function inRandomEpoch(g: RoadGraph, random: Random): RoadGraph {
  const longestMs = [1, 2, 5_000][below(random, 3)];
  const closedOf = [0, 0, 6][below(random, 3)];
  const travelMs = new Int32Array(g.segmentCount);
  for (let s = 0; s < g.segmentCount; s++) {
    travelMs[s] = s > 0 && g.drawn[s] === g.drawn[s - 1] ? travelMs[s - 1] : 1 + below(random, longestMs);
  }
  const arcMs = g.arcMs.map((ms, arc) => ms - g.travelMs[g.head[arc]] + travelMs[g.head[arc]]);
  const arcInMs = g.arcInMs.map((ms, arc) => ms - g.travelMs[g.tail[arc]] + travelMs[g.tail[arc]]);
  for (let s = 0; s < g.segmentCount; s++) {
    for (let arc = g.firstArc[s]; arc < g.firstArc[s + 1]; arc++) {
      if (closedOf === 0 || below(random, closedOf) > 0) continue;
      const head = g.head[arc];
      arcMs[arc] = UNREACHABLE_MS;
      arcInMs[g.firstArcIn[head] + g.tail.subarray(g.firstArcIn[head], g.firstArcIn[head + 1]).indexOf(s)] =
        UNREACHABLE_MS;
    }
  }
  return {...g, travelMs, arcMs, arcInMs};
}

/** The graph without its closed turns. */
export function withoutClosedTurns(g: RoadGraph): RoadGraph {
  const out = openOnly(g.firstArc, g.head, g.arcMs);
  const into = openOnly(g.firstArcIn, g.tail, g.arcInMs);
  return {
    ...g,
    arcCount: out.end.length,
    firstArc: out.first,
    head: out.end,
    arcMs: out.ms,
    firstArcIn: into.first,
    tail: into.end,
    arcInMs: into.ms,
  };
}

function openOnly(first: Uint32Array, end: Uint32Array, ms: Int32Array) {
  const open = Array.from(ms.keys()).filter((arc) => ms[arc] < UNREACHABLE_MS);
  return {
    first: first.map((begin) => open.filter((arc) => arc < begin).length),
    end: Uint32Array.from(open, (arc) => end[arc]),
    ms: Int32Array.from(open, (arc) => ms[arc]),
  };
}

let worldsMade = 0;

/**
 * What searches over a graph need. Each has a memory of its own, and whenever one of them grows, V8 goes through all
 * that it has not collected yet: unless it is told to collect, thousands of them take minutes.
 */
export function workspaceOf(g: RoadGraph, kernels?: (memory: WebAssembly.Memory) => Kernels): Workspace {
  if (worldsMade++ % 100 === 0) collectGarbage();
  const contraction = weigh(g);
  const h = customized(g, {contraction, ...(kernels && {kernels: kernels(contraction.memory)})});
  return createWorkspace(g, h, kernels?.(h.memory));
}

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Row by row, the times between all places. */
export function dijkstraTable(
  g: RoadGraph,
  from: Positions,
  to: Positions = from,
  limitMs: number = NO_LIMIT_MS,
): number[] {
  const scratch = createScratch(g);
  const picks = everyPick(to);
  const row = new Int32Array(to.count);
  const times: number[] = [];
  for (let i = 0; i < from.count; i++) {
    timesFrom(g, scratch, from, i, to, picks, limitMs, row);
    times.push(...row);
  }
  return times;
}

/** Whether a segment has copies, for drivers whom a restriction still concerns. */
export const hasCopies = (g: RoadGraph): boolean => g.drawn.some((drawn, s) => s > 0 && drawn === g.drawn[s - 1]);

/** Some of the places, in any order, some of them twice. */
export const someOf = (places: RoughWorld['places'], count: number, random: Random): Positions =>
  positionsOf(Array.from({length: count}, () => places[below(random, places.length)]));
