// Bounded one-to-many and many-to-one Dijkstra over segments: the slow truth of every faster search's tests.
//
// E. W. Dijkstra, "A note on two problems in connexion with graphs", Numer. Math. 1 (1959), 269-271.
//
// A place is (segment, fraction), taken as the whole number of milliseconds round(fraction * travelMs) from the
// segment's start. Forward, the label of s is the time from the source to the END of s by a way that passes the START
// of s, and passing an arc costs its head's time and the turn. Backward, everything is mirrored: the label of s is the
// time from the START of s to the target by a way that passes the END of s. So one loop serves both, over outgoing or
// incoming arcs:
//   a seed on segment s relaxes the arcs of s at `restMs`, the time from the place to the far end of s, and does not
//   label s itself, since a place before it on s is reached only by coming round;
//   an end on segment t is met at label(t) - restMs(end), or at restMs(seed) - restMs(end) directly where both share s.
// Times are whole, so both directions and every subset of ends give the same millisecond, and sums of times obey the
// triangle inequality between directed places.
//
// A restriction over a via way makes copies of a segment for drivers who came the restricted way (layout.ts, `drawn`).
// A driver who starts on the segment has no such past and starts on the one that the edge names; a driver who arrives
// may arrive on any copy. So the target side of a search stands for all copies, the source side for the named one
// alone.
//
// Live speeds may close a segment (metric/weights.ts): the arcs into it take UNREACHABLE_MS and are passed over. Adding
// them up would not do: a label beyond every limit, less the rest of a long segment, can come out within one.
//
// Invariant: keys leave the heap in non-decreasing order and arcs are positive, so a segment popped once is final. Once
// one end of a pick is popped at key k, that pick is met by k at the latest, and whatever is not yet popped would meet
// the pick's other end no earlier. So the pick is done, and the search stops when all are.

import assert from 'node:assert/strict';
import {type RoadGraph, UNREACHABLE_MS} from '../layout.ts';
import type {Positions} from '../position.ts';
import {popMin, push} from './heap.ts';
import {nextRound, reservePicks, type Scratch} from './scratch.ts';

/** The longest limit: within it a label plus an arc fits an int32. */
export const NO_LIMIT_MS = UNREACHABLE_MS - 1;

/**
 * Sets out[k] to the time from position `source` of `from` to position picks[k] of `to`, or UNREACHABLE_MS where that
 * is over `limitMs`. O(m' log m') over the m' arcs scanned; allocates only while the scratch grows.
 */
export function timesFrom(
  g: RoadGraph,
  s: Scratch,
  from: Positions,
  source: number,
  to: Positions,
  picks: Int32Array,
  limitMs: number,
  out: Int32Array,
): void {
  search(g, s, true, from, source, to, picks, limitMs, out);
}

/** Searches backward: out[k] is the time from position picks[k] of `from` to position `target` of `to`. */
export function timesTo(
  g: RoadGraph,
  s: Scratch,
  from: Positions,
  picks: Int32Array,
  to: Positions,
  target: number,
  limitMs: number,
  out: Int32Array,
): void {
  search(g, s, false, to, target, from, picks, limitMs, out);
}

/**
 * Sets out[s] for every segment s to the time between the position and the near end of s by a turn there, or
 * UNREACHABLE_MS where that is over `limitMs`: of ways 'from' the position to the START of s, of ways 'to' it from the
 * END of s. What of its own segments the position reaches straight ahead is no turn away, and not told here. Copies
 * have the entry of the segment that they are drawn as.
 */
export function timesWithin(
  g: RoadGraph,
  s: Scratch,
  direction: 'from' | 'to',
  at: Positions,
  i: number,
  limitMs: number,
  out: Int32Array,
): void {
  assert(out.length === g.segmentCount, `the answer has room for ${out.length} of ${g.segmentCount} segments`);
  checkDoor(g, s, at, i, limitMs);
  const forward = direction === 'from';
  start(g, s, forward, at, i, limitMs);
  settle(g, s, forward, limitMs, Number.POSITIVE_INFINITY, 0);
  for (let segment = 0; segment < g.segmentCount; segment++) {
    const ms = s.stamp[segment] === s.round ? s.labelMs[segment] - g.travelMs[segment] : UNREACHABLE_MS;
    out[segment] = ms <= limitMs ? ms : UNREACHABLE_MS;
  }
  shareNearEnds(g, forward, out);
}

