// The compiled kernels as a solve calls them. They begin with a copy of the problem's pairs, which becomes the rows;
// the rows by new ids are a second copy, and then the columns take the place of the first: 16 bytes per arc in all, 8
// of them the transpose.

import {type Rows, sortLong} from '../layout/arrange.ts';
import type {Columns} from '../layout/columns.ts';
import type {Problem} from '../problem.ts';
import type {Part} from '../search/part.ts';
import {createWorkspace, type Workspace} from '../search/workspace.ts';
import type {KernelName} from './exports.ts';
import type {Kernels, Renumbered} from './kernels.ts';
import type {Machine} from './machine.ts';
import {clear, take} from './room.ts';
import {addressOf, learn, ORDER_FROM, ROWS_FROM, SCRATCH, STATE_WORDS, tell} from './state.ts';

/** Parts of a pass over rows; the most parts of a step. */
const SHARDS = 8;
/** Longer rows are left unsorted; assembly/layout.ts has the same number. */
const SHORT_ROW = 256;

/** Forgets the problem before. */
export function compiledKernels({room, exports, team}: Machine): Kernels {
  clear(room);
  const allot = (length: number) => take(room, length);
  const all = take(room, STATE_WORDS * SHARDS);
  const states = Array.from({length: SHARDS}, (_, i) => all.subarray(i * STATE_WORDS, (i + 1) * STATE_WORDS));
  let spare: Pick<Rows, 'driver' | 'costMs'> | undefined;

  function run(kernel: KernelName, parts: readonly Part[]): void {
    for (const [i, part] of parts.entries()) tell(states[i], part);
    if (parts.length === 1) exports[kernel](all.byteOffset);
    else team.run(kernel, all.byteOffset, STATE_WORDS * Int32Array.BYTES_PER_ELEMENT, parts.length);
    for (const [i, part] of parts.entries()) learn(states[i], part.w);
  }

  /** What the layout's kernels are told, to all states. */
  function tellLayout(firstWord: number, arrays: readonly Int32Array[]): void {
    for (const state of states) state.set(arrays.map(addressOf), firstWord);
  }

  function arrange({driverCount, taskCount, firstPair, driver, costMs, capacity, unassignedMs}: Problem): Rows {
    const pairs = copyOf(firstPair);
    const kept = allot(taskCount);
    const rows = {
      driverCount,
      taskCount,
      arcCount: 0,
      firstArc: allot(taskCount + 1),
      driver: copyOf(driver),
      costMs: copyOf(costMs),
      penaltyMs: copyOf(unassignedMs),
      places: allot(driverCount).fill(0), // arcs, for now
      reachableTasks: 0,
      reachablePlaces: 0,
    };
    tellLayout(ROWS_FROM, [kept, pairs, copyOf(capacity)]);
    for (const state of states) state[SCRATCH] = allot(2 * SHORT_ROW).byteOffset;
    run('sortRows', shardsOf(rows));
    run('closeRows', [{rows, w: nothing}]);

    const {firstArc, places} = rows;
    for (let t = 0; t < taskCount; t++) {
      const [start, end] = [firstArc[t], firstArc[t + 1]];
      if (end > start) rows.reachableTasks++;
      if (pairs[t + 1] - pairs[t] > SHORT_ROW) sortLong(rows.costMs, rows.driver, start, end);
    }
    for (let d = 0; d < driverCount; d++) {
      rows.reachablePlaces += Math.min(capacity[d], places[d]);
      places[d] = Math.min(capacity[d], places[d] + 1);
    }
    rows.arcCount = firstArc[taskCount];
    return rows;
  }

  function columnsOf(rows: Rows): Columns {
    const columns = {
      firstArc: allot(rows.driverCount + 1),
      task: spare?.driver ?? allot(rows.arcCount),
      costMs: spare?.costMs ?? allot(rows.arcCount),
    };
    spare = undefined;
    run('turn', [{rows, columns, w: nothing}]);
    return columns;
  }

  function renumbered(old: Rows): Renumbered {
    const {driverCount, taskCount, arcCount} = old;
    const order = {taskAt: allot(taskCount), driverAt: allot(driverCount)};
    const driverIs = allot(driverCount);
    const rows = {
      ...old,
      firstArc: allot(taskCount + 1),
      driver: allot(arcCount),
      costMs: allot(arcCount),
      penaltyMs: allot(taskCount),
      places: allot(driverCount),
    };
    tellLayout(ORDER_FROM, [order.taskAt, order.driverAt, driverIs, rows.firstArc, rows.driver, rows.costMs]);
    // The order needs no costs, and of the columns nothing once it stands.
    const columns = {firstArc: allot(driverCount + 1), task: rows.driver, costMs: NOWHERE};
    run('turn', [{rows: old, columns, w: nothing}]);
    run('orderByNeighbours', [{rows: old, columns, w: nothing}]);
    run('renumber', shardsOf(old));
    for (let t = 0; t < taskCount; t++) rows.penaltyMs[t] = old.penaltyMs[order.taskAt[t]];
    for (let d = 0; d < driverCount; d++) rows.places[d] = old.places[order.driverAt[d]];
    spare = old;
    return {rows, order};
  }

  function copyOf(array: Int32Array): Int32Array {
    const copy = allot(array.length);
    copy.set(array);
    return copy;
  }

  return {arrange, columnsOf, renumbered, run, allot};
}

const NOWHERE = new Int32Array(0);
/** For kernels that look at the rows alone. */
const nothing: Workspace = createWorkspace();

function shardsOf(rows: Rows): Part[] {
  const cut = (i: number) => Math.floor((i * rows.taskCount) / SHARDS);
  return Array.from({length: SHARDS}, (_, i) => ({rows, w: {...nothing, firstTask: cut(i), endTask: cut(i + 1)}}));
}
