// What one solve knows so far, and the scratch of its searches: owned by one thread, grown when needed, reused by the
// next solve. `prepare` resets all that a solve may read, so nothing leaks from one into the next.

import type {Rows} from '../layout/arrange.ts';
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
  /** Stamp of the search that ran last, 1 .. 2^31 - 1; see nextRound. */
  round: number;

  /** Arcs scanned so far in this solve, and how many may be before the step at hand stops. */
  work: number;
  budget: number;
  /** Searches of this solve that ended. */
  augmentations: number;
  /** Tasks with an arc that the seed settled; see problem.ts. */
  saved: number;
};

/** What a workspace must know to make room. */
type Shape = Pick<Rows, 'driverCount' | 'taskCount' | 'places'>;

const NOTHING = new Int32Array(0);

export function createWorkspace(): Workspace {
  return {
    taskPriceMs: NOTHING,
    driverOf: NOTHING,
    waiting: NOTHING,
    driverPriceMs: NOTHING,
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
    round: 0,
    work: 0,
    budget: 0,
    augmentations: 0,
    saved: 0,
  };
}

/** Begins a solve: makes room for `rows` and forgets all that an earlier solve left. O(tasks + drivers). */
export function prepare(w: Workspace, rows: Shape): void {
  w.work = 0;
  w.budget = 0;
  w.augmentations = 0;
  w.saved = 0;
  layOut(w, rows);
}

/** Makes room for `rows`: nobody is served, all prices are 0. What the solve has spent so far stays. */
export function layOut(w: Workspace, rows: Shape): void {
  const {driverCount, taskCount, places} = rows;
  if (w.driverOf.length < taskCount) {
    const length = roomFor(taskCount);
    w.taskPriceMs = new Int32Array(length);
    w.driverOf = new Int32Array(length);
    w.waiting = new Int32Array(length);
  }
  if (w.firstPlace.length < driverCount + 1) {
    const length = roomFor(driverCount + 1);
    w.driverPriceMs = new Int32Array(length);
    w.used = new Int32Array(length);
    w.firstPlace = new Int32Array(length);
    w.distMs = new Int32Array(length);
    w.viaTask = new Int32Array(length);
    w.viaDriver = new Int32Array(length);
    w.reached = new Int32Array(length);
    w.tree = new Int32Array(length);
    w.level = new Int32Array(length);
    w.round = 0;
  }
  let placeCount = 0;
  for (let d = 0; d < driverCount; d++) {
    w.firstPlace[d] = placeCount;
    placeCount += places[d];
  }
  w.firstPlace[driverCount] = placeCount;
  if (w.placeTask.length < placeCount) {
    const length = roomFor(placeCount);
    w.placeTask = new Int32Array(length);
    w.placePriceMs = new Int32Array(length);
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
const roomFor = (count: number): number => count + (count >> 3) + 1;

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
