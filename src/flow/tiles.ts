// Tiles of a large problem, for its threads: ranges of tasks in the order of their neighbourhood, each with the drivers
// that they are the first to have.
//
// A step that goes over tiles moves in each only what lies within it, so tiles have nothing in common and may be taken
// at the same time. What leads over a border it leaves as it is. A second cut, half a tile further, takes in the
// borders of the first; then the whole does what is left: what remains of the price wars and searches that go far.
// Every move is one that the whole might have made, so nothing has to be merged and nothing is lost at a border.
//
// (Measured: of the work of 100,000 x 100,000 x 24 uneven 2 % is left to the whole; spread alike 63 %, because there a
// price depends on far-away quarters.)
//
// How a problem is cut depends on nothing but the problem, so its answer is the same on any number of threads.

import type {Rows} from './layout/arrange.ts';
import type {Columns} from './layout/columns.ts';
import type {Part} from './search/part.ts';
import type {Workspace} from './search/workspace.ts';

/** Fewer tiles have less border, more keep more threads busy. */
export const TILES = 4;

/** Expects rows by neighbourhood, where drivers are numbered as tasks first come to them. */
export function cutTiles(rows: Rows, columns: Columns, w: Workspace): Part[][] {
  const taskAt = (share: number) => firstAtLeast(rows.taskCount, (t) => rows.firstArc[t] >= share * rows.arcCount);
  const driverAt = (task: number) =>
    firstAtLeast(rows.driverCount, (d) => {
      const arc = columns.firstArc[d];
      return arc === columns.firstArc[d + 1] || columns.task[arc] >= task;
    });
  const partsBetween = (shares: number[]): Part[] => {
    const tasks = [0, ...shares.map(taskAt), rows.taskCount];
    const drivers = [0, ...shares.map(taskAt).map(driverAt), rows.driverCount];
    return tasks.slice(1).map((endTask, i) => {
      const [firstTask, firstDriver, endDriver] = [tasks[i], drivers[i], drivers[i + 1]];
      return partOf(rows, columns, {...w, firstTask, endTask, firstDriver, endDriver});
    });
  };
  const cuts = Array.from({length: TILES}, (_, i) => i / TILES);
  return [partsBetween(cuts.slice(1)), partsBetween(cuts.map((share) => share + 0.5 / TILES))];
}

/** Lists of a part lie where its tasks and drivers do. */
function partOf(rows: Rows, columns: Columns, w: Workspace): Part {
  const {firstTask, endTask, firstDriver, endDriver} = w;
  const arcCount = rows.firstArc[endTask] - rows.firstArc[firstTask];
  return {
    rows: {...rows, arcCount},
    columns,
    w: {
      ...w,
      waiting: w.waiting.subarray(firstTask, endTask),
      tree: w.tree.subarray(firstDriver, endDriver),
      level: w.level.subarray(firstDriver, endDriver),
      heapKeys: w.heapKeys.subarray(4 * firstDriver, 4 * endDriver),
      heapRoom: 2 * (endDriver - firstDriver),
    },
  };
}

/** The first of `count` numbers for which `isReached` holds, which from there on it does; `count` if for none. */
function firstAtLeast(count: number, isReached: (i: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isReached(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
