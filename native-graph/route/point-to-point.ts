// The fastest way between two places over a hierarchy: two climbs that meet at its highest node, and the way told arc
// by arc.

import assert from 'node:assert/strict';
import type {Lists} from '../kernels/twin/climb.ts';
import {UNREACHABLE_MS} from '../layout.ts';
import type {Arcs, Hierarchy} from '../metric/hierarchy.ts';
import {type Position, type Positions, positionsOf} from '../position.ts';
import {NO_LIMIT_MS, restOf, segmentAt} from './dijkstra.ts';
import {draw, lengthM, type Route, type Way} from './path.ts';
import {outOf, restCmOf, roundInto, type Seeds, seedsOf} from './places.ts';
import {betweenOnEdge, edgeAt} from './same-edge.ts';
import {backward, forward, type Workspace} from './workspace.ts';

/**
 * The best way found: `node` is the highest on it, -1 where no node is passed. UNREACHABLE_MS where there is no way.
 */
export type Meeting = {readonly ms: number; readonly cm: number; readonly node: number};

type Met = {
  readonly meeting: Meeting;
  readonly starts: Seeds;
  readonly ends: Seeds;
  readonly up: Lists;
  readonly down: Lists;
};

/** The best way between two places, and both sides' labels, which lie in memory taken for this call. */
export function meet(ws: Workspace, starts: Seeds, ends: Seeds): Met {
  const up = climbFrom(ws, starts, true);
  const down = climbFrom(ws, ends, false);
  const {noted} = ws;
  for (let i = 0; i < up.first[1]; i++) noted[up.node[i]] = i;
  let best: Meeting = {ms: UNREACHABLE_MS, cm: 0, node: -1};
  for (let j = 0; j < down.first[1]; j++) {
    const i = noted[down.node[j]];
    if (i === UNREACHABLE_MS) continue;
    const ms = up.ms[i] + down.ms[j];
    const cm = up.cm[i] + down.cm[j];
    if (ms < best.ms || (ms === best.ms && cm < best.cm)) best = {ms, cm, node: down.node[j]};
  }
  for (let i = 0; i < up.first[1]; i++) noted[up.node[i]] = UNREACHABLE_MS;
  return {meeting: best, starts, ends, up, down};
}

function climbFrom(ws: Workspace, seeds: Seeds, isStart: boolean): Lists {
  const sides = isStart ? forward(ws.h) : backward(ws.h);
  const capacity = seeds.first[1] * sides.height;
  const labels = {first: ws.take(2), node: ws.take(capacity), ms: ws.take(capacity), cm: ws.take(capacity)};
  labels.first[0] = 0;
  ws.kernels.climbAll(sides, ws.climbing, seeds, 0, 1, NO_LIMIT_MS, false, labels, capacity);
  return labels;
}

/** The fastest way, or null where there is none within the limit. */
export function wayOver(
  ws: Workspace,
  from: Positions,
  source: number,
  to: Positions,
  target: number,
  limitMs: number = NO_LIMIT_MS,
): Way | null {
  const isOnOneEdge = edgeAt(ws.g, from, source) === edgeAt(ws.g, to, target);
  const found = (isOnOneEdge ? wayOnEdge : wayBetween)(ws, from, source, to, target);
  ws.free();
  if (found.ms > limitMs) return null;
  const {ms: durationMs, segments} = found;
  return {durationMs, lengthM: lengthM(ws.g, from, source, to, target, segments), segments};
}

/** The fastest way with its drawing. */
export function routeOver(ws: Workspace, from: Position, to: Position, limitMs: number = NO_LIMIT_MS): Route | null {
  const [source, target] = [positionsOf([from]), positionsOf([to])];
  const way = wayOver(ws, source, 0, target, 0, limitMs);
  return way && {...way, ...draw(ws.g, source, target, way)};
}

type Found = {readonly ms: number; readonly segments: number[]};

const NO_WAY: Found = {ms: UNREACHABLE_MS, segments: []};

function wayBetween(ws: Workspace, from: Positions, source: number, to: Positions, target: number): Found {
  const met = meet(ws, seedsOf(ws, from, true, source, source + 1), seedsOf(ws, to, false, target, target + 1));
  if (met.meeting.ms >= UNREACHABLE_MS) return NO_WAY;
  return {ms: met.meeting.ms, segments: segmentsOf(ws.h, met)};
}

