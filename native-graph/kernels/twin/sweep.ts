// Many-to-many by restricted sweeps, eight rows at a time.
//
// D. Delling, A. Goldberg, R. Werneck, "Faster Batched Shortest Paths in Road Networks" (RPHAST), ATMOS 2011; here both
// sides are restricted. The columns' closure (all nodes above them) is found once and renumbered from the top down.
// For eight rows, the closure of their seeds is swept from the bottom up by the arcs of one direction, then that of the
// columns from the top down by those of the other. Heads always rank higher, so no heap is needed, and the eight lanes
// go through the same arcs together, which SIMD makes as cheap as one.
//
// Invariant: lanes are at most UNREACHABLE_MS before an addition and weights are below it, so that sums fit an int32.

import {UNREACHABLE_MS} from '../../layout.ts';

export const LANES = 8;

type Arcs = {readonly first: Uint32Array; readonly arcs: Int32Array};

/**
 * All nodes above those whose bits are set, ascending, into `nodes`; clears the bits. Words before `firstWord` are
 * zero. Returns how many there are.
 */
export function closure(
  {first, arcs}: Arcs,
  bits: Int32Array,
  firstWord: number,
  wordCount: number,
  nodes: Int32Array,
): number {
  let count = 0;
  for (let word = firstWord; word < wordCount; word++) {
    for (let set = bits[word]; set !== 0; set = bits[word]) {
      const node = (word << 5) + 31 - Math.clz32(set & -set);
      bits[word] = set & (set - 1);
      nodes[count++] = node;
      for (let arc = first[node]; arc < first[node + 1]; arc++) {
        const w = arcs[2 * arc];
        bits[w >> 5] |= 1 << (w & 31);
      }
    }
  }
  return count;
}

/** Renumbers a closure from the top down, and copies its arcs: entry i of `localFirst` is node nodes[count - 1 - i]. */
export function compact(
  {first, arcs}: Arcs,
  nodes: Int32Array,
  count: number,
  localOf: Int32Array,
  localFirst: Int32Array,
  localArcs: Int32Array,
): void {
  let arcCount = 0;
  localFirst[0] = 0;
  for (let i = 0; i < count; i++) {
    const node = nodes[count - 1 - i];
    localOf[node] = i;
    for (let arc = first[node]; arc < first[node + 1]; arc++) {
      localArcs[2 * arcCount] = localOf[arcs[2 * arc]];
      localArcs[2 * arcCount++ + 1] = arcs[2 * arc + 1];
    }
    localFirst[i + 1] = arcCount;
  }
}

/** The lanes of some rows at every node of the columns' closure, by local number. */
export type SweepScratch = {
  readonly bits: Int32Array;
  readonly wordCount: number;
  /** Room for a closure. */
  readonly nodes: Int32Array;
  /** By node: where it stands in the closure at hand, plus 1; 0 between sweeps. */
  readonly localOf: Int32Array;
  /** LANES entries by node of a row closure, and of the columns' closure. */
  readonly risen: Int32Array;
  readonly fallen: Int32Array;
};

export type Columns = {
  readonly count: number;
  readonly nodes: Int32Array;
  readonly first: Int32Array;
  readonly arcs: Int32Array;
};

/**
 * Sweeps for `laneCount` rows from `row` on. `fallen` holds their times, UNREACHABLE_MS or more where there is no way.
 */
export function sweep(
  side: Arcs,
  s: SweepScratch,
  firstSeed: Int32Array,
  seedNode: Int32Array,
  seedMs: Int32Array,
  row: number,
  laneCount: number,
  columns: Columns,
): void {
  const {bits, nodes, localOf, risen, fallen} = s;
  const {first, arcs} = side;
  let firstWord = s.wordCount;
  for (let seed = firstSeed[row]; seed < firstSeed[row + laneCount]; seed++) {
    const word = seedNode[seed] >> 5;
    bits[word] |= 1 << (seedNode[seed] & 31);
    firstWord = Math.min(firstWord, word);
  }
  const count = closure(side, bits, firstWord, s.wordCount, nodes);
  for (let i = 0; i < count; i++) localOf[nodes[i]] = i + 1;
  risen.fill(UNREACHABLE_MS, 0, count * LANES);
  for (let lane = 0; lane < laneCount; lane++) {
    for (let seed = firstSeed[row + lane]; seed < firstSeed[row + lane + 1]; seed++) {
      const at = (localOf[seedNode[seed]] - 1) * LANES + lane;
      risen[at] = Math.min(risen[at], seedMs[seed]);
    }
  }
  for (let i = 0; i < count; i++) {
    for (let arc = first[nodes[i]]; arc < first[nodes[i] + 1]; arc++) {
      relax(risen, i * LANES, arcs[2 * arc + 1], risen, (localOf[arcs[2 * arc]] - 1) * LANES);
    }
  }
  for (let i = 0; i < columns.count; i++) {
    const from = localOf[columns.nodes[columns.count - 1 - i]];
    fallen.fill(UNREACHABLE_MS, i * LANES, (i + 1) * LANES);
    for (let lane = 0; from > 0 && lane < LANES; lane++) fallen[i * LANES + lane] = risen[(from - 1) * LANES + lane];
    for (let arc = columns.first[i]; arc < columns.first[i + 1]; arc++) {
      relax(fallen, columns.arcs[2 * arc] * LANES, columns.arcs[2 * arc + 1], fallen, i * LANES);
    }
  }
  for (let i = 0; i < count; i++) localOf[nodes[i]] = 0;
}

function relax(from: Int32Array, fromAt: number, ms: number, to: Int32Array, toAt: number): void {
  for (let lane = 0; lane < LANES; lane++) {
    const by = from[fromAt + lane] + ms;
    if (by < to[toAt + lane]) to[toAt + lane] = by;
  }
}

/** Writes the times of the rows swept: out[(row + lane) * rowStep + column * columnStep]. */
export function collect(
  fallen: Int32Array,
  laneCount: number,
  firstEnd: Int32Array,
  endLocal: Int32Array,
  endMs: Int32Array,
  columnCount: number,
  out: Int32Array,
  row: number,
  rowStep: number,
  columnStep: number,
): void {
  for (let column = 0; column < columnCount; column++) {
    for (let lane = 0; lane < laneCount; lane++) {
      let best = UNREACHABLE_MS;
      for (let end = firstEnd[column]; end < firstEnd[column + 1]; end++) {
        const ms = fallen[endLocal[end] * LANES + lane];
        if (ms < UNREACHABLE_MS) best = Math.min(best, ms + endMs[end]);
      }
      out[(row + lane) * rowStep + column * columnStep] = best;
    }
  }
}
