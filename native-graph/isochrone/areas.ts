// Isochrones: the areas that can be reached from a place, or from which it can be reached, within some limits.
//
// An area is made of the hexagons of H3 that a reached piece of road passes, up to the very point where the limit is
// reached. So every reached road lies inside, but for a decimetre (a corner of a hexagon that is cut off by less may be
// missed, and outlines are rounded); what lies between the roads of one hexagon is inside too, reached or not, and
// where no road is reached for the width of a hexagon, there is a hole. Areas of one request share a resolution, the
// finest that the longest limit allows and that makes do with HEXAGONS_LIMIT hexagons; they lie one within the other.

import assert from 'node:assert/strict';
import {pointBetween, pointFractions} from '../geometry.ts';
import {NONE, type RoadGraph} from '../layout.ts';
import type {Positions} from '../position.ts';
import {restOf, segmentAt, timesWithin} from '../route/dijkstra.ts';
import type {Scratch} from '../route/scratch.ts';
import {timesWithinOver} from '../route/within.ts';
import type {Workspace} from '../route/workspace.ts';
import {createHexagons, type Hexagons} from './hexagons.ts';
import {outlinesOf, type Polygons} from './outlines.ts';

/** Of all areas of a request together, give or take those of one road. Beyond, hexagons are seven times as large. */
export const HEXAGONS_LIMIT = 10_000;

/** The longest limit, and the finest resolution up to there. */
const RESOLUTIONS: readonly (readonly [limitMs: number, resolution: number])[] = [
  [360_000, 10],
  [1_500_000, 9],
  [Number.POSITIVE_INFINITY, 8],
];

export type Area = {
  readonly limitMs: number;
  /** Drivable directions of roads of which a part is reached. */
  readonly segments: number;
  /**
   * Of a GeoJSON MultiPolygon: of each polygon the outer ring first and anticlockwise, its holes clockwise. Longitudes
   * run on across the antimeridian.
   */
  readonly polygons: Polygons;
};

export type Areas = {
  /** Of H3. */
  readonly resolution: number;
  /** By limit. */
  readonly areas: readonly Area[];
};

/** The same as a thread hands it over: text is neither cloned nor written by who asked. */
export type WrittenAreas = Omit<Areas, 'areas'> & {
  /** By limit; `coordinates` is the polygons as JSON. */
  readonly areas: readonly (Omit<Area, 'polygons'> & {readonly coordinates: string})[];
};

export const written = ({resolution, areas}: Areas): WrittenAreas => ({
  resolution,
  areas: areas.map(({polygons, ...area}) => ({...area, coordinates: JSON.stringify(polygons)})),
});

/** Ways from a position or to it, and the limits, which ascend. */
type Asked = {
  readonly direction: 'from' | 'to';
  readonly at: Positions;
  readonly i: number;
  readonly limitsMs: readonly number[];
  /** What `timesWithin` tells of the longest limit. */
  readonly nearMs: Int32Array;
};

/** The areas around a position, searched over a hierarchy or by Dijkstra, which give the same. */
export function areasAround(
  g: RoadGraph,
  by: {readonly ws: Workspace} | {readonly scratch: Scratch},
  direction: 'from' | 'to',
  at: Positions,
  i: number,
  limitsMs: readonly number[],
): Areas {
  const longestMs = limitsMs[limitsMs.length - 1];
  const nearMs = new Int32Array(g.segmentCount);
  if ('ws' in by) timesWithinOver(by.ws, direction, at, i, longestMs, nearMs);
  else timesWithin(g, by.scratch, direction, at, i, longestMs, nearMs);
  return areasWithin(g, {direction, at, i, limitsMs, nearMs});
}

/**
 * The same from what a search has told. O(edges + length of what is reached), several times where that passes too many
 * hexagons; allocates in proportion to the hexagons.
 */
