// twin/climb.ts tells what happens here, and why. A label is one int64, milliseconds * 2^32 + centimetres, so that
// comparing and adding labels are single operations.

import {endOf, get, getLong, msOf, put, putLong, UNREACHABLE_MS} from './memory';

const NO_LABEL: i64 = (<i64>UNREACHABLE_MS) << 32;

function labelOf(ms: i32, cm: i32): i64 {
  return ((<i64>ms) << 32) + <i64>cm;
}

function msOfLabel(value: i64): i32 {
  return <i32>((value - <i64>(<i32>value)) >> 32);
}

/** Labels of places, one after the other. Returns one past the last place that was sure to have room. */
export function climbAll(
  first: usize,
  arcs: usize,
  lengthCm: usize,
  otherFirst: usize,
  otherArcs: usize,
  otherLengthCm: usize,
  parent: usize,
  height: i32,
  label: usize,
  path: usize,
  front: usize,
  firstSeed: usize,
  seedNode: usize,
  seedMs: usize,
  seedCm: usize,
  firstPlace: i32,
  endPlace: i32,
  limitMs: i32,
  isPruned: i32,
  outFirst: usize,
  outNode: usize,
  outMs: usize,
  outCm: usize,
  capacity: i32,
): i32 {
  let count = get(outFirst, firstPlace);
  for (let p = firstPlace; p < endPlace; p++) {
    const begin = get(firstSeed, p);
    const end = get(firstSeed, p + 1);
    if (count + (end - begin) * height > capacity) return p;
    const reached = climb(
      first, arcs, lengthCm, parent, label, path, front, seedNode, seedMs, seedCm, begin, end, limitMs,
    );
    if (isPruned != 0) prune(otherFirst, otherArcs, otherLengthCm, label, path, reached);
    count = writeLabels(label, path, reached, outNode, outMs, outCm, count);
    put(outFirst, p + 1, count);
  }
  return endPlace;
}

function climb(
  first: usize,
  arcs: usize,
  lengthCm: usize,
  parent: usize,
  label: usize,
  path: usize,
  front: usize,
  seedNode: usize,
  seedMs: usize,
  seedCm: usize,
  firstSeed: i32,
  endSeed: i32,
  limitMs: i32,
): i32 {
  let fronts = 0;
  for (let seed = firstSeed; seed < endSeed; seed++) {
    const node = get(seedNode, seed);
    if (get(seedMs, seed) > limitMs) continue;
    const old = getLong(label, node);
    if (old == NO_LABEL) put(front, fronts++, node);
    const value = labelOf(get(seedMs, seed), get(seedCm, seed));
    if (value < old) putLong(label, node, value);
  }
  let reached = 0;
  while (fronts > 0) {
    let v = get(front, 0);
    for (let i = 1; i < fronts; i++) v = min(v, get(front, i));
    let above = get(parent, v);
    for (let i = fronts - 1; i >= 0; i--) {
      if (get(front, i) != v) continue;
      put(front, i, above >= 0 ? above : get(front, --fronts));
      above = -1;
    }
    const value = getLong(label, v);
    if (value == NO_LABEL) continue;
    put(path, reached++, v);
    const ms = msOfLabel(value);
    for (let arc = get(first, v), end = get(first, v + 1); arc < end; arc++) {
      if (ms + msOf(arcs, arc) > limitMs) continue;
      const w = endOf(arcs, arc);
      const wValue = value + labelOf(msOf(arcs, arc), get(lengthCm, arc));
      if (wValue < getLong(label, w)) putLong(label, w, wValue);
    }
  }
  return reached;
}

function prune(first: usize, arcs: usize, lengthCm: usize, label: usize, path: usize, reached: i32): void {
  for (let i = reached - 1; i >= 0; i--) {
    const v = get(path, i);
    const own = getLong(label, v);
    let least = own;
    for (let arc = get(first, v), end = get(first, v + 1); arc < end; arc++) {
      const above = getLong(label, endOf(arcs, arc));
      if (above != NO_LABEL) least = min(least, above + labelOf(msOf(arcs, arc), get(lengthCm, arc)));
    }
    if (least == own) continue;
    putLong(label, v, least);
    put(path, i, -1 - v);
  }
}

function writeLabels(
  label: usize,
  path: usize,
  reached: i32,
  outNode: usize,
  outMs: usize,
  outCm: usize,
  from: i32,
): i32 {
  let count = from;
  for (let i = 0; i < reached; i++) {
    const isLess = get(path, i) < 0;
    const v = isLess ? -1 - get(path, i) : get(path, i);
    if (!isLess) {
      const value = getLong(label, v);
      put(outNode, count, v);
      put(outMs, count, msOfLabel(value));
      put(outCm, count++, <i32>value);
    }
    putLong(label, v, NO_LABEL);
  }
  return count;
}
