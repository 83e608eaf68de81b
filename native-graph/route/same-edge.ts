// Times between two positions on one edge.
//
// A search over a hierarchy starts with a label at the END of the start's segment, and so takes a place behind the
// start on that segment for one before it. For two positions on one edge the time is therefore put together from what
// is between the ends of its segments: the ways that leave a segment and enter it, or its reverse, by a turn.

import {NONE, type RoadGraph, UNREACHABLE_MS} from '../layout.ts';
import type {Positions} from '../position.ts';
import {restOf, segmentAt} from './dijkstra.ts';
import type {TableShape} from './many-to-many.ts';
import {outOf, restCmOf, roundInto} from './places.ts';
import {type Meeting, meet} from './point-to-point.ts';
import type {Workspace} from './workspace.ts';

/** Sets the times, and lengths, of the pairs that lie on one edge. O(rows + columns + such pairs) expected. */
export function fixSameEdge(ws: Workspace, shape: TableShape, timesMs: Int32Array, lengthsCm?: Int32Array): void {
  const {g, localOf} = ws;
  const {from, firstRow, endRow, to} = shape;
  // By node of an edge, the columns there as a linked list of column + 1; 0 ends it. Other edges may share the node.
  const next = new Int32Array(to.count);
  for (let column = to.count - 1; column >= 0; column--) {
    const edge = edgeAt(g, to, column);
    if (edge < 0) continue;
    const node = nodeOfEdge(ws, edge);
    next[column] = localOf[node];
    localOf[node] = column + 1;
  }
  try {
    const rounds: Rounds = new Map();
    for (let row = firstRow; row < endRow; row++) {
      const edge = edgeAt(g, from, row);
      if (edge < 0) continue;
      for (let left = localOf[nodeOfEdge(ws, edge)]; left > 0; left = next[left - 1]) {
        const column = left - 1;
        if (edgeAt(g, to, column) !== edge) continue;
        const {ms, cm} = betweenOnEdge(ws, from, row, to, column, rounds);
        const at = (row - firstRow) * to.count + column;
        timesMs[at] = ms;
        if (lengthsCm) lengthsCm[at] = cm;
      }
    }
  } finally {
    for (let column = 0; column < to.count; column++) {
      const edge = edgeAt(g, to, column);
      if (edge >= 0) localOf[nodeOfEdge(ws, edge)] = 0;
    }
  }
}

function nodeOfEdge({g, h}: Workspace, edge: number): number {
  const forward = g.edgeForward[edge];
  return h.nodeOf[forward === NONE ? g.edgeBackward[edge] : forward];
}

/** The edge that a position lies on, or -1 for none. */
export function edgeAt(g: RoadGraph, at: Positions, i: number): number {
  const segment = Math.max(at.forward[i], at.backward[i]);
  return segment < 0 ? -1 : g.drawn[segment] >>> 1;
}

/** By start segment * 2 + direction of the end: the way from the end of the one segment to the end of the other. */
export type Rounds = Map<number, Meeting>;

/** The best way between two positions on one edge. `rounds` keeps what has been searched. */
export function betweenOnEdge(
  ws: Workspace,
  from: Positions,
  i: number,
  to: Positions,
  j: number,
  rounds: Rounds,
): Meeting {
  const {g} = ws;
  let best: Meeting = {ms: UNREACHABLE_MS, cm: 0, node: -1};
  const consider = (ms: number, cm: number, node: number): void => {
    if (ms < best.ms || (ms === best.ms && cm < best.cm)) best = {ms, cm, node};
  };
  const [starts, ends] = [sidesOf(g, from, i), sidesOf(g, to, j)];
  for (const start of starts) {
    for (const end of ends) {
      if (start.segment === end.segment && start.ms >= end.ms) {
        consider(start.ms - end.ms, Math.max(0, start.cm - end.cm), -1);
      }
    }
  }
  for (const start of starts) {
    for (const end of ends) {
      // What is driven of both segments alone may take longer than the best.
      if (start.ms + g.travelMs[end.segment] - end.ms >= best.ms) continue;
      const round = roundOf(ws, start.segment, end.segment, end.against, rounds);
      if (round.ms < UNREACHABLE_MS) consider(start.ms + round.ms - end.ms, start.cm + round.cm - end.cm, round.node);
    }
  }
  return best;
}

/** The segments that a position stands on, and what is left of each. */
function sidesOf(g: RoadGraph, at: Positions, i: number) {
  return [0, 1].flatMap((against) => {
    const segment = segmentAt(at, i, against);
    if (segment < 0) return [];
    return {segment, against, ms: restOf(g, true, at, i, against), cm: restCmOf(g, at, i, against)};
  });
}

function roundOf(ws: Workspace, start: number, end: number, against: number, rounds: Rounds): Meeting {
  const key = 2 * start + against;
  const known = rounds.get(key);
  if (known) return known;
  const round = meet(ws, outOf(ws, start), roundInto(ws, end)).meeting;
  ws.free();
  rounds.set(key, round);
  return round;
}
