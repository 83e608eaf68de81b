// Tiles: a large problem cut into neighbourhoods that are solved by themselves, on as many threads as there are, and
// merged into the exact answer to the whole.
//
// Tasks are renumbered by neighbourhood and cut into ranges; small components of the graph stay whole, so only a tile
// of a larger one has borders. A driver belongs to the tile that most of its arcs lead to; arcs between tiles are left
// out while tiles are solved. Then their driver prices and matchings are a seed for the whole: at all arcs, tasks that
// border prices make too dear wait again, and so do drivers whose price is then without cause, for the searches that
// end every solve. Nothing is lost at a border.
//
// It pays where the prices of a tile are about those of the whole, that is, where they hang on something near: a task
// that goes unassigned has its penalty for a price, a driver with a free place has price 0. Where hardly a tile has
// any (as many drivers as tasks, both spread alike) prices hang on the balance of far-away quarters, and each search
// of the repair crosses the town. The first tile tells; then the whole is solved at once.
//
// How a problem is cut depends on nothing but the problem, so its answer is the same on any number of threads.

import type {Rows} from './layout/arrange.ts';
import type {Columns} from './layout/columns.ts';
import {neighbourOrder, type Order, renumbered} from './layout/renumber.ts';
import {type Patience, type Run, searchAll, solveCold} from './search/run.ts';
import {settle} from './search/settle.ts';
import {prepare, type Spent, WAITING, type Workspace} from './search/workspace.ts';

/**
 * From how many arcs on a problem is cut. On two cores cutting has not been seen to pay: 100,000 x 100,000 x 24 spread
 * unlike, penalty an hour, took 869 to 881 ms on two threads, and 676 to 803 whole on one.
 */
export const TILED_ARCS = 2 ** 19;
/** About how many tasks make a tile. */
const TILE_TASKS = 12_500;
/** Tasks left unassigned and free drivers, as a share of all, from which on the prices of a tile hang on them. */
const ANCHORED_SHARE = 0.04;
/** A merge that takes more is given up for a solve of the whole; see `isAnchored` for when that is likely. */
const MERGING: Patience = (share) => 1 + 20 * share;

/** All by new ids. Threads share the arrays; each writes what belongs to the tile it solves. */
export type Tiles = {
  readonly rows: Rows;
  readonly order: Order;
  readonly tileCount: number;
  /** tileCount + 1 entries: the tasks of tile k are [firstTask[k], firstTask[k + 1]). */
  readonly firstTask: Int32Array;
  /** By driver. */
  readonly tileOf: Int32Array;
  /** By task, by driver: what the solved tiles found, as in a workspace. */
  readonly driverOf: Int32Array;
  readonly driverPriceMs: Int32Array;
};

/** O(arcs). */
export function cutTiles(old: Rows, columns: Columns, tileTasks = TILE_TASKS): Tiles {
  const {roots, ...order} = neighbourOrder(old, columns);
  const rows = renumbered(old, order);
  const firstTask = cutsOf(roots, rows.taskCount, tileTasks);
  return {
    rows,
    order,
    tileCount: firstTask.length - 1,
    firstTask,
    tileOf: tilesOfDrivers(rows, firstTask),
    driverOf: new Int32Array(rows.taskCount).fill(WAITING),
    driverPriceMs: new Int32Array(rows.driverCount),
  };
}

/** Components in their order: small ones together, a large one by itself and in equal parts. */
function cutsOf(roots: readonly number[], taskCount: number, tileTasks: number): Int32Array {
  const cuts = [0];
  roots.forEach((from, i) => {
    const to = roots[i + 1] ?? taskCount;
    const last = cuts[cuts.length - 1];
    if (from > last && to - last > tileTasks) cuts.push(from);
    const parts = Math.round((to - from) / tileTasks);
    for (let part = 1; part < parts; part++) cuts.push(from + Math.floor((part * (to - from)) / parts));
  });
  cuts.push(taskCount);
  return Int32Array.from(cuts);
}

/** By driver: the tile that most of its arcs lead to, the first of several. */
function tilesOfDrivers({driverCount, firstArc, driver}: Rows, firstTask: Int32Array): Int32Array {
  const tileOf = new Int32Array(driverCount);
  const most = new Int32Array(driverCount);
  const tile = new Int32Array(driverCount).fill(-1); // the last that led here, and how many of its arcs
  const count = new Int32Array(driverCount);
  for (let k = 0; k + 1 < firstTask.length; k++) {
    for (let arc = firstArc[firstTask[k]]; arc < firstArc[firstTask[k + 1]]; arc++) {
      const d = driver[arc];
      count[d] = tile[d] === k ? count[d] + 1 : 1;
      tile[d] = k;
      if (count[d] > most[d]) {
        most[d] = count[d];
        tileOf[d] = k;
      }
    }
  }
  return tileOf;
}

