// Frees one driver of a price below 0 that it has no right to, because it has a free place: the mirror of
// task-search.ts, from the driver over columns.
//
// A path goes from a driver over any arc to a task, and from a served task to its driver (tight, free). It may end at
// an unassigned task, which is then served; at a driver whose price reaches 0, which then has a place free; or at the
// source itself, whose own price reaches 0. The last bounds the search: it goes no further than -v of the source.
//
// Invariant: that of workspace.ts with no task waiting, before and after. A search that runs out of budget changes
// nothing.

import type {Rows} from '../layout/arrange.ts';
import type {Columns} from '../layout/columns.ts';
import {distOf, idOf, keyOf, pop, push} from './heap.ts';
import {leave, nextRound, replace, take, UNASSIGNED, type Workspace} from './workspace.ts';

/** Searches until no driver with a free place has a price below 0; `w.isDone` says whether the budget sufficed. */
export function searchDrivers({driverCount, places}: Rows, columns: Columns, w: Workspace): void {
  w.isDone = true;
  for (let d = 0; d < driverCount; d++) {
    while (w.isDone && w.driverPriceMs[d] < 0 && w.used[d] < places[d]) w.isDone = searchFromDriver(columns, w, d);
  }
}

/**
 * Raises the price of `source`, which has a free place, until that place is filled or the price is 0 (or until one
 * place is filled: call again while one is free and the price below 0). Returns false, having changed nothing but
 * `work`, when the budget ran out. O(a log d) over the a arcs it scans.
 */
export function searchFromDriver(columns: Columns, w: Workspace, source: number): boolean {
  const {firstArc, task, costMs} = columns;
  const {taskPriceMs, driverPriceMs, driverOf, used, firstPlace, placeTask} = w;
  const {distMs, viaTask, viaDriver, reached, tree, heap, budget} = w;
  const round = nextRound(w);

  let endMs = -driverPriceMs[source];
  let endDriver = source; // its price ends at 0, unless endTask says that an unassigned task was found
  let endTask = -1;
  let treeSize = 0;
  let work = w.work;

  reached[source] = round;
  distMs[source] = 0;
  let here = source;
  let hereMs = 0;
  for (;;) {
    tree[treeSize++] = here;
    const baseMs = hereMs - driverPriceMs[here];
    const start = firstArc[here];
    const end = firstArc[here + 1];
    for (let arc = start; arc < end; arc++) {
      const t = task[arc];
      const dist = baseMs + costMs[arc] - taskPriceMs[t];
      if (dist >= endMs) continue;
      const d = driverOf[t];
      if (d === UNASSIGNED) {
        endMs = dist;
        endTask = t;
        endDriver = here;
        continue;
      }
      if (d === here || (reached[d] === round && distMs[d] <= dist)) continue;
      reached[d] = round;
      distMs[d] = dist;
      viaTask[d] = t;
      viaDriver[d] = here;
      push(heap, keyOf(dist, d));
      const zeroMs = dist - driverPriceMs[d];
      if (zeroMs < endMs) {
        endMs = zeroMs;
        endDriver = d;
        endTask = -1;
      }
    }
    work += end - start + 1;

    let next = -1;
    while (next < 0 && heap.size > 0) {
      const key = pop(heap);
      const dist = distOf(key);
      if (dist >= endMs) break;
      const d = idOf(key, dist);
      if (distMs[d] !== dist) continue; // superseded by a shorter entry
      next = d;
      hereMs = dist;
    }
    if (next < 0) break;
    if (work > budget) {
      w.work = work;
      return false;
    }
    here = next;
  }

  for (let i = 0; i < treeSize; i++) {
    const d = tree[i];
    const riseMs = endMs - distMs[d];
    driverPriceMs[d] += riseMs;
    const end = firstPlace[d] + used[d];
    for (let p = firstPlace[d]; p < end; p++) taskPriceMs[placeTask[p]] -= riseMs;
  }
  w.work = work;
  w.augmentations++;
  shift(w, source, endDriver, endTask);
  return true;
}

/**
 * Walks the path back to the source: each driver on it serves the task it was scanned for instead of the one it lost.
 */
function shift(w: Workspace, source: number, endDriver: number, endTask: number): void {
  const {viaTask, viaDriver} = w;
  let to = endDriver;
  let moved = endTask;
  if (endTask < 0) {
    if (endDriver === source) return;
    moved = viaTask[endDriver];
    leave(w, endDriver, moved);
    to = viaDriver[endDriver];
  }
  while (to !== source) {
    const lost = viaTask[to];
    replace(w, to, lost, moved);
    moved = lost;
    to = viaDriver[to];
  }
  take(w, source, moved);
}
