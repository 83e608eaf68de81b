// Positions as a hierarchy knows them: nodes to start a search from, with labels.
//
// A label is the time and length to or from the END of a segment. A way from a position starts with what is left of its
// segment; a way to a position has gone past it to the segment's end, so that what is left counts below 0. It may end on
// any copy of the segment (dijkstra.ts tells why).

import type {Lists} from '../kernels/twin/climb.ts';
import type {RoadGraph} from '../layout.ts';
import type {Positions} from '../position.ts';
import {endOfCopies, restOf, segmentAt} from './dijkstra.ts';
import type {Workspace} from './workspace.ts';

/** Centimetres from a position to the end of its segment. */
export function restCmOf(g: RoadGraph, at: Positions, i: number, against: number): number {
  const lengthCm = g.edgeLengthCm[g.drawn[segmentAt(at, i, against)] >>> 1];
  return lengthCm - Math.round((against === 0 ? at.fraction[i] : 1 - at.fraction[i]) * lengthCm);
}

/** Seeds of the positions `begin` .. `end` - 1, for ways from them or to them, in memory taken for this call. */
export function seedsOf(ws: Workspace, at: Positions, isStart: boolean, begin = 0, end = at.count): Lists {
  const {g} = ws;
  const first = ws.take(end - begin + 1);
  const lastOf = (segment: number): number => (isStart ? segment + 1 : endOfCopies(g, segment));
  let count = 0;
  for (let i = begin; i < end; i++) {
    for (let against = 0; against < 2; against++) {
      const segment = segmentAt(at, i, against);
      if (segment >= 0) count += lastOf(segment) - segment;
    }
    first[i - begin + 1] = count;
  }
  first[0] = 0;
  const seeds = {first, node: ws.take(count), ms: ws.take(count), cm: ws.take(count)};
  const sign = isStart ? 1 : -1;
  count = 0;
  for (let i = begin; i < end; i++) {
    for (let against = 0; against < 2; against++) {
      const segment = segmentAt(at, i, against);
      if (segment < 0) continue;
      const ms = restOf(g, true, at, i, against);
      const cm = restCmOf(g, at, i, against);
      for (let copy = segment; copy < lastOf(segment); copy++) {
        seeds.node[count] = g.rank[copy];
        seeds.ms[count] = sign * ms;
        seeds.cm[count++] = sign * cm;
      }
    }
  }
  return seeds;
}
