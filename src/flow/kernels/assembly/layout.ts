// ../../layout/ tells what happens here, and why.

import {
  add, addressAt, CAPACITY, COLUMN_COST, COLUMN_FIRST, COLUMN_TASK, DRIVER_AT, DRIVER_COUNT, DRIVER_IS, END_TASK,
  FIRST_TASK, get, INFINITE_MS, KEPT, OUT_COST, OUT_DRIVER, OUT_FIRST, PAIR_FIRST, PENALTY, PLACES, put, ROW_COST,
  ROW_DRIVER, ROW_FIRST, SCRATCH, TASK_AT, TASK_COUNT,
} from './state';

/** Rows of up to so many arcs are sorted here; ../layout.ts has the same number and sorts the longer ones. */
const SHORT_ROW: i32 = 256;

/**
 * Drops the hopeless pairs of each task and sorts the others, in place; KEPT says by task how many. The place of an arc
 * is how many come before it: counted four at a time, that takes no branches, and rows are short.
 */
export function sortRows(state: usize): void {
  const endTask = get(state, END_TASK);
  const firstPair = addressAt(state, PAIR_FIRST);
  const driver = addressAt(state, ROW_DRIVER);
  const costMs = addressAt(state, ROW_COST);
  const penaltyMs = addressAt(state, PENALTY);
  const capacity = addressAt(state, CAPACITY);
  const kept = addressAt(state, KEPT);
  const ofCost = addressAt(state, SCRATCH);
  const ofDriver = ofCost + 4 * SHORT_ROW;

  for (let task = get(state, FIRST_TASK); task < endTask; task++) {
    const start = get(firstPair, task);
    const end = get(firstPair, task + 1);
    const penalty = get(penaltyMs, task);
    const isShort = end - start <= SHORT_ROW;
    const toCost = isShort ? ofCost : costMs + ((<usize>start) << 2);
    const toDriver = isShort ? ofDriver : driver + ((<usize>start) << 2);
    let n = 0;
    for (let pair = start; pair < end; pair++) {
      const cost = get(costMs, pair);
      const d = get(driver, pair);
      put(toCost, n, cost);
      put(toDriver, n, d);
      n += cost < penalty && get(capacity, d) > 0 ? 1 : 0;
    }
    put(kept, task, n);
    if (!isShort) continue;
    for (let i = n; (i & 3) != 0; i++) put(ofCost, i, INFINITE_MS);
    for (let i = 0; i < n; i++) {
      const cost = get(ofCost, i);
      const all = i32x4.splat(cost);
      const block = i & ~3;
      let before = i32x4.splat(0);
      let j = 0;
      // Pairs come in ascending by driver, so that of equal ones the earlier is before the later.
      for (; j < block; j += 4) before = i32x4.sub(before, i32x4.le_s(v128.load(ofCost + ((<usize>j) << 2)), all));
      for (j += 4; j < n; j += 4) before = i32x4.sub(before, i32x4.lt_s(v128.load(ofCost + ((<usize>j) << 2)), all));
      let place =
        i32x4.extract_lane(before, 0) +
        i32x4.extract_lane(before, 1) +
        i32x4.extract_lane(before, 2) +
        i32x4.extract_lane(before, 3);
      for (let k = block; k < i; k++) place += get(ofCost, k) <= cost ? 1 : 0;
      const blockEnd = min(block + 4, n);
      for (let k = i + 1; k < blockEnd; k++) place += get(ofCost, k) < cost ? 1 : 0;
      put(costMs, start + place, cost);
      put(driver, start + place, get(ofDriver, i));
    }
  }
}

/** Closes the gaps that sortRows left; counts arcs by driver into PLACES, which must be 0. */
export function closeRows(state: usize): void {
  const taskCount = get(state, TASK_COUNT);
  const firstPair = addressAt(state, PAIR_FIRST);
  const firstArc = addressAt(state, ROW_FIRST);
  const driver = addressAt(state, ROW_DRIVER);
  const costMs = addressAt(state, ROW_COST);
  const arcsOf = addressAt(state, PLACES);
  const kept = addressAt(state, KEPT);
  let arcCount = 0;
  put(firstArc, 0, 0);
  for (let task = 0; task < taskCount; task++) {
    const start = get(firstPair, task);
    const n = get(kept, task);
    if (start != arcCount) {
      memory.copy(costMs + ((<usize>arcCount) << 2), costMs + ((<usize>start) << 2), (<usize>n) << 2);
      memory.copy(driver + ((<usize>arcCount) << 2), driver + ((<usize>start) << 2), (<usize>n) << 2);
    }
    for (let arc = arcCount; arc < arcCount + n; arc++) add(arcsOf, get(driver, arc), 1);
    arcCount += n;
    put(firstArc, task + 1, arcCount);
  }
}

