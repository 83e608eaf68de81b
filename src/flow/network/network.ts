// Any min-cost flow with integer data, as a struct of arrays, and the answers to it with what proves them.
//
// Find a flow x on the arcs that costs least, where lower <= x <= capacity on every arc and, at every node, what leaves
// less what enters is the node's supply. With a price p for each node, an arc's reduced cost is
//   r = cost + p[tail] - p[head],
// and no flow costs less than the bound
//   sum over arcs of (r > 0 ? r * lower : r * capacity) - sum over nodes of p * supply,
// since the cost of any flow is sum(r * x) - sum(p * supply). A flow that meets a bound is optimal.
//
// Why nothing overflows. All data are integers in float64 arrays. What flows into or out of one node adds up to less
// than twice FLOW_LIMIT, and a reduced cost is less than three times PRICE_LIMIT, both below 2^53: validate.ts checks
// the sums that guarantee it, so every step of the solver is exact. Products of the two may be larger: costs and bounds
// are bigints, summed by exact-sum.ts.

/** Supplies, and bounds of arcs, stay below this, added up as validate.ts says. */
export const FLOW_LIMIT = 2 ** 52;

/** (2 * nodes + 1) * the largest |cost| stays below this, and so does every |price|. */
export const PRICE_LIMIT = 2 ** 51;

/** The most nodes and arcs: about 100 bytes of memory are taken for each node, and 60 for each arc. */
export const NODE_LIMIT = 2 ** 24;
export const ARC_LIMIT = 2 ** 26;

/** As an arc's capacity: any amount may flow. */
export const ANY_AMOUNT = Number.POSITIVE_INFINITY;

export type Network = {
  readonly nodeCount: number;
  readonly arcCount: number;
  /** By node: what it gives (above 0) or takes (below 0). */
  readonly supply: Float64Array;
  /** By arc: the nodes it leads from and to, in [0, nodeCount). They may be the same; arcs may be parallel. */
  readonly tail: Int32Array;
  readonly head: Int32Array;
  /** By arc: the least that must flow; may be below 0. */
  readonly lower: Float64Array;
  /** By arc: the most that may flow, or ANY_AMOUNT. */
  readonly capacity: Float64Array;
  /** By arc: of one unit; may be below 0. */
  readonly cost: Float64Array;
};

/** A flow by arc, with its cost. */
export type Flow = {
  readonly flow: Float64Array;
  readonly cost: bigint;
};

/** Prices by node. */
type Prices = {readonly price: Float64Array};

/** Arcs scanned and nodes visited: the unit of the budget, the same on every machine. */
type Spent = {readonly work: number};

/** Whatever the kind, certificate.ts can check it. */
export type Answer =
  /** No flow costs less: its cost is the bound of its prices. */
  | ({readonly kind: 'optimal'} & Flow & Prices & Spent)
  /** Supplies do not add up to 0 but to `excess`. */
  | ({readonly kind: 'unbalanced'; readonly excess: number} & Spent)
  /** This arc's capacity is below its lower bound. */
  | ({readonly kind: 'crossed-bounds'; readonly arc: number} & Spent)
  /**
   * More is bound to leave some nodes than their arcs can carry away. By node: 1 where it is one of these; `excess` is
   * their supply, and what is bound to enter, less what may leave.
   */
  | ({readonly kind: 'infeasible'; readonly inCut: Uint8Array; readonly excess: number} & Spent)
  /** The arcs of `cycle`, head to tail, carry any amount and cost less than 0 together; `flow` is feasible. */
  | ({readonly kind: 'unbounded'; readonly cycle: Int32Array} & Flow & Spent)
  /**
   * The budget ended first. `found` is the best feasible flow so far, if there was one; no flow costs less than
   * `bound`, where the prices give one.
   */
  | ({readonly kind: 'budget'; readonly found: Flow | undefined; readonly bound: bigint | undefined} & Prices & Spent);
