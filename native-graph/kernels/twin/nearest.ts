// K nearest drivers by buckets that stay: every node holds the drivers who climb to it, nearest first.
//
// After V. Buchhold, P. Sanders, D. Wagner, "Fast, Exact and Scalable Dynamic Ridesharing" (LOUD), ALENEX 2021. A task
// goes through the nodes of its own label, and through each node's drivers, nearest first, until these can no longer be
// among the K best. Low nodes come first: they are near, so that the best are soon found. Drivers that move leave their
// buckets and enter others in one pass over all buckets, which stay sorted by it.

import type {Lists} from './climb.ts';

const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;
/** Passes of the sort, and room for its counts. Keys are times from 0, below 2^30. */
export const SORT = {passes: 3, bits: DIGIT_BITS, digits: DIGITS} as const;

/** By node: its drivers, by (milliseconds, driver). */
export type DriverBuckets = {
  /** nodeCount + 1 entries. */
  readonly first: Int32Array;
  readonly driver: Int32Array;
  readonly ms: Int32Array;
};

/** Labels of drivers as columns; `order` lists them by (milliseconds, driver). */
export type DriverLabels = {
  readonly count: number;
  readonly order: Int32Array;
  readonly node: Int32Array;
  readonly driver: Int32Array;
  readonly ms: Int32Array;
};

/** One pass of a stable sort by the digit of the keys at `shift`: `order` is read, `sorted` written. */
export function sortByDigit(
  keys: Int32Array,
  order: Int32Array,
  count: number,
  shift: number,
  counts: Int32Array,
  sorted: Int32Array,
): void {
  counts.fill(0);
  const digitOf = (item: number): number => (keys[item] >> shift) & (DIGITS - 1);
  for (let i = 0; i < count; i++) counts[digitOf(order[i])]++;
  let before = 0;
  for (let digit = 0; digit < DIGITS; digit++) {
    const here = counts[digit];
    counts[digit] = before;
    before += here;
  }
  for (let i = 0; i < count; i++) sorted[counts[digitOf(order[i])]++] = order[i];
}

/**
 * The buckets without the drivers that are marked as moved, and with the labels of those that have come. `newFirst`
 * (nodeCount + 2 entries) and `grouped` (an entry a label) are junk before and after. O(nodes + entries).
 */
export function merge(
  nodeCount: number,
  old: DriverBuckets,
  isMoved: Uint8Array,
  labels: DriverLabels,
  newFirst: Int32Array,
  grouped: Int32Array,
  out: DriverBuckets,
): void {
  newFirst.fill(0);
  for (let i = 0; i < labels.count; i++) newFirst[labels.node[i] + 2]++;
  for (let node = 0; node < nodeCount; node++) newFirst[node + 2] += newFirst[node + 1];
  for (let i = 0; i < labels.count; i++) grouped[newFirst[labels.node[labels.order[i]] + 1]++] = labels.order[i];
  let count = 0;
  const put = (driver: number, ms: number): void => {
    out.driver[count] = driver;
    out.ms[count++] = ms;
  };
  for (let node = 0; node < nodeCount; node++) {
    out.first[node] = count;
    let next = newFirst[node];
    const end = newFirst[node + 1];
    for (let at = old.first[node]; at < old.first[node + 1]; at++) {
      const driver = old.driver[at];
      if (isMoved[driver] !== 0) continue;
      const ms = old.ms[at];
      for (; next < end; next++) {
        const label = grouped[next];
        const newMs = labels.ms[label];
        if (newMs > ms || (newMs === ms && labels.driver[label] > driver)) break;
        put(labels.driver[label], newMs);
      }
      put(driver, ms);
    }
    for (; next < end; next++) put(labels.driver[grouped[next]], labels.ms[grouped[next]]);
  }
  out.first[nodeCount] = count;
}

/** Drivers whose times are known without a search, by row: those that stand on the task's own edge. */
export type GivenDrivers = {readonly first: Int32Array; readonly driver: Int32Array; readonly ms: Int32Array};

