// Isochrones: the areas that can be reached from a place, or from which it can be reached, within some limits.
//
// An area is made of the hexagons of H3 that a reached piece of road passes, up to the very point where the limit is
// reached. So every reached road lies inside; what lies between the roads of one hexagon is inside too, reached or not,
// and where no road is reached for the width of a hexagon, there is a hole. Areas of one request share a resolution,
// which follows from the longest limit, and each has all hexagons of those before it: they lie one within the other.

import assert from 'node:assert/strict';
import {cellsToMultiPolygon} from 'h3-js';
import {CIRCLE_E7, pointBetween, pointFractions, wrapE7} from '../geometry.ts';
import {NONE, type RoadGraph} from '../layout.ts';
import type {Positions} from '../position.ts';
import {restOf, segmentAt} from '../route/dijkstra.ts';
import {createHexagons, type Hexagons} from './hexagons.ts';

export type Area = {
  readonly limitMs: number;
  /** Drivable directions of roads of which a part is reached. */
  readonly segments: number;
  /**
   * Of a GeoJSON MultiPolygon: polygons of rings of [lon, lat] in degrees, the outer one first and anticlockwise, its
   * holes clockwise. Longitudes run on across the antimeridian.
   */
  readonly polygons: readonly (readonly (readonly (readonly [number, number])[])[])[];
};

export type Areas = {
  /** Of H3. */
  readonly resolution: number;
  /** By limit. */
  readonly areas: readonly Area[];
};

/** The longest limit, and a resolution whose hexagons look smooth and stay within some ten thousand up to there. */
const RESOLUTIONS: readonly (readonly [limitMs: number, resolution: number])[] = [
  [360_000, 10],
  [1_500_000, 9],
  [Number.POSITIVE_INFINITY, 8],
];

const resolutionFor = (longestMs: number): number => RESOLUTIONS.find(([limitMs]) => longestMs <= limitMs)![1];

/**
 * The areas around a position by limits that ascend, from what `timesWithin` tells of the longest. O(edges * limits +
 * length of what is reached); allocates in proportion to the hexagons.
 */
export function areasWithin(
  g: RoadGraph,
  direction: 'from' | 'to',
  at: Positions,
  i: number,
  limitsMs: readonly number[],
  nearMs: Int32Array,
): Areas {
  assert(limitsMs.length > 0 && limitsMs.every((ms, k) => k === 0 || ms > limitsMs[k - 1]), 'the limits do not ascend');
  const resolution = resolutionFor(limitsMs[limitsMs.length - 1]);
  const hexagons = createHexagons(resolution);
  const counted = limitsMs.map((limitMs, k) => {
    const segments = passEdges(g, direction, nearMs, limitMs, limitsMs[k - 1] ?? -1, hexagons);
    return {
      limitMs,
      segments: segments + passOwn(g, direction, at, i, nearMs, limitMs, hexagons),
      end: hexagons.ids.length,
    };
  });
  const areas = counted.map(({end, ...area}) => ({
    ...area,
    polygons: polygonsOf(hexagons.ids.slice(0, end), at.lonE7[i]),
  }));
  return {resolution, areas};
}

/**
 * How much of a segment is reached from its near end on, 0 .. 1: the places whose times, rounded to milliseconds, are
 * within the limit.
 */
function shareOf(g: RoadGraph, nearMs: Int32Array, segment: number, limitMs: number): number {
  if (segment === NONE || nearMs[segment] > limitMs) return 0;
  return Math.min(1, (limitMs - nearMs[segment] + 0.5) / g.travelMs[segment]);
}