/** Turns the rows over; their costs only where COLUMN_COST is an address. */
export function turn(state: usize): void {
  const driverCount = get(state, DRIVER_COUNT);
  const taskCount = get(state, TASK_COUNT);
  const firstArc = addressAt(state, ROW_FIRST);
  const driver = addressAt(state, ROW_DRIVER);
  const costMs = addressAt(state, ROW_COST);
  const columnFirst = addressAt(state, COLUMN_FIRST);
  const columnTask = addressAt(state, COLUMN_TASK);
  const columnCost = addressAt(state, COLUMN_COST);

  memory.fill(columnFirst, 0, (<usize>driverCount + 1) << 2);
  for (let t = 0; t < taskCount; t++) {
    const start = get(firstArc, t);
    const end = get(firstArc, t + 1);
    for (let arc = start; arc < end; arc++) {
      const d = get(driver, arc);
      if (d + 2 <= driverCount) add(columnFirst, d + 2, 1);
    }
  }
  for (let d = 2; d <= driverCount; d++) add(columnFirst, d, get(columnFirst, d - 1));
  for (let t = 0; t < taskCount; t++) {
    const start = get(firstArc, t);
    const end = get(firstArc, t + 1);
    for (let arc = start; arc < end; arc++) {
      const d = get(driver, arc) + 1;
      const at = get(columnFirst, d);
      put(columnFirst, d, at + 1);
      put(columnTask, at, t);
      if (columnCost != 0) put(columnCost, at, get(costMs, arc));
    }
  }
}

/** Writes TASK_AT, DRIVER_AT, its inverse DRIVER_IS, and by new id OUT_FIRST. */
export function orderByNeighbours(state: usize): void {
  const driverCount = get(state, DRIVER_COUNT);
  const taskCount = get(state, TASK_COUNT);
  const firstArc = addressAt(state, ROW_FIRST);
  const driver = addressAt(state, ROW_DRIVER);
  const columnFirst = addressAt(state, COLUMN_FIRST);
  const columnTask = addressAt(state, COLUMN_TASK);
  const taskAt = addressAt(state, TASK_AT);
  const driverAt = addressAt(state, DRIVER_AT);
  // A byte each, where other numbers go once everyone is seen.
  const taskSeen = addressAt(state, OUT_FIRST);
  const driverSeen = addressAt(state, DRIVER_IS);
  memory.fill(taskSeen, 0, <usize>taskCount);
  memory.fill(driverSeen, 0, <usize>driverCount);
  let tasks = 0;
  let drivers = 0;
  let scanned = 0;
  for (let root = 0; root < taskCount; root++) {
    if (load<u8>(taskSeen + <usize>root) != 0) continue;
    store<u8>(taskSeen + <usize>root, 1);
    put(taskAt, tasks++, root);
    while (scanned < tasks) {
      const t = get(taskAt, scanned++);
      const start = get(firstArc, t);
      const end = get(firstArc, t + 1);
      for (let arc = start; arc < end; arc++) {
        const d = get(driver, arc);
        if (load<u8>(driverSeen + <usize>d) != 0) continue;
        store<u8>(driverSeen + <usize>d, 1);
        put(driverAt, drivers++, d);
        const last = get(columnFirst, d + 1);
        for (let back = get(columnFirst, d); back < last; back++) {
          const next = get(columnTask, back);
          if (load<u8>(taskSeen + <usize>next) != 0) continue;
          store<u8>(taskSeen + <usize>next, 1);
          put(taskAt, tasks++, next);
        }
      }
    }
  }
  for (let d = 0; d < driverCount; d++) if (load<u8>(driverSeen + <usize>d) == 0) put(driverAt, drivers++, d);

  for (let d = 0; d < driverCount; d++) put(driverSeen, get(driverAt, d), d);
  put(taskSeen, 0, 0);
  let arcs = 0;
  for (let t = 0; t < taskCount; t++) {
    const old = get(taskAt, t);
    arcs += get(firstArc, old + 1) - get(firstArc, old);
    put(taskSeen, t + 1, arcs);
  }
}

/** Writes the rows of tasks by their new ids; OUT_FIRST says where they go. */
export function renumber(state: usize): void {
  const endTask = get(state, END_TASK);
  const firstArc = addressAt(state, ROW_FIRST);
  const driver = addressAt(state, ROW_DRIVER);
  const costMs = addressAt(state, ROW_COST);
  const taskAt = addressAt(state, TASK_AT);
  const driverIs = addressAt(state, DRIVER_IS);
  const outFirst = addressAt(state, OUT_FIRST);
  const outDriver = addressAt(state, OUT_DRIVER);
  const outCost = addressAt(state, OUT_COST);
  for (let t = get(state, FIRST_TASK); t < endTask; t++) {
    const old = get(taskAt, t);
    const from = get(firstArc, old);
    const to = get(outFirst, t);
    const count = get(firstArc, old + 1) - from;
    for (let i = 0; i < count; i++) {
      put(outDriver, to + i, get(driverIs, get(driver, from + i)));
      put(outCost, to + i, get(costMs, from + i));
    }
  }
}
