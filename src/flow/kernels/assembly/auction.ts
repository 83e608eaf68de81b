// ../../search/driver-auction.ts, task-auction.ts and row-reduction.ts tell what happens here, and why.

import {leave, take} from './places';
import {
  addressAt, BORDER_PRICE, BUDGET, COLUMN_COST, COLUMN_FIRST, COLUMN_TASK, countAt, DRIVER_OF, DRIVER_PRICE,
  END_DRIVER, END_TASK, EPSILON_MS, FIRST_DRIVER, FIRST_PLACE, FIRST_TASK, get, INFINITE_MS, LIST, LIST_SIZE,
  MOST_BIDS, PENALTY, PLACE_PRICE, PLACE_TASK, PLACES, put, ROW_COST, ROW_DRIVER, ROW_FIRST, setCount, TASK_COUNT,
  TASK_PRICE, TREE, UNASSIGNED, USED, WAITING, WORK,
} from './state';

const NO_PLACE_MS: i32 = -(1 << 30);

export function letDriversBid(state: usize): void {
  const firstDriver = get(state, FIRST_DRIVER);
  const endDriver = get(state, END_DRIVER);
  const firstTask = get(state, FIRST_TASK);
  const endTask = get(state, END_TASK);
  const epsilonMs = get(state, EPSILON_MS);
  const bidLimit = countAt(state, MOST_BIDS);
  const budget = countAt(state, BUDGET);
  const places = addressAt(state, PLACES);
  const firstArc = addressAt(state, COLUMN_FIRST);
  const task = addressAt(state, COLUMN_TASK);
  const costMs = addressAt(state, COLUMN_COST);
  const taskPriceMs = addressAt(state, TASK_PRICE);
  const driverPriceMs = addressAt(state, DRIVER_PRICE);
  const driverOf = addressAt(state, DRIVER_OF);
  const used = addressAt(state, USED);
  const firstPlace = addressAt(state, FIRST_PLACE);
  const placeTask = addressAt(state, PLACE_TASK);
  const stack = addressAt(state, TREE);

  let stackSize = 0;
  for (let d = endDriver - 1; d >= firstDriver; d--) {
    if (get(used, d) == get(places, d) || get(driverPriceMs, d) == 0) continue;
    if (get(task, get(firstArc, d)) < firstTask || get(task, get(firstArc, d + 1) - 1) >= endTask) continue;
    put(stack, stackSize++, d);
  }

  let work = countAt(state, WORK);
  for (let bids: f64 = 0; stackSize > 0 && bids < bidLimit && work <= budget; bids++) {
    const d = get(stack, stackSize - 1);
    const holds = get(used, d);
    const start = get(firstArc, d);
    const end = get(firstArc, d + 1);
    // The least and the second least gain, each with its arc, as one number: so the loop has no branches to mispredict.
    // Staying free is 0 with no arc, and comes first among equals.
    let first: i64 = 0;
    let next: i64 = (<i64>INFINITE_MS) << 32;
    for (let arc = start; arc < end; arc++) {
      const t = get(task, arc);
      if (holds > 0 && get(driverOf, t) == d) continue;
      const gain = get(costMs, arc) - get(taskPriceMs, t);
      const key = ((<i64>gain) << 32) + <i64>arc + 1;
      next = min(next, max(first, key));
      first = min(first, key);
    }
    work += end - start + 1;
    const least = <i32>(first >> 32);
    const second = <i32>(next >> 32);

    const oldMs = get(driverPriceMs, d);
    if (<i32>first == 0) {
      raise(d, oldMs, 0, holds, firstPlace, placeTask, taskPriceMs);
      put(driverPriceMs, d, 0);
      work += oldMs < 0 ? holds : 0;
      stackSize--;
      continue;
    }
    const best = get(task, <i32>first - 1);
    const outbid = get(driverOf, best);
    if (outbid != WAITING) {
      const from = get(firstArc, outbid);
      if (get(task, from) < firstTask || get(task, get(firstArc, outbid + 1) - 1) >= endTask) {
        stackSize--;
        continue;
      }
    }
    const newMs = max(oldMs, min(0, second + epsilonMs));
    if (newMs > oldMs) {
      raise(d, oldMs, newMs, holds, firstPlace, placeTask, taskPriceMs);
      put(driverPriceMs, d, newMs);
      work += holds;
    }
    put(taskPriceMs, best, get(taskPriceMs, best) + least - newMs);
    take(state, d, best);
    if (holds + 1 == get(places, d)) stackSize--;
    if (outbid != WAITING) {
      if (get(used, outbid) == get(places, outbid)) put(stack, stackSize++, outbid);
      leave(state, outbid, best);
    }
  }
  setCount(state, WORK, work);
}

