// The way itself between two positions: its segments, its drawing, and when each point of it is passed.

import {pointBetween, pointFractions} from '../geometry.ts';
import {type RoadGraph, UNREACHABLE_MS} from '../layout.ts';
import {type Position, type Positions, positionsOf} from '../position.ts';
import {NO_LIMIT_MS, timesFrom} from './dijkstra.ts';
import type {Scratch} from './scratch.ts';
import {before, endAt, fractionOn, lengthCmOf, offsetCmOf, seedsAt} from './trace.ts';

export type Way = {
  readonly durationMs: number;
  readonly lengthM: number;
  /** Segment ids in driving order; the first and last are driven in part. */
  readonly segments: readonly number[];
};

export type Route = Way & {
  /** Degrees, from place to place along the drawn edges; at least two points. */
  readonly lonLat: readonly (readonly [number, number])[];
  /** By point: milliseconds after the start, 0 at the first and durationMs at the last, never falling. */
  readonly cumulativeMs: readonly number[];
};

/** The fastest way, or null where there is none within the limit. Allocates in proportion to the way. */
export function fastestWay(
  g: RoadGraph,
  s: Scratch,
  from: Positions,
  source: number,
  to: Positions,
  target: number,
  limitMs: number = NO_LIMIT_MS,
): Way | null {
  const out = new Int32Array(1);
  timesFrom(g, s, from, source, to, Int32Array.of(target), limitMs, out);
  const durationMs = out[0];
  if (durationMs === UNREACHABLE_MS) return null;
  const segments = traceBack(g, s, from, source, to, target, durationMs);
  return {durationMs, lengthM: lengthM(g, from, source, to, target, segments), segments};
}

/** The fastest way with its drawing. */
export function route(
  g: RoadGraph,
  s: Scratch,
  from: Position,
  to: Position,
  limitMs: number = NO_LIMIT_MS,
): Route | null {
  const [source, target] = [positionsOf([from]), positionsOf([to])];
  const way = fastestWay(g, s, source, 0, target, 0, limitMs);
  return way && {...way, ...draw(g, source, target, way)};
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

/** The segments of a way that takes `ms`, from the labels of the search that found it. */
function traceBack(
  g: RoadGraph,
  s: Scratch,
  from: Positions,
  source: number,
  to: Positions,
  target: number,
  ms: number,
): number[] {
  const seeds = seedsAt(g, from, source);
  const {segment, direct} = endAt(g, s, seeds, to, target, ms);
  if (direct) return [segment];
  const way = [segment];
  let reached = before(g, s, seeds, segment);
  for (; reached >= 0; reached = before(g, s, seeds, reached)) way.push(reached);
  way.push(seeds[-1 - reached].segment);
  return way.reverse();
}

/**
 * Lengths are whole centimetres, rounded as times are: the length of a way is a sum of theirs, however it was found.
 */
export function lengthM(
  g: RoadGraph,
  from: Positions,
  source: number,
  to: Positions,
  target: number,
  segments: readonly number[],
): number {
  const last = segments.length - 1;
  let cm = offsetCmOf(g, to, target, segments[last]) - offsetCmOf(g, from, source, segments[0]);
  for (let i = 0; i < last; i++) cm += lengthCmOf(g, segments[i]);
  // Two places within the same millisecond may stand the other way round.
  return Math.max(0, cm) / 100;
}

type Line = {readonly lonLat: [number, number][]; readonly cumulativeMs: number[]};

/** The drawing of a way from position 0 to position 0. A turn's time is spent on the segment it leads into. */
export function draw(g: RoadGraph, source: Positions, target: Positions, {segments, durationMs}: Way): Line {
  const line: Line = {lonLat: [], cumulativeMs: []};
  const last = segments.length - 1;
  let spentMs = 0;
  segments.forEach((segment, i) => {
    const from = i === 0 ? fractionOn(g, source, 0, segment) : 0;
    const to = i === last ? fractionOn(g, target, 0, segment) : 1;
    let untilMs = spentMs + (i === 0 ? g.travelMs[segment] - Math.round(from * g.travelMs[segment]) : 0);
    if (i > 0) untilMs += arcBetween(g, segments[i - 1], segment);
    if (i === last) untilMs = durationMs;
    drawLeg(g, segment, from, to, spentMs, untilMs, line);
    spentMs = untilMs;
  });
  const {lonLat, cumulativeMs} = line;
  if (lonLat.length < 2 || cumulativeMs[cumulativeMs.length - 1] < durationMs) {
    lonLat.push(lonLat[lonLat.length - 1]);
    cumulativeMs.push(durationMs);
  }
  return line;
}

/** Milliseconds of the arc, which must be one of the tail's. */
export function arcBetween(g: RoadGraph, tail: number, head: number): number {
  const arc = g.head.subarray(g.firstArc[tail], g.firstArc[tail + 1]).indexOf(head);
  return g.arcMs[g.firstArc[tail] + arc];
}

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
