// The slow truth about turn restrictions: every way is a list of directed edges, and a step is legal when no
// restriction that the list ends in says otherwise. Two lists are told apart by as many of their last edges as a
// restriction is long.
import type {Restriction, RoadNetwork} from '../../native-graph/build/network.ts';
import type {TurnCost} from '../../native-graph/build/turns.ts';
import {UNREACHABLE_MS} from '../../native-graph/layout.ts';
import type {Random} from '../../src/domain/random.ts';
import {below} from './random-network.ts';

const msOf = (network: RoadNetwork, d: number): number =>
  (d % 2 === 0 ? network.edgeForwardMs : network.edgeBackwardMs)[d >> 1];
const tail = (network: RoadNetwork, d: number): number => (d % 2 === 0 ? network.edgeTail : network.edgeHead)[d >> 1];
const head = (network: RoadNetwork, d: number): number => tail(network, d ^ 1);
const drivable = (network: RoadNetwork): number[] =>
  Array.from({length: network.edgeTail.length * 2}, (_, d) => d).filter((d) => msOf(network, d) > 0);

/** Up to six restrictions of two to four edges, along walks through the network. */
export function randomRestrictions(network: RoadNetwork, random: Random): Restriction[] {
  const all = drivable(network);
  const restrictions: Restriction[] = [];
  for (let i = below(random, 7); i > 0; i--) {
    const path = [all[below(random, all.length)]];
    for (let wanted = 2 + below(random, 3); path.length < wanted; ) {
      const onward = all.filter((d) => tail(network, d) === head(network, path[path.length - 1]));
      if (onward.length === 0) break;
      path.push(onward[below(random, onward.length)]);
    }
    if (path.length > 1) restrictions.push({only: below(random, 3) === 0, path});
  }
  return restrictions;
}

const endsIn = (way: readonly number[], end: readonly number[]): boolean =>
  way.length >= end.length && end.every((d, i) => way[way.length - end.length + i] === d);

/**
 * From a directed edge: by directed edge the milliseconds from the end of the one to the end of the other, 0 for
 * itself, UNREACHABLE_MS for no way.
 */
export function lawfulTimes(network: RoadNetwork, turnCostMs: TurnCost): (from: number) => number[] {
  const restrictions = network.restrictions ?? [];
  const all = drivable(network);
  const memory = Math.max(2, ...restrictions.map(({path}) => path.length)) - 1;
  const permits = (way: readonly number[], next: number): boolean => {
    if (restrictions.some(({only, path}) => !only && endsIn([...way, next], path))) return false;
    const orders = restrictions.filter(({only, path}) => only && endsIn(way, path.slice(0, -1)));
    // Orders of the same length are of the same approach: one of them is to be followed.
    const lengths = new Set(orders.map(({path}) => path.length));
    return [...lengths].every((length) => orders.some(({path}) => path.length === length && path[length - 1] === next));
  };
  const reaches = reachability(network, all);
  const known = new Map<string, number[]>();
  const onward = (way: readonly number[]): number[] => {
    const before = known.get(way.join());
    if (before !== undefined) return before;
    const last = way[way.length - 1];
    const junction = head(network, last);
    const legal = all.filter((d) => tail(network, d) === junction && permits(way, d));
    const leadsOn = legal.some((d) => d !== (last ^ 1) && reaches(head(network, d), junction));
    const lawful = legal.filter((d) => d !== (last ^ 1) || !leadsOn);
    known.set(way.join(), lawful);
    return lawful;
  };
  return (from) => timesOver(network, from, memory, onward, turnCostMs);
}

function timesOver(
  network: RoadNetwork,
  from: number,
  memory: number,
  onward: (way: readonly number[]) => number[],
  turnCostMs: TurnCost,
): number[] {
  const best = new Map<string, {way: number[]; ms: number; done: boolean}>();
  best.set(`${from}`, {way: [from], ms: 0, done: false});
  for (;;) {
    let next: {way: number[]; ms: number; done: boolean} | undefined;
    for (const state of best.values()) if (!state.done && (next === undefined || state.ms < next.ms)) next = state;
    if (next === undefined) break;
    next.done = true;
    for (const d of onward(next.way)) {
      const way = [...next.way, d].slice(-memory);
      const ms = next.ms + msOf(network, d) + turnCostMs(next.way[next.way.length - 1], d, network);
      const known = best.get(way.join());
      if (known === undefined || ms < known.ms) best.set(way.join(), {way, ms, done: false});
    }
  }
  const times = new Array<number>(network.edgeTail.length * 2).fill(UNREACHABLE_MS);
  for (const {way, ms} of best.values()) times[way[way.length - 1]] = Math.min(times[way[way.length - 1]], ms);
  return times;
}

function reachability(network: RoadNetwork, all: readonly number[]): (from: number, to: number) => boolean {
  const from = (start: number): Set<number> => {
    const seen = new Set([start]);
    for (const j of seen) for (const d of all) if (tail(network, d) === j) seen.add(head(network, d));
    return seen;
  };
  const sets = Array.from(network.junctionLatE7, (_, j) => from(j));
  return (a, b) => sets[a].has(b);
}
