// From cold to optimal: what all starts of a solve share, and how a step goes over tiles first.

import type {Kernels, Step} from '../kernels/kernels.ts';
import type {Rows} from '../layout/arrange.ts';
import type {Columns} from '../layout/columns.ts';
import type {Order} from '../layout/renumber.ts';
import type {Part} from './part.ts';
import {listWaiting, type Patience, type Workspace} from './workspace.ts';

export const TRUSTING: Patience = {base: 25, slope: 0, rise: 0};
/**
 * Searches get dearer as free places run out, about with the cube of the share: what is dear early will be too dear.
 */
export const WARY: Patience = {base: 0.3, slope: 0, rise: 10};
/** After a small change searches are few and short: the ids may stay as they are. */
export const SHORT: Patience = {base: 3, slope: 0, rise: 0};
/** More than this, and it is dearer than from nothing. Searches from a seed cost about the same from first to last. */
export const STEADY: Patience = {base: 5, slope: 40, rise: 0};
export const ENDLESS: Patience = {base: Number.POSITIVE_INFINITY, slope: 0, rise: 0};

export type Run = Part & {
  readonly rows: Rows;
  /** Whose ids these are, if not the problem's. */
  readonly order: Order | undefined;
  /** Made when a step first wants them. */
  columns: Columns | undefined;
  readonly budget: number;
  readonly kernels: Kernels;
  /** Parts of each list have nothing in common; see tiles.ts. */
  readonly tiles: readonly (readonly Part[])[];
};

export const columnsOfRun = (run: Run): Columns => (run.columns ??= run.kernels.columnsOf(run.rows));

/**
 * Takes a step in tiles, then for what they left in the whole. `tell` sets what the step is to do, in each. A tile has
 * its share of what is left of the budget.
 */
export function everywhere({rows, columns, w, kernels, tiles}: Run, step: Step, tell: (w: Workspace) => void): void {
  for (const parts of tiles) {
    w.borderPriceMs.set(w.driverPriceMs);
    const leftOver = Math.max(0, w.budget - w.work);
    for (const part of parts) {
      part.w.work = 0;
      part.w.augmentations = 0;
      part.w.round = w.round;
      part.w.budget = leftOver * (part.rows.arcCount / Math.max(1, rows.arcCount));
      tell(part.w);
    }
    kernels.run(step, parts);
    for (const part of parts) {
      w.work += part.w.work;
      w.augmentations += part.w.augmentations;
      w.round = Math.max(w.round, part.w.round);
    }
  }
  tell(w);
  kernels.run(step, [{rows, columns, w}]);
}

/** Searches until total and bound meet; false when that takes more than the budget, or than `patience` grants. */
export function searchAll(run: Run, patience: Patience): boolean {
  const {rows, w, budget} = run;
  const limit = w.work + (patience.base + patience.slope + patience.rise) * rows.arcCount;
  w.budget = budget;
  everywhere(run, 'searchTasks', (part) => {
    part.patience = patience;
    listWaiting(part);
  });
  if (!w.isDone) return false;
  if (!hasFreeBelowZero(run)) return true;
  columnsOfRun(run);
  w.budget = Math.min(budget, limit);
  run.kernels.run('searchDrivers', [run]);
  return w.isDone;
}

function hasFreeBelowZero({rows, w}: Run): boolean {
  for (let d = 0; d < rows.driverCount; d++) if (w.driverPriceMs[d] < 0 && w.used[d] < rows.places[d]) return true;
  return false;
}