/** Straight on, or round by other roads from one of the start's segments to one of the end's. */
function wayOnEdge(ws: Workspace, from: Positions, source: number, to: Positions, target: number): Found {
  const {g} = ws;
  const best = betweenOnEdge(ws, from, source, to, target, new Map());
  if (best.ms >= UNREACHABLE_MS) return NO_WAY;
  for (const a of [0, 1]) {
    const start = segmentAt(from, source, a);
    if (start < 0) continue;
    const [startMs, startCm] = [restOf(g, true, from, source, a), restCmOf(g, from, source, a)];
    for (const b of [0, 1]) {
      const end = segmentAt(to, target, b);
      if (end < 0) continue;
      const [endMs, endCm] = [restOf(g, true, to, target, b), restCmOf(g, to, target, b)];
      const explains = (ms: number, cm: number): boolean => ms === best.ms && cm === best.cm;
      if (best.node < 0) {
        const isAhead = start === end && explains(startMs - endMs, Math.max(0, startCm - endCm));
        if (isAhead) return {ms: best.ms, segments: [start]};
        continue;
      }
      const met = meet(ws, outOf(ws, start), roundInto(ws, end));
      if (met.meeting.ms >= UNREACHABLE_MS) continue;
      if (!explains(startMs + met.meeting.ms - endMs, startCm + met.meeting.cm - endCm)) continue;
      return {ms: best.ms, segments: segmentsOf(ws.h, met)};
    }
  }
  throw new Error('no way explains the time between two places on one edge');
}

/** The segments of the best way, from a start's to an end's. */
function segmentsOf(h: Hierarchy, {meeting, starts, ends, up, down}: Met): number[] {
  const rise = arcsTo(h.up, up, starts, meeting.node);
  const fall = arcsTo(h.down, down, ends, meeting.node);
  const segments = [rise.segment];
  for (const arc of rise.arcs.reverse()) unpack(h, h.up, arc, segments);
  for (const arc of fall.arcs) unpack(h, h.down, arc, segments);
  if (fall.segment >= 0) segments.push(fall.segment);
  return segments;
}

/** The arcs of one side from `node` down to a seed, and its segment: labels tell how they came about, as in path.ts. */
function arcsTo(side: Arcs, labels: Lists, seeds: Seeds, node: number): {arcs: number[]; segment: number} {
  const arcs: number[] = [];
  const count = labels.first[1];
  for (let at = labels.node.indexOf(node); ; ) {
    const [v, ms, cm] = [labels.node[at], labels.ms[at], labels.cm[at]];
    for (let seed = 0; seed < seeds.first[1]; seed++) {
      const isIt = seeds.node[seed] === v && seeds.ms[seed] === ms && seeds.cm[seed] === cm;
      if (isIt) return {arcs, segment: seeds.segment[seed]};
    }
    let found = -1;
    for (let i = 0; i < count && found < 0; i++) {
      const arc = labels.ms[i] < ms ? arcTo(side, labels.node[i], v) : -1;
      if (arc < 0 || labels.ms[i] + side.arcs[2 * arc + 1] !== ms || labels.cm[i] + side.lengthCm[arc] !== cm) continue;
      arcs.push(arc);
      found = i;
    }
    assert(found >= 0, `nothing explains the label of node ${v}`);
    at = found;
  }
}

/** The arc at a lower node whose higher end is `end`, or -1. */
function arcTo({first, arcs}: Arcs, lower: number, end: number): number {
  let low = first[lower];
  let high = first[lower + 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (arcs[2 * middle] < end) low = middle + 1;
    else high = middle;
  }
  return low < first[lower + 1] && arcs[2 * low] === end ? low : -1;
}

/** Adds the segments that an arc's way enters. */
function unpack(h: Hierarchy, side: Arcs, arc: number, segments: number[]): void {
  const stack: (readonly [Arcs, number])[] = [[side, arc]];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const [{via}, at] = top;
    if (via[2 * at] < 0) segments.push(via[2 * at + 1]);
    else stack.push([h.up, via[2 * at + 1]], [h.down, via[2 * at]]);
  }
}