/** Arcs of a tile's tasks: how much of the work, and of the budget, is its. */
export const arcsOfTile = ({rows, firstTask}: Tiles, tile: number): number =>
  rows.firstArc[firstTask[tile + 1]] - rows.firstArc[firstTask[tile]];

/** Solves one tile by itself, within its share of the budget of the whole, and writes what it found. */
export function solveTile(tiles: Tiles, tile: number, budget: number, w: Workspace): Spent {
  const {rows, firstTask, tileOf, driverOf, driverPriceMs} = tiles;
  const members: number[] = [];
  for (let d = 0; d < rows.driverCount; d++) if (tileOf[d] === tile) members.push(d);
  const part = partOf(tiles, tile, members);
  prepare(w, part);
  solveCold({rows: part, w, budget: Math.floor((budget / rows.arcCount) * arcsOfTile(tiles, tile))});

  const start = firstTask[tile];
  for (let t = 0; t < part.taskCount; t++) {
    const d = w.driverOf[t];
    driverOf[start + t] = d < 0 ? d : members[d];
  }
  members.forEach((d, id) => {
    driverPriceMs[d] = w.driverPriceMs[id];
  });
  const {work, augmentations} = w;
  return {work, augmentations};
}

/** The arcs between a tile's tasks and drivers, by ids of their own. */
function partOf({rows, firstTask, tileOf}: Tiles, tile: number, members: readonly number[]): Rows {
  const start = firstTask[tile];
  const taskCount = firstTask[tile + 1] - start;
  const idOf = new Int32Array(rows.driverCount);
  members.forEach((d, id) => {
    idOf[d] = id;
  });
  const most = rows.firstArc[start + taskCount] - rows.firstArc[start];
  const firstArc = new Int32Array(taskCount + 1);
  const driver = new Int32Array(most);
  const costMs = new Int32Array(most);
  const arcsOf = new Int32Array(members.length);
  let arcCount = 0;
  let reachableTasks = 0;
  for (let t = 0; t < taskCount; t++) {
    for (let arc = rows.firstArc[start + t]; arc < rows.firstArc[start + t + 1]; arc++) {
      const d = rows.driver[arc];
      if (tileOf[d] !== tile) continue;
      driver[arcCount] = idOf[d];
      costMs[arcCount++] = rows.costMs[arc];
      arcsOf[idOf[d]]++;
    }
    if (arcCount > firstArc[t]) reachableTasks++;
    firstArc[t + 1] = arcCount;
  }
  let reachablePlaces = 0;
  const places = arcsOf.map((arcs, id) => {
    reachablePlaces += Math.min(rows.places[members[id]], arcs);
    return Math.min(rows.places[members[id]], arcs + 1);
  });
  const penaltyMs = rows.penaltyMs.subarray(start, start + taskCount);
  const counts = {driverCount: members.length, taskCount, arcCount, reachableTasks, reachablePlaces};
  return {...counts, firstArc, driver, costMs, penaltyMs, places};
}

/** Whether the prices of a solved tile hang on what is near. O(tasks + drivers). */
export function isAnchored({rows, firstTask, tileOf, driverOf, driverPriceMs}: Tiles, tile: number): boolean {
  let all = 0;
  let anchors = 0;
  for (let t = firstTask[tile]; t < firstTask[tile + 1]; t++) {
    all++;
    if (driverOf[t] < 0) anchors++;
  }
  for (let d = 0; d < rows.driverCount; d++) {
    if (tileOf[d] !== tile || rows.places[d] === 0) continue;
    all++;
    if (driverPriceMs[d] === 0) anchors++;
  }
  return anchors >= ANCHORED_SHARE * all;
}

/** Repairs what the tiles found into the answer to the whole; false when it takes too much or the budget ends. */
export function mergeTiles(run: Run, {driverOf, driverPriceMs}: Tiles): boolean {
  const {rows, w, budget} = run;
  w.budget = budget;
  w.driverPriceMs.set(driverPriceMs);
  for (let t = 0; t < rows.taskCount; t++) w.driverOf[t] = driverOf[t] < 0 ? WAITING : driverOf[t];
  return searchAll(run, settle(rows, w), MERGING);
}
