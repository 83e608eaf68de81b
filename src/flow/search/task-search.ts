// Serves one waiting task optimally: a shortest augmenting path from the task, by Dijkstra on reduced costs.
//
// N. Tomizawa, "On some techniques useful for solution of transportation network problems", Networks 1 (1971), 173-194;
// R. Jonker, A. Volgenant, Computing 38 (1987), 325-340.
//
// A path goes from a task over any arc to a driver, and from a full driver back to each task it serves (tight arcs, so
// that step is free). It may end in two ways: at a driver with a free place, or at a task that goes unassigned for its
// penalty. With the prices of workspace.ts a driver reached over task t is at distance h + (c - v) - u[t], where h is
// the distance at which t was reached; the source counts as u = 0, so distances are prices: the one at which the search
// ends is the source's new price. The source's own penalty ends it at the latest, which bounds the search and makes
// every problem feasible.
//
// Invariant: that of workspace.ts, before and after. A search that runs out of budget changes nothing, nor does one
// that is led out of its tile: it ends, and its task waits on.

import type {Rows} from '../layout/arrange.ts';
import {distOf, idOf, keyOf, pop, push} from './heap.ts';
import {nextRound, replace, take, UNASSIGNED, type Workspace} from './workspace.ts';

/** Searches for each task in `waiting`, while `w.patience` lasts; `w.isDone` says whether it did. */
export function searchTasks(rows: Rows, w: Workspace): void {
  const {waiting, waitingCount, patience, budget} = w;
  const startWork = w.work;
  w.isDone = true;
  for (let i = 0; i < waitingCount && w.isDone; i++) {
    const share = i / waitingCount;
    // Not a power: its last digit would be another in WebAssembly.
    const passes = patience.base + patience.slope * share + patience.rise * (share * share * share);
    w.budget = Math.min(budget, startWork + passes * rows.arcCount);
    w.isDone = searchFromTask(rows, w, waiting[i]);
  }
  w.budget = budget;
}

/**
 * Serves `source` or settles it as unassigned, shifting other tasks where that is cheaper. Returns false, having
 * changed nothing but `work`, when the budget ran out. O(a log d) over the a arcs it scans.
 */
export function searchFromTask(rows: Rows, w: Workspace, source: number): boolean {
  const {firstArc, driver, costMs, penaltyMs, places} = rows;
  const {
    taskPriceMs,
    driverPriceMs,
    borderPriceMs,
    used,
    firstPlace,
    placeTask,
    distMs,
    viaTask,
    reached,
    tree,
    level,
  } = w;
  const {heap, budget, firstDriver: leastDriver, endDriver: driverLimit} = w;
  const round = nextRound(w);

  let endMs = penaltyMs[source];
  let endTask = source; // goes unassigned, unless endDriver says that a free place was found
  let endDriver = -1;
  let treeSize = 0;
  let levelSize = 0;
  let work = w.work;

  let task = source;
  let hereMs = 0; // distance of the driver whose tasks are being scanned
  let baseMs = 0; // hereMs - u[task]
  let place = 0;
  let lastPlace = 0;
  for (;;) {
    const start = firstArc[task];
    const end = firstArc[task + 1];
    let arc = start;
    for (; arc < end; arc++) {
      const atLeastMs = baseMs + costMs[arc];
      if (atLeastMs >= endMs) break;
      const d = driver[arc];
      const isInside = d >= leastDriver && d < driverLimit;
      const dist = atLeastMs - (isInside ? driverPriceMs[d] : borderPriceMs[d]);
      if (dist >= endMs) continue;
      if (!isInside) {
        w.work = work + arc - start + 1;
        return true;
      }
      if (reached[d] === round && distMs[d] <= dist) continue;
      reached[d] = round;
      distMs[d] = dist;
      viaTask[d] = task;
      if (used[d] < places[d]) {
        endMs = dist;
        endDriver = d;
      } else if (dist === hereMs) level[levelSize++] = d;
      else push(heap, keyOf(dist, d));
    }
    work += arc - start + 1;

    if (place === lastPlace) {
      let next = -1;
      if (levelSize > 0) next = level[--levelSize];
      while (next < 0 && heap.size > 0) {
        const key = pop(heap);
        const dist = distOf(key);
        if (dist >= endMs) break;
        const d = idOf(key, dist);
        if (distMs[d] !== dist) continue; // superseded by a shorter entry
        next = d;
        hereMs = dist;
      }
      if (next < 0 || hereMs >= endMs) break;
      if (work > budget) {
        w.work = work;
        return false;
      }
      tree[treeSize++] = next;
      place = firstPlace[next];
      lastPlace = place + used[next];
    }
    task = placeTask[place++];
    baseMs = hereMs - taskPriceMs[task];
    const unassignedMs = baseMs + penaltyMs[task];
    if (unassignedMs < endMs) {
      endMs = unassignedMs;
      endTask = task;
      endDriver = -1;
    }
  }

  for (let i = 0; i < treeSize; i++) {
    const d = tree[i];
    const riseMs = endMs - distMs[d];
    if (riseMs === 0) continue;
    driverPriceMs[d] -= riseMs;
    const end = firstPlace[d] + used[d];
    for (let p = firstPlace[d]; p < end; p++) taskPriceMs[placeTask[p]] += riseMs;
  }
  taskPriceMs[source] = endMs;
  w.work = work;
  w.augmentations++;
  shift(w, source, endTask, endDriver);
  return true;
}

/** Walks the path back to the source: each driver on it hands the place of the task that moved on to the one before. */
function shift(w: Workspace, source: number, endTask: number, endDriver: number): void {
  const {driverOf, viaTask} = w;
  let moved = endTask;
  let from: number;
  if (endDriver >= 0) {
    moved = viaTask[endDriver];
    from = driverOf[moved];
    take(w, endDriver, moved);
  } else {
    from = driverOf[moved];
    driverOf[moved] = UNASSIGNED;
  }
  while (moved !== source) {
    const next = viaTask[from];
    const nextFrom = driverOf[next];
    replace(w, from, moved, next);
    moved = next;
    from = nextFrom;
  }
}
