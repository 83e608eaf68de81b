// Tables of times over a hierarchy. By buckets (kernels/twin/buckets.ts) or by sweeps (kernels/twin/sweep.ts),
// whichever is cheaper for the shape; both give the same numbers, and so does every part of a table by itself: exact as
// long as a way and the longest segment together take less than UNREACHABLE_MS.
//
// Two positions on one edge are a case of their own: where one lies behind the other on the same segment, the way leads
// round, and a search that starts on a segment knows no way back into it (same-edge.ts).

import assert from 'node:assert/strict';
import type {Lists, Sides} from '../kernels/twin/climb.ts';
import {LANES} from '../kernels/twin/sweep.ts';
import {UNREACHABLE_MS} from '../layout.ts';
import type {Positions} from '../position.ts';
import {NO_LIMIT_MS} from './dijkstra.ts';
import {labelsOf} from './labels.ts';
import {seedsOf} from './places.ts';
import {fixSameEdge} from './same-edge.ts';
import {backward, forward, type Workspace} from './workspace.ts';

/** Rows, columns or both as a range of the positions given. */
export type TableShape = {
  readonly from: Positions;
  readonly firstRow: number;
  readonly endRow: number;
  readonly to: Positions;
};

export type TableMethod = 'buckets' | 'sweep';

/**
 * Buckets skip what lies beyond a short limit, which pays in large tables alone: 1000 x 1000 within five minutes took
 * 37 ms by them and 45 by sweeps on New York, 24 and 25 on Porto. Without a limit sweeps were faster for every shape
 * from 1 x 1 on: measured by bench/tables.ts, the figures stand in docs/BENCHMARKS-ROUTING.md.
 */
const BUCKETS_WITHIN_MS = 300_000;
const BUCKETS_FROM_PAIRS = 250_000;

/**
 * Sets timesMs[(row - firstRow) * columns + column] to the time from a row's position to a column's, UNREACHABLE_MS
 * beyond `limitMs`.
 */
export function table(
  ws: Workspace,
  shape: TableShape,
  limitMs: number,
  timesMs: Int32Array,
  method: TableMethod = methodFor(shape, limitMs),
): void {
  const {firstRow, endRow, to} = shape;
  const rows = endRow - firstRow;
  assert(timesMs.length === rows * to.count, `the table has room for ${timesMs.length} of ${rows * to.count} times`);
  if (method === 'sweep') bySweeps(ws, shape, timesMs);
  else byBuckets(ws, shape, limitMs, timesMs);
  ws.free();
  fixSameEdge(ws, shape, timesMs);
  if (limitMs === NO_LIMIT_MS) return;
  for (let i = 0; i < timesMs.length; i++) if (timesMs[i] > limitMs) timesMs[i] = UNREACHABLE_MS;
}

/** The same with the lengths of the ways, 0 where there is none. They are those that `wayOver` finds. */
export function tableWithLengths(
  ws: Workspace,
  shape: TableShape,
  limitMs: number,
  timesMs: Int32Array,
  lengthsCm: Int32Array,
): void {
  byBuckets(ws, shape, limitMs, timesMs, lengthsCm);
  ws.free();
  fixSameEdge(ws, shape, timesMs, lengthsCm);
  for (let i = 0; i < timesMs.length; i++) {
    if (timesMs[i] <= limitMs) continue;
    timesMs[i] = UNREACHABLE_MS;
    lengthsCm[i] = 0;
  }
}

/** The same with lengths in metres, NaN where there is no way. */
export function metresTable(
  ws: Workspace,
  shape: TableShape,
  limitMs: number,
  timesMs: Int32Array,
  lengthsM: Float64Array,
): void {
  const lengthsCm = new Int32Array(lengthsM.length);
  tableWithLengths(ws, shape, limitMs, timesMs, lengthsCm);
  for (let i = 0; i < lengthsM.length; i++) {
    lengthsM[i] = timesMs[i] < UNREACHABLE_MS ? Math.max(0, lengthsCm[i]) / 100 : Number.NaN;
  }
}

const methodFor = ({firstRow, endRow, to}: TableShape, limitMs: number): TableMethod =>
  limitMs <= BUCKETS_WITHIN_MS && (endRow - firstRow) * to.count >= BUCKETS_FROM_PAIRS ? 'buckets' : 'sweep';

function byBuckets(
  ws: Workspace,
  {from, firstRow, endRow, to}: TableShape,
  limitMs: number,
  timesMs: Int32Array,
  lengthsCm?: Int32Array,
): void {
  const {h, kernels} = ws;
  // What is left of a segment counts below 0 at the end of a way, so a label may pass the limit by as much.
  const columns = labelsOf(ws, backward(h), seedsOf(ws, to, false), limitMs);
  const rows = labelsOf(ws, forward(h), seedsOf(ws, from, true, firstRow, endRow), NO_LIMIT_MS);
  const labelCount = columns.first[to.count];
  const buckets = {
    first: ws.take(h.nodeCount + 1),
    place: ws.take(labelCount),
    ms: ws.take(labelCount),
    cm: ws.take(labelCount),
  };
  kernels.group(h.nodeCount, columns, to.count, buckets);
  const out = ws.take(to.count);
  const outCm = ws.take(to.count);
  for (let row = 0; row < endRow - firstRow; row++) {
    if (lengthsCm) kernels.scanLengths(rows, row, buckets, to.count, out, outCm);
    else kernels.scan(rows, row, buckets, to.count, out);
    timesMs.set(out, row * to.count);
    lengthsCm?.set(outCm, row * to.count);
  }
}

