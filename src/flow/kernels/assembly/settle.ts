// ../../search/settle.ts tells what happens here, and why.

import {take} from './places';
import {
  addressAt, DRIVER_COUNT, DRIVER_OF, DRIVER_PRICE, get, PENALTY, PLACES, put, ROW_COST, ROW_DRIVER, ROW_FIRST,
  TASK_COUNT, TASK_PRICE, UNASSIGNED, USED, WAITING,
} from './state';

export function settle(state: usize): void {
  const taskCount = get(state, TASK_COUNT);
  const firstArc = addressAt(state, ROW_FIRST);
  const driver = addressAt(state, ROW_DRIVER);
  const costMs = addressAt(state, ROW_COST);
  const penaltyMs = addressAt(state, PENALTY);
  const places = addressAt(state, PLACES);
  const taskPriceMs = addressAt(state, TASK_PRICE);
  const driverPriceMs = addressAt(state, DRIVER_PRICE);
  const driverOf = addressAt(state, DRIVER_OF);
  const used = addressAt(state, USED);
  memory.fill(used, 0, (<usize>get(state, DRIVER_COUNT)) << 2);
  for (let task = 0; task < taskCount; task++) {
    const held = get(driverOf, task);
    const penalty = get(penaltyMs, task);
    let least = penalty;
    let heldMs = -1;
    const end = get(firstArc, task + 1);
    for (let arc = get(firstArc, task); arc < end; arc++) {
      const cost = get(costMs, arc);
      if (cost > least) break;
      const d = get(driver, arc);
      const offer = cost - get(driverPriceMs, d);
      least = min(least, offer);
      heldMs = d == held ? offer : heldMs;
    }
    put(taskPriceMs, task, least);
    if (held >= 0 && heldMs == least && get(used, held) < get(places, held)) take(state, held, task);
    else if (least == penalty) put(driverOf, task, UNASSIGNED);
    else put(driverOf, task, WAITING);
  }
}
