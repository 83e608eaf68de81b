// What every question of sensitivity starts from: the shortest ways from the hub to each driver and from each driver to
// the hub. They are found once for an answer, by two searches; after that a place or a task more or less is a look-up,
// and a search for a pair needs to look no further than the way through the hub is long.
//
// H. B. Leonard, "Elicitation of honest preferences for the assignment of individuals to positions", J. Political
// Economy 91 (1983), 461-479: the highest and the lowest optimal prices are what one place less and one more change
// exactly. The prices of an answer lie between; the distances here are how far they lie from either end.
//
// Invariant: an entry that is not above `settledMs` is the length of a shortest way; any other is the length of some
// way, and no way is shorter than `settledMs`.

import type {Problem, Solution} from '../problem.ts';
import {createWorkspace} from '../search/workspace.ts';
import {type Residual, residualOf, UNREACHED_MS} from './residual.ts';
import {begin, enqueue, reach, scanColumn, scanRows, settleAll} from './search.ts';

export type HubWays = {
  /** By driver: the length of the way, UNREACHED_MS if there is none. */
  readonly ms: Int32Array;
  /** By driver: the task that changes places at its end of the way; -1 if a free place of its own is used or left. */
  readonly task: Int32Array;
  /** By driver: the neighbour on the way, -1 for the hub itself. */
  readonly driver: Int32Array;
  /** Where the budget ended, Infinity if it did not. */
  readonly settledMs: number;
};

export type Sensitivity = Residual & {readonly fromHub: HubWays; readonly toHub: HubWays};

/** The budget that no search exceeds. */
export const enoughWork = ({driver, driverCount}: Problem): number => driver.length + driverCount;

export type SensitivityOptions = {
  /**
   * Arcs that each search may scan, 0 or more: of the two that come first, and of the one that a question may take. The
   * fixed passes are not counted. With `enoughWork` every answer is exact.
   */
  readonly budget: number;
};

/**
 * Prepares to ask what would change an optimal answer. O(pairs log drivers); allocates the pairs by driver and two
 * lists of ways. Throws when the problem is malformed or the answer not optimal. `workspace` must not be used for
 * anything else while questions are asked.
 */
export function sensitivityOf(
  problem: Problem,
  solution: Solution,
  {budget}: SensitivityOptions,
  workspace = createWorkspace(),
): Sensitivity {
  const residual = residualOf(problem, solution, budget, workspace);
  return {...residual, fromHub: waysFromHub(residual), toHub: waysToHub(residual)};
}

/** How far a place at `driver` is from the hub, the way that was found; from the hub itself (-1) it is 0. */
export const toHubMs = ({toHub}: Sensitivity, driver: number): number => (driver < 0 ? 0 : toHub.ms[driver]);
/** No way to the hub is shorter. */
export const toHubAtLeastMs = ({toHub}: Sensitivity, driver: number): number =>
  driver < 0 ? 0 : Math.min(toHub.ms[driver], toHub.settledMs);

/** The way that was found from the hub to a place at `driver`; Infinity if it has no capacity. */
export const fromHubMs = ({problem, fromHub}: Sensitivity, driver: number): number =>
  problem.capacity[driver] === 0 ? Number.POSITIVE_INFINITY : fromHub.ms[driver];
/** No way from the hub is shorter. */
export const fromHubAtLeastMs = (s: Sensitivity, driver: number): number =>
  s.problem.capacity[driver] === 0 ? Number.POSITIVE_INFINITY : Math.min(s.fromHub.ms[driver], s.fromHub.settledMs);

function waysFromHub(r: Residual): HubWays {
  const {problem, w} = r;
  const {driverCount, capacity, unassignedMs} = problem;
  const {firstPlace, placeTask, used, taskPriceMs} = w;
  begin(w);
  for (let d = 0; d < driverCount; d++) {
    if (used[d] < capacity[d]) reach(w, d, 0);
    else {
      let ms = UNREACHED_MS;
      let leaves = -1;
      for (let place = firstPlace[d]; place < firstPlace[d] + used[d]; place++) {
        const t = placeTask[place];
        if (unassignedMs[t] - taskPriceMs[t] >= ms) continue;
        ms = unassignedMs[t] - taskPriceMs[t];
        leaves = t;
      }
      reach(w, d, ms, leaves);
    }
    if (capacity[d] > 0) enqueue(w, d);
  }
  return ways(r, settleAll(r, scanColumn));
}

/**
 * A driver that serves nobody counts as if it could leave a place: no way passes it, and one that ends there is worth
 * nothing, which is what a place of no use is worth.
 */
function waysToHub(r: Residual): HubWays {
  const {problem, w} = r;
  const {driverCount, taskCount, firstPair, driver, costMs} = problem;
  const {driverPriceMs, taskPriceMs, driverOf, used} = w;
  begin(w);
  for (let d = 0; d < driverCount; d++) reach(w, d, -driverPriceMs[d]);
  for (let t = 0; t < taskCount; t++) {
    if (driverOf[t] >= 0) continue;
    for (let pair = firstPair[t]; pair < firstPair[t + 1]; pair++) {
      const d = driver[pair];
      const dist = costMs[pair] - taskPriceMs[t] - driverPriceMs[d];
      if (dist < w.distMs[d]) reach(w, d, dist, t);
    }
  }
  for (let d = 0; d < driverCount; d++) if (used[d] > 0) enqueue(w, d);
  return ways(r, settleAll(r, scanRows));
}

const ways = ({problem: {driverCount}, w}: Residual, settledMs: number): HubWays => ({
  ms: w.distMs.slice(0, driverCount),
  task: w.viaTask.slice(0, driverCount),
  driver: w.viaDriver.slice(0, driverCount),
  settledMs,
});
