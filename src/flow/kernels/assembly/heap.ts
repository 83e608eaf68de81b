// ../../search/heap.ts tells what happens here; keys are int64, of the same distance and id.

import {
  addressAt, END_DRIVER, FIRST_DRIVER, get, getLong, put, putLong, REACHED, ROUND,
} from './state';

export const ID_BITS: i64 = 22;
export const ID_MASK: i64 = (1 << 22) - 1;

export function push(keys: usize, size: i32, key: i64): void {
  let at = size;
  while (at > 0) {
    const parent = (at - 1) >> 2;
    const above = getLong(keys, parent);
    if (above <= key) break;
    putLong(keys, at, above);
    at = parent;
  }
  putLong(keys, at, key);
}

/** Removes the least key, which the caller has read; `size` is the size after. */
export function pop(keys: usize, size: i32): void {
  const key = getLong(keys, size);
  let at = 0;
  for (;;) {
    const first = 4 * at + 1;
    if (first >= size) break;
    let child = first;
    let least = getLong(keys, first);
    const end = min(first + 4, size);
    for (let i = first + 1; i < end; i++) {
      const other = getLong(keys, i);
      if (other < least) {
        least = other;
        child = i;
      }
    }
    if (least >= key) break;
    putLong(keys, at, least);
    at = child;
  }
  putLong(keys, at, key);
}

/** Drops superseded entries; afterwards there is at most one per driver. Returns the new size. */
export function compact(keys: usize, size: i32, distMs: usize): i32 {
  let kept = 0;
  for (let i = 0; i < size; i++) {
    const key = getLong(keys, i);
    if (get(distMs, <i32>(key & ID_MASK)) == <i32>(key >> ID_BITS)) push(keys, kept++, key);
  }
  return kept;
}

/** Forgets the last search; the stamps run out once every 2^31 - 1 searches. */
export function nextRound(state: usize): i32 {
  let round = get(state, ROUND);
  if (round == 0x7fffffff) {
    const firstDriver = get(state, FIRST_DRIVER);
    const reached = addressAt(state, REACHED);
    for (let d = firstDriver; d < get(state, END_DRIVER); d++) put(reached, d, 0);
    round = 0;
  }
  put(state, ROUND, round + 1);
  return round + 1;
}
