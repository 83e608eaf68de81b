// Any min-cost flow, exactly. Networks of the shape of an assignment go to the solver that is made for them
// (assignment.ts); all others to the network simplex (simplex.ts).
//
// The answer is a pure function of the network and the budget, whatever the order of its arcs, but for which of arcs
// that agree in everything carries the flow. Its kind is:
// - unbalanced, crossed-bounds: seen at once.
// - infeasible: the simplex ends with something on its artificial arcs.
// - unbounded: it meets a cycle of unlimited arcs that costs less than 0, or there is such a loop; and a second run,
//   which minds no costs, finds that the network can be met at all. Else it is infeasible.
// - budget: the work is used up before any of these is known.

import assert from 'node:assert/strict';
import type {Workspace} from '../search/workspace.ts';
import {arrange} from './arrange.ts';
import {solveAsAssignment} from './assignment.ts';
import {boundOf, costOf} from './bound.ts';
import type {Answer, Flow, Network} from './network.ts';
import {cutOf, cycleOf, flowOf, unmet} from './read-out.ts';
import {createSimplex, run, type Simplex} from './simplex.ts';
import {networkFlaw} from './validate.ts';

export type NetworkOptions = {
  /** Arcs and nodes that may be visited, 0 or more. The fixed passes that sort and read out are not counted. */
  readonly budget: number;
  /** For the assignment solver: it saves allocations, brings in threads, and changes no answer. */
  readonly workspace?: Workspace | undefined;
};

/** How an answer was found. */
export type Solved = {readonly by: 'inspection' | 'assignment' | 'simplex'; readonly answer: Answer};

/** Solves `network`, or as well as the budget allows. Throws only when the network is malformed. */
export function solveNetwork(network: Network, options: NetworkOptions): Solved {
  const flaw = networkFlaw(network);
  assert(flaw === undefined, `malformed network: ${JSON.stringify(flaw)}`);
  assert(options.budget >= 0, `budget ${options.budget} is below 0`);
  const atOnce = answerAtOnce(network);
  if (atOnce) return {by: 'inspection', answer: atOnce};
  const assigned = solveAsAssignment(network, options.budget, options.workspace);
  return assigned ? {by: 'assignment', answer: assigned} : {by: 'simplex', answer: solveBySimplex(network, options)};
}

function answerAtOnce({supply, arcCount, lower, capacity}: Network): Answer | undefined {
  const excess = supply.reduce((sum, units) => sum + units, 0);
  if (excess !== 0) return {kind: 'unbalanced', excess, work: 0};
  for (let arc = 0; arc < arcCount; arc++) {
    if (capacity[arc] < lower[arc]) return {kind: 'crossed-bounds', arc, work: 0};
  }
  return undefined;
}

/** For a well-formed network whose supplies add up to 0 and whose bounds do not cross. */
export function solveBySimplex(network: Network, {budget}: NetworkOptions): Answer {
  const layout = arrange(network);
  const simplex = createSimplex(layout);
  const ending = run(simplex, budget);
  const {work} = simplex;
  switch (ending.kind) {
    case 'budget':
      return cutShort(network, simplex, work);
    case 'ray':
      return unlessInfeasible(network, cycleOf(simplex, ending.entering), simplex, budget);
    case 'done':
      if (unmet(simplex) > 0) return infeasible(simplex, work);
      if (layout.payingLoop >= 0) {
        const flow = flowOf(simplex);
        return {kind: 'unbounded', cycle: Int32Array.of(layout.payingLoop), flow, cost: costOf(network, flow), work};
      }
      return {kind: 'optimal', ...costed(network, flowOf(simplex)), price: pricesOf(simplex), work};
    default:
      return ending satisfies never;
  }
}

const costed = (network: Network, flow: Float64Array): Flow => ({flow, cost: costOf(network, flow)});
const pricesOf = ({tree}: Simplex): Float64Array => tree.price.slice(0, tree.root);
const infeasible = (simplex: Simplex, work: number): Answer => ({
  kind: 'infeasible',
  inCut: cutOf(simplex),
  excess: unmet(simplex),
  work,
});

/** The cycle pays without end; whether there is a flow to add it to, a run at cost 0 tells. */
function unlessInfeasible(network: Network, cycle: Int32Array, first: Simplex, budget: number): Answer {
  const {layout} = first;
  const second = createSimplex(layout, new Float64Array(layout.arcCount));
  const ending = run(second, budget - first.work);
  const work = first.work + second.work;
  if (ending.kind === 'budget') return cutShort(network, second, work);
  return unmet(second) > 0
    ? infeasible(second, work)
    : {kind: 'unbounded', cycle, ...costed(network, flowOf(second)), work};
}

/** The flow as it stands, where it is feasible; the better of the bounds of its prices and of prices 0. */
function cutShort(network: Network, simplex: Simplex, work: number): Answer {
  const found = unmet(simplex) > 0 ? undefined : costed(network, flowOf(simplex));
  const reached = pricesOf(simplex);
  const plain = new Float64Array(network.nodeCount);
  const [ofReached, ofPlain] = [boundOf(network, reached), boundOf(network, plain)];
  const isPlainBetter = ofReached === undefined || (ofPlain !== undefined && ofPlain > ofReached);
  const [price, bound] = isPlainBetter ? [plain, ofPlain] : [reached, ofReached];
  return {kind: 'budget', found, price, bound, work};
}