/** Eight at a time of the shorter side, over the closure of the longer. */
function bySweeps(ws: Workspace, {from, firstRow, endRow, to}: TableShape, timesMs: Int32Array): void {
  const rowCount = endRow - firstRow;
  const byRows = rowCount <= to.count;
  const [climbing, descending] = byRows ? [forward(ws.h), backward(ws.h)] : [backward(ws.h), forward(ws.h)];
  const starts = seedsOf(ws, from, true, firstRow, endRow);
  const ends = seedsOf(ws, to, false);
  const [lanes, columns] = byRows ? [starts, ends] : [ends, starts];
  const laneTotal = byRows ? rowCount : to.count;
  const columnTotal = byRows ? to.count : rowCount;
  const [rowStep, columnStep] = byRows ? [to.count, 1] : [1, to.count];

  const {kernels, h, localOf} = ws;
  const wordCount = ws.bits.length;
  const endCount = columns.first[columnTotal];
  const endLocal = ws.take(endCount);
  const closed = closureOf(ws, descending, columns, columnTotal);
  for (let i = 0; i < endCount; i++) endLocal[i] = localOf[columns.node[i]];
  for (let i = 0; i < closed.count; i++) localOf[closed.nodes[i]] = 0;

  const order = byNode(lanes, laneTotal);
  const sorted = reorder(ws, lanes, order);
  let most = 0;
  for (let lane = 0; lane < laneTotal; lane += LANES) {
    most = Math.max(most, sorted.first[Math.min(lane + LANES, laneTotal)] - sorted.first[lane]);
  }
  const roomFor = Math.min(h.nodeCount, most * h.height);
  const scratch = {
    bits: ws.bits,
    wordCount,
    localOf,
    nodes: ws.take(roomFor),
    risen: ws.take(roomFor * LANES),
    fallen: ws.take(closed.count * LANES),
  };
  const out = ws.take(LANES * columnTotal);
  for (let lane = 0; lane < laneTotal; lane += LANES) {
    const laneCount = Math.min(LANES, laneTotal - lane);
    kernels.sweep(climbing.side, scratch, sorted.first, sorted.node, sorted.ms, lane, laneCount, closed);
    kernels.collect(
      scratch.fallen,
      laneCount,
      columns.first,
      endLocal,
      columns.ms,
      columnTotal,
      out,
      0,
      columnTotal,
      1,
    );
    for (let k = 0; k < laneCount; k++) {
      const row = out.subarray(k * columnTotal, (k + 1) * columnTotal);
      if (columnStep === 1) timesMs.set(row, order[lane + k] * rowStep);
      else for (let c = 0; c < columnTotal; c++) timesMs[order[lane + k] + c * columnStep] = row[c];
    }
  }
}

/**
 * All nodes above the seeds, and their arcs among each other; `localOf` holds their numbers until it is cleared. Memory
 * is taken before bits and numbers are written, so that where it is full they stay clear.
 */
function closureOf(ws: Workspace, {side}: Sides, seeds: Lists, placeCount: number) {
  const {kernels, h, bits, localOf} = ws;
  const nodes = ws.take(h.nodeCount);
  for (let i = 0; i < seeds.first[placeCount]; i++) bits[seeds.node[i] >> 5] |= 1 << (seeds.node[i] & 31);
  const count = kernels.closure(side, bits, 0, bits.length, nodes);
  let arcCount = 0;
  for (let i = 0; i < count; i++) arcCount += side.first[nodes[i] + 1] - side.first[nodes[i]];
  const closed = {count, nodes, first: ws.take(count + 1), arcs: ws.take(2 * arcCount)};
  kernels.compact(side, nodes, count, localOf, closed.first, closed.arcs);
  return closed;
}

/** Places in the order of their first nodes' ranks: what is near in it is near on the map, and shares its closure. */
function byNode(places: Lists, count: number): Uint32Array {
  // (node, place) as one number, below 2^53: sorting numbers needs no comparison function.
  const keys = new Float64Array(count);
  for (let p = 0; p < count; p++) {
    const node = places.first[p] < places.first[p + 1] ? places.node[places.first[p]] : 0;
    keys[p] = node * count + p;
  }
  return Uint32Array.from(keys.sort(), (key) => key % count);
}

function reorder(ws: Workspace, places: Lists, order: Uint32Array): Lists {
  const first = ws.take(order.length + 1);
  const room = places.first[order.length];
  const node = ws.take(room);
  const ms = ws.take(room);
  let count = 0;
  first[0] = 0;
  for (let i = 0; i < order.length; i++) {
    for (let seed = places.first[order[i]]; seed < places.first[order[i] + 1]; seed++) {
      node[count] = places.node[seed];
      ms[count++] = places.ms[seed];
    }
    first[i + 1] = count;
  }
  return {first, node, ms, cm: ms};
}
