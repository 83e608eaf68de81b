// Positions as a hierarchy knows them: nodes to start a search from, with labels.
//
// A label is the time and length to or from the END of a segment. A way from a position starts with what is left of its
// segment; a way to a position has gone past it to the segment's end, so that what is left counts below 0. It may end on
// any copy of the segment (dijkstra.ts tells why).

import type {Lists} from '../kernels/twin/climb.ts';
import type {RoadGraph} from '../layout.ts';
import type {Positions} from '../position.ts';
import {endOfCopies, restOf, segmentAt} from './dijkstra.ts';
import {lengthCmOf, offsetCmOf} from './trace.ts';
import type {Workspace} from './workspace.ts';

/** Centimetres from a position to the end of its segment. */
export function restCmOf(g: RoadGraph, at: Positions, i: number, against: number): number {
  const segment = segmentAt(at, i, against);
  return lengthCmOf(g, segment) - offsetCmOf(g, at, i, segment);
}

/** A node to start from, with its label. */
export type Seed = {readonly node: number; readonly ms: number; readonly cm: number};

/** Seeds of a way that leaves a segment: by each turn, the segment entered. `restMs` is what is left of the one left. */
export function outOf(g: RoadGraph, segment: number, restMs: number, restCm: number): Seed[] {
  const seeds: Seed[] = [];
  for (let arc = g.firstArc[segment]; arc < g.firstArc[segment + 1]; arc++) {
    const head = g.head[arc];
    const cm = restCm + lengthCmOf(g, head);
    seeds.push({node: g.rank[head], ms: restMs + g.arcMs[arc], cm});
  }
  return seeds;
}

/** Seeds of a way that ends so far before the end of a segment, on it or any copy of it. */
export function intoCopies(g: RoadGraph, segment: number, restMs: number, restCm: number): Seed[] {
  const seeds: Seed[] = [];
  for (let copy = segment; copy < endOfCopies(g, segment); copy++) {
    seeds.push({node: g.rank[copy], ms: -restMs, cm: -restCm});
  }
  return seeds;
}

/** The seeds of one position, for ways from it or to it. */
export function seedsAt(g: RoadGraph, at: Positions, i: number, isStart: boolean): Seed[] {
  return [0, 1].flatMap((against) => {
    const segment = segmentAt(at, i, against);
    if (segment < 0) return [];
    const [ms, cm] = [restOf(g, true, at, i, against), restCmOf(g, at, i, against)];
    return isStart ? [{node: g.rank[segment], ms, cm}] : intoCopies(g, segment, ms, cm);
  });
}

/** Seeds of the positions `begin` .. `end` - 1, for ways from them or to them, in memory taken for this call. */
export function seedsOf(ws: Workspace, at: Positions, isStart: boolean, begin = 0, end = at.count): Lists {
  const {g} = ws;
  const first = ws.take(end - begin + 1);
  first[0] = 0;
  const all: Seed[] = [];
  for (let i = begin; i < end; i++) {
    all.push(...seedsAt(g, at, i, isStart));
    first[i - begin + 1] = all.length;
  }
  return {first, ...columnsOf(ws, all)};
}

/** Seeds as columns, in memory taken for this call. */
export function columnsOf(ws: Workspace, seeds: readonly Seed[]): Omit<Lists, 'first'> {
  const columns = {node: ws.take(seeds.length), ms: ws.take(seeds.length), cm: ws.take(seeds.length)};
  seeds.forEach(({node, ms, cm}, i) => {
    columns.node[i] = node;
    columns.ms[i] = ms;
    columns.cm[i] = cm;
  });
  return columns;
}