/** The prices of the tasks that a driver holds fall as its own rises. */
function raise(
  d: i32,
  oldMs: i32,
  newMs: i32,
  holds: i32,
  firstPlace: usize,
  placeTask: usize,
  taskPriceMs: usize,
): void {
  const first = get(firstPlace, d);
  for (let place = first; place < first + holds; place++) {
    const t = get(placeTask, place);
    put(taskPriceMs, t, get(taskPriceMs, t) - (newMs - oldMs));
  }
}

export function letTasksBid(state: usize): void {
  const firstDriver = get(state, FIRST_DRIVER);
  const drivers = get(state, END_DRIVER) - firstDriver;
  const firstTask = get(state, FIRST_TASK);
  const tasks = get(state, END_TASK) - firstTask;
  const epsilonMs = get(state, EPSILON_MS);
  const bidLimit = countAt(state, MOST_BIDS);
  const budget = countAt(state, BUDGET);
  const firstArc = addressAt(state, ROW_FIRST);
  const driver = addressAt(state, ROW_DRIVER);
  const costMs = addressAt(state, ROW_COST);
  const penaltyMs = addressAt(state, PENALTY);
  const places = addressAt(state, PLACES);
  const taskPriceMs = addressAt(state, TASK_PRICE);
  const driverPriceMs = addressAt(state, DRIVER_PRICE);
  const borderPriceMs = addressAt(state, BORDER_PRICE);
  const driverOf = addressAt(state, DRIVER_OF);
  const used = addressAt(state, USED);
  const firstPlace = addressAt(state, FIRST_PLACE);
  const placeTask = addressAt(state, PLACE_TASK);
  const placePriceMs = addressAt(state, PLACE_PRICE);
  const stack = addressAt(state, LIST);
  let stackSize = get(state, LIST_SIZE);

  let work = countAt(state, WORK);
  for (let bids: f64 = 0; stackSize > 0 && bids < bidLimit && work <= budget; bids++) {
    const task = get(stack, --stackSize);
    const penalty = get(penaltyMs, task);
    let first: i64 = (<i64>penalty) << 32; // with no arc, so first among equals
    let next: i64 = (<i64>INFINITE_MS) << 32;
    const start = get(firstArc, task);
    const end = get(firstArc, task + 1);
    let arc = start;
    for (; arc < end; arc++) {
      const cost = get(costMs, arc);
      if (cost >= <i32>(next >> 32)) break;
      const d = get(driver, arc);
      const prices = <u32>(d - firstDriver) < <u32>drivers ? driverPriceMs : borderPriceMs;
      const key = ((<i64>(cost - get(prices, d))) << 32) + <i64>arc + 1;
      next = min(next, max(first, key));
      first = min(first, key);
    }
    work += arc - start + 1;
    if (
      (<i32>first != 0 && <u32>(get(driver, <i32>first - 1) - firstDriver) >= <u32>drivers) ||
      (<i32>next != 0 && <u32>(get(driver, <i32>next - 1) - firstDriver) >= <u32>drivers)
    ) continue;
    if (<i32>first == 0) {
      put(taskPriceMs, task, penalty);
      continue;
    }
    const least = <i32>(first >> 32);
    const second = <i32>(next >> 32);
    const best = get(driver, <i32>first - 1);
    if (get(used, best) < get(places, best) && get(places, best) > 1) {
      put(taskPriceMs, task, least);
      take(state, best, task);
      continue;
    }

    const from = get(firstPlace, best);
    const to = get(firstPlace, best + 1);
    let place = from;
    let nextPriceMs = NO_PLACE_MS;
    for (let p = from + 1; p < to; p++) {
      const priceMs = get(placePriceMs, p);
      if (priceMs > get(placePriceMs, place)) {
        nextPriceMs = get(placePriceMs, place);
        place = p;
      } else nextPriceMs = max(nextPriceMs, priceMs);
    }
    work += to - from - 1;

    const cost = least + get(placePriceMs, place);
    const payMs = min(penalty, min(second, cost - nextPriceMs) + epsilonMs);
    put(taskPriceMs, task, payMs);
    put(placePriceMs, place, cost - payMs);
    put(driverPriceMs, best, max(nextPriceMs, cost - payMs));
    if (get(used, best) == get(places, best)) {
      const outbid = get(placeTask, place);
      put(driverOf, outbid, WAITING);
      if (<u32>(outbid - firstTask) < <u32>tasks) put(stack, stackSize++, outbid);
    } else put(used, best, get(used, best) + 1);
    put(placeTask, place, task);
    put(driverOf, task, best);
  }
  setCount(state, WORK, work);
}