export type NearestScratch = {
  /** By driver: 0 between calls. */
  readonly isGiven: Uint8Array;
  readonly place: Int32Array;
  /** K entries: a heap with the worst of the best on top. */
  readonly heapDriver: Int32Array;
  readonly heapMs: Int32Array;
  /** By driver: who comes first of equally near ones, all different. */
  readonly tie: Int32Array;
};

/**
 * The `k` drivers nearest to a task within `limitMs`, by (milliseconds, tie), into the entries of `out` from
 * out.first[row] on; sets out.first[row + 1]. `labels` are of ways to the tasks.
 */
export function nearest(
  labels: Lists,
  row: number,
  buckets: DriverBuckets,
  given: GivenDrivers,
  s: NearestScratch,
  limitMs: number,
  k: number,
  out: GivenDrivers,
): void {
  const {isGiven, place, heapDriver, heapMs} = s;
  let size = 0;
  const offer = (ms: number, driver: number): void => {
    if (size < k) rise(s, size++, ms, driver);
    else if (!isAfter(s, 0, ms, driver)) {
      place[heapDriver[0]] = 0;
      sink(s, size, 0, ms, driver);
    }
  };
  const boundMs = (): number => (size < k ? limitMs : heapMs[0]);
  for (let i = given.first[row]; i < given.first[row + 1]; i++) {
    isGiven[given.driver[i]] = 1;
    if (given.ms[i] <= limitMs) offer(given.ms[i], given.driver[i]);
  }
  for (let i = labels.first[row]; i < labels.first[row + 1]; i++) {
    if (labels.ms[i] > boundMs()) continue;
    const node = labels.node[i];
    for (let at = buckets.first[node]; at < buckets.first[node + 1]; at++) {
      const ms = labels.ms[i] + buckets.ms[at];
      if (ms > boundMs()) break;
      const driver = buckets.driver[at];
      if (isGiven[driver] !== 0) continue;
      const known = place[driver] - 1;
      if (known < 0) offer(ms, driver);
      else if (ms < heapMs[known]) sink(s, size, known, ms, driver);
    }
  }
  for (let i = given.first[row]; i < given.first[row + 1]; i++) isGiven[given.driver[i]] = 0;
  const begin = out.first[row];
  out.first[row + 1] = begin + size;
  while (size > 0) {
    const driver = heapDriver[0];
    out.driver[begin + size - 1] = driver;
    out.ms[begin + size - 1] = heapMs[0];
    place[driver] = 0;
    size--;
    if (size > 0) sink(s, size, 0, heapMs[size], heapDriver[size]);
  }
}

/** Whether (ms, driver) comes after what stands at `i` of the heap. */
const isAfter = ({heapDriver, heapMs, tie}: NearestScratch, i: number, ms: number, driver: number): boolean =>
  ms > heapMs[i] || (ms === heapMs[i] && tie[driver] > tie[heapDriver[i]]);

function putAt({heapDriver, heapMs, place}: NearestScratch, i: number, ms: number, driver: number): void {
  heapDriver[i] = driver;
  heapMs[i] = ms;
  place[driver] = i + 1;
}

function rise(s: NearestScratch, i: number, ms: number, driver: number): void {
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if (!isAfter(s, parent, ms, driver)) break;
    putAt(s, i, s.heapMs[parent], s.heapDriver[parent]);
    i = parent;
  }
  putAt(s, i, ms, driver);
}

function sink(s: NearestScratch, size: number, i: number, ms: number, driver: number): void {
  for (;;) {
    let child = 2 * i + 1;
    if (child >= size) break;
    const right = child + 1;
    if (right < size && isAfter(s, child, s.heapMs[right], s.heapDriver[right])) child = right;
    if (isAfter(s, child, ms, driver)) break;
    putAt(s, i, s.heapMs[child], s.heapDriver[child]);
    i = child;
  }
  putAt(s, i, ms, driver);
}
