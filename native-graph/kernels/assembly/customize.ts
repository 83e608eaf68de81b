// twin/customize.ts tells what happens here, and why.

import {endOf, get, msOf, put, UNREACHABLE_MS} from './memory';

const ALL: i32 = 256;
const DOMINATED: u8 = 0;
const KEPT: u8 = 1;
const IMPROVED: u8 = 2;

export function customize(
  nodeCount: i32,
  upFirst: usize,
  up: usize,
  upVia: usize,
  upBelowFirst: usize,
  upBelow: usize,
  downFirst: usize,
  down: usize,
  downVia: usize,
  downBelowFirst: usize,
  downBelow: usize,
  partOf: usize,
  part: i32,
  noteA: usize,
  noteB: usize,
): void {
  for (let x = 0; x < nodeCount; x++) {
    if (part != ALL && <i32>load<u8>(partOf + <usize>x) != part) continue;
    customizeNode(x, upFirst, up, upVia, down, downBelowFirst, downBelow, noteA, 0);
    customizeNode(x, downFirst, down, downVia, up, upBelowFirst, upBelow, noteB, 1);
  }
}

function customizeNode(
  x: i32,
  first: usize,
  arcs: usize,
  via: usize,
  otherArcs: usize,
  belowFirst: usize,
  below: usize,
  arcTo: usize,
  legAt: i32,
): void {
  for (let arc = get(first, x), end = get(first, x + 1); arc < end; arc++) put(arcTo, endOf(arcs, arc), arc);
  for (let i = get(belowFirst, x), end = get(belowFirst, x + 1); i < end; i++) {
    const z = endOf(below, i);
    const leg = msOf(below, i);
    const legMs = msOf(otherArcs, leg);
    if (legMs == UNREACHABLE_MS) continue;
    for (let on = get(first, z + 1) - 1, begin = get(first, z); on >= begin; on--) {
      const y = endOf(arcs, on);
      if (y <= x) break;
      const arc = get(arcTo, y);
      const ms = legMs + msOf(arcs, on);
      if (ms >= msOf(arcs, arc)) continue;
      put(arcs, 2 * arc + 1, ms);
      put(via, 2 * arc + legAt, leg);
      put(via, 2 * arc + 1 - legAt, on);
    }
  }
}

export function perfect(
  nodeCount: i32,
  upFirst: usize,
  up: usize,
  upState: usize,
  downFirst: usize,
  down: usize,
  downState: usize,
  partOf: usize,
  part: i32,
  noteA: usize,
  noteB: usize,
): void {
  memory.fill(noteA, 0, (<usize>nodeCount) << 2);
  for (let x = nodeCount - 1; x >= 0; x--) {
    if (part != ALL && <i32>load<u8>(partOf + <usize>x) != part) continue;
    perfectNode(x, upFirst, up, upState, downFirst, down, noteA, noteB);
    perfectNode(x, downFirst, down, downState, upFirst, up, noteA, noteB);
  }
}

function perfectNode(
  x: i32,
  first: usize,
  arcs: usize,
  state: usize,
  otherFirst: usize,
  otherArcs: usize,
  arcTo: usize,
  leastMs: usize,
): void {
  const begin = get(first, x);
  const end = get(first, x + 1);
  for (let arc = begin; arc < end; arc++) {
    put(arcTo, endOf(arcs, arc), arc + 1);
    put(leastMs, endOf(arcs, arc), UNREACHABLE_MS);
  }
  for (let arc = begin; arc < end; arc++) {
    const z = endOf(arcs, arc);
    const ms = msOf(arcs, arc);
    for (let on = get(first, z), last = get(first, z + 1); on < last; on++) {
      const y = endOf(arcs, on);
      if (get(arcTo, y) != 0) put(leastMs, y, min(get(leastMs, y), ms + msOf(arcs, on)));
    }
    let zMs = get(leastMs, z);
    for (let on = get(otherFirst, z), last = get(otherFirst, z + 1); on < last; on++) {
      const byY = get(arcTo, endOf(otherArcs, on));
      if (byY != 0) zMs = min(zMs, msOf(arcs, byY - 1) + msOf(otherArcs, on));
    }
    put(leastMs, z, zMs);
  }
  for (let arc = begin; arc < end; arc++) {
    const y = endOf(arcs, arc);
    const ms = msOf(arcs, arc);
    const least = get(leastMs, y);
    store<u8>(state + <usize>arc, ms < least ? KEPT : ms == least ? DOMINATED : IMPROVED);
    put(arcs, 2 * arc + 1, min(ms, least));
    put(arcTo, y, 0);
  }
}
