// Everything within a limit of one position over a hierarchy: a climb, one sweep downwards over all nodes
// (kernels/twin/descend.ts), and from the nodes back to the segments.
//
// A label counts to or from the END of a node's segments, and a segment is told of by its near end (dijkstra.ts,
// `timesWithin`). On the way from a position, the near end is a START, entered by turns out of ends. On the way to one
// it is an END itself, and the label is the answer, but for the position's own segments, whose labels lie past the
// place and below 0 (places.ts): there the way leads round, out of the segment by a turn.

import assert from 'node:assert/strict';
import {type RoadGraph, UNREACHABLE_MS} from '../layout.ts';
import type {Positions} from '../position.ts';
import {NO_LIMIT_MS, restOf, segmentAt, shareNearEnds} from './dijkstra.ts';
import {labelsOf} from './labels.ts';
import {seedsOf} from './places.ts';
import {backward, forward, type Workspace} from './workspace.ts';

/** What `timesWithin` of dijkstra.ts gives, to the millisecond. O(nodes + arcs of the hierarchy + turns within). */
export function timesWithinOver(
  ws: Workspace,
  direction: 'from' | 'to',
  at: Positions,
  i: number,
  limitMs: number,
  out: Int32Array,
): void {
  const {g, h, kernels} = ws;
  assert(out.length === g.segmentCount, `the answer has room for ${out.length} of ${g.segmentCount} segments`);
  assert(limitMs >= 0 && limitMs <= NO_LIMIT_MS, `the limit ${limitMs} ms is not in 0 .. ${NO_LIMIT_MS}`);
  const isFrom = direction === 'from';
  const seeds = seedsOf(ws, at, isFrom, i, i + 1);
  const labels = labelsOf(ws, isFrom ? forward(h) : backward(h), seeds, limitMs);
  const nodeMs = ws.take(h.nodeCount);
  kernels.descend(h.nodeCount, isFrom ? h.down : h.up, labels, limitMs, nodeMs);
  if (isFrom) startsFrom(ws, nodeMs, limitMs, out);
  else endsTo(ws, nodeMs, at, i, limitMs, out);
  ws.free();
  shareNearEnds(g, isFrom, out);
}

/** Every turn out of an end within the limit enters a segment. The same turns leave all segments of a node. */
function startsFrom({g, h}: Workspace, nodeMs: Int32Array, limitMs: number, out: Int32Array): void {
  const {segmentCount, firstArc, head, arcMs, travelMs} = g;
  const {nodeOf} = h;
  out.fill(UNREACHABLE_MS);
  for (let segment = 0; segment < segmentCount; segment++) {
    const endMs = nodeMs[nodeOf[segment]];
    if (endMs > limitMs) continue;
    nodeMs[nodeOf[segment]] = UNREACHABLE_MS; // done
    for (let arc = firstArc[segment], end = firstArc[segment + 1]; arc < end; arc++) {
      if (arcMs[arc] === UNREACHABLE_MS) continue;
      const entered = head[arc];
      const ms = endMs + arcMs[arc] - travelMs[entered];
      if (ms <= limitMs && ms < out[entered]) out[entered] = ms;
    }
  }
}

function endsTo({g, h}: Workspace, nodeMs: Int32Array, at: Positions, i: number, limitMs: number, out: Int32Array) {
  for (let segment = 0; segment < g.segmentCount; segment++) out[segment] = nodeMs[h.nodeOf[segment]];
  for (const against of [0, 1]) {
    const segment = segmentAt(at, i, against);
    if (segment >= 0) out[segment] = roundTo(g, (s) => nodeMs[h.nodeOf[s]], at, i, segment, limitMs);
  }
}

/** From the END of one of the position's own segments out by a turn and back to the position. */
function roundTo(
  g: RoadGraph,
  endMsOf: (segment: number) => number,
  at: Positions,
  i: number,
  segment: number,
  limitMs: number,
): number {
  let best = UNREACHABLE_MS;
  for (let arc = g.firstArc[segment]; arc < g.firstArc[segment + 1]; arc++) {
    if (g.arcMs[arc] === UNREACHABLE_MS) continue;
    const entered = g.head[arc];
    best = Math.min(best, g.arcMs[arc] + endMsOf(entered));
    for (const against of [0, 1]) {
      const own = segmentAt(at, i, against);
      if (own < 0 || g.drawn[own] !== g.drawn[entered]) continue;
      best = Math.min(best, g.arcMs[arc] - restOf(g, true, at, i, against));
    }
  }
  return best <= limitMs ? best : UNREACHABLE_MS;
}