export function areasWithin(g: RoadGraph, asked: Asked): Areas {
  const {at, i, limitsMs} = asked;
  assert(limitsMs.length > 0 && limitsMs.every((ms, k) => k === 0 || ms > limitsMs[k - 1]), 'the limits do not ascend');
  const longestMs = limitsMs[limitsMs.length - 1];
  let resolution = RESOLUTIONS.find(([limitMs]) => longestMs <= limitMs)![1];
  for (; ; resolution--) {
    const hexagons = createHexagons(resolution);
    const own = limitsMs.map((limitMs, k) => passOwn(g, asked, limitMs, k, hexagons));
    const segments = passEdges(g, asked, hexagons);
    if (segments === null) continue;
    const outlines = outlinesOf(hexagons, limitsMs.length, at.lonE7[i]);
    const areas = limitsMs.map((limitMs, k) => ({limitMs, segments: segments[k] + own[k], polygons: outlines[k]}));
    return {resolution, areas};
  }
}

/**
 * How much of a segment is reached from its near end on, 0 .. 1: the places whose times, rounded to milliseconds, are
 * within the limit.
 */
function shareOf(g: RoadGraph, nearMs: Int32Array, segment: number, limitMs: number): number {
  if (segment === NONE || nearMs[segment] > limitMs) return 0;
  return Math.min(1, (limitMs - nearMs[segment] + 0.5) / g.travelMs[segment]);
}

/**
 * Passes what of each edge is reached, each part at the level of the first limit that reaches it. Returns by limit the
 * segments reached, or null where the hexagons have become too many.
 */
function passEdges(g: RoadGraph, {direction, limitsMs, nearMs}: Asked, hexagons: Hexagons): number[] | null {
  // The segments whose near ends are the first and the last point of the drawing.
  const [atFirst, atLast] = direction === 'from' ? [g.edgeForward, g.edgeBackward] : [g.edgeBackward, g.edgeForward];
  const limitCount = limitsMs.length;
  const segments = new Array<number>(limitCount).fill(0);
  for (let edge = 0; edge < g.edgeCount; edge++) {
    const a = atFirst[edge];
    const b = atLast[edge];
    // What lies between these two is still to pass.
    let low = 0;
    let high = 1;
    for (let k = 0; k < limitCount; k++) {
      const up = shareOf(g, nearMs, a, limitsMs[k]);
      const down = shareOf(g, nearMs, b, limitsMs[k]);
      if (up > 0) segments[k]++;
      if (down > 0) segments[k]++;
      if (low >= high) continue;
      if (up >= 1 - down) {
        passPart(g, edge, low, high, k, hexagons);
        low = high;
      } else {
        if (up > low) passPart(g, edge, low, up, k, hexagons);
        if (1 - down < high) passPart(g, edge, 1 - down, high, k, hexagons);
        low = up;
        high = 1 - down;
      }
    }
    if (hexagons.ids.length > HEXAGONS_LIMIT) return null;
  }
  return segments;
}

/** Passes what the position reaches of its own segments straight ahead. Returns those that it reaches not otherwise. */
function passOwn(
  g: RoadGraph,
  {direction, at, i, nearMs}: Asked,
  limitMs: number,
  level: number,
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
    if (against === 0) passPart(g, g.drawn[segment] >>> 1, low, high, level, hexagons);
    else passPart(g, g.drawn[segment] >>> 1, 1 - high, 1 - low, level, hexagons);
  }
  return segments;
}

/** Goes along an edge's drawing from one fraction to another. */
function passPart(g: RoadGraph, edge: number, low: number, high: number, level: number, hexagons: Hexagons): void {
  const {pointLatE7: lat, pointLonE7: lon} = g;
  const [first, end] = [g.firstPoint[edge], g.firstPoint[edge + 1]];
  if (low <= 0 && high >= 1) {
    hexagons.moveTo(lat[first], lon[first], level);
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
  hexagons.moveTo(start.latE7, start.lonE7, level);
  for (; p < end - 1 && fractions[p - first] < high; p++) hexagons.lineTo(lat[p], lon[p]);
  const stop = within(p, high);
  hexagons.lineTo(stop.latE7, stop.lonE7);
}
