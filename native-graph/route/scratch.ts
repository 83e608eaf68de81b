// What one search writes. One per thread and graph, made once and reused; the graph itself is never written.

import type {RoadGraph} from '../layout.ts';
import {createHeap, type Heap} from './heap.ts';

export type Scratch = {
  /** By segment: the least time found so far; junk unless stamp[s] === round. */
  readonly labelMs: Int32Array;
  /** By segment: the round that last wrote its label. */
  readonly stamp: Uint32Array;
  /** By segment: 1 + the first wanted end that lies on it, 0 = none. All zero between searches. */
  readonly firstEnd: Uint32Array;
  readonly heap: Heap;
  /** By end: 1 + the next wanted end on the same segment, 0 = none. Ends 2k and 2k + 1 belong to pick k. */
  nextEnd: Uint32Array;
  /** By pick: 1 once its time can no longer fall below what the labels say. */
  done: Uint8Array;
  /** Of the last search, 1 .. 2^32 - 1. */
  round: number;
};

export function createScratch(g: RoadGraph): Scratch {
  return {
    labelMs: new Int32Array(g.segmentCount),
    stamp: new Uint32Array(g.segmentCount),
    firstEnd: new Uint32Array(g.segmentCount),
    heap: createHeap(),
    nextEnd: new Uint32Array(0),
    done: new Uint8Array(0),
    round: 0,
  };
}

/** Forgets the last search in O(1), and in O(n) once every 2^32 - 1 searches, when the stamps run out. */
export function nextRound(s: Scratch): void {
  if (s.round === 0xffff_ffff) {
    s.stamp.fill(0);
    s.round = 0;
  }
  s.round++;
  s.heap.size = 0;
}

/** Room for this many picks, with none of them done. */
export function reservePicks(s: Scratch, count: number): void {
  if (s.done.length < count) {
    s.done = new Uint8Array(count);
    s.nextEnd = new Uint32Array(count * 2);
  }
  s.done.fill(0, 0, count);
}
