// The way itself between two positions: its segments, its drawing, and when each point of it is passed.
//
// The search keeps no parents. A label says how it came about: on a shortest way into segment x, some arc p -> x has
// label(p) + arcMs = label(x), or leaves a seed with restMs + arcMs = label(x). Arcs are positive, so walking such arcs
// back strictly lowers the label and ends at a seed. The lowest tail is taken, so equal ways give one answer.

import assert from 'node:assert/strict';
import {pointBetween, pointFractions} from '../geometry.ts';
import {type RoadGraph, UNREACHABLE_MS} from '../layout.ts';
import {type Position, type Positions, positionsOf} from '../position.ts';
import {endOfCopies, NO_LIMIT_MS, restOf, segmentAt, timesFrom} from './dijkstra.ts';
import type {Scratch} from './scratch.ts';

export type Route = {
  readonly durationMs: number;
  readonly lengthM: number;
  /** Segment ids in driving order; the first and last are driven in part. */
  readonly segments: readonly number[];
  /** Degrees, from place to place along the drawn edges; at least two points. */
  readonly lonLat: readonly (readonly [number, number])[];
  /** By point: milliseconds after the start, 0 at the first and durationMs at the last, never falling. */
  readonly cumulativeMs: readonly number[];
};

const ONE_PICK = Int32Array.of(0);

/** The fastest way, or null where there is none within the limit. Allocates in proportion to the way. */
export function route(
  g: RoadGraph,
  s: Scratch,
  from: Position,
  to: Position,
  limitMs: number = NO_LIMIT_MS,
): Route | null {
  const source = positionsOf([from]);
  const target = positionsOf([to]);
  const out = new Int32Array(1);
  timesFrom(g, s, source, 0, target, ONE_PICK, limitMs, out);
  if (out[0] === UNREACHABLE_MS) return null;
  return draw(g, source, target, out[0], traceBack(g, s, source, target, out[0]));
}

/** Where a driver is `ms` after the start: [lon, lat] in degrees; before the start or past the end, that end. */
export function pointAfter(r: Route, ms: number): [number, number] {
  const {lonLat, cumulativeMs} = r;
  let low = 0;
  let high = lonLat.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (cumulativeMs[middle] <= ms) low = middle;
    else high = middle;
  }
  const spanMs = cumulativeMs[high] - cumulativeMs[low];
  const t = spanMs > 0 ? Math.min(1, Math.max(0, (ms - cumulativeMs[low]) / spanMs)) : 1;
  const [a, b] = [lonLat[low], lonLat[high]];
  const at = pointBetween(a[1] * 1e7, a[0] * 1e7, b[1] * 1e7, b[0] * 1e7, t);
  return [at.lonE7 / 1e7, at.latE7 / 1e7];
}

type Seed = {readonly segment: number; readonly restMs: number};

/** The segments of a way that takes `ms`, from the labels of the search that found it. */
function traceBack(g: RoadGraph, s: Scratch, source: Positions, target: Positions, ms: number): number[] {
  const seeds = waysAt(g, source);
  for (const {segment, restMs} of waysAt(g, target)) {
    if (seeds.some((seed) => seed.segment === segment && seed.restMs - restMs === ms)) return [segment];
    for (let copy = segment; copy < endOfCopies(g, segment); copy++) {
      if (s.stamp[copy] === s.round && s.labelMs[copy] - restMs === ms) return walkBack(g, s, seeds, copy);
    }
  }
  throw new Error(`no end is met at ${ms} ms`);
}

function walkBack(g: RoadGraph, s: Scratch, seeds: readonly Seed[], end: number): number[] {
  const way = [end];
  for (let reached = end; ; ) {
    let parent = -1;
    for (let arc = g.firstArcIn[reached]; arc < g.firstArcIn[reached + 1] && parent < 0; arc++) {
      const tail = g.tail[arc];
      const beforeMs = s.labelMs[reached] - arcMsOf(g, arc, reached);
      if (seeds.some((seed) => seed.segment === tail && seed.restMs === beforeMs)) return [...way, tail].reverse();
      if (s.stamp[tail] === s.round && s.labelMs[tail] === beforeMs) parent = tail;
    }
    assert(parent >= 0, `nothing explains the label of segment ${reached}`);
    way.push(parent);
    reached = parent;
  }
}

const waysAt = (g: RoadGraph, at: Positions): Seed[] =>
  [0, 1]
    .filter((against) => segmentAt(at, 0, against) >= 0)
    .map((against) => ({segment: segmentAt(at, 0, against), restMs: restOf(g, true, at, 0, against)}));

