// twin/climb.ts tells what happens here, and why. A label is one int64, milliseconds * 2^32 + centimetres, so that
// comparing and adding labels are single operations.

import {endOf, get, getLong, msOf, put, putLong, UNREACHABLE_MS} from './memory';

const NO_LABEL: i64 = (<i64>UNREACHABLE_MS) << 32;

function labelOf(ms: i32, cm: i32): i64 {
  return ((<i64>ms) << 32) + <i64>cm;
}

/** Labels of places, one after the other. Returns one past the last place that was sure to have room. */
export function climbAll(
  first: usize,
  arcs: usize,
  lengthCm: usize,
  otherFirst: usize,
  otherArcs: usize,
  otherLengthCm: usize,
  height: i32,
  label: usize,
  place: usize,
  heap: usize,
  reached: usize,
  firstSeed: usize,
  seedNode: usize,
  seedMs: usize,
  seedCm: usize,
  firstPlace: i32,
  endPlace: i32,
  limitMs: i32,
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
    count += climb(
      first, arcs, lengthCm, otherFirst, otherArcs, otherLengthCm, label, place, heap, reached,
      seedNode, seedMs, seedCm, begin, end, limitMs, outNode, outMs, outCm, count,
    );
    put(outFirst, p + 1, count);
  }
  return endPlace;
}

function climb(
  first: usize,
  arcs: usize,
  lengthCm: usize,
  otherFirst: usize,
  otherArcs: usize,
  otherLengthCm: usize,
  label: usize,
  place: usize,
  heap: usize,
  reached: usize,
  seedNode: usize,
  seedMs: usize,
  seedCm: usize,
  firstSeed: i32,
  endSeed: i32,
  limitMs: i32,
  outNode: usize,
  outMs: usize,
  outCm: usize,
  from: i32,
): i32 {
  let reachedCount = 0;
  let heapSize = 0;
  let count = 0;
  for (let seed = firstSeed; seed < endSeed; seed++) {
    const node = get(seedNode, seed);
    const value = labelOf(get(seedMs, seed), get(seedCm, seed));
    if (getLong(label, node) == NO_LABEL) {
      put(reached, reachedCount++, node);
      putLong(label, node, value);
      rise(label, place, heap, heapSize++, node, value);
    } else if (value < getLong(label, node)) {
      putLong(label, node, value);
      rise(label, place, heap, get(place, node) - 1, node, value);
    }
  }
  while (heapSize > 0) {
    const v = get(heap, 0);
    const value = getLong(label, v);
    put(place, v, 0);
    heapSize--;
    if (heapSize > 0) sink(label, place, heap, heapSize, get(heap, heapSize));
    const cm = <i32>value;
    const ms = <i32>((value - <i64>cm) >> 32);
    if (ms > limitMs) break;
    let isStalled = false;
    for (let arc = get(otherFirst, v), end = get(otherFirst, v + 1); arc < end; arc++) {
      const above = getLong(label, endOf(otherArcs, arc));
      if (above != NO_LABEL && above + labelOf(msOf(otherArcs, arc), get(otherLengthCm, arc)) < value) {
        isStalled = true;
        break;
      }
    }
    if (isStalled) continue;
    put(outNode, from + count, v);
    put(outMs, from + count, ms);
    put(outCm, from + count, cm);
    count++;
    for (let arc = get(first, v), end = get(first, v + 1); arc < end; arc++) {
      const w = endOf(arcs, arc);
      if (ms + msOf(arcs, arc) >= UNREACHABLE_MS) continue;
      const wValue = value + labelOf(msOf(arcs, arc), get(lengthCm, arc));
      const old = getLong(label, w);
      if (wValue >= old && old != NO_LABEL) continue;
      putLong(label, w, wValue);
      if (old == NO_LABEL) {
        put(reached, reachedCount++, w);
        rise(label, place, heap, heapSize++, w, wValue);
      } else {
        rise(label, place, heap, get(place, w) - 1, w, wValue);
      }
    }
  }
  for (let i = 0; i < heapSize; i++) put(place, get(heap, i), 0);
  for (let i = 0; i < reachedCount; i++) putLong(label, get(reached, i), NO_LABEL);
  return count;
}

function rise(label: usize, place: usize, heap: usize, i: i32, node: i32, value: i64): void {
  while (i > 0) {
    const parent = (i - 1) >> 2;
    const other = get(heap, parent);
    if (value >= getLong(label, other)) break;
    put(heap, i, other);
    put(place, other, i + 1);
    i = parent;
  }
  put(heap, i, node);
  put(place, node, i + 1);
}

function sink(label: usize, place: usize, heap: usize, size: i32, node: i32): void {
  const value = getLong(label, node);
  let i = 0;
  for (;;) {
    const firstChild = 4 * i + 1;
    if (firstChild >= size) break;
    const end = min(firstChild + 4, size);
    let least = firstChild;
    let leastValue = getLong(label, get(heap, least));
    for (let child = firstChild + 1; child < end; child++) {
      const childValue = getLong(label, get(heap, child));
      if (childValue < leastValue) {
        least = child;
        leastValue = childValue;
      }
    }
    if (leastValue >= value) break;
    const other = get(heap, least);
    put(heap, i, other);
    put(place, other, i + 1);
    i = least;
  }
  put(heap, i, node);
  put(place, node, i + 1);
}
