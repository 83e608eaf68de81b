// The problem as the searches want it: rows of arcs by task, cheapest first, with the hopeless arcs gone.
//
// Three facts of the dual (problem.ts) shape it:
// - Driver prices are never above 0, so c - v >= c: a scan for the cheapest c - v may stop at the first c that is not
//   below what it has found. Rows are therefore sorted by cost (ties by driver, so the order is canonical).
// - A pair that costs at least the task's penalty can be left out: the task prices at most its penalty, so the pair's
//   dual constraint holds by itself, and serving it is never cheaper than leaving the task unassigned.
// - A driver without capacity serves nobody; its arcs are left out and its price is found at the end (finish.ts).

import type {Problem} from '../problem.ts';

/** Rows of up to this many pairs are sorted by insertion, longer ones by the library on packed keys. */
const INSERTION_LIMIT = 48;
const ID_SPAN = 2 ** 22;

/** Arcs by task: those of task t are [firstArc[t], firstArc[t + 1]), cost ascending, then driver. 8 bytes per arc. */
export type Rows = {
  readonly driverCount: number;
  readonly taskCount: number;
  readonly arcCount: number;
  readonly firstArc: Int32Array;
  readonly driver: Int32Array;
  readonly costMs: Int32Array;
  readonly penaltyMs: Int32Array;
  /**
   * By driver: min(capacity, its arcs + 1). The spare place of a driver that can serve all its tasks is never taken,
   * so that it counts as free and keeps price 0, while places stay within the number of arcs and drivers.
   */
  readonly places: Int32Array;
  /** Tasks that have an arc, and places that arcs could fill: sum of min(capacity, arcs). */
  readonly reachableTasks: number;
  readonly reachablePlaces: number;
};

/** O(pairs) plus the sorting of each row; allocates the rows. */
export function arrange(problem: Problem): Rows {
  const {driverCount, taskCount, firstPair, driver, costMs, capacity, unassignedMs} = problem;
  const firstArc = new Int32Array(taskCount + 1);
  const rowDriver = new Int32Array(firstPair[taskCount]);
  const rowCostMs = new Int32Array(firstPair[taskCount]);
  const arcsOf = new Int32Array(driverCount); // by driver

  let arcCount = 0;
  let reachableTasks = 0;
  for (let task = 0; task < taskCount; task++) {
    const start = arcCount;
    const end = firstPair[task + 1];
    const penaltyMs = unassignedMs[task];
    const isLong = end - firstPair[task] > INSERTION_LIMIT;
    for (let pair = firstPair[task]; pair < end; pair++) {
      const cost = costMs[pair];
      if (cost >= penaltyMs) continue;
      const id = driver[pair];
      if (capacity[id] === 0) continue;
      arcsOf[id]++;
      // Stable: drivers come in ascending, so ties by cost stay ascending by driver.
      let hole = arcCount++;
      if (!isLong) {
        for (; hole > start && rowCostMs[hole - 1] > cost; hole--) {
          rowCostMs[hole] = rowCostMs[hole - 1];
          rowDriver[hole] = rowDriver[hole - 1];
        }
      }
      rowCostMs[hole] = cost;
      rowDriver[hole] = id;
    }
    if (isLong) sortLong(rowCostMs, rowDriver, start, arcCount);
    if (arcCount > start) reachableTasks++;
    firstArc[task + 1] = arcCount;
  }

  let reachablePlaces = 0;
  const places = arcsOf.map((arcs, id) => {
    reachablePlaces += Math.min(capacity[id], arcs);
    return Math.min(capacity[id], arcs + 1);
  });
  return {
    driverCount,
    taskCount,
    arcCount,
    firstArc,
    driver: rowDriver.subarray(0, arcCount),
    costMs: rowCostMs.subarray(0, arcCount),
    penaltyMs: unassignedMs,
    places,
    reachableTasks,
    reachablePlaces,
  };
}

export function sortLong(costMs: Int32Array, driver: Int32Array, start: number, end: number): void {
  const keys = new Float64Array(end - start);
  for (let i = 0; i < keys.length; i++) keys[i] = costMs[start + i] * ID_SPAN + driver[start + i];
  keys.sort();
  for (let i = 0; i < keys.length; i++) {
    const cost = Math.floor(keys[i] / ID_SPAN);
    costMs[start + i] = cost;
    driver[start + i] = keys[i] - cost * ID_SPAN;
  }
}
