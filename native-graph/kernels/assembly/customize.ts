// twin/customize.ts tells what happens here, and why.

import {get, put, UNREACHABLE_MS} from './memory';

const DOMINATED: i32 = 0;
const KEPT: i32 = 1;
const IMPROVED: i32 = 2;

const TIMES: i32 = 1;
const LENGTHS: i32 = 2;

function isIn(parts: i32, part: usize, x: i32): bool {
  return ((parts >>> flag(part, x)) & 1) != 0;
}

function flag(flags: usize, i: i32): i32 {
  return <i32>load<u8>(flags + <usize>i);
}

function setFlag(flags: usize, i: i32, value: i32): void {
  store<u8>(flags + <usize>i, <u8>value);
}

export function customize(
  nodeCount: i32,
  part: usize,
  isStale: usize,
  isLeastStale: usize,
  segmentCm: usize,
  upFirst: usize,
  upEnd: usize,
  upMs: usize,
  upVia: usize,
  upCm: usize,
  upBelowFirst: usize,
  upBelow: usize,
  upTurnFirst: usize,
  upTurns: usize,
  downFirst: usize,
  downEnd: usize,
  downMs: usize,
  downVia: usize,
  downCm: usize,
  downBelowFirst: usize,
  downBelow: usize,
  downTurnFirst: usize,
  downTurns: usize,
  parts: i32,
  noteA: usize,
  noteB: usize,
): i32 {
  let made = 0;
  for (let x = 0; x < nodeCount; x++) {
    if (flag(isStale, x) == 0 || !isIn(parts, part, x)) continue;
    setFlag(isStale, x, 0);
    made++;
    const upChanged = customizeNode(
      x, upFirst, upEnd, upMs, upVia, upCm, upTurnFirst, upTurns, downMs, downBelowFirst, downBelow,
      0, upCm, downCm, segmentCm, noteA, noteB,
    );
    const downChanged = customizeNode(
      x, downFirst, downEnd, downMs, downVia, downCm, downTurnFirst, downTurns, upMs, upBelowFirst, upBelow,
      1, upCm, downCm, segmentCm, noteA, noteB,
    );
    const changed = upChanged | downChanged;
    if (changed == 0) continue;
    markAbove(x, upFirst, upEnd, isStale);
    markAbove(x, downFirst, downEnd, isStale);
    if ((changed & TIMES) != 0) setFlag(isLeastStale, x, 1);
  }
  return made;
}

function markAbove(x: i32, first: usize, end: usize, isStale: usize): void {
  for (let arc = get(first, x), last = get(first, x + 1); arc < last; arc++) setFlag(isStale, get(end, arc), 1);
}

function customizeNode(
  x: i32,
  first: usize,
  end: usize,
  ms: usize,
  via: usize,
  cm: usize,
  turnFirst: usize,
  turns: usize,
  otherMs: usize,
  belowFirst: usize,
  below: usize,
  legAt: i32,
  upCm: usize,
  downCm: usize,
  segmentCm: usize,
  arcTo: usize,
  oldMs: usize,
): i32 {
  for (let arc = get(first, x), last = get(first, x + 1); arc < last; arc++) {
    const y = get(end, arc);
    put(arcTo, y, arc);
    put(oldMs, y, get(ms, arc));
    put(ms, arc, UNREACHABLE_MS);
    put(via, 2 * arc, -1);
    put(via, 2 * arc + 1, -1);
  }
  for (let i = get(turnFirst, x), last = get(turnFirst, x + 1); i < last; i++) {
    const arc = get(turns, 4 * i);
    const turnMs = get(turns, 4 * i + 2);
    if (turnMs >= get(ms, arc)) continue;
    put(ms, arc, turnMs);
    put(via, 2 * arc + 1, get(turns, 4 * i + 1));
  }
  for (let i = get(belowFirst, x), last = get(belowFirst, x + 1); i < last; i++) {
    const z = get(below, 2 * i);
    const leg = get(below, 2 * i + 1);
    const legMs = get(otherMs, leg);
    if (legMs == UNREACHABLE_MS) continue;
    for (let on = get(first, z + 1) - 1, begin = get(first, z); on >= begin; on--) {
      const y = get(end, on);
      if (y <= x) break;
      const arc = get(arcTo, y);
      const byZ = legMs + get(ms, on);
      if (byZ >= get(ms, arc)) continue;
      put(ms, arc, byZ);
      put(via, 2 * arc + legAt, leg);
      put(via, 2 * arc + 1 - legAt, on);
    }
  }
  let changed = 0;
  for (let arc = get(first, x), last = get(first, x + 1); arc < last; arc++) {
    const fall = get(via, 2 * arc);
    const rise = get(via, 2 * arc + 1);
    const length = fall >= 0 ? get(downCm, fall) + get(upCm, rise) : rise >= 0 ? get(segmentCm, rise) : 0;
    if (get(ms, arc) != get(oldMs, get(end, arc))) changed |= TIMES;
    if (get(cm, arc) != length) changed |= LENGTHS;
    put(cm, arc, length);
  }
  return changed;
}