/** What the outgoing twin of an incoming arc costs. */
const arcMsOf = (g: RoadGraph, arcIn: number, head: number): number =>
  g.arcInMs[arcIn] - g.travelMs[g.tail[arcIn]] + g.travelMs[head];

type Line = {readonly lonLat: [number, number][]; readonly cumulativeMs: number[]};

/** The way of these segments from position 0 to position 0. A turn's time is spent on the segment it leads into. */
export function draw(
  g: RoadGraph,
  source: Positions,
  target: Positions,
  durationMs: number,
  segments: readonly number[],
): Route {
  const line: Line = {lonLat: [], cumulativeMs: []};
  const last = segments.length - 1;
  let lengthCm = 0;
  let spentMs = 0;
  segments.forEach((segment, i) => {
    const from = i === 0 ? fractionOn(g, source, segment) : 0;
    const to = i === last ? fractionOn(g, target, segment) : 1;
    let untilMs = spentMs + (i === 0 ? g.travelMs[segment] - Math.round(from * g.travelMs[segment]) : 0);
    if (i > 0) untilMs += arcBetween(g, segments[i - 1], segment);
    if (i === last) untilMs = durationMs;
    drawLeg(g, segment, from, to, spentMs, untilMs, line);
    // Offsets are rounded as times are, so that the length of a way is a sum of whole lengths too.
    const edgeCm = g.edgeLengthCm[g.drawn[segment] >>> 1];
    lengthCm += Math.round(to * edgeCm) - Math.round(from * edgeCm);
    spentMs = untilMs;
  });
  const {lonLat, cumulativeMs} = line;
  if (lonLat.length < 2 || cumulativeMs[cumulativeMs.length - 1] < durationMs) {
    lonLat.push(lonLat[lonLat.length - 1]);
    cumulativeMs.push(durationMs);
  }
  return {durationMs, lengthM: Math.max(0, lengthCm) / 100, segments, lonLat, cumulativeMs};
}

function arcBetween(g: RoadGraph, tail: number, head: number): number {
  const arc = g.head.subarray(g.firstArc[tail], g.firstArc[tail + 1]).indexOf(head);
  return g.arcMs[g.firstArc[tail] + arc];
}

/** How far along the segment, in its own direction, the position stands. */
const fractionOn = (g: RoadGraph, at: Positions, segment: number): number =>
  (g.drawn[segment] & 1) === 0 ? at.fraction[0] : 1 - at.fraction[0];

/** Adds the part `from` .. `to` of a segment's drawing, leaving out a point equal to the one before. */
function drawLeg(
  g: RoadGraph,
  segment: number,
  from: number,
  to: number,
  fromMs: number,
  toMs: number,
  line: Line,
): void {
  const edge = g.drawn[segment] >>> 1;
  const against = (g.drawn[segment] & 1) === 1;
  const fractions = pointFractions(g, edge);
  const along = (fraction: number): number => (against ? 1 - fraction : fraction);
  const add = (fraction: number, ms: number): void => {
    const point = pointAt(g, edge, fractions, along(fraction));
    const before = line.lonLat[line.lonLat.length - 1];
    if (before !== undefined && before[0] === point[0] && before[1] === point[1]) return;
    line.lonLat.push(point);
    line.cumulativeMs.push(ms);
  };
  add(from, fromMs);
  for (let i = 0; i < fractions.length; i++) {
    const fraction = along(fractions[against ? fractions.length - 1 - i : i]);
    if (fraction <= from || fraction >= to) continue;
    add(fraction, fromMs + ((fraction - from) / (to - from)) * (toMs - fromMs));
  }
  add(to, toMs);
}

/** [lon, lat] in degrees, on the grid of 1e-7. */
function pointAt(g: RoadGraph, edge: number, fractions: Float64Array, fraction: number): [number, number] {
  let i = 0;
  while (i < fractions.length - 2 && fractions[i + 1] < fraction) i++;
  const span = fractions[i + 1] - fractions[i];
  const t = span > 0 ? (fraction - fractions[i]) / span : 0;
  const p = g.firstPoint[edge] + i;
  const at = pointBetween(g.pointLatE7[p], g.pointLonE7[p], g.pointLatE7[p + 1], g.pointLonE7[p + 1], t);
  return [Math.round(at.lonE7) / 1e7, Math.round(at.latE7) / 1e7];
}