/** Gives copies the entry of their segment: of ways from a place the least of all of them, of ways to it the named. */
export function shareNearEnds(g: RoadGraph, forward: boolean, nearMs: Int32Array): void {
  const {segmentCount, drawn} = g;
  for (let segment = 0; segment + 1 < segmentCount; segment++) {
    if (drawn[segment + 1] !== drawn[segment]) continue;
    const copies = nearMs.subarray(segment, endOfCopies(g, segment));
    copies.fill(forward ? Math.min(...copies) : copies[0]);
    segment += copies.length - 1;
  }
}

/** One past the last copy of a segment: those behind it that are drawn the same way. */
export function endOfCopies(g: RoadGraph, segment: number): number {
  let end = segment + 1;
  while (end < g.segmentCount && g.drawn[end] === g.drawn[segment]) end++;
  return end;
}

/** The identity: every position of `positions`, for searches that want them all. */
export const everyPick = (positions: Positions): Int32Array => Int32Array.from({length: positions.count}, (_, i) => i);

/** The segment of a position along the drawing (0) or against it (1), or -1. */
export const segmentAt = (at: Positions, i: number, against: number): number =>
  against === 0 ? at.forward[i] : at.backward[i];

/** Milliseconds from a position to the end of its segment (forward), or from the segment's start to it (backward). */
export function restOf(g: RoadGraph, forward: boolean, at: Positions, i: number, against: number): number {
  const travelMs = g.travelMs[segmentAt(at, i, against)];
  const offsetMs = Math.round((against === 0 ? at.fraction[i] : 1 - at.fraction[i]) * travelMs);
  return forward ? travelMs - offsetMs : offsetMs;
}

function search(
  g: RoadGraph,
  s: Scratch,
  forward: boolean,
  seeds: Positions,
  seed: number,
  ends: Positions,
  picks: Int32Array,
  limitMs: number,
  out: Int32Array,
): void {
  checkDoor(g, s, seeds, seed, limitMs);
  assert(out.length >= picks.length, `the answer has room for ${out.length} of ${picks.length} picks`);
  const stray = picks.find((pick) => pick < 0 || pick >= ends.count);
  assert(stray === undefined, `pick ${stray} is not one of ${ends.count} positions`);
  reservePicks(s, picks.length);
  let waiting = 0;
  let floorMs = 0;
  for (let k = 0; k < picks.length; k++) {
    out[k] = UNREACHABLE_MS;
    let ways = 0;
    for (let against = 0; against < 2; against++) {
      const segment = segmentAt(ends, picks[k], against);
      if (segment < 0) continue;
      ways++;
      const directMs = directOf(g, forward, seeds, seed, segment, restOf(g, forward, ends, picks[k], against));
      if (directMs < out[k]) out[k] = directMs;
      s.nextEnd[2 * k + against] = s.firstEnd[segment];
      s.firstEnd[segment] = 2 * k + against + 1;
    }
    if (out[k] < UNREACHABLE_MS) {
      // Only what is popped below the direct time could beat it.
      s.done[k] = 1;
      if (out[k] > floorMs) floorMs = out[k];
    } else if (ways > 0) waiting++;
  }
  if (forward) shareEnds(g, s, ends, picks);
  start(g, s, forward, seeds, seed, limitMs);
  settle(g, s, forward, limitMs, waiting, floorMs);
  for (let k = 0; k < picks.length; k++) {
    for (let against = 0; against < 2; against++) {
      const segment = segmentAt(ends, picks[k], against);
      if (segment < 0) continue;
      const restMs = restOf(g, forward, ends, picks[k], against);
      const last = forward ? endOfCopies(g, segment) : segment + 1;
      for (let copy = segment; copy < last; copy++) {
        s.firstEnd[copy] = 0;
        if (s.stamp[copy] === s.round) out[k] = Math.min(out[k], s.labelMs[copy] - restMs);
      }
    }
    if (out[k] > limitMs) out[k] = UNREACHABLE_MS;
  }
}