/** Passes what of each edge is reached within one limit and was not within the one before. Returns segments reached. */
function passEdges(
  g: RoadGraph,
  direction: 'from' | 'to',
  nearMs: Int32Array,
  limitMs: number,
  beforeMs: number,
  hexagons: Hexagons,
): number {
  // The segments whose near ends are the first and the last point of the drawing.
  const [atFirst, atLast] = direction === 'from' ? [g.edgeForward, g.edgeBackward] : [g.edgeBackward, g.edgeForward];
  let segments = 0;
  for (let edge = 0; edge < g.edgeCount; edge++) {
    const [a, b] = [atFirst[edge], atLast[edge]];
    const [up, down] = [shareOf(g, nearMs, a, limitMs), shareOf(g, nearMs, b, limitMs)];
    segments += (up > 0 ? 1 : 0) + (down > 0 ? 1 : 0);
    if (up === 0 && down === 0) continue;
    const low = shareOf(g, nearMs, a, beforeMs);
    const high = 1 - shareOf(g, nearMs, b, beforeMs);
    if (low >= high) continue; // all of it
    if (up >= 1 - down) passPart(g, edge, low, high, hexagons);
    else {
      if (up > low) passPart(g, edge, low, up, hexagons);
      if (1 - down < high) passPart(g, edge, 1 - down, high, hexagons);
    }
  }
  return segments;
}

/** Passes what the position reaches of its own segments straight ahead. Returns those that it reaches not otherwise. */
function passOwn(
  g: RoadGraph,
  direction: 'from' | 'to',
  at: Positions,
  i: number,
  nearMs: Int32Array,
  limitMs: number,
  hexagons: Hexagons,
): number {
  let segments = 0;
  for (const against of [0, 1]) {
    const segment = segmentAt(at, i, against);
    if (segment < 0) continue;
    if (nearMs[segment] > limitMs) segments++;
    const travelMs = g.travelMs[segment];
    const offsetMs = travelMs - restOf(g, true, at, i, against);
    const [fromMs, toMs] = direction === 'from' ? [offsetMs, offsetMs + limitMs] : [offsetMs - limitMs, offsetMs];
    const [low, high] = [Math.max(0, (fromMs - 0.5) / travelMs), Math.min(1, (toMs + 0.5) / travelMs)];
    if (against === 0) passPart(g, g.drawn[segment] >>> 1, low, high, hexagons);
    else passPart(g, g.drawn[segment] >>> 1, 1 - high, 1 - low, hexagons);
  }
  return segments;
}

/** Goes along an edge's drawing from one fraction to another. */
function passPart(g: RoadGraph, edge: number, low: number, high: number, hexagons: Hexagons): void {
  const {pointLatE7: lat, pointLonE7: lon} = g;
  const [first, end] = [g.firstPoint[edge], g.firstPoint[edge + 1]];
  if (low <= 0 && high >= 1) {
    hexagons.moveTo(lat[first], lon[first]);
    for (let p = first + 1; p < end; p++) hexagons.lineTo(lat[p], lon[p]);
    return;
  }
  const fractions = pointFractions(g, edge);
  /** The point at a fraction of piece p, from point p - 1 to point p. */
  const within = (p: number, fraction: number) => {
    const span = fractions[p - first] - fractions[p - first - 1];
    const t = span > 0 ? (fraction - fractions[p - first - 1]) / span : 0;
    return pointBetween(lat[p - 1], lon[p - 1], lat[p], lon[p], Math.min(1, Math.max(0, t)));
  };
  let p = first + 1;
  while (p < end - 1 && fractions[p - first] < low) p++;
  const start = within(p, low);
  hexagons.moveTo(start.latE7, start.lonE7);
  for (; p < end - 1 && fractions[p - first] < high; p++) hexagons.lineTo(lat[p], lon[p]);
  const stop = within(p, high);
  hexagons.lineTo(stop.latE7, stop.lonE7);
}

const DEGREES_DIGITS = 6;
const E7_PER_DIGIT = 1e7 / 10 ** DEGREES_DIGITS;

/** Longitudes lie within half a circle of `lonE7`. */
function polygonsOf(ids: string[], lonE7: number): [number, number][][][] {
  const rounded = (e7: number): number => Math.round(e7 / E7_PER_DIGIT) / 10 ** DEGREES_DIGITS;
  return cellsToMultiPolygon(ids, true).map((rings) =>
    rings.map((ring) =>
      ring.map(([lon, lat]) => [rounded(lonE7 + wrapE7((lon * 1e7 - lonE7) % CIRCLE_E7)), rounded(lat * 1e7)]),
    ),
  );
}
