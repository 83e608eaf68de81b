// Which turns are permitted and what they cost, on the network as it was read, before components are chosen.
//
// Words: a *directed edge* is 2 * edge, plus 1 when driven against the drawing; a graph's segments are the ones kept.
// Turn restrictions and turn costs come in here: history.ts says which turns a driver who has come this way may make,
// and the table of costs (angle, signals, crossings of a larger road) is a `TurnCost`.

import {Column} from '../osm/column.ts';
import {stronglyConnected} from './components.ts';
import {forbiddenPaths, History} from './history.ts';
import type {NetworkArrays, RoadNetwork} from './network.ts';

/** Milliseconds, a whole number from 0, that it takes to turn from one directed edge into another. */
export type TurnCost = (from: number, to: number, network: RoadNetwork) => number;

export const freeTurns: TurnCost = () => 0;

export const tailOf = (network: NetworkArrays, directed: number): number =>
  (directed & 1) === 0 ? network.edgeTail[directed >>> 1] : network.edgeHead[directed >>> 1];

export const headOf = (network: NetworkArrays, directed: number): number => tailOf(network, directed ^ 1);

/** Free-flow time; 0 where the edge is not drivable that way. */
export const travelMsOf = (network: NetworkArrays, directed: number): number =>
  (directed & 1) === 0 ? network.edgeForwardMs[directed >>> 1] : network.edgeBackwardMs[directed >>> 1];

/** The drivable directed edges that leave each junction, ascending. */
export type Leaving = {
  /** junctionCount + 1 entries. */
  readonly first: Uint32Array;
  readonly directed: Uint32Array;
};

export function leavingEdges(network: RoadNetwork): Leaving {
  const junctionCount = network.junctionLatE7.length;
  const directedCount = network.edgeTail.length * 2;
  const first = new Uint32Array(junctionCount + 1);
  for (let d = 0; d < directedCount; d++) if (travelMsOf(network, d) > 0) first[tailOf(network, d) + 1]++;
  for (let j = 0; j < junctionCount; j++) first[j + 1] += first[j];
  const directed = new Uint32Array(first[junctionCount]);
  const fill = first.slice(0, junctionCount);
  for (let d = 0; d < directedCount; d++) if (travelMsOf(network, d) > 0) directed[fill[tailOf(network, d)]++] = d;
  return {first, directed};
}

export type Turns = {
  /**
   * By state: its directed edge. The first 2 * edgeCount states are the directed edges themselves; those behind are
   * copies, for drivers whom a restriction still concerns because of where they come from.
   */
  readonly directedOf: Uint32Array;
  /** stateCount + 1 entries: the turns out of state s are [first[s], first[s + 1]). */
  readonly first: Uint32Array;
  /** By turn: the state it enters; their directed edges ascend within one origin. */
  readonly to: Uint32Array;
  readonly costMs: Int32Array;
};

/**
 * Every permitted turn. A driver turns back only at a dead end: where no other permitted way leads on to a place from
 * which this junction can be reached again. A one-way street out of town is no way on; without that rule, the road that
 * ends at one would lose its way back. Restrictions forbid turning back like any other turn. Where
 * `turnsBack` is set, a driver turns back everywhere.
 */
export function permittedTurns(network: RoadNetwork, leaving: Leaving, turnCostMs: TurnCost): Turns {
  const directedCount = network.edgeTail.length * 2;
  const history = new History(directedCount, forbiddenPaths(network, leaving));
  const town = townOf(network, leaving);
  const directedOf = new Column(Uint32Array);
  const first = new Column(Uint32Array);
  const to = new Column(Uint32Array);
  const costMs = new Column(Int32Array);
  /** By copy, as numbered here: its state in the history; and back. Only what a driver reaches gets a number. */
  const copies: number[] = [];
  const copyOf = new Map<number, number>();
  const numberOf = (state: number): number => {
    if (state < directedCount) return state;
    const known = copyOf.get(state);
    if (known !== undefined) return known;
    copyOf.set(state, directedCount + copies.length);
    return directedCount + copies.push(state) - 1;
  };
  for (let s = 0; s < directedCount + copies.length; s++) {
    const state = s < directedCount ? s : copies[s - directedCount];
    const from = history.directedOf(state);
    directedOf.push(from);
    first.push(to.length);
    if (travelMsOf(network, from) === 0) continue;
    const junction = headOf(network, from);
    const back = from ^ 1;
    let waysOn = 0;
    for (let i = leaving.first[junction]; i < leaving.first[junction + 1]; i++) {
      const next = leaving.directed[i];
      if (next !== back && town[headOf(network, next)] === town[junction] && history.step(state, next) >= 0) waysOn++;
    }
    for (let i = leaving.first[junction]; i < leaving.first[junction + 1]; i++) {
      const next = leaving.directed[i];
      const reached = history.step(state, next);
      if (reached < 0 || (next === back && waysOn > 0 && !network.turnsBack)) continue;
      const ms = turnCostMs(from, next, network);
      if (!Number.isInteger(ms) || ms < 0) throw new RangeError(`the turn from ${from} to ${next} costs ${ms} ms`);
      to.push(numberOf(reached));
      costMs.push(ms);
    }
  }
  first.push(to.length);
  return {directedOf: directedOf.view(), first: first.view(), to: to.view(), costMs: costMs.view()};
}

/** By junction: a number shared by exactly those that reach each other when every turn is allowed. */
function townOf(network: RoadNetwork, leaving: Leaving): Uint32Array {
  const head = new Uint32Array(leaving.directed.length);
  for (let i = 0; i < head.length; i++) head[i] = headOf(network, leaving.directed[i]);
  return stronglyConnected(leaving.first, head).componentOf;
}
