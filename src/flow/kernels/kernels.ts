// The passes over the arcs of a problem: in TypeScript, and for large problems compiled from assembly/ by the install.
// Both do the same to the same arrays, bit for bit.
//
// (Measured on one thread, before and after: 100,000 x 100,000 x 24 uneven 706 and 556 ms, with penalties of an hour
// 528 and 325, spread alike 2,090 and 1,490; 50,000 x 50,000 x 16 uneven 140 and 96.)

import assert from 'node:assert/strict';
import {arrange, type Rows} from '../layout/arrange.ts';
import {type Columns, columnsOf} from '../layout/columns.ts';
import {neighbourOrder, type Order, renumbered} from '../layout/renumber.ts';
import type {Problem} from '../problem.ts';
import {letDriversBid} from '../search/driver-auction.ts';
import {searchDrivers} from '../search/driver-search.ts';
import type {Part} from '../search/part.ts';
import {reduceRows} from '../search/row-reduction.ts';
import {settle} from '../search/settle.ts';
import {letTasksBid} from '../search/task-auction.ts';
import {searchTasks} from '../search/task-search.ts';
import type {Allot} from '../search/workspace.ts';

export type Kernels = {
  arrange(problem: Problem): Rows;
  columnsOf(rows: Rows): Columns;
  /** The rows by ids of their neighbourhood. What is given in may be junk after. */
  renumbered(rows: Rows): Renumbered;
  /** Runs a step on parts that have nothing in common. */
  run(step: Step, parts: readonly Part[]): void;
  /** Where the arrays of a workspace must lie, if it matters. */
  readonly allot: Allot | undefined;
};

export type Renumbered = {readonly rows: Rows; readonly order: Order};

const steps = {
  letDriversBid: ({rows, columns, w}: Part) => letDriversBid(rows, present(columns), w),
  letTasksBid: ({rows, w}: Part) => letTasksBid(rows, w),
  reduceRows: ({rows, w}: Part) => reduceRows(rows, w),
  searchDrivers: ({rows, columns, w}: Part) => searchDrivers(rows, present(columns), w),
  searchTasks: ({rows, w}: Part) => searchTasks(rows, w),
  settle: ({rows, w}: Part) => settle(rows, w),
} as const;

export type Step = keyof typeof steps;

export const twins: Kernels = {
  arrange,
  columnsOf,
  renumbered(rows) {
    const order = neighbourOrder(rows, columnsOf(rows));
    return {rows: renumbered(rows, order), order};
  },
  run: (step, parts) => parts.forEach(steps[step]),
  allot: undefined,
};

function present(columns: Columns | undefined): Columns {
  assert(columns !== undefined, 'this step needs columns');
  return columns;
}
