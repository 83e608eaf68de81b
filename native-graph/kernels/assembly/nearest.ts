// twin/nearest.ts tells what happens here, and why.

import {get, put} from './memory';

const DIGIT_BITS: i32 = 11;
const DIGITS: i32 = 2048;

/** One pass of a stable radix sort: `order` is read, `sorted` written. */
export function sortByDigit(keys: usize, order: usize, count: i32, shift: i32, counts: usize, sorted: usize): void {
  memory.fill(counts, 0, (<usize>DIGITS) << 2);
  for (let i = 0; i < count; i++) {
    const digit = (get(keys, get(order, i)) >> shift) & (DIGITS - 1);
    put(counts, digit, get(counts, digit) + 1);
  }
  let before = 0;
  for (let digit = 0; digit < DIGITS; digit++) {
    const here = get(counts, digit);
    put(counts, digit, before);
    before += here;
  }
  for (let i = 0; i < count; i++) {
    const item = get(order, i);
    const digit = (get(keys, item) >> shift) & (DIGITS - 1);
    const at = get(counts, digit);
    put(counts, digit, at + 1);
    put(sorted, at, item);
  }
}

export function merge(
  nodeCount: i32,
  oldFirst: usize,
  oldDriver: usize,
  oldMs: usize,
  isMoved: usize,
  labelCount: i32,
  order: usize,
  labelNode: usize,
  labelDriver: usize,
  labelMs: usize,
  newFirst: usize,
  grouped: usize,
  outFirst: usize,
  outDriver: usize,
  outMs: usize,
): void {
  memory.fill(newFirst, 0, (<usize>nodeCount + 2) << 2);
  for (let i = 0; i < labelCount; i++) {
    const node = get(labelNode, i);
    put(newFirst, node + 2, get(newFirst, node + 2) + 1);
  }
  for (let node = 0; node < nodeCount; node++) {
    put(newFirst, node + 2, get(newFirst, node + 2) + get(newFirst, node + 1));
  }
  for (let i = 0; i < labelCount; i++) {
    const label = get(order, i);
    const node = get(labelNode, label);
    const at = get(newFirst, node + 1);
    put(newFirst, node + 1, at + 1);
    put(grouped, at, label);
  }
  let count = 0;
  for (let node = 0; node < nodeCount; node++) {
    put(outFirst, node, count);
    let next = get(newFirst, node);
    const end = get(newFirst, node + 1);
    for (let at = get(oldFirst, node), last = get(oldFirst, node + 1); at < last; at++) {
      const driver = get(oldDriver, at);
      if (load<u8>(isMoved + <usize>driver) != 0) continue;
      const ms = get(oldMs, at);
      for (; next < end; next++) {
        const label = get(grouped, next);
        const newMs = get(labelMs, label);
        if (newMs > ms || (newMs == ms && get(labelDriver, label) > driver)) break;
        put(outDriver, count, get(labelDriver, label));
        put(outMs, count++, newMs);
      }
      put(outDriver, count, driver);
      put(outMs, count++, ms);
    }
    for (; next < end; next++) {
      const label = get(grouped, next);
      put(outDriver, count, get(labelDriver, label));
      put(outMs, count++, get(labelMs, label));
    }
  }
  put(outFirst, nodeCount, count);
}

/** By driver: who comes first of equally near ones. Set for the length of a call. */
let tie: usize = 0;

/** Whether (ms, driver) comes after the one at place i of the heap. */
function isAfter(heapDriver: usize, heapMs: usize, i: i32, ms: i32, driver: i32): boolean {
  return ms > get(heapMs, i) || (ms == get(heapMs, i) && get(tie, driver) > get(tie, get(heapDriver, i)));
}

function putAt(heapDriver: usize, heapMs: usize, place: usize, i: i32, ms: i32, driver: i32): void {
  put(heapDriver, i, driver);
  put(heapMs, i, ms);
  put(place, driver, i + 1);
}

