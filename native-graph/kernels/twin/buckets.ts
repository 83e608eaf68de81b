// Many-to-many by buckets: the labels of all columns are sorted into the nodes that they stand at, and each row meets
// them at the nodes of its own label.
//
// S. Knopp, P. Sanders, D. Schultes, F. Schulz, D. Wagner, "Computing Many-to-Many Shortest Paths Using Highway
// Hierarchies", ALENEX 2007.

import {UNREACHABLE_MS} from '../../layout.ts';
import type {Lists} from './climb.ts';

/** The labels of some places by node, places ascending within one. */
export type Buckets = {
  /** nodeCount + 1 entries. */
  readonly first: Int32Array;
  readonly place: Int32Array;
  readonly ms: Int32Array;
  readonly cm: Int32Array;
};

/** O(nodes + labels). */
export function group(nodeCount: number, labels: Lists, placeCount: number, buckets: Buckets): void {
  buckets.first.fill(0);
  for (let i = 0; i < labels.first[placeCount]; i++) buckets.first[labels.node[i]]++;
  let end = 0;
  for (let node = 0; node <= nodeCount; node++) buckets.first[node] = end += buckets.first[node];
  for (let place = placeCount - 1; place >= 0; place--) {
    for (let i = labels.first[place + 1] - 1; i >= labels.first[place]; i--) {
      const at = --buckets.first[labels.node[i]];
      buckets.place[at] = place;
      buckets.ms[at] = labels.ms[i];
      buckets.cm[at] = labels.cm[i];
    }
  }
}

/** out[column]: the time between a row and each column, UNREACHABLE_MS or more where there is no way. */
export function scan(labels: Lists, row: number, buckets: Buckets, columnCount: number, out: Int32Array): void {
  out.fill(UNREACHABLE_MS, 0, columnCount);
  for (let i = labels.first[row]; i < labels.first[row + 1]; i++) {
    const node = labels.node[i];
    for (let at = buckets.first[node]; at < buckets.first[node + 1]; at++) {
      const ms = labels.ms[i] + buckets.ms[at];
      if (ms < out[buckets.place[at]]) out[buckets.place[at]] = ms;
    }
  }
}

/** The same with lengths: of equally fast meetings the shortest. */
export function scanLengths(
  labels: Lists,
  row: number,
  buckets: Buckets,
  columnCount: number,
  out: Int32Array,
  outCm: Int32Array,
): void {
  out.fill(UNREACHABLE_MS, 0, columnCount);
  outCm.fill(0, 0, columnCount);
  for (let i = labels.first[row]; i < labels.first[row + 1]; i++) {
    const node = labels.node[i];
    for (let at = buckets.first[node]; at < buckets.first[node + 1]; at++) {
      const column = buckets.place[at];
      const ms = labels.ms[i] + buckets.ms[at];
      const cm = labels.cm[i] + buckets.cm[at];
      if (ms > out[column] || (ms === out[column] && cm >= outCm[column])) continue;
      out[column] = ms;
      outCm[column] = cm;
    }
  }
}

/**
 * out[m]: the time between a row and place member[m], for the members firstMember .. endMember - 1. `noted` is
 * UNREACHABLE_MS by node between calls.
 */
export function meet(
  rows: Lists,
  row: number,
  places: Lists,
  member: Int32Array,
  firstMember: number,
  endMember: number,
  noted: Int32Array,
  out: Int32Array,
): void {
  for (let i = rows.first[row]; i < rows.first[row + 1]; i++) noted[rows.node[i]] = rows.ms[i];
  for (let m = firstMember; m < endMember; m++) {
    let best = UNREACHABLE_MS;
    for (let i = places.first[member[m]]; i < places.first[member[m] + 1]; i++) {
      const ms = noted[places.node[i]];
      if (ms < UNREACHABLE_MS) best = Math.min(best, ms + places.ms[i]);
    }
    out[m] = best;
  }
  for (let i = rows.first[row]; i < rows.first[row + 1]; i++) noted[rows.node[i]] = UNREACHABLE_MS;
}
