// From a coordinate with its options to places on roads. Each is found by the coordinate and its own options alone:
// what else a query holds changes nothing, so a table that is cut in parts has the same cells.

import assert from 'node:assert/strict';
import {pointFractions, RADIANS_PER_E7, wrapE7} from '../../../native-graph/geometry.ts';
import type {RoadGraph} from '../../../native-graph/layout.ts';
import type {Position} from '../../../native-graph/position.ts';
import {ROAD_CLASSES} from '../../../native-graph/profile/car.ts';
import {type Approaches, createSnapper, nearestPositions} from '../../../native-graph/snap.ts';
import type {Bearing} from './query.ts';

export type Place = {
  readonly lonE7: number;
  readonly latE7: number;
  readonly radiusM: number;
  readonly approach: Approaches;
  readonly bearing: Bearing | null;
  /** May it be put on a ferry. */
  readonly anyRoad: boolean;
};

/** Up to `count` places, nearest first; a direction that the bearing rules out is -1. */
export type NearestPlaces = (place: Place, count: number) => Position[];

/** Streets that are looked at for one that a bearing allows; further ones are not near the point in any sense. */
const CANDIDATES = 1_024;
const FIRST_CANDIDATES = 8;

export function nearestPlaces(graph: RoadGraph): NearestPlaces {
  const snapper = createSnapper(graph);
  const ferry = ROAD_CLASSES.indexOf('ferry');
  return ({lonE7, latE7, radiusM, approach, bearing, anyRoad}, count) => {
    const isOpen = ({forward, backward}: Position) =>
      anyRoad || graph.edgeClass[graph.drawn[Math.max(forward, backward)] >>> 1] !== ferry;
    for (let asked = count; ; asked = Math.max(FIRST_CANDIDATES, 4 * asked)) {
      const found = nearestPositions(snapper, latE7, lonE7, radiusM, Math.min(asked, CANDIDATES), approach);
      const fit = found
        .filter(isOpen)
        .flatMap((at) => headedBy(graph, at, bearing) ?? [])
        .slice(0, count);
      if (fit.length === count || found.length < asked || asked >= CANDIDATES) return fit;
    }
  };
}

/** The position with only the directions that lead where the bearing says, or null where none does. */
function headedBy(g: RoadGraph, at: Position, bearing: Bearing | null): Position | null {
  if (bearing === null) return at;
  const deg = Math.round(bearingAt(g, at));
  const forward = isWithin(deg, bearing) ? at.forward : -1;
  const backward = isWithin(deg + 180, bearing) ? at.backward : -1;
  return forward < 0 && backward < 0 ? null : {...at, forward, backward};
}

function isWithin(deg: number, {deg: wanted, rangeDeg}: Bearing): boolean {
  const off = (((deg - wanted) % 360) + 360) % 360;
  return Math.min(off, 360 - off) <= rangeDeg;
}

/** Degrees clockwise from north of the drawing's piece that the position lies on. */
function bearingAt(g: RoadGraph, at: Position): number {
  const edge = g.drawn[Math.max(at.forward, at.backward)] >>> 1;
  const p = g.firstPoint[edge] + pieceAt(g, edge, at.fraction);
  const north = g.pointLatE7[p + 1] - g.pointLatE7[p];
  const east = wrapE7(g.pointLonE7[p + 1] - g.pointLonE7[p]) * Math.cos(g.pointLatE7[p] * RADIANS_PER_E7);
  return (Math.atan2(east, north) * 180) / Math.PI;
}

/** Which piece of an edge's drawing a fraction lies on: 0 is from the first point to the second. */
export function pieceAt(g: RoadGraph, edge: number, fraction: number): number {
  assert(fraction >= 0 && fraction <= 1, `fraction ${fraction} is not in 0 .. 1`);
  const fractions = pointFractions(g, edge);
  let piece = 0;
  while (piece < fractions.length - 2 && fractions[piece + 1] <= fraction) piece++;
  return piece;
}
