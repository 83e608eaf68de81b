// Live speeds onto a graph: the times of segments, then of arcs.
//
// A segment is drawn through points; each piece between two of them may have a speed for each direction, found by the
// pair of their node ids. The segment's time is the sum over its pieces of
//   length / speed                        where a speed is given: what traffic makes of the piece, its lights included;
//   the piece's share of the file's time  elsewhere, by length, and so of the delays and ferries in it;
//   the same, and the segment is closed   where the speed is 0: who already stands on it drives on at that pace.
// Turns cost what they cost in the file.
//
// Invariants: times depend on the set of last rows alone, not on their order; all copies of a segment get the same
// time; equal speeds both ways give both directions the same.

import {pointFractions} from '../geometry.ts';
import {NONE, type RoadGraph, UNREACHABLE_MS} from '../layout.ts';
import {pointIds} from '../point-ids.ts';
import {endOfCopies} from '../route/dijkstra.ts';
import {rowOf, type SpeedTable} from './speeds.ts';
import type {Weights} from './weights.ts';

/** Six days: what live speeds make slower is cut to it, and stays below UNREACHABLE_MS with its turns. */
const LONGEST_MS = 2 ** 29;
const MS_KMH_PER_CM = 36;

export type Applied = {
  /** By row of the table: 1 where a segment is driven along its pair. */
  readonly used: Uint8Array;
  /** Segments whose time is another than the file's, or that are closed. */
  readonly segmentsChanged: number;
  readonly segmentsClosed: number;
};

/** Fills all of `out`. O(points + m); allocates in proportion to the longest edge, an array of n and one of rows. */
export function applySpeeds(g: RoadGraph, table: SpeedTable, out: Weights): Applied {
  const {edgeForward, edgeBackward, edgeCount} = g;
  const used = new Uint8Array(table.speeds.count);
  const closed = new Uint8Array(g.segmentCount);
  out.travelMs.set(g.travelMs);
  for (let edge = 0; edge < edgeCount; edge++) {
    const ids = pointIds(g, edge);
    const along = edgeForward[edge] === NONE ? undefined : rowsAlong(table, ids, false, used);
    const against = edgeBackward[edge] === NONE ? undefined : rowsAlong(table, ids, true, used);
    if (!along && !against) continue;
    const shares = sharesOf(pointFractions(g, edge));
    if (along) applyTo(g, edgeForward[edge], shares, along, table, out, closed);
    if (against) applyTo(g, edgeBackward[edge], shares, against, table, out, closed);
  }
  fillArcs(g, closed, out);
  let [segmentsChanged, segmentsClosed] = [0, 0];
  for (let segment = 0; segment < g.segmentCount; segment++) {
    segmentsClosed += closed[segment];
    if (closed[segment] === 1 || out.travelMs[segment] !== g.travelMs[segment]) segmentsChanged++;
  }
  return {used, segmentsChanged, segmentsClosed};
}

/** By piece of an edge's drawing: the row of its speed for one direction, or -1; undefined where none has one. */
function rowsAlong(table: SpeedTable, ids: Float64Array, against: boolean, used: Uint8Array): Int32Array | undefined {
  let rows: Int32Array | undefined;
  for (let i = 0; i + 1 < ids.length; i++) {
    // Two points of one node have no road between them.
    if (ids[i] === ids[i + 1]) continue;
    const row = against ? rowOf(table, ids[i + 1], ids[i]) : rowOf(table, ids[i], ids[i + 1]);
    if (row < 0) continue;
    rows ??= new Int32Array(ids.length - 1).fill(-1);
    rows[i] = row;
    used[row] = 1;
  }
  return rows;
}

/** By piece: its part of the edge's length. */
const sharesOf = (fractions: Float64Array): Float64Array =>
  Float64Array.from({length: fractions.length - 1}, (_, i) => fractions[i + 1] - fractions[i]);

function applyTo(
  g: RoadGraph,
  segment: number,
  shares: Float64Array,
  rows: Int32Array,
  {speeds}: SpeedTable,
  out: Weights,
  closed: Uint8Array,
): void {
  const fileMs = g.travelMs[segment];
  const lengthCm = g.edgeLengthCm[g.drawn[segment] >>> 1];
  let ms = 0;
  let isClosed = false;
  for (let i = 0; i < shares.length; i++) {
    const kmh = rows[i] < 0 ? 0 : speeds.kmh[rows[i]];
    ms += shares[i] * (kmh > 0 ? (lengthCm * MS_KMH_PER_CM) / kmh : fileMs);
    if (rows[i] >= 0 && kmh === 0) isClosed = true;
  }
  const wholeMs = Math.min(LONGEST_MS, Math.max(1, Math.round(ms)));
  const last = endOfCopies(g, segment);
  out.travelMs.fill(wholeMs, segment, last);
  if (isClosed) closed.fill(1, segment, last);
}

/** Arcs into closed segments are shut; the others take their segment's new time and the turn. */
function fillArcs(g: RoadGraph, closed: Uint8Array, {travelMs, arcMs, arcInMs}: Weights): void {
  const {head, tail, firstArcIn} = g;
  for (let arc = 0; arc < g.arcCount; arc++) {
    const to = head[arc];
    arcMs[arc] = closed[to] === 1 ? UNREACHABLE_MS : g.arcMs[arc] - g.travelMs[to] + travelMs[to];
  }
  for (let to = 0; to < g.segmentCount; to++) {
    for (let arc = firstArcIn[to]; arc < firstArcIn[to + 1]; arc++) {
      const from = tail[arc];
      arcInMs[arc] = closed[to] === 1 ? UNREACHABLE_MS : g.arcInMs[arc] - g.travelMs[from] + travelMs[from];
    }
  }
}
