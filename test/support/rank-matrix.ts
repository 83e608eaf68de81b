// Square tables by node of a hierarchy, for the slow truth about those of small graphs.

import {type RoadGraph, UNREACHABLE_MS} from '../../native-graph/layout.ts';
import {classesOf} from '../../native-graph/metric/classes.ts';
import type {Arcs} from '../../native-graph/metric/hierarchy.ts';
import type {Weighted, WeightedArcs} from '../../native-graph/metric/weighted.ts';

export type Matrix = number[][];

export const emptyMatrix = (size: number): Matrix =>
  Array.from({length: size}, () => new Array<number>(size).fill(UNREACHABLE_MS));

/** The times of a graph's own turns, those from a node into itself left out. */
export function turnMatrix(g: RoadGraph): Matrix {
  const {nodeCount, nodeOf} = classesOf(g);
  const matrix = emptyMatrix(nodeCount);
  for (let s = 0; s < g.segmentCount; s++) {
    for (let arc = g.firstArc[s]; arc < g.firstArc[s + 1]; arc++) {
      const [tail, head] = [nodeOf[s], nodeOf[g.head[arc]]];
      if (tail !== head) matrix[tail][head] = Math.min(matrix[tail][head], g.arcMs[arc]);
    }
  }
  return matrix;
}

/** Lets the ways of a table pass one more node. R. W. Floyd and S. Warshall. */
export function passBy(matrix: Matrix, via: number): void {
  for (let a = 0; a < matrix.length; a++) {
    for (let b = 0; b < matrix.length; b++) {
      if (a !== b) matrix[a][b] = Math.min(matrix[a][b], matrix[a][via] + matrix[via][b]);
    }
  }
}

export type RankedArc = {
  readonly tail: number;
  readonly head: number;
  readonly isUp: boolean;
  readonly arc: number;
  readonly ms: number;
};

type Sides = {readonly up: Pick<Arcs, 'first' | 'arcs'>; readonly down: Sides['up']};

/** The arcs of a contraction, with the times by lower nodes or the least ones, as a hierarchy has them. */
export function sidesOf({up, down}: Weighted, time: 'ms' | 'leastMs'): Sides {
  const sideOf = ({first, end, [time]: ms}: WeightedArcs) => ({
    first,
    arcs: Int32Array.from({length: 2 * end.length}, (_, i) => (i % 2 === 0 ? end : ms)[i >> 1]),
  });
  return {up: sideOf(up), down: sideOf(down)};
}

/** The arcs kept at one node, v -> w up and u -> v down. */
export function arcsAt(v: number, sides: Sides): RankedArc[] {
  return [true, false].flatMap((isUp) => {
    const {first, arcs} = isUp ? sides.up : sides.down;
    return Array.from({length: first[v + 1] - first[v]}, (_, i) => {
      const arc = first[v] + i;
      const other = arcs[2 * arc];
      return {tail: isUp ? v : other, head: isUp ? other : v, isUp, arc, ms: arcs[2 * arc + 1]};
    });
  });
}