function rise(heapDriver: usize, heapMs: usize, place: usize, i: i32, ms: i32, driver: i32): void {
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if (!isAfter(heapDriver, heapMs, parent, ms, driver)) break;
    putAt(heapDriver, heapMs, place, i, get(heapMs, parent), get(heapDriver, parent));
    i = parent;
  }
  putAt(heapDriver, heapMs, place, i, ms, driver);
}

function sink(heapDriver: usize, heapMs: usize, place: usize, size: i32, i: i32, ms: i32, driver: i32): void {
  for (;;) {
    let child = 2 * i + 1;
    if (child >= size) break;
    const right = child + 1;
    if (right < size && isAfter(heapDriver, heapMs, child, get(heapMs, right), get(heapDriver, right))) child = right;
    if (isAfter(heapDriver, heapMs, child, ms, driver)) break;
    putAt(heapDriver, heapMs, place, i, get(heapMs, child), get(heapDriver, child));
    i = child;
  }
  putAt(heapDriver, heapMs, place, i, ms, driver);
}

export function nearest(
  labelFirst: usize,
  labelNode: usize,
  labelMs: usize,
  row: i32,
  bucketFirst: usize,
  bucketDriver: usize,
  bucketMs: usize,
  givenFirst: usize,
  givenDriver: usize,
  givenMs: usize,
  isGiven: usize,
  limitMs: i32,
  k: i32,
  heapDriver: usize,
  heapMs: usize,
  place: usize,
  tieOf: usize,
  outFirst: usize,
  outDriver: usize,
  outMs: usize,
): void {
  tie = tieOf;
  let size = 0;
  for (let i = get(givenFirst, row), end = get(givenFirst, row + 1); i < end; i++) {
    const driver = get(givenDriver, i);
    const ms = get(givenMs, i);
    store<u8>(isGiven + <usize>driver, 1);
    if (ms > limitMs) continue;
    if (size < k) rise(heapDriver, heapMs, place, size++, ms, driver);
    else if (!isAfter(heapDriver, heapMs, 0, ms, driver)) {
      put(place, get(heapDriver, 0), 0);
      sink(heapDriver, heapMs, place, size, 0, ms, driver);
    }
  }
  for (let i = get(labelFirst, row), end = get(labelFirst, row + 1); i < end; i++) {
    const toTask = get(labelMs, i);
    let boundMs = size < k ? limitMs : get(heapMs, 0);
    if (toTask > boundMs) continue;
    const node = get(labelNode, i);
    for (let at = get(bucketFirst, node), last = get(bucketFirst, node + 1); at < last; at++) {
      const ms = toTask + get(bucketMs, at);
      if (ms > boundMs) break;
      const driver = get(bucketDriver, at);
      if (load<u8>(isGiven + <usize>driver) != 0) continue;
      const known = get(place, driver) - 1;
      if (known >= 0) {
        if (ms < get(heapMs, known)) sink(heapDriver, heapMs, place, size, known, ms, driver);
        else continue;
      } else if (size < k) {
        rise(heapDriver, heapMs, place, size++, ms, driver);
      } else if (!isAfter(heapDriver, heapMs, 0, ms, driver)) {
        put(place, get(heapDriver, 0), 0);
        sink(heapDriver, heapMs, place, size, 0, ms, driver);
      }
      boundMs = size < k ? limitMs : get(heapMs, 0);
    }
  }
  for (let i = get(givenFirst, row), end = get(givenFirst, row + 1); i < end; i++) {
    store<u8>(isGiven + <usize>get(givenDriver, i), 0);
  }
  const begin = get(outFirst, row);
  put(outFirst, row + 1, begin + size);
  while (size > 0) {
    const driver = get(heapDriver, 0);
    put(outDriver, begin + size - 1, driver);
    put(outMs, begin + size - 1, get(heapMs, 0));
    put(place, driver, 0);
    size--;
    if (size > 0) sink(heapDriver, heapMs, place, size, 0, get(heapMs, size), get(heapDriver, size));
  }
}
