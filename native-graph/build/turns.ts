// Which turns are permitted and what they cost, on the network as it was read, before components are chosen.
//
// Words: a *directed edge* is 2 * edge, plus 1 when driven against the drawing; a graph's segments are the ones kept.
// Turn restrictions and turn costs come in here: a restriction removes a turn from the list made below, and the table
// of costs (angle, signals, crossings of a larger road) is a `TurnCost`.

import {stronglyConnected} from './components.ts';
import type {RoadNetwork} from './network.ts';

/** Milliseconds, a whole number from 0, that it takes to turn from one directed edge into another. */
export type TurnCost = (from: number, to: number, network: RoadNetwork) => number;

export const freeTurns: TurnCost = () => 0;

export const tailOf = (network: RoadNetwork, directed: number): number =>
  (directed & 1) === 0 ? network.edgeTail[directed >>> 1] : network.edgeHead[directed >>> 1];

export const headOf = (network: RoadNetwork, directed: number): number => tailOf(network, directed ^ 1);

/** Free-flow time; 0 where the edge is not drivable that way. */
export const travelMsOf = (network: RoadNetwork, directed: number): number =>
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
  /** 2 * edgeCount + 1 entries: the turns out of directed edge d are [first[d], first[d + 1]). */
  readonly first: Uint32Array;
  /** By turn: the directed edge it enters; ascending within one origin. */
  readonly to: Uint32Array;
  readonly costMs: Int32Array;
};

/**
 * Every permitted turn. A driver turns back only at a dead end: where no other way leads on to a place from which this
 * junction can be reached again. A one-way street out of town is no way on; without that rule, the road that ends at
 * one would lose its way back.
 */
export function permittedTurns(network: RoadNetwork, leaving: Leaving, turnCostMs: TurnCost): Turns {
  const directedCount = network.edgeTail.length * 2;
  const town = townOf(network, leaving);
  let most = 0;
  for (let d = 0; d < directedCount; d++) {
    if (travelMsOf(network, d) > 0) most += leaving.first[headOf(network, d) + 1] - leaving.first[headOf(network, d)];
  }
  const first = new Uint32Array(directedCount + 1);
  const to = new Uint32Array(most);
  const costMs = new Int32Array(most);
  let count = 0;
  for (let d = 0; d < directedCount; d++) {
    first[d] = count;
    if (travelMsOf(network, d) === 0) continue;
    const junction = headOf(network, d);
    const back = d ^ 1;
    let waysOn = 0;
    for (let i = leaving.first[junction]; i < leaving.first[junction + 1]; i++) {
      const next = leaving.directed[i];
      if (next !== back && town[headOf(network, next)] === town[junction]) waysOn++;
    }
    for (let i = leaving.first[junction]; i < leaving.first[junction + 1]; i++) {
      const next = leaving.directed[i];
      if (next === back && waysOn > 0) continue;
      const ms = turnCostMs(d, next, network);
      if (!Number.isInteger(ms) || ms < 0) throw new RangeError(`the turn from ${d} to ${next} costs ${ms} ms`);
      to[count] = next;
      costMs[count++] = ms;
    }
  }
  first[directedCount] = count;
  return {first, to: to.subarray(0, count), costMs: costMs.subarray(0, count)};
}

/** By junction: a number shared by exactly those that reach each other when every turn is allowed. */
function townOf(network: RoadNetwork, leaving: Leaving): Uint32Array {
  const head = new Uint32Array(leaving.directed.length);
  for (let i = 0; i < head.length; i++) head[i] = headOf(network, leaving.directed[i]);
  return stronglyConnected(leaving.first, head).componentOf;
}
