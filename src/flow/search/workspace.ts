// What one solve knows so far, and the scratch of its searches: owned by one thread, grown when needed, reused by the
// next solve. `prepare` resets all that a solve may read, so nothing leaks from one into the next.

import type {Machine} from '../kernels/machine.ts';
import type {Rows} from '../layout/arrange.ts';
import type {Columns} from '../layout/columns.ts';
import {createHeap, type Heap} from './heap.ts';

/** In `driverOf`: the task is settled at its penalty. */
export const UNASSIGNED = -1;
/** In `driverOf`: the task is not settled yet. */
export const WAITING = -2;

/**
 * Arrays may be longer than the problem at hand; what lies beyond it is junk.
 *
 * Between steps these hold (the searches rely on them; `settle` establishes them from any driver prices):
 * - u + v <= c for every arc, u <= penalty for every task, v <= 0 for every driver;
 * - a served task's arc is tight (u + v = c), an unassigned task has u = penalty.
 * When in addition no task waits and only full drivers have v < 0, the matching is optimal.
 */
export type Workspace = {
  /** By task: u in the files beside this one. */
  taskPriceMs: Int32Array;
  /** By task: its driver, UNASSIGNED or WAITING. */
  driverOf: Int32Array;
  /** A list of tasks: those to search for, or the stack of those that bid. */
  waiting: Int32Array;
  /** By driver: v in the files beside this one. */
  driverPriceMs: Int32Array;
  /**
   * By driver, while a step goes over tiles: the price from before it. In a tile this stands for the price of a driver
   * of another, which may change meanwhile, but only fall: what is too dear at this price is too dear.
   */
  borderPriceMs: Int32Array;
  /** By driver: how many of its places are taken. */
  used: Int32Array;
  /**
   * drivers + 1 entries: the places of driver d are [firstPlace[d], firstPlace[d + 1]), the first used[d] are taken.
   */
  firstPlace: Int32Array;
  /** By place: the task served there. */
  placeTask: Int32Array;
  /** By place, junk outside an auction of tasks: the price of that place. */
  placePriceMs: Int32Array;

  /** By driver, junk unless stamped with the current round: how far, and the task and the driver it was reached by. */
  distMs: Int32Array;
  viaTask: Int32Array;
  viaDriver: Int32Array;
  reached: Int32Array;
  /** Lists of drivers: those scanned by the search, and those found at the distance it stands at. */
  tree: Int32Array;
  level: Int32Array;
  heap: Heap;
  /** The heap of the compiled searches: int64 keys, two words each, and how many there is room for. */
  heapKeys: Int32Array;
  heapRoom: number;
  /** Stamp of the search that ran last, 1 .. 2^31 - 1; see nextRound. */
  round: number;

  /** What the step at hand may touch: tasks and drivers of one tile, or all. What leads elsewhere it leaves. */
  firstTask: number;
  endTask: number;
  firstDriver: number;
  endDriver: number;
  /** What it is to do: so many tasks in `waiting`, bids of `epsilonMs` up to a limit, searches while patience lasts. */
  waitingCount: number;
  epsilonMs: number;
  bidLimit: number;
  patience: Patience;
  /** Whether the searches all ended. */
  isDone: boolean;

  /** Arcs scanned so far in this solve, and how many may be before the step at hand stops. */
  work: number;
  budget: number;
  /** Searches of this solve that ended. */
  augmentations: number;
  /** Tasks with an arc that the seed settled; see problem.ts. */
  saved: number;

  /** What a large problem is solved with: made for the first one, unless given; then these arrays are not used. */
  machine?: Machine | undefined;
  readonly sizes: Sizes;
};

/** From which size on a problem is solved by the compiled kernels, and in tiles. */
export type Sizes = {readonly compiledPairs: number; readonly tiledArcs: number};
/** Below the first, all arrays fit a second-level cache and copying costs what compiling gains. */
export const SIZES: Sizes = {compiledPairs: 2 ** 16, tiledArcs: 2 ** 19};

/**
 * How much searches may scan, in passes over the arcs, when they have served this share of the waiting tasks:
 * base + slope * share + rise * share^3.
 */
export type Patience = {readonly base: number; readonly slope: number; readonly rise: number};

/** Makes an array of at least so many entries, of junk. */
export type Allot = (length: number) => Int32Array;

/** What a workspace must know to make room. */
type Shape = Pick<Rows, 'driverCount' | 'taskCount' | 'places'>;

const NOTHING = new Int32Array(0);

/** For tests there are other sizes; a thread that leads others (team.ts) has a machine over memory that they share. */
export type WorkspaceOptions = {readonly machine?: Machine | undefined; readonly sizes?: Sizes | undefined};

