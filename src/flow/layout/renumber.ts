// Numbering by neighbourhood: tasks that share drivers get ids close to each other, so that what a long search or
// auction touches next is likely in the cache already. It needs no coordinates, only the graph.
//
// E. Cuthill, J. McKee, "Reducing the bandwidth of sparse symmetric matrices", Proc. 24th ACM National Conference
// (1969), 157-172; here without their sorting by degree.
//
// It pays where ids of tasks or of drivers say nothing of place (rows by database id) and the problem is large; where
// the caller has already numbered along a curve, `isScattered` says so. (Measured on 100,000 x 100,000 x 24 with
// drivers in order and tasks at random: 1,900 ms, renumbered before the row reduction 1,180 ms in all.)

import {type Allot, layOut, type Workspace} from '../search/workspace.ts';
import type {Rows} from './arrange.ts';
import type {Columns} from './columns.ts';

/** Below this many tasks and drivers their arrays fit a second-level cache in any order. */
const SMALL = 2 ** 15;
/** Neighbours, in a row or at the heads of rows, that are this part of all drivers apart on the mean lie scattered. */
const SCATTERED_PART = 32;

/** By new id: the old id. */
export type Order = {
  readonly taskAt: Int32Array;
  readonly driverAt: Int32Array;
};

/** Whether renumbering is likely to pay. O(arcs). */
export function isScattered(rows: Rows): boolean {
  const {driverCount, taskCount, firstArc, driver} = rows;
  if (driverCount + taskCount < SMALL) return false;
  let inRow = 0;
  let inRowSteps = 0;
  let ofHeads = 0;
  let headSteps = 0;
  let before = -1;
  for (let t = 0; t < taskCount; t++) {
    const start = firstArc[t];
    if (start === firstArc[t + 1]) continue;
    if (before >= 0) {
      ofHeads += Math.abs(driver[start] - before);
      headSteps++;
    }
    before = driver[start];
    for (let arc = start + 1; arc < firstArc[t + 1]; arc++) {
      inRow += Math.abs(driver[arc] - driver[arc - 1]);
      inRowSteps++;
    }
  }
  const far = driverCount / SCATTERED_PART;
  return inRow > far * inRowSteps || ofHeads > far * headSteps;
}

/** Breadth first over the pair graph from the first task of each component. O(arcs). */
export function neighbourOrder(rows: Rows, columns: Columns): Order {
  const {driverCount, taskCount, firstArc, driver} = rows;
  const taskAt = new Int32Array(taskCount);
  const driverAt = new Int32Array(driverCount);
  const taskSeen = new Uint8Array(taskCount);
  const driverSeen = new Uint8Array(driverCount);
  let tasks = 0;
  let drivers = 0;
  let scanned = 0;

  for (let root = 0; root < taskCount; root++) {
    if (taskSeen[root] === 1) continue;
    taskSeen[root] = 1;
    taskAt[tasks++] = root;
    while (scanned < tasks) {
      const t = taskAt[scanned++];
      for (let arc = firstArc[t]; arc < firstArc[t + 1]; arc++) {
        const d = driver[arc];
        if (driverSeen[d] === 1) continue;
        driverSeen[d] = 1;
        driverAt[drivers++] = d;
        for (let back = columns.firstArc[d]; back < columns.firstArc[d + 1]; back++) {
          const next = columns.task[back];
          if (taskSeen[next] === 1) continue;
          taskSeen[next] = 1;
          taskAt[tasks++] = next;
        }
      }
    }
  }
  for (let d = 0; d < driverCount; d++) if (driverSeen[d] === 0) driverAt[drivers++] = d;
  return {taskAt, driverAt};
}

/** The same rows by new ids; within a row the order of arcs stays. O(arcs). */
export function renumbered(rows: Rows, {taskAt, driverAt}: Order): Rows {
  const driverIs = new Int32Array(rows.driverCount); // by old id
  driverAt.forEach((old, d) => {
    driverIs[old] = d;
  });
  const firstArc = new Int32Array(rows.taskCount + 1);
  const driver = new Int32Array(rows.arcCount);
  const costMs = new Int32Array(rows.arcCount);
  let arcCount = 0;
  for (let t = 0; t < rows.taskCount; t++) {
    const end = rows.firstArc[taskAt[t] + 1];
    for (let arc = rows.firstArc[taskAt[t]]; arc < end; arc++) {
      driver[arcCount] = driverIs[rows.driver[arc]];
      costMs[arcCount++] = rows.costMs[arc];
    }
    firstArc[t + 1] = arcCount;
  }
  const places = driverAt.map((old) => rows.places[old]);
  const penaltyMs = taskAt.map((old) => rows.penaltyMs[old]);
  return {...rows, firstArc, driver, costMs, places, penaltyMs};
}

/** Turns driver prices and matching of `w` from old ids to those of `rows`; `settle` finds the rest. */
export function carryOver(w: Workspace, rows: Rows, {taskAt, driverAt}: Order, allot?: Allot): void {
  const driverOf = w.driverOf.slice(0, taskAt.length);
  const driverPriceMs = w.driverPriceMs.slice(0, driverAt.length);
  layOut(w, rows, allot);
  const driverIs = new Int32Array(driverAt.length); // by old id
  driverAt.forEach((old, d) => {
    driverIs[old] = d;
    w.driverPriceMs[d] = driverPriceMs[old];
  });
  taskAt.forEach((old, t) => {
    w.driverOf[t] = driverOf[old] < 0 ? driverOf[old] : driverIs[driverOf[old]];
  });
}

/** Turns prices and matching of `w` from new ids to old ones; the places it leaves as they are. */
export function restore(w: Workspace, {taskAt, driverAt}: Order): void {
  const taskPriceMs = w.taskPriceMs.slice(0, taskAt.length);
  const driverOf = w.driverOf.slice(0, taskAt.length);
  const driverPriceMs = w.driverPriceMs.slice(0, driverAt.length);
  taskAt.forEach((old, t) => {
    w.taskPriceMs[old] = taskPriceMs[t];
    w.driverOf[old] = driverOf[t] < 0 ? driverOf[t] : driverAt[driverOf[t]];
  });
  driverAt.forEach((old, d) => {
    w.driverPriceMs[old] = driverPriceMs[d];
  });
}
