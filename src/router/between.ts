// Road times taken apart, so that the part which is worth keeping does not depend on where along a street somebody
// stands.
//
// A position lies on an edge, which up to two segments pass. A way from one position to another runs to the end of a
// segment a of the first, from there to the start of a segment b of the second, and along b:
//   time = (travelMs[a] - offset on a) + between[a][b] + (offset on b),  or directly where a = b, if ahead.
// The four between-times of two edges are computed once and kept; a driver who creeps along a street finds them again.
// All terms are whole milliseconds, with offsets rounded as the search rounds them (native-graph/route/dijkstra.ts),
// so the sum is the search's own answer.

import {NONE, type RoadGraph} from '../../native-graph/layout.ts';
import type {Position} from '../../native-graph/position.ts';
import {UNREACHABLE_MS} from '../domain/units.ts';

/**
 * Which times between segments are wanted: of group i, segment group[i], to (from) each of its members, the segments
 * member[firstMember[i]] .. member[firstMember[i + 1] - 1]. One search serves a group.
 */
export type SegmentPairs = {
  /** 'from': out of the group segments into the members. 'to': out of the members into the group segments. */
  readonly direction: 'from' | 'to';
  /** By group. */
  readonly group: Int32Array;
  /** groupCount + 1 entries, ascending from 0. */
  readonly firstMember: Int32Array;
  readonly member: Int32Array;
  readonly limitMs: number;
};

/** What is known of the ways from one edge to another. */
export type Between = {
  /** The limit of the search: UNREACHABLE_MS below says only that no way takes up to this. */
  readonly limitMs: number;
  /** By 2 * origin side + destination side, 1 being backward: from the end of one segment to the start of the other. */
  readonly betweenMs: readonly number[];
};

/** The edge that a position lies on. */
export const edgeOf = (g: RoadGraph, at: Position): number => g.drawn[Math.max(at.forward, at.backward)] >>> 1;

/** The time from `origin` to `destination`; UNREACHABLE_MS beyond `limitMs`, which must not exceed that of `known`. */
export function timeMs(g: RoadGraph, origin: Position, destination: Position, known: Between, limitMs: number): number {
  let bestMs = UNREACHABLE_MS;
  for (let i = 0; i < 2; i++) {
    const from = i === 0 ? origin.forward : origin.backward;
    if (from < 0) continue;
    const leftMs = offsetMs(g, origin, from, i);
    for (let j = 0; j < 2; j++) {
      const to = j === 0 ? destination.forward : destination.backward;
      if (to < 0) continue;
      const enteredMs = offsetMs(g, destination, to, j);
      if (from === to && enteredMs >= leftMs) bestMs = Math.min(bestMs, enteredMs - leftMs);
      bestMs = Math.min(bestMs, g.travelMs[from] - leftMs + known.betweenMs[2 * i + j] + enteredMs);
    }
  }
  return bestMs <= limitMs ? bestMs : UNREACHABLE_MS;
}

/** Milliseconds from the start of the segment to the position. */
const offsetMs = (g: RoadGraph, at: Position, segment: number, side: number): number =>
  Math.round((side === 0 ? at.fraction : 1 - at.fraction) * g.travelMs[segment]);

/** What to search for some pairs of edges, and where each answer belongs. */
export type Plan = {
  /** By edge pair, each once: originEdge * edgeCount + destinationEdge. */
  readonly keys: Float64Array;
  readonly segments: SegmentPairs;
  /** By member of `segments`: 4 * edge pair + its index in Between.betweenMs. */
  readonly slot: Int32Array;
};

/**
 * Plans the searches for these pairs of edges (keys as in Plan; repeats are welcome): one for each segment of each edge
 * on the side that has fewer edges. O(n log n) for n keys.
 */
export function planSearches(g: RoadGraph, wanted: readonly number[], limitMs: number): Plan {
  const {edgeCount, edgeForward, edgeBackward} = g;
  const major = (key: number) => Math.floor(key / edgeCount);
  const minor = (key: number) => key % edgeCount;
  const swap = (key: number) => minor(key) * edgeCount + major(key);
  const fromOrigins = new Set(wanted.map(major)).size <= new Set(wanted.map(minor)).size;
  // Sorted, the pairs of one grouped edge stand together, and edges near each other on the map do too.
  const sorted = Float64Array.from(fromOrigins ? wanted : wanted.map(swap)).sort();
  const pairs = sorted.filter((key, i) => i === 0 || key !== sorted[i - 1]);

  const group: number[] = [];
  const firstMember = [0];
  const member: number[] = [];
  const slot: number[] = [];
  for (let begin = 0, end = 0; begin < pairs.length; begin = end) {
    const edge = major(pairs[begin]);
    while (end < pairs.length && major(pairs[end]) === edge) end++;
    const sides = [edgeForward[edge], edgeBackward[edge]];
    for (let i = 0; i < 2; i++) {
      if (sides[i] === NONE) continue;
      for (let pair = begin; pair < end; pair++) {
        const other = minor(pairs[pair]);
        const otherSides = [edgeForward[other], edgeBackward[other]];
        for (let j = 0; j < 2; j++) {
          if (otherSides[j] === NONE) continue;
          member.push(otherSides[j]);
          slot.push(4 * pair + (fromOrigins ? 2 * i + j : 2 * j + i));
        }
      }
      group.push(sides[i]);
      firstMember.push(member.length);
    }
  }
  return {
    keys: fromOrigins ? pairs : pairs.map(swap),
    segments: {
      direction: fromOrigins ? 'from' : 'to',
      group: Int32Array.from(group),
      firstMember: Int32Array.from(firstMember),
      member: Int32Array.from(member),
      limitMs,
    },
    slot: Int32Array.from(slot),
  };
}

/** The answers to `plan.segments`, by edge pair. */
export function collect(plan: Plan, answersMs: Int32Array): Between[] {
  const bySlot = new Int32Array(4 * plan.keys.length).fill(UNREACHABLE_MS);
  plan.slot.forEach((slot, i) => {
    bySlot[slot] = answersMs[i];
  });
  const {limitMs} = plan.segments;
  return Array.from(plan.keys, (_, pair) => ({
    limitMs,
    betweenMs: Array.from(bySlot.subarray(4 * pair, 4 * pair + 4)),
  }));
}
