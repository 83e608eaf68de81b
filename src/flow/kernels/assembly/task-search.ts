// ../../search/task-search.ts tells what happens here, and why.

import {compact, ID_BITS, ID_MASK, nextRound, pop, push} from './heap';
import {replace, take} from './places';
import {
  add, addressAt, ARC_COUNT, AUGMENTATIONS, BORDER_PRICE, BUDGET, countAt, DIST, DRIVER_OF, DRIVER_PRICE, END_DRIVER,
  FIRST_DRIVER, FIRST_PLACE, get, getLong, HEAP, HEAP_ROOM, IMPATIENCE, LEVEL, LIST, LIST_SIZE, OUTCOME, PATIENCE,
  PENALTY, PLACE_TASK, PLACES, put, REACHED, ROW_COST, ROW_DRIVER, ROW_FIRST, setCount, SLOPE, TASK_PRICE, TREE,
  UNASSIGNED, USED, VIA_TASK, WORK,
} from './state';

const DONE = 1;
const OUT_OF_BUDGET = 0;

export function searchTasks(state: usize): void {
  const waiting = addressAt(state, LIST);
  const left = get(state, LIST_SIZE);
  const budget = countAt(state, BUDGET);
  const startWork = countAt(state, WORK);
  const arcs: f64 = get(state, ARC_COUNT);
  for (let i = 0; i < left; i++) {
    const share = <f64>i / <f64>left;
    const passes =
      countAt(state, PATIENCE) + countAt(state, SLOPE) * share + countAt(state, IMPATIENCE) * (share * share * share);
    if (!searchFromTask(state, get(waiting, i), min(budget, startWork + passes * arcs))) {
      put(state, OUTCOME, OUT_OF_BUDGET);
      return;
    }
  }
  put(state, OUTCOME, DONE);
}

/** A search that leaves the tile ends and changes nothing but `work`: it counts as done, its task waits on. */
function searchFromTask(state: usize, source: i32, budget: f64): bool {
  const firstDriver = get(state, FIRST_DRIVER);
  const drivers = get(state, END_DRIVER) - firstDriver;
  const firstArc = addressAt(state, ROW_FIRST);
  const driver = addressAt(state, ROW_DRIVER);
  const costMs = addressAt(state, ROW_COST);
  const penaltyMs = addressAt(state, PENALTY);
  const places = addressAt(state, PLACES);
  const taskPriceMs = addressAt(state, TASK_PRICE);
  const driverPriceMs = addressAt(state, DRIVER_PRICE);
  const borderPriceMs = addressAt(state, BORDER_PRICE);
  const used = addressAt(state, USED);
  const firstPlace = addressAt(state, FIRST_PLACE);
  const placeTask = addressAt(state, PLACE_TASK);
  const distMs = addressAt(state, DIST);
  const viaTask = addressAt(state, VIA_TASK);
  const reached = addressAt(state, REACHED);
  const tree = addressAt(state, TREE);
  const level = addressAt(state, LEVEL);
  const heap = addressAt(state, HEAP);
  const heapRoom = get(state, HEAP_ROOM);
  const round = nextRound(state);

  let endMs = get(penaltyMs, source);
  let endTask = source;
  let endDriver = -1;
  let treeSize = 0;
  let levelSize = 0;
  let heapSize = 0;
  let work = countAt(state, WORK);

  let task = source;
  let hereMs = 0;
  let baseMs = 0;
  let place = 0;
  let lastPlace = 0;
  for (;;) {
    const start = get(firstArc, task);
    const end = get(firstArc, task + 1);
    let arc = start;
    for (; arc < end; arc++) {
      const atLeastMs = baseMs + get(costMs, arc);
      if (atLeastMs >= endMs) break;
      const d = get(driver, arc);
      const isInside = <u32>(d - firstDriver) < <u32>drivers;
      const dist = atLeastMs - get(isInside ? driverPriceMs : borderPriceMs, d);
      if (dist >= endMs) continue;
      if (!isInside) {
        setCount(state, WORK, work + (arc - start + 1));
        return true;
      }
      if (get(reached, d) == round && get(distMs, d) <= dist) continue;
      put(reached, d, round);
      put(distMs, d, dist);
      put(viaTask, d, task);
      if (get(used, d) < get(places, d)) {
        endMs = dist;
        endDriver = d;
      } else if (dist == hereMs) put(level, levelSize++, d);
      else {
        if (heapSize == heapRoom) heapSize = compact(heap, heapSize, distMs);
        push(heap, heapSize++, ((<i64>dist) << ID_BITS) | <i64>d);
      }
    }
    work += arc - start + 1;

    if (place == lastPlace) {
      let next = -1;
      if (levelSize > 0) next = get(level, --levelSize);
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
      if (next < 0 || hereMs >= endMs) break;
      if (work > budget) {
        setCount(state, WORK, work);
        return false;
      }
      put(tree, treeSize++, next);
      place = get(firstPlace, next);
      lastPlace = place + get(used, next);
    }
    task = get(placeTask, place++);
    baseMs = hereMs - get(taskPriceMs, task);
    const unassignedMs = baseMs + get(penaltyMs, task);
    if (unassignedMs < endMs) {
      endMs = unassignedMs;
      endTask = task;
      endDriver = -1;
    }
  }

  for (let i = 0; i < treeSize; i++) {
    const d = get(tree, i);
    const riseMs = endMs - get(distMs, d);
    if (riseMs == 0) continue;
    add(driverPriceMs, d, -riseMs);
    const first = get(firstPlace, d);
    const last = first + get(used, d);
    for (let p = first; p < last; p++) add(taskPriceMs, get(placeTask, p), riseMs);
  }
  put(taskPriceMs, source, endMs);
  setCount(state, WORK, work);
  add(state, AUGMENTATIONS, 1);
  shiftTasks(state, source, endTask, endDriver);
  return true;
}

function shiftTasks(state: usize, source: i32, endTask: i32, endDriver: i32): void {
  const driverOf = addressAt(state, DRIVER_OF);
  const viaTask = addressAt(state, VIA_TASK);
  let moved = endTask;
  let from: i32;
  if (endDriver >= 0) {
    moved = get(viaTask, endDriver);
    from = get(driverOf, moved);
    take(state, endDriver, moved);
  } else {
    from = get(driverOf, moved);
    put(driverOf, moved, UNASSIGNED);
  }
  while (moved != source) {
    const next = get(viaTask, from);
    const nextFrom = get(driverOf, next);
    replace(state, from, moved, next);
    moved = next;
    from = nextFrom;
  }
}
