// Positions as a hierarchy knows them: nodes to start a search from, with labels.
//
// A label is the time and length to or from the END of a node's segments. A way from a position starts with what is
// left of its segment; a way to a position has gone past it to the segment's end, so that what is left counts below 0.
// It may end on any copy of the segment (dijkstra.ts tells why).

import type {Lists} from '../kernels/twin/climb.ts';
import {type RoadGraph, UNREACHABLE_MS} from '../layout.ts';
import type {Hierarchy} from '../metric/hierarchy.ts';
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
export type Seed = {
  readonly node: number;
  readonly ms: number;
  readonly cm: number;
  /** The segment that a way from here starts on; or the one that a way to here ends on behind its node, -1 for none. */
  readonly segment: number;
};

/** The seed of a way that starts so far before the end of a segment. */
export const outOf = (h: Hierarchy, segment: number, restMs: number, restCm: number): Seed => ({
  node: h.nodeOf[segment],
  ms: restMs,
  cm: restCm,
  segment,
});

/**
 * Seeds of a way that ends so far before the end of a segment, on it or any copy of it, and enters it by a turn. That a
 * way to a node has come by this segment is known only where the node has no other: else it goes to a node before it.
 */
function into({g, h}: Workspace, segment: number, restMs: number, restCm: number): Seed[] {
  const seeds: Seed[] = [];
  for (let copy = segment; copy < endOfCopies(g, segment); copy++) {
    const node = h.nodeOf[copy];
    if (h.isShared[node] === 0) seeds.push({node, ms: -restMs, cm: -restCm, segment: -1});
    else addTurnsInto(g, h, copy, restMs, restCm, seeds);
  }
  return seeds;
}

/** The same, where the way may start at the end of this very segment: the turn into it is always part of a seed. */
export function roundInto({g, h}: Workspace, segment: number): Seed[] {
  const seeds: Seed[] = [];
  for (let copy = segment; copy < endOfCopies(g, segment); copy++) addTurnsInto(g, h, copy, 0, 0, seeds);
  return seeds;
}

/** By node before a segment, the fastest turn into it; of equally fast ones, into the first copy. */
function addTurnsInto(
  g: RoadGraph,
  h: Hierarchy,
  segment: number,
  restMs: number,
  restCm: number,
  seeds: Seed[],
): void {
  const cm = lengthCmOf(g, segment) - restCm;
  for (let arc = g.firstArcIn[segment]; arc < g.firstArcIn[segment + 1]; arc++) {
    if (g.arcInMs[arc] >= UNREACHABLE_MS) continue;
    // What the outgoing twin of this arc costs, as far as the way goes.
    const ms = g.arcInMs[arc] - g.travelMs[g.tail[arc]] + g.travelMs[segment] - restMs;
    const node = h.nodeOf[g.tail[arc]];
    const known = seeds.findIndex((seed) => seed.node === node);
    if (known < 0) seeds.push({node, ms, cm, segment});
    else if (ms < seeds[known].ms) seeds[known] = {node, ms, cm, segment};
  }
}

/** The seeds of one position, for ways from it or to it. */
export function seedsAt(ws: Workspace, at: Positions, i: number, isStart: boolean): Seed[] {
  return [0, 1].flatMap((against) => {
    const segment = segmentAt(at, i, against);
    if (segment < 0) return [];
    const [ms, cm] = [restOf(ws.g, true, at, i, against), restCmOf(ws.g, at, i, against)];
    return isStart ? outOf(ws.h, segment, ms, cm) : into(ws, segment, ms, cm);
  });
}

/** Seeds of the positions `begin` .. `end` - 1, for ways from them or to them, in memory taken for this call. */
export function seedsOf(ws: Workspace, at: Positions, isStart: boolean, begin = 0, end = at.count): Lists {
  const first = ws.take(end - begin + 1);
  first[0] = 0;
  const all: Seed[] = [];
  for (let i = begin; i < end; i++) {
    all.push(...seedsAt(ws, at, i, isStart));
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
