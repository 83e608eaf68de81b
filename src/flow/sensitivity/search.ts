// Dijkstra's search over the drivers of the residual graph (residual.ts), forwards along columns or backwards along
// rows. It never passes the hub.
//
// E. W. Dijkstra, "A note on two problems in connexion with graphs", Numer. Math. 1 (1959), 269-271.
//
// Invariant: drivers leave the queue in non-decreasing order of distance, ties by id, so one that left it is final, and
// so is every distance that is not above the one that left last.
//
// No search scans more arcs than the problem has pairs: a column belongs to one driver, a row to one served task.

import {distOf, idOf, keyOf, pop, push} from '../search/heap.ts';
import {nextRound, type Workspace} from '../search/workspace.ts';
import {type Residual, UNREACHED_MS} from './residual.ts';

/** Relaxes what lies next to a settled driver, as far as it is nearer than `limitMs`. */
type Scan = (r: Residual, settled: number, limitMs: number) => void;

/** Forgets the last search. Costs are counted from here. */
export function begin(w: Workspace): void {
  nextRound(w);
  w.work = 0;
}

/** Lets the search start at `driver`, `distMs` away, or improves it: over `task` from `via`, or over neither. */
export function reach(w: Workspace, driver: number, distMs: number, task = -1, via = -1): void {
  w.reached[driver] = w.round;
  w.distMs[driver] = distMs;
  w.viaTask[driver] = task;
  w.viaDriver[driver] = via;
}

/** Puts a driver that was reached into the queue. */
export const enqueue = (w: Workspace, driver: number): void => push(w.heap, keyOf(w.distMs[driver], driver));

/** A way that the search found to `driver`, or Infinity; the shortest, if it is not longer than what is settled. */
export const wayMs = (w: Workspace, driver: number): number =>
  driver >= 0 && w.reached[driver] === w.round ? w.distMs[driver] : Number.POSITIVE_INFINITY;

/** No way over drivers alone is shorter, after a search that settled all nearer than `settledMs`. */
export const wayAtLeastMs = (w: Workspace, driver: number, settledMs: number): number =>
  driver >= 0 && w.used[driver] > 0 ? Math.min(wayMs(w, driver), settledMs) : Number.POSITIVE_INFINITY;

/** Forwards: a driver with a place to fill takes a task from another, who is next. */
export function scanColumn({columns, w}: Residual, settled: number, limitMs: number): void {
  const {firstArc, task, costMs} = columns;
  const {taskPriceMs, driverPriceMs, driverOf, distMs, viaTask, viaDriver, reached, round, heap} = w;
  const baseMs = distMs[settled] - driverPriceMs[settled];
  const start = firstArc[settled];
  const end = firstArc[settled + 1];
  for (let arc = start; arc < end; arc++) {
    const t = task[arc];
    const d = driverOf[t];
    if (d < 0 || d === settled) continue;
    const dist = baseMs + costMs[arc] - taskPriceMs[t];
    if (dist >= limitMs || (reached[d] === round && distMs[d] <= dist)) continue;
    reached[d] = round;
    distMs[d] = dist;
    viaTask[d] = t;
    viaDriver[d] = settled;
    push(heap, keyOf(dist, d));
  }
  w.work += end - start + 1;
}

/** Backwards: whoever could take a task from this driver comes before it. */
export function scanRows({problem, w}: Residual, settled: number, limitMs: number): void {
  const {firstPair, driver, costMs} = problem;
  const {taskPriceMs, driverPriceMs, firstPlace, placeTask, used, distMs, viaTask, viaDriver, reached, round, heap} = w;
  const hereMs = distMs[settled];
  const lastPlace = firstPlace[settled] + used[settled];
  let work = 1;
  for (let place = firstPlace[settled]; place < lastPlace; place++) {
    const t = placeTask[place];
    const baseMs = hereMs - taskPriceMs[t];
    const start = firstPair[t];
    const end = firstPair[t + 1];
    for (let pair = start; pair < end; pair++) {
      const d = driver[pair];
      if (d === settled) continue;
      const dist = baseMs + costMs[pair] - driverPriceMs[d];
      if (dist >= limitMs || (reached[d] === round && distMs[d] <= dist)) continue;
      reached[d] = round;
      distMs[d] = dist;
      viaTask[d] = t;
      viaDriver[d] = settled;
      push(heap, keyOf(dist, d));
    }
    work += end - start;
  }
  w.work += work;
}

/** Settles all that can be reached. Returns Infinity, or the distance where the budget ended. */
export function settleAll(r: Residual, scan: Scan): number {
  const {w, budget} = r;
  for (let d = settleNext(w); d >= 0; d = settleNext(w)) {
    if (w.work > budget) return w.distMs[d];
    scan(r, d, UNREACHED_MS);
  }
  return Number.POSITIVE_INFINITY;
}

/**
 * Goes on until each wanted driver is settled, or cannot be nearer than its bound. `wanted` are heap keys of bound and
 * driver, ascending. Returns Infinity, or the distance where the budget ended.
 */
export function settleWanted(r: Residual, scan: Scan, wanted: Float64Array): number {
  const {w, budget} = r;
  let open = wanted.length - 1; // the widest bound that may still be undercut
  for (let d = settleNext(w); d >= 0; d = settleNext(w)) {
    const hereMs = w.distMs[d];
    let boundMs = 0;
    for (; open >= 0; open--) {
      boundMs = distOf(wanted[open]);
      if (boundMs > hereMs && wayMs(w, idOf(wanted[open], boundMs)) > hereMs) break;
    }
    if (open < 0) break;
    if (w.work > budget) return hereMs;
    scan(r, d, boundMs);
  }
  return Number.POSITIVE_INFINITY;
}

function settleNext({heap, distMs}: Workspace): number {
  while (heap.size > 0) {
    const key = pop(heap);
    const dist = distOf(key);
    const d = idOf(key, dist);
    if (distMs[d] === dist) return d; // else superseded by a shorter entry
  }
  return -1;
}
