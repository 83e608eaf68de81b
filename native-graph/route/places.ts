// Positions as a hierarchy knows them: nodes to start a search from, with labels.
//
// A label is the time and length to or from the END of a node's segments. A way from a position starts with what is
// left of its segment; a way to a position has gone past it to the segment's end, so that what is left counts below 0.
// It may end on any copy of the segment (dijkstra.ts tells why).

import type {Lists} from '../kernels/twin/climb.ts';
import {type RoadGraph, UNREACHABLE_MS} from '../layout.ts';
import type {Positions} from '../position.ts';
import {endOfCopies, restOf, segmentAt} from './dijkstra.ts';
import {lengthCmOf, offsetCmOf} from './trace.ts';
import type {Workspace} from './workspace.ts';

/** Centimetres from a position to the end of its segment. */
export function restCmOf(g: RoadGraph, at: Positions, i: number, against: number): number {
  const segment = segmentAt(at, i, against);
  return lengthCmOf(g, segment) - offsetCmOf(g, at, i, segment);
}

/** Nodes to start from with their labels, by place, in memory taken for one call. */
export type Seeds = Lists & {
  /** The segment that a way from here starts on; or the one that a way to here ends on behind its node, -1 for none. */
  readonly segment: Int32Array;
};

/** Seeds while they are added: `count` so far. */
type Sowing = Omit<Seeds, 'first'> & {count: number};

function sow(ws: Workspace, room: number): Sowing {
  return {count: 0, node: ws.take(room), ms: ws.take(room), cm: ws.take(room), segment: ws.take(room)};
}

function put(to: Sowing, seed: number, node: number, ms: number, cm: number, segment: number): void {
  to.node[seed] = node;
  to.ms[seed] = ms;
  to.cm[seed] = cm;
  to.segment[seed] = segment;
}

/**
 * Adds the seeds of a way that ends so far before the end of a segment, on it or any copy of it, and enters it by a
 * turn. That a way to a node has come by this segment is known only where the node has no other: else it goes to a node
 * before it.
 */
function addInto({g, h}: Workspace, to: Sowing, segment: number, restMs: number, restCm: number): void {
  const begin = to.count;
  for (let copy = segment, end = endOfCopies(g, segment); copy < end; copy++) {
    const node = h.nodeOf[copy];
    if (h.isShared[node] === 0) put(to, to.count++, node, -restMs, -restCm, -1);
    else addTurnsInto(g, h.nodeOf, to, begin, copy, restMs, restCm);
  }
}

/** By node before a segment, the fastest turn into it; of equally fast ones, into the first copy. */
function addTurnsInto(
  g: RoadGraph,
  nodeOf: Uint32Array,
  to: Sowing,
  begin: number,
  segment: number,
  restMs: number,
  restCm: number,
): void {
  const cm = lengthCmOf(g, segment) - restCm;
  for (let arc = g.firstArcIn[segment]; arc < g.firstArcIn[segment + 1]; arc++) {
    if (g.arcInMs[arc] >= UNREACHABLE_MS) continue;
    // What the outgoing twin of this arc costs, as far as the way goes.
    const ms = g.arcInMs[arc] - g.travelMs[g.tail[arc]] + g.travelMs[segment] - restMs;
    const node = nodeOf[g.tail[arc]];
    let seed = begin;
    while (seed < to.count && to.node[seed] !== node) seed++;
    if (seed < to.count && ms >= to.ms[seed]) continue;
    put(to, seed, node, ms, cm, segment);
    to.count = Math.max(to.count, seed + 1);
  }
}

/** No way into a segment has more seeds. */
function seedLimitInto(g: RoadGraph, segment: number): number {
  const end = endOfCopies(g, segment);
  return end - segment + g.firstArcIn[end] - g.firstArcIn[segment];
}

/** The seed of a way from the end of a segment. */
export function outOf(ws: Workspace, segment: number): Seeds {
  const seeds = sow(ws, 1);
  put(seeds, seeds.count++, ws.h.nodeOf[segment], 0, 0, segment);
  return asOnePlace(ws, seeds);
}

/**
 * The seeds of a way to the end of a segment that may start there too: the turn into it is always part of a seed.
 */
export function roundInto(ws: Workspace, segment: number): Seeds {
  const {g, h} = ws;
  const seeds = sow(ws, seedLimitInto(g, segment));
  for (let copy = segment, end = endOfCopies(g, segment); copy < end; copy++) {
    addTurnsInto(g, h.nodeOf, seeds, 0, copy, 0, 0);
  }
  return asOnePlace(ws, seeds);
}

function asOnePlace(ws: Workspace, seeds: Sowing): Seeds {
  const first = ws.take(2);
  first[0] = 0;
  first[1] = seeds.count;
  return {...seeds, first};
}

/** Seeds of the positions `begin` .. `end` - 1, for ways from them or to them. */
export function seedsOf(ws: Workspace, at: Positions, isStart: boolean, begin = 0, end = at.count): Seeds {
  const {g, h} = ws;
  let room = 0;
  for (let i = begin; i < end; i++) {
    for (let against = 0; against < 2; against++) {
      const segment = segmentAt(at, i, against);
      if (segment >= 0) room += isStart ? 1 : seedLimitInto(g, segment);
    }
  }
  const first = ws.take(end - begin + 1);
  const seeds = sow(ws, room);
  first[0] = 0;
  for (let i = begin; i < end; i++) {
    for (let against = 0; against < 2; against++) {
      const segment = segmentAt(at, i, against);
      if (segment < 0) continue;
      const ms = restOf(g, true, at, i, against);
      const cm = restCmOf(g, at, i, against);
      if (isStart) put(seeds, seeds.count++, h.nodeOf[segment], ms, cm, segment);
      else addInto(ws, seeds, segment, ms, cm);
    }
    first[i - begin + 1] = seeds.count;
  }
  return {...seeds, first};
}