export function reduceRows(state: usize): void {
  const bidLimit = countAt(state, MOST_BIDS);
  const budget = countAt(state, BUDGET);
  const firstArc = addressAt(state, ROW_FIRST);
  const driver = addressAt(state, ROW_DRIVER);
  const costMs = addressAt(state, ROW_COST);
  const penaltyMs = addressAt(state, PENALTY);
  const places = addressAt(state, PLACES);
  const taskPriceMs = addressAt(state, TASK_PRICE);
  const driverPriceMs = addressAt(state, DRIVER_PRICE);
  const driverOf = addressAt(state, DRIVER_OF);
  const used = addressAt(state, USED);
  const firstPlace = addressAt(state, FIRST_PLACE);
  const placeTask = addressAt(state, PLACE_TASK);
  const stack = addressAt(state, LIST);
  const taskCount = get(state, TASK_COUNT);

  let stackSize = taskCount;
  for (let t = 0; t < taskCount; t++) put(stack, t, taskCount - 1 - t);

  let work = countAt(state, WORK);
  for (let bids: f64 = 0; stackSize > 0 && bids < bidLimit && work <= budget; bids++) {
    const task = get(stack, --stackSize);
    let first: i64 = (<i64>get(penaltyMs, task)) << 32; // with no arc, so first among equals
    let next: i64 = (<i64>INFINITE_MS) << 32;
    const start = get(firstArc, task);
    const end = get(firstArc, task + 1);
    let arc = start;
    for (; arc < end; arc++) {
      const cost = get(costMs, arc);
      if (cost >= <i32>(next >> 32)) break;
      const d = get(driver, arc);
      const key = ((<i64>(cost - get(driverPriceMs, d))) << 32) + <i64>arc + 1;
      next = min(next, max(first, key));
      first = min(first, key);
    }
    work += arc - start + 1;

    const least = <i32>(first >> 32);
    put(taskPriceMs, task, least);
    if (<i32>first == 0) {
      put(driverOf, task, UNASSIGNED);
      continue;
    }
    const second = <i32>(next >> 32);
    const best = get(driver, <i32>first - 1);
    if (get(places, best) == 1 && least < second) {
      put(taskPriceMs, task, second);
      put(driverPriceMs, best, get(driverPriceMs, best) - (second - least));
      if (get(used, best) == 1) {
        const outbid = get(placeTask, get(firstPlace, best));
        put(used, best, 0);
        put(driverOf, outbid, WAITING);
        put(stack, stackSize++, outbid);
      }
      take(state, best, task);
    } else if (get(used, best) < get(places, best)) take(state, best, task);
    else if (least == second && <i32>next != 0) {
      const runnerUp = get(driver, <i32>next - 1);
      if (get(used, runnerUp) < get(places, runnerUp)) take(state, runnerUp, task);
    }
  }
  setCount(state, WORK, work);
}
