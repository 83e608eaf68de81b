// The rows turned over: arcs by driver, for searches and auctions that start at drivers. 8 bytes per arc.

import type {Rows} from './arrange.ts';

/** The arcs of driver d are [firstArc[d], firstArc[d + 1]), ascending by task. */
export type Columns = {
  readonly firstArc: Int32Array;
  readonly task: Int32Array;
  readonly costMs: Int32Array;
};

/** What is turned over. Rows may be in any order. */
type Turned = Pick<Rows, 'driverCount' | 'taskCount' | 'arcCount' | 'firstArc' | 'driver' | 'costMs'>;

/** Counting sort by driver. O(arcs + drivers); allocates the columns. */
export function columnsOf(rows: Turned): Columns {
  const {driverCount, taskCount, arcCount} = rows;
  const firstArc = new Int32Array(driverCount + 1);
  const task = new Int32Array(arcCount);
  const costMs = new Int32Array(arcCount);

  // After this, firstArc[d + 1] is where column d starts; filling a column moves it to where the column ends.
  for (let arc = 0; arc < arcCount; arc++) if (rows.driver[arc] + 2 <= driverCount) firstArc[rows.driver[arc] + 2]++;
  for (let d = 2; d <= driverCount; d++) firstArc[d] += firstArc[d - 1];

  for (let t = 0; t < taskCount; t++) {
    const end = rows.firstArc[t + 1];
    for (let arc = rows.firstArc[t]; arc < end; arc++) {
      const at = firstArc[rows.driver[arc] + 1]++;
      task[at] = t;
      costMs[at] = rows.costMs[arc];
    }
  }
  return {firstArc, task, costMs};
}
