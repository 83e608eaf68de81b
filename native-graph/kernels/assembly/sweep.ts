// twin/sweep.ts tells what happens here, and why. Eight lanes are two SIMD registers.

import {endOf, get, msOf, put, UNREACHABLE_MS} from './memory';

const LANES: i32 = 8;
/** Bytes of a row of lanes, as a shift. */
const ROW: usize = 5;

export function closure(first: usize, arcs: usize, bits: usize, firstWord: i32, wordCount: i32, nodes: usize): i32 {
  let count = 0;
  for (let word = firstWord; word < wordCount; word++) {
    for (let set = get(bits, word); set != 0; set = get(bits, word)) {
      const node = (word << 5) + ctz(set);
      put(bits, word, set & (set - 1));
      put(nodes, count++, node);
      for (let arc = get(first, node), end = get(first, node + 1); arc < end; arc++) {
        const w = endOf(arcs, arc);
        put(bits, w >> 5, get(bits, w >> 5) | (1 << (w & 31)));
      }
    }
  }
  return count;
}

export function compact(
  first: usize,
  arcs: usize,
  nodes: usize,
  count: i32,
  localOf: usize,
  localFirst: usize,
  localArcs: usize,
): void {
  let arcCount = 0;
  put(localFirst, 0, 0);
  for (let i = 0; i < count; i++) {
    const node = get(nodes, count - 1 - i);
    put(localOf, node, i);
    for (let arc = get(first, node), end = get(first, node + 1); arc < end; arc++) {
      put(localArcs, 2 * arcCount, get(localOf, endOf(arcs, arc)));
      put(localArcs, 2 * arcCount + 1, msOf(arcs, arc));
      arcCount++;
    }
    put(localFirst, i + 1, arcCount);
  }
}

export function sweep(
  first: usize,
  arcs: usize,
  bits: usize,
  wordCount: i32,
  nodes: usize,
  localOf: usize,
  risen: usize,
  firstSeed: usize,
  seedNode: usize,
  seedMs: usize,
  row: i32,
  laneCount: i32,
  targetNodes: usize,
  targetCount: i32,
  targetFirst: usize,
  targetArcs: usize,
  fallen: usize,
): void {
  const unreachable = i32x4.splat(UNREACHABLE_MS);
  const firstOfAll = get(firstSeed, row);
  const endOfAll = get(firstSeed, row + laneCount);
  let firstWord = wordCount;
  for (let seed = firstOfAll; seed < endOfAll; seed++) {
    const word = get(seedNode, seed) >> 5;
    put(bits, word, get(bits, word) | (1 << (get(seedNode, seed) & 31)));
    firstWord = min(firstWord, word);
  }
  const count = closure(first, arcs, bits, firstWord, wordCount, nodes);
  for (let i = 0; i < count; i++) {
    put(localOf, get(nodes, i), i + 1);
    const lanes = risen + ((<usize>i) << ROW);
    v128.store(lanes, unreachable);
    v128.store(lanes, unreachable, 16);
  }
  for (let lane = 0; lane < laneCount; lane++) {
    for (let seed = get(firstSeed, row + lane), end = get(firstSeed, row + lane + 1); seed < end; seed++) {
      const at = (get(localOf, get(seedNode, seed)) - 1) * LANES + lane;
      put(risen, at, min(get(risen, at), get(seedMs, seed)));
    }
  }
  for (let i = 0; i < count; i++) {
    const node = get(nodes, i);
    const lanes = risen + ((<usize>i) << ROW);
    const a = v128.load(lanes);
    const b = v128.load(lanes, 16);
    for (let arc = get(first, node), end = get(first, node + 1); arc < end; arc++) {
      const above = risen + ((<usize>(get(localOf, endOf(arcs, arc)) - 1)) << ROW);
      const ms = i32x4.splat(msOf(arcs, arc));
      v128.store(above, i32x4.min_s(v128.load(above), i32x4.add(a, ms)));
      v128.store(above, i32x4.min_s(v128.load(above, 16), i32x4.add(b, ms)), 16);
    }
  }
  let arc = targetArcs;
  for (let i = 0; i < targetCount; i++) {
    const from = get(localOf, get(targetNodes, targetCount - 1 - i));
    let a = unreachable;
    let b = unreachable;
    if (from != 0) {
      const lanes = risen + ((<usize>(from - 1)) << ROW);
      a = v128.load(lanes);
      b = v128.load(lanes, 16);
    }
    for (const end = targetArcs + ((<usize>get(targetFirst, i + 1)) << 3); arc < end; arc += 8) {
      const above = fallen + ((<usize>load<i32>(arc)) << ROW);
      const ms = i32x4.splat(load<i32>(arc, 4));
      a = i32x4.min_s(a, i32x4.add(v128.load(above), ms));
      b = i32x4.min_s(b, i32x4.add(v128.load(above, 16), ms));
    }
    const lanes = fallen + ((<usize>i) << ROW);
    v128.store(lanes, a);
    v128.store(lanes, b, 16);
  }
  for (let i = 0; i < count; i++) put(localOf, get(nodes, i), 0);
}

export function collect(
  fallen: usize,
  laneCount: i32,
  firstEnd: usize,
  endLocal: usize,
  endMs: usize,
  columnCount: i32,
  out: usize,
  row: i32,
  rowStep: i32,
  columnStep: i32,
): void {
  for (let column = 0; column < columnCount; column++) {
    for (let lane = 0; lane < laneCount; lane++) {
      let best = UNREACHABLE_MS;
      for (let e = get(firstEnd, column), end = get(firstEnd, column + 1); e < end; e++) {
        const ms = get(fallen, get(endLocal, e) * LANES + lane);
        if (ms < UNREACHABLE_MS) best = min(best, ms + get(endMs, e));
      }
      put(out, (row + lane) * rowStep + column * columnStep, best);
    }
  }
}
