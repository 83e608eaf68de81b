// The times of one epoch: what changes when speeds do, in a block of shared memory beside the graph's own bytes. A
// graph with these three views in the place of its own is searched like any other.
//
// A segment is *closed* where every arc into it takes UNREACHABLE_MS: nobody gets onto it, so nobody passes it. Whoever
// already stands on it may drive on and leave it, at the pace of the graph file; its own time stays a time. So a closed
// road is a graph without some arcs, and needs no other rule anywhere: searching forward and backward still agree.

import assert from 'node:assert/strict';
import {type Counts, type RoadGraph, UNREACHABLE_MS} from '../layout.ts';
import type {Violation} from '../verify.ts';

export type Weights = Pick<RoadGraph, 'travelMs' | 'arcMs' | 'arcInMs'>;

export const weightsBytes = ({segmentCount, arcCount}: Counts): number => 4 * (segmentCount + 2 * arcCount);

/** travelMs, arcMs, arcInMs, one after another from the start of the block. Copies nothing. */
export function overlayWeights({segmentCount, arcCount}: Counts, block: SharedArrayBuffer): Weights {
  const bytes = weightsBytes({segmentCount, arcCount} as Counts);
  assert(block.byteLength === bytes, `weights of ${block.byteLength} bytes where ${bytes} are wanted`);
  return {
    travelMs: new Int32Array(block, 0, segmentCount),
    arcMs: new Int32Array(block, 4 * segmentCount, arcCount),
    arcInMs: new Int32Array(block, 4 * (segmentCount + arcCount), arcCount),
  };
}

/** The same graph at the times of the block. O(1). */
export const withWeights = (g: RoadGraph, block: SharedArrayBuffer): RoadGraph => ({...g, ...overlayWeights(g, block)});

const isTime = (ms: number): boolean => ms >= 1 && ms < UNREACHABLE_MS;

/**
 * The first sentence that does not hold of an epoch's weights over the graph `g` of the file, or undefined; `at` is the
 * id of a segment, arc or incoming arc. Shares no code with what fills them. O(m); allocates an array of n.
 */
export function weightsFlaw(g: RoadGraph, w: Weights): Violation | undefined {
  for (let s = 0; s < g.segmentCount; s++) {
    if (!isTime(w.travelMs[s]))
      return {sentence: 'Every segment takes at least 1 ms and less than UNREACHABLE_MS.', at: s};
    if (s > 0 && g.drawn[s] === g.drawn[s - 1] && w.travelMs[s] !== w.travelMs[s - 1])
      return {sentence: 'The copies of a segment take the same time.', at: s};
  }
  for (let head = 0; head < g.segmentCount; head++) {
    const first = g.firstArcIn[head];
    const closed = first < g.firstArcIn[head + 1] && w.arcInMs[first] === UNREACHABLE_MS;
    for (let arc = first; arc < g.firstArcIn[head + 1]; arc++) {
      const turnMs = g.arcInMs[arc] - g.travelMs[g.tail[arc]];
      const ms = closed ? UNREACHABLE_MS : w.travelMs[g.tail[arc]] + turnMs;
      if (w.arcInMs[arc] !== ms || !(closed || isTime(ms)))
        return {sentence: 'The arcs into a segment are all closed, or take their tail and the turn.', at: arc};
    }
  }
  const next = g.firstArcIn.slice(0, g.segmentCount);
  for (let arc = 0; arc < g.arcCount; arc++) {
    const head = g.head[arc];
    const closed = w.arcInMs[next[head]++] === UNREACHABLE_MS;
    const ms = closed ? UNREACHABLE_MS : w.travelMs[head] + g.arcMs[arc] - g.travelMs[head];
    if (w.arcMs[arc] !== ms || !(closed || isTime(ms)))
      return {sentence: 'An arc is closed with its twin, or takes its head and the turn.', at: arc};
  }
  return undefined;
}