/** An end on a segment is met on each of its copies too. */
function shareEnds(g: RoadGraph, s: Scratch, ends: Positions, picks: Int32Array): void {
  for (const pick of picks) {
    for (let against = 0; against < 2; against++) {
      const segment = segmentAt(ends, pick, against);
      if (segment < 0) continue;
      const last = endOfCopies(g, segment);
      for (let copy = segment + 1; copy < last; copy++) s.firstEnd[copy] = s.firstEnd[segment];
    }
  }
}

/** The time between two places on one segment, or UNREACHABLE_MS where no seed stands before the end on it. */
function directOf(
  g: RoadGraph,
  forward: boolean,
  seeds: Positions,
  seed: number,
  segment: number,
  endRestMs: number,
): number {
  const against = seeds.forward[seed] === segment ? 0 : seeds.backward[seed] === segment ? 1 : -1;
  if (against < 0) return UNREACHABLE_MS;
  const ms = restOf(g, forward, seeds, seed, against) - endRestMs;
  return ms >= 0 ? ms : UNREACHABLE_MS;
}

function checkDoor(g: RoadGraph, s: Scratch, at: Positions, seed: number, limitMs: number): void {
  assert(s.labelMs.length === g.segmentCount, 'the scratch was made for another graph');
  assert(seed >= 0 && seed < at.count, `position ${seed} is not one of ${at.count} positions`);
  assert(limitMs >= 0 && limitMs <= NO_LIMIT_MS, `the limit ${limitMs} ms is not in 0 .. ${NO_LIMIT_MS}`);
}

/** Begins a round and relaxes the arcs of the seeds. */
function start(g: RoadGraph, s: Scratch, forward: boolean, at: Positions, seed: number, limitMs: number): void {
  nextRound(s);
  const {labelMs, stamp, heap, round} = s;
  const first = forward ? g.firstArc : g.firstArcIn;
  const next = forward ? g.head : g.tail;
  const arcMs = forward ? g.arcMs : g.arcInMs;
  for (let against = 0; against < 2; against++) {
    const segment = segmentAt(at, seed, against);
    if (segment < 0) continue;
    const restMs = restOf(g, forward, at, seed, against);
    if (restMs > limitMs) continue;
    const lastArc = first[forward ? segment + 1 : endOfCopies(g, segment)];
    for (let arc = first[segment]; arc < lastArc; arc++) {
      if (arcMs[arc] === UNREACHABLE_MS) continue;
      const reached = next[arc];
      const ms = restMs + arcMs[arc];
      if (stamp[reached] === round && labelMs[reached] <= ms) continue;
      stamp[reached] = round;
      labelMs[reached] = ms;
      if (ms <= limitMs) push(heap, ms, reached);
    }
  }
}

/**
 * Pops until `waiting` picks are done and the keys have reached `floorMs`, or all within the limit is popped. A label
 * over the limit is written but not pushed: an end on that segment may still lie within the limit.
 */
function settle(g: RoadGraph, s: Scratch, forward: boolean, limitMs: number, waiting: number, floorMs: number): void {
  const {labelMs, stamp, firstEnd, nextEnd, done, heap, round} = s;
  const first = forward ? g.firstArc : g.firstArcIn;
  const next = forward ? g.head : g.tail;
  const arcMs = forward ? g.arcMs : g.arcInMs;
  while (heap.size > 0) {
    const ms = heap.keys[0];
    if (waiting === 0 && ms >= floorMs) return;
    const segment = heap.items[0];
    popMin(heap);
    if (ms > labelMs[segment]) continue; // superseded by a smaller key
    for (let end = firstEnd[segment]; end !== 0; end = nextEnd[end - 1]) {
      const pick = (end - 1) >>> 1;
      if (done[pick] === 1) continue;
      done[pick] = 1;
      waiting--;
    }
    const last = first[segment + 1];
    for (let arc = first[segment]; arc < last; arc++) {
      if (arcMs[arc] === UNREACHABLE_MS) continue;
      const reached = next[arc];
      const reachedMs = ms + arcMs[arc];
      if (stamp[reached] === round && labelMs[reached] <= reachedMs) continue;
      stamp[reached] = round;
      labelMs[reached] = reachedMs;
      if (reachedMs <= limitMs) push(heap, reachedMs, reached);
    }
  }
}