export function createWorkspace({machine, sizes = SIZES}: WorkspaceOptions = {}): Workspace {
  return {
    taskPriceMs: NOTHING,
    driverOf: NOTHING,
    waiting: NOTHING,
    driverPriceMs: NOTHING,
    borderPriceMs: NOTHING,
    used: NOTHING,
    firstPlace: NOTHING,
    placeTask: NOTHING,
    placePriceMs: NOTHING,
    distMs: NOTHING,
    viaTask: NOTHING,
    viaDriver: NOTHING,
    reached: NOTHING,
    tree: NOTHING,
    level: NOTHING,
    heap: createHeap(),
    heapKeys: NOTHING,
    heapRoom: 0,
    round: 0,
    firstTask: 0,
    endTask: 0,
    firstDriver: 0,
    endDriver: 0,
    waitingCount: 0,
    epsilonMs: 0,
    bidLimit: 0,
    patience: {base: 0, slope: 0, rise: 0},
    isDone: false,
    work: 0,
    budget: 0,
    augmentations: 0,
    saved: 0,
    machine,
    sizes,
  };
}

/** Begins a solve: makes room for `rows` and forgets all that an earlier solve left. O(tasks + drivers). */
export function prepare(w: Workspace, rows: Shape, allot?: Allot): void {
  w.work = 0;
  w.budget = 0;
  w.augmentations = 0;
  w.saved = 0;
  layOut(w, rows, allot);
}

/** Makes room for `rows`: nobody is served, all prices are 0. What the solve has spent so far stays. */
export function layOut(w: Workspace, rows: Shape, allot: Allot = allotSome): void {
  const {driverCount, taskCount, places} = rows;
  w.firstTask = 0;
  w.endTask = taskCount;
  w.firstDriver = 0;
  w.endDriver = driverCount;
  if (w.driverOf.length < taskCount) {
    w.taskPriceMs = allot(taskCount);
    w.driverOf = allot(taskCount);
    w.waiting = allot(taskCount);
  }
  if (w.firstPlace.length < driverCount + 1) {
    const length = driverCount + 1;
    w.driverPriceMs = allot(length);
    w.borderPriceMs = allot(length);
    w.used = allot(length);
    w.firstPlace = allot(length);
    w.distMs = allot(length);
    w.viaTask = allot(length);
    w.viaDriver = allot(length);
    w.reached = allot(length).fill(0);
    w.tree = allot(length);
    w.level = allot(length);
    w.round = 0;
    if (allot !== allotSome) {
      w.heapRoom = 2 * length;
      w.heapKeys = allot(2 * w.heapRoom);
    }
  }
  let placeCount = 0;
  for (let d = 0; d < driverCount; d++) {
    w.firstPlace[d] = placeCount;
    placeCount += places[d];
  }
  w.firstPlace[driverCount] = placeCount;
  if (w.placeTask.length < placeCount) {
    w.placeTask = allot(placeCount);
    w.placePriceMs = allot(placeCount);
  }

  w.taskPriceMs.fill(0, 0, taskCount);
  w.driverPriceMs.fill(0, 0, driverCount);
  vacate(w, rows);
}

/** Takes every task from its driver; prices stay. */
export function vacate(w: Workspace, rows: Shape): void {
  w.driverOf.fill(WAITING, 0, rows.taskCount);
  w.used.fill(0, 0, rows.driverCount);
}

/** An eighth more than asked, so that a problem that grows a little each tick does not allocate each time. */
const allotSome: Allot = (length) => new Int32Array(length + (length >> 3) + 1);

/** Lists the tasks that wait, ascending, and says how many. */
export function listWaiting(w: Workspace): number {
  const {driverOf, waiting, firstTask, endTask} = w;
  let count = 0;
  for (let t = firstTask; t < endTask; t++) if (driverOf[t] === WAITING) waiting[count++] = t;
  w.waitingCount = count;
  return count;
}

/** Whether all tasks that a driver can serve lie within the step's. It must have an arc. */
export function isInside(w: Workspace, {firstArc, task}: Columns, driver: number): boolean {
  return task[firstArc[driver]] >= w.firstTask && task[firstArc[driver + 1] - 1] < w.endTask;
}

/** Forgets the last search in O(1), and in O(drivers) once every 2^31 - 1 searches, when the stamps run out. */
export function nextRound(w: Workspace): number {
  if (w.round === 0x7fff_ffff) {
    w.reached.fill(0);
    w.round = 0;
  }
  w.heap.size = 0;
  return ++w.round;
}

/** Gives the first free place of `driver` to `task`. */
export function take(w: Workspace, driver: number, task: number): void {
  w.placeTask[w.firstPlace[driver] + w.used[driver]++] = task;
  w.driverOf[task] = driver;
}

/** Hands the place that `task` holds at `driver` to `next`. */
export function replace(w: Workspace, driver: number, task: number, next: number): void {
  const {placeTask} = w;
  let place = w.firstPlace[driver];
  while (placeTask[place] !== task) place++;
  placeTask[place] = next;
  w.driverOf[next] = driver;
}

/** Empties the place that `task` holds at `driver`; the last taken place moves into it. */
export function leave(w: Workspace, driver: number, task: number): void {
  const {placeTask} = w;
  let place = w.firstPlace[driver];
  const last = place + --w.used[driver];
  while (placeTask[place] !== task) place++;
  placeTask[place] = placeTask[last];
}
