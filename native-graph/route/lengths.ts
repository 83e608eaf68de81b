// How long the ways of a search are, which minimises time: the table's other half.
//
// A way is traced once: the length up to the end of a segment is kept for the round, so that a row of a table costs no
// more than the segments that its ways touch. Lengths are whole centimetres, as in path.ts, so both
// give the same number.

import assert from 'node:assert/strict';
import {type RoadGraph, UNREACHABLE_MS} from '../layout.ts';
import type {Positions} from '../position.ts';
import type {Scratch} from './scratch.ts';
import {before, endAt, lengthCmOf, offsetCmOf, seedsAt} from './trace.ts';

/** One per thread and graph, beside its Scratch. */
export type LengthScratch = {
  /** By segment: centimetres from the start of the search to the segment's end; junk unless stamp[s] is the round. */
  readonly lengthCm: Float64Array;
  readonly stamp: Uint32Array;
  readonly way: number[];
};

export function createLengthScratch(g: RoadGraph): LengthScratch {
  return {lengthCm: new Float64Array(g.segmentCount), stamp: new Uint32Array(g.segmentCount), way: []};
}

/**
 * After `timesFrom` answered `timesMs` for these picks, and before the next search: sets out[k] to the metres of the
 * way to pick k, or to NaN where there is none.
 */
export function lengthsFrom(
  g: RoadGraph,
  s: Scratch,
  lengths: LengthScratch,
  from: Positions,
  source: number,
  to: Positions,
  picks: Int32Array,
  timesMs: Int32Array,
  out: Float64Array,
): void {
  assert(out.length >= picks.length, `the answer has room for ${out.length} of ${picks.length} picks`);
  const seeds = seedsAt(g, from, source);
  for (let k = 0; k < picks.length; k++) {
    if (timesMs[k] === UNREACHABLE_MS) {
      out[k] = Number.NaN;
      continue;
    }
    const {segment, direct} = endAt(g, s, seeds, to, picks[k], timesMs[k]);
    const startCm = direct
      ? -offsetCmOf(g, from, source, segment)
      : lengthBefore(g, s, lengths, seeds, from, source, segment);
    out[k] = Math.max(0, startCm + offsetCmOf(g, to, picks[k], segment)) / 100;
  }
}

/** Centimetres from the source to the start of a labelled segment. */
function lengthBefore(
  g: RoadGraph,
  s: Scratch,
  {lengthCm, stamp, way}: LengthScratch,
  seeds: ReturnType<typeof seedsAt>,
  from: Positions,
  source: number,
  end: number,
): number {
  way.length = 0;
  let reached = before(g, s, seeds, end);
  while (reached >= 0 && stamp[reached] !== s.round) {
    way.push(reached);
    reached = before(g, s, seeds, reached);
  }
  let cm = 0;
  if (reached >= 0) cm = lengthCm[reached];
  else {
    const {segment} = seeds[-1 - reached];
    cm = lengthCmOf(g, segment) - offsetCmOf(g, from, source, segment);
  }
  for (let i = way.length - 1; i >= 0; i--) {
    cm += lengthCmOf(g, way[i]);
    lengthCm[way[i]] = cm;
    stamp[way[i]] = s.round;
  }
  return cm;
}
