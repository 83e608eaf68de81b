// ../../search/driver-search.ts tells what happens here, and why.

import {compact, ID_BITS, ID_MASK, nextRound, pop, push} from './heap';
import {leave, replace, take} from './places';
import {
  add, addressAt, AUGMENTATIONS, BUDGET, COLUMN_COST, COLUMN_FIRST, COLUMN_TASK, countAt, DIST, DRIVER_OF,
  DRIVER_PRICE, END_DRIVER, FIRST_DRIVER, FIRST_PLACE, get, getLong, HEAP, HEAP_ROOM, OUTCOME, PLACE_TASK, PLACES,
  put, REACHED, setCount, TASK_PRICE, TREE, UNASSIGNED, USED, VIA_DRIVER, VIA_TASK, WORK,
} from './state';

const DONE = 1;
const OUT_OF_BUDGET = 0;

export function searchDrivers(state: usize): void {
  const driverPriceMs = addressAt(state, DRIVER_PRICE);
  const used = addressAt(state, USED);
  const places = addressAt(state, PLACES);
  const endDriver = get(state, END_DRIVER);
  for (let d = get(state, FIRST_DRIVER); d < endDriver; d++) {
    while (get(driverPriceMs, d) < 0 && get(used, d) < get(places, d)) {
      if (!searchFromDriver(state, d)) {
        put(state, OUTCOME, OUT_OF_BUDGET);
        return;
      }
    }
  }
  put(state, OUTCOME, DONE);
}

function searchFromDriver(state: usize, source: i32): bool {
  const firstArc = addressAt(state, COLUMN_FIRST);
  const task = addressAt(state, COLUMN_TASK);
  const costMs = addressAt(state, COLUMN_COST);
  const taskPriceMs = addressAt(state, TASK_PRICE);
  const driverPriceMs = addressAt(state, DRIVER_PRICE);
  const driverOf = addressAt(state, DRIVER_OF);
  const used = addressAt(state, USED);
  const firstPlace = addressAt(state, FIRST_PLACE);
  const placeTask = addressAt(state, PLACE_TASK);
  const distMs = addressAt(state, DIST);
  const viaTask = addressAt(state, VIA_TASK);
  const viaDriver = addressAt(state, VIA_DRIVER);
  const reached = addressAt(state, REACHED);
  const tree = addressAt(state, TREE);
  const heap = addressAt(state, HEAP);
  const heapRoom = get(state, HEAP_ROOM);
  const budget = countAt(state, BUDGET);
  const round = nextRound(state);

  let endMs = -get(driverPriceMs, source);
  let endDriver = source;
  let endTask = -1;
  let treeSize = 0;
  let heapSize = 0;
  let work = countAt(state, WORK);

  put(reached, source, round);
  put(distMs, source, 0);
  let here = source;
  let hereMs = 0;
  for (;;) {
    put(tree, treeSize++, here);
    const priceMs = get(driverPriceMs, here);
    const start = get(firstArc, here);
    const end = get(firstArc, here + 1);
    for (let arc = start; arc < end; arc++) {
      const t = get(task, arc);
      // A reduced cost fits an int32; with the distance it need not.
      const reducedMs = get(costMs, arc) - get(taskPriceMs, t) - priceMs;
      if (reducedMs >= endMs - hereMs) continue;
      const dist = hereMs + reducedMs;
      const d = get(driverOf, t);
      if (d == UNASSIGNED) {
        endMs = dist;
        endTask = t;
        endDriver = here;
        continue;
      }
      if (d == here || (get(reached, d) == round && get(distMs, d) <= dist)) continue;
      put(reached, d, round);
      put(distMs, d, dist);
      put(viaTask, d, t);
      put(viaDriver, d, here);
      if (heapSize == heapRoom) heapSize = compact(heap, heapSize, distMs);
      push(heap, heapSize++, ((<i64>dist) << ID_BITS) | <i64>d);
      const zeroMs = dist - get(driverPriceMs, d);
      if (zeroMs < endMs) {
        endMs = zeroMs;
        endDriver = d;
        endTask = -1;
      }
    }
    work += end - start + 1;

    let next = -1;
    while (next < 0 && heapSize > 0) {
      const key = getLong(heap, 0);
      pop(heap, --heapSize);
      const dist = <i32>(key >> ID_BITS);
      if (dist >= endMs) break;
      const d = <i32>(key & ID_MASK);
      if (get(distMs, d) != dist) continue;
      next = d;
      hereMs = dist;
    }
    if (next < 0) break;
    if (work > budget) {
      setCount(state, WORK, work);
      return false;
    }
    here = next;
  }

  for (let i = 0; i < treeSize; i++) {
    const d = get(tree, i);
    const riseMs = endMs - get(distMs, d);
    add(driverPriceMs, d, riseMs);
    const first = get(firstPlace, d);
    const last = first + get(used, d);
    for (let p = first; p < last; p++) add(taskPriceMs, get(placeTask, p), -riseMs);
  }
  setCount(state, WORK, work);
  add(state, AUGMENTATIONS, 1);
  shiftDrivers(state, source, endDriver, endTask);
  return true;
}

function shiftDrivers(state: usize, source: i32, endDriver: i32, endTask: i32): void {
  const viaTask = addressAt(state, VIA_TASK);
  const viaDriver = addressAt(state, VIA_DRIVER);
  let to = endDriver;
  let moved = endTask;
  if (endTask < 0) {
    if (endDriver == source) return;
    moved = get(viaTask, endDriver);
    leave(state, endDriver, moved);
    to = get(viaDriver, endDriver);
  }
  while (to != source) {
    const lost = get(viaTask, to);
    replace(state, to, lost, moved);
    moved = lost;
    to = get(viaDriver, to);
  }
  take(state, source, moved);
}
