// Taking over a seed: the driver prices and the matching of an earlier answer, as far as they are known.
//
// A driver that the seed does not know starts at the highest price that leaves every known task price as it is,
// v = min(0, min(c - u)), not at 0: at 0 it would undercut its neighbours and free several of their tasks at once
// (measured at 1 % churn: a fifth of the tasks to search for).

import type {Rows} from '../layout/arrange.ts';
import {COST_LIMIT_MS} from '../problem.ts';
import {type Seed, UNPRICED_MS} from '../seed.ts';
import {WAITING, type Workspace} from './workspace.ts';

/** Sets driver prices in (-COST_LIMIT_MS, 0] and `driverOf`, which `settle` reads. O(arcs). */
export function adopt(rows: Rows, w: Workspace, seed: Seed): void {
  const {driverCount, taskCount, firstArc, driver, costMs} = rows;
  const {driverPriceMs, driverOf} = w;

  for (let d = 0; d < driverCount; d++) driverPriceMs[d] = inRange(seed.driverPriceMs[d]);
  for (let t = 0; t < taskCount; t++) {
    const priceMs = seed.taskPriceMs[t];
    if (priceMs === UNPRICED_MS) continue;
    for (let arc = firstArc[t]; arc < firstArc[t + 1]; arc++) {
      const d = driver[arc];
      if (seed.driverPriceMs[d] !== UNPRICED_MS) continue;
      driverPriceMs[d] = Math.min(driverPriceMs[d], inRange(costMs[arc] - priceMs));
    }
  }
  const held = seed.driverOf;
  for (let t = 0; t < taskCount; t++) driverOf[t] = held === undefined || held[t] < 0 ? WAITING : held[t];
}

const inRange = (priceMs: number): number =>
  priceMs === UNPRICED_MS ? 0 : Math.min(0, Math.max(1 - COST_LIMIT_MS, priceMs));
