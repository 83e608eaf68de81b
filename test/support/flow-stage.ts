// One stage of the solver between two of its steps, and what must hold of it there.

import {twins} from '../../src/flow/kernels/kernels.ts';
import {arrange, type Rows} from '../../src/flow/layout/arrange.ts';
import type {Problem} from '../../src/flow/problem.ts';
import type {Run} from '../../src/flow/search/run.ts';
import {createWorkspace, prepare, UNASSIGNED, type Workspace} from '../../src/flow/search/workspace.ts';

export type Stage = {rows: Rows; w: Workspace};

export function stageOf(problem: Problem): Stage {
  const rows = arrange(problem);
  const w = createWorkspace();
  prepare(w, rows);
  w.budget = 1e9;
  return {rows, w};
}

/** To take steps by, whole and in TypeScript. */
export const runOf = ({rows, w}: Stage): Run => {
  return {rows, order: undefined, columns: undefined, w, budget: w.budget, kernels: twins, tiles: []};
};

export const freeDriverBelowZero = ({rows, w}: Stage): number => {
  for (let d = 0; d < rows.driverCount; d++) if (w.used[d] < rows.places[d] && w.driverPriceMs[d] < 0) return d;
  return -1;
};

/** The first sentence of the invariant in workspace.ts that does not hold; prices may be off by `slackMs`. */
export function breach({rows, w}: Stage, slackMs = 0): string | undefined {
  const served = new Int32Array(rows.driverCount);
  for (let t = 0; t < rows.taskCount; t++) {
    const u = w.taskPriceMs[t];
    if (u > rows.penaltyMs[t]) return `task ${t} is priced above its penalty`;
    if (w.driverOf[t] === UNASSIGNED && u !== rows.penaltyMs[t]) return `task ${t} is unassigned below its penalty`;
    let hasArc = w.driverOf[t] < 0;
    for (let arc = rows.firstArc[t]; arc < rows.firstArc[t + 1]; arc++) {
      const d = rows.driver[arc];
      const overMs = u + w.driverPriceMs[d] - rows.costMs[arc];
      if (overMs > slackMs) return `task ${t} and driver ${d} are priced ${overMs} above their arc`;
      if (w.driverOf[t] !== d) continue;
      hasArc = true;
      if (overMs < -slackMs) return `task ${t} and driver ${d} are not tight`;
    }
    if (!hasArc) return `task ${t} is served over no arc`;
    if (w.driverOf[t] >= 0) served[w.driverOf[t]]++;
  }
  for (let d = 0; d < rows.driverCount; d++) {
    if (w.driverPriceMs[d] > 0) return `driver ${d} is priced above 0`;
    if (w.used[d] !== served[d] || served[d] > rows.places[d])
      return `driver ${d} counts ${w.used[d]} for ${served[d]}`;
    for (let i = 0; i < w.used[d]; i++) {
      if (w.driverOf[w.placeTask[w.firstPlace[d] + i]] !== d) return `place ${i} of driver ${d} holds another's task`;
    }
  }
  return undefined;
}
