// The drawing of a leg, point by point, with what lies between: the common ground of geometries, steps and annotations.
//
// Coordinates are whole microdegrees, the grid that OSRM answers on; a leg's ends are the positions it was asked for.

import {pointBetween, pointFractions} from '../../../native-graph/geometry.ts';
import type {RoadGraph} from '../../../native-graph/layout.ts';
import type {Position} from '../../../native-graph/position.ts';
import type {Leg, Run} from './legs.ts';

export type Line = {
  /** By point, two or more: microdegrees. */
  readonly lonE6: readonly number[];
  readonly latE6: readonly number[];
  /** By point: the edge that leads to it, and the node of that edge it is; of the ends, the node outside the leg. */
  readonly edge: readonly number[];
  readonly node: readonly number[];
  /** By stretch between a point and the next: length, and driving time without turns. */
  readonly metres: readonly number[];
  readonly ms: readonly number[];
  /** By run of the leg: the point where it ends. */
  readonly runEnd: readonly number[];
};

type Growing = {-readonly [K in keyof Line]: number[]};

export const toE6 = (e7: number): number => Math.round(e7 / 10);

/** O(points). A point that a run begins with is the one the run before it ends with. */
export function lineOf(g: RoadGraph, {runs, start, end}: Leg): Line {
  const line: Growing = {lonE6: [], latE6: [], edge: [], node: [], metres: [], ms: [], runEnd: []};
  for (const run of runs) drawRun(g, run, line);
  if (line.lonE6.length < 2) repeatPoint(line);
  const last = line.lonE6.length - 1;
  place(line, 0, start);
  place(line, last, end);
  line.runEnd[runs.length - 1] = last;
  return line;
}

function place({lonE6, latE6}: Growing, point: number, at: Position): void {
  lonE6[point] = toE6(at.lonE7);
  latE6[point] = toE6(at.latE7);
}

/** A leg of no length still has two points. */
function repeatPoint(line: Growing): void {
  for (const column of [line.lonE6, line.latE6, line.edge, line.node]) column.push(column[0]);
  line.metres.push(0);
  line.ms.push(0);
}

function drawRun(g: RoadGraph, {segment, from, to}: Run, line: Growing): void {
  const edge = g.drawn[segment] >>> 1;
  const against = (g.drawn[segment] & 1) === 1;
  const fractions = pointFractions(g, edge);
  const last = fractions.length - 1;
  const nodeAt = (i: number): number => (against ? last - i : i);
  /** In driving direction. */
  const fractionAt = (i: number): number => (against ? 1 - fractions[last - i] : fractions[i]);
  let done = from;
  const add = (fraction: number, node: number): void => {
    const at = pointAt(g, edge, fractions, against ? 1 - fraction : fraction);
    if (line.lonE6.length > 0) {
      line.metres.push(((fraction - done) * g.edgeLengthCm[edge]) / 100);
      line.ms.push((fraction - done) * g.travelMs[segment]);
    }
    line.lonE6.push(toE6(at.lonE7));
    line.latE6.push(toE6(at.latE7));
    line.edge.push(edge);
    line.node.push(node);
    done = fraction;
  };
  let i = 0;
  while (i < last && fractionAt(i + 1) <= from) i++;
  if (line.lonE6.length === 0) add(from, nodeAt(i));
  for (i++; i <= last && fractionAt(i) < to; i++) add(fractionAt(i), nodeAt(i));
  if (to > done) add(to, nodeAt(Math.min(i, last)));
  line.runEnd.push(line.lonE6.length - 1);
}

function pointAt(g: RoadGraph, edge: number, fractions: Float64Array, fraction: number) {
  let i = 0;
  while (i < fractions.length - 2 && fractions[i + 1] < fraction) i++;
  const span = fractions[i + 1] - fractions[i];
  const p = g.firstPoint[edge] + i;
  const {pointLatE7: lat, pointLonE7: lon} = g;
  return pointBetween(lat[p], lon[p], lat[p + 1], lon[p + 1], span > 0 ? (fraction - fractions[i]) / span : 0);
}
