// From the labels of a finished search back to the ways that it found.
//
// The search keeps no parents. A label says how it came about: on a shortest way into segment x, some arc p -> x has
// label(p) + arcMs = label(x), or leaves a seed with restMs + arcMs = label(x). Arcs are positive, so walking such arcs
// back strictly lowers the label and ends at a seed.
//
// Invariant: the way depends on the two places alone, not on what else the search was asked for or where it stopped:
// whatever explains a final label was popped before it, so every search that settled the label holds the same
// explanations, of which the first arc counts; and of several ends the one with the lowest label counts, which any
// search pops first.

import assert from 'node:assert/strict';
import type {RoadGraph} from '../layout.ts';
import type {Positions} from '../position.ts';
import {endOfCopies, restOf, segmentAt} from './dijkstra.ts';
import type {Scratch} from './scratch.ts';

/** A segment that a place stands on, and the time from the place to the segment's end. */
type Seed = {readonly segment: number; readonly restMs: number};

/** Where a way ends: on a segment of the target, `direct` where it also starts on it and goes ahead. */
type End = {readonly segment: number; readonly direct: boolean};

export const seedsAt = (g: RoadGraph, at: Positions, i: number): Seed[] =>
  [0, 1]
    .filter((against) => segmentAt(at, i, against) >= 0)
    .map((against) => ({segment: segmentAt(at, i, against), restMs: restOf(g, true, at, i, against)}));

/** The end at which the last search forward from `seeds` met place `i` after `ms`, its answer for that place. */
export function endAt(g: RoadGraph, s: Scratch, seeds: readonly Seed[], to: Positions, i: number, ms: number): End {
  const ends = seedsAt(g, to, i);
  for (const {segment, restMs} of ends) {
    if (seeds.some((seed) => seed.segment === segment && seed.restMs - restMs === ms)) return {segment, direct: true};
  }
  let best = -1;
  for (const {segment, restMs} of ends) {
    for (let copy = segment; copy < endOfCopies(g, segment); copy++) {
      if (s.stamp[copy] !== s.round || s.labelMs[copy] - restMs !== ms) continue;
      if (best < 0 || s.labelMs[copy] < s.labelMs[best]) best = copy;
    }
  }
  assert(best >= 0, `no end is met at ${ms} ms`);
  return {segment: best, direct: false};
}

/** What comes before a labelled segment on its way: another (`tail`), or a seed (`-1 - its index`). */
export function before(g: RoadGraph, s: Scratch, seeds: readonly Seed[], reached: number): number {
  for (let arc = g.firstArcIn[reached]; arc < g.firstArcIn[reached + 1]; arc++) {
    const tail = g.tail[arc];
    // What the outgoing twin of this arc costs.
    const arcMs = g.arcInMs[arc] - g.travelMs[tail] + g.travelMs[reached];
    const beforeMs = s.labelMs[reached] - arcMs;
    for (let k = 0; k < seeds.length; k++) {
      if (seeds[k].segment === tail && seeds[k].restMs === beforeMs) return -1 - k;
    }
    if (s.stamp[tail] === s.round && s.labelMs[tail] === beforeMs) return tail;
  }
  throw new Error(`nothing explains the label of segment ${reached}`);
}

/** How far along the segment, in its own direction, place `i` stands. */
export const fractionOn = (g: RoadGraph, at: Positions, i: number, segment: number): number =>
  (g.drawn[segment] & 1) === 0 ? at.fraction[i] : 1 - at.fraction[i];

/** The whole length of a segment in centimetres. */
export const lengthCmOf = (g: RoadGraph, segment: number): number => g.edgeLengthCm[g.drawn[segment] >>> 1];

/** Centimetres from the start of the segment to place `i` on it. */
export const offsetCmOf = (g: RoadGraph, at: Positions, i: number, segment: number): number =>
  Math.round(fractionOn(g, at, i, segment) * lengthCmOf(g, segment));