export function perfect(
  nodeCount: i32,
  part: usize,
  isLeastStale: usize,
  upFirst: usize,
  upEnd: usize,
  upMs: usize,
  upLeastMs: usize,
  upState: usize,
  upBelowFirst: usize,
  upBelow: usize,
  downFirst: usize,
  downEnd: usize,
  downMs: usize,
  downLeastMs: usize,
  downState: usize,
  downBelowFirst: usize,
  downBelow: usize,
  parts: i32,
  noteA: usize,
  noteB: usize,
): i32 {
  let made = 0;
  memory.fill(noteA, 0, (<usize>nodeCount) << 2);
  for (let x = nodeCount - 1; x >= 0; x--) {
    if (flag(isLeastStale, x) == 0 || !isIn(parts, part, x)) continue;
    setFlag(isLeastStale, x, 0);
    made++;
    const up = perfectNode(x, upFirst, upEnd, upMs, upLeastMs, upState, downFirst, downEnd, downLeastMs, noteA, noteB);
    const down = perfectNode(
      x, downFirst, downEnd, downMs, downLeastMs, downState, upFirst, upEnd, upLeastMs, noteA, noteB,
    );
    if ((up | down) == 0) continue;
    markBelow(x, upBelowFirst, upBelow, isLeastStale);
    markBelow(x, downBelowFirst, downBelow, isLeastStale);
  }
  return made;
}

function markBelow(x: i32, belowFirst: usize, below: usize, isLeastStale: usize): void {
  for (let i = get(belowFirst, x), last = get(belowFirst, x + 1); i < last; i++) {
    setFlag(isLeastStale, get(below, 2 * i), 1);
  }
}

function perfectNode(
  x: i32,
  first: usize,
  end: usize,
  ms: usize,
  leastMs: usize,
  state: usize,
  otherFirst: usize,
  otherEnd: usize,
  otherLeastMs: usize,
  arcTo: usize,
  overMs: usize,
): i32 {
  const firstArc = get(first, x);
  const endArc = get(first, x + 1);
  for (let arc = firstArc; arc < endArc; arc++) {
    const y = get(end, arc);
    put(arcTo, y, arc + 1);
    put(overMs, y, UNREACHABLE_MS);
  }
  for (let arc = firstArc; arc < endArc; arc++) {
    const z = get(end, arc);
    const toZ = get(ms, arc);
    for (let on = get(first, z), last = get(first, z + 1); on < last; on++) {
      const y = get(end, on);
      if (get(arcTo, y) != 0) put(overMs, y, min(get(overMs, y), toZ + get(leastMs, on)));
    }
    let overZ = get(overMs, z);
    for (let on = get(otherFirst, z), last = get(otherFirst, z + 1); on < last; on++) {
      const byY = get(arcTo, get(otherEnd, on));
      if (byY != 0) overZ = min(overZ, get(ms, byY - 1) + get(otherLeastMs, on));
    }
    put(overMs, z, overZ);
  }
  let changed = 0;
  for (let arc = firstArc; arc < endArc; arc++) {
    const y = get(end, arc);
    const own = get(ms, arc);
    const over = get(overMs, y);
    const least = min(own, over);
    setFlag(state, arc, own < over ? KEPT : own == over ? DOMINATED : IMPROVED);
    if (get(leastMs, arc) != least) changed = TIMES;
    put(leastMs, arc, least);
    put(arcTo, y, 0);
  }
  return changed;
}

export function settle(
  nodeCount: i32,
  upFirst: usize,
  upVia: usize,
  upState: usize,
  upSettled: usize,
  downFirst: usize,
  downVia: usize,
  downState: usize,
  downSettled: usize,
): void {
  for (let v = 0; v < nodeCount; v++) {
    settleNode(v, upFirst, upVia, upState, upSettled, upSettled, downSettled);
    settleNode(v, downFirst, downVia, downState, downSettled, upSettled, downSettled);
  }
  for (let v = nodeCount - 1; v >= 0; v--) {
    keepWays(v, upFirst, upVia, upSettled, upSettled, downSettled);
    keepWays(v, downFirst, downVia, downSettled, upSettled, downSettled);
  }
}

function settleNode(
  v: i32,
  first: usize,
  via: usize,
  state: usize,
  settled: usize,
  upSettled: usize,
  downSettled: usize,
): void {
  for (let arc = get(first, v), last = get(first, v + 1); arc < last; arc++) {
    const fall = get(via, 2 * arc);
    const isSlower =
      fall >= 0 && (flag(downSettled, fall) == IMPROVED || flag(upSettled, get(via, 2 * arc + 1)) == IMPROVED);
    setFlag(settled, arc, isSlower ? IMPROVED : flag(state, arc));
  }
}

function keepWays(v: i32, first: usize, via: usize, settled: usize, upSettled: usize, downSettled: usize): void {
  for (let arc = get(first, v), last = get(first, v + 1); arc < last; arc++) {
    const fall = get(via, 2 * arc);
    if (flag(settled, arc) != KEPT || fall < 0) continue;
    setFlag(downSettled, fall, KEPT);
    setFlag(upSettled, get(via, 2 * arc + 1), KEPT);
  }
}
