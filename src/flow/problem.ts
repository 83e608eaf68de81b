// The assignment problem of one tick as a struct of arrays, and the answer with the prices that prove it.
//
// Every task is served by one driver or left unassigned at its own cost; every driver serves up to its capacity.
// As a min-cost flow: source -> drivers (capacity) -> tasks -> sink, plus an unassigned arc per task. Its dual:
//   maximise   sum(taskPriceMs) + sum(capacity * driverPriceMs)
//   subject to taskPriceMs[t] + driverPriceMs[d] <= costMs[pair], taskPriceMs[t] <= unassignedMs[t],
//              driverPriceMs[d] <= 0.
//
// Why nothing overflows. Costs lie in [0, L) with L = COST_LIMIT_MS = 2^30. The solver keeps task prices in [0, L) and
// driver prices in (-L, 0], so a reduced cost c - u - v lies in [0, 2^31 - 1) and fits an int32. Search keys are
// distance * 2^22 + driver < 2^52, and the sums below add at most 2^22 prices of less than 2^30: exact in a float64.

/** Costs and penalties stay below this, so that the difference of any two prices fits an int32. */
export const COST_LIMIT_MS = 2 ** 30;

/** The most drivers, and the most tasks, of one problem: an id and a distance share one float64 search key. */
export const ID_LIMIT = 2 ** 22;

export type Problem = {
  readonly driverCount: number;
  readonly taskCount: number;
  /** taskCount + 1 entries: the pairs of task t are [firstPair[t], firstPair[t + 1]). */
  readonly firstPair: Int32Array;
  /** By pair: its driver, in [0, driverCount). Within a task, strictly ascending. */
  readonly driver: Int32Array;
  /** By pair, in [0, COST_LIMIT_MS). */
  readonly costMs: Int32Array;
  /** By driver, 0 or more. */
  readonly capacity: Int32Array;
  /** By task: the cost of leaving it unassigned, in [0, COST_LIMIT_MS). */
  readonly unassignedMs: Int32Array;
};

/** Prices by the ids of one problem: a feasible point of the dual above. */
export type Prices = {
  /** By task, at most its unassigned cost. */
  readonly taskPriceMs: Int32Array;
  /** By driver, 0 or less. */
  readonly driverPriceMs: Int32Array;
};

export type Solution = Prices & {
  /** 'over-budget' is the best feasible answer found, with what is proven of it in `boundMs`. */
  readonly kind: 'optimal' | 'over-budget';
  /** By task: its driver, or -1 when it is left unassigned. */
  readonly driverOf: Int32Array;
  /** Cost of this answer; a float64 integer, exact below 2^53. */
  readonly totalMs: number;
  /** The dual bound: no answer is cheaper. Equal to totalMs exactly when the answer is optimal. */
  readonly boundMs: number;
  /** Arcs scanned: the unit of the budget, the same on every machine. */
  readonly work: number;
  /** Shortest-path searches that ended; a good seed needs fewer. */
  readonly augmentations: number;
  /**
   * Searches that the seed saved: tasks with a pair that were settled at once, because the driver that the seed had for
   * them, or going unassigned, was still best at its prices. 0 without a seed, and when the solve turned away from it.
   */
  readonly saved: number;
};
