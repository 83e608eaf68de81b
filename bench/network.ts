// Any min-cost flow: the network simplex on networks with chains from givers to takers and arcs from anywhere to
// anywhere, on assignments beside the solver made for them, and on files in DIMACS format where there are some; with
// its checker, and in turns with peers on what each of these can do.

import {existsSync, readdirSync} from 'node:fs';
import {minCostFlowForNumberNodes} from 'min-cost-flow';
import {readNetwork} from '../src/cli/network-file.ts';
import {BASE_MS} from '../src/dispatch/costs.ts';
import {randomStream} from '../src/domain/random.ts';
import {answerFlaw} from '../src/flow/network/certificate.ts';
import {ANY_AMOUNT, type Answer, type Network} from '../src/flow/network/network.ts';
import {solveBySimplex, solveNetwork} from '../src/flow/network/solve.ts';
import {linearSolver, programOf} from '../test/support/linear-program.ts';
import {asNetwork, wideNetwork} from '../test/support/networks.ts';
import {instanceOf} from './flow/instances.ts';
import {checksum, type Measured, type Size, type Suite} from './harness.ts';

const BUDGET = {budget: 1e12};
/** What takes a peer longer than some seconds is not waited for. */
const LINEAR_ARCS = 10_000;
const DENSE_NODES = 400;

export const networkBench: Suite = async (size, measure, data) => {
  const linear = await linearSolver();
  for (const {input, network} of await inputs(size, data)) {
    const answer = solveBySimplex(network, BUDGET);
    const rivals: Measured[] = [
      {name: 'network simplex', input, run: () => costOf(solveBySimplex(network, BUDGET))},
      {name: 'network certificate', input, run: () => (answerFlaw(network, answer) ? -1 : costOf(answer))},
    ];
    if (solveNetwork(network, BUDGET).by === 'assignment') {
      rivals.push({name: 'network, as assignment', input, run: () => costOf(solveNetwork(network, BUDGET).answer)});
    }
    if (network.arcCount <= LINEAR_ARCS && answer.kind === 'optimal') {
      const program = programOf(network);
      const run = (): number => {
        const truth = linear(program);
        return truth.kind === 'optimal' ? truth.cost : -1;
      };
      rivals.push({name: 'network, highs', input, run});
    }
    if (isDense(network) && answer.kind === 'optimal') {
      rivals.push({name: 'network, min-cost-flow', input, run: () => bySuccessivePaths(network)});
    }
    await measure(rivals);
  }
};

async function inputs(size: Size, data: string): Promise<{input: string; network: Network}[]> {
  const wide = (nodes: number) => ({
    input: `${nodes} nodes, 8 arcs a node, seed 1`,
    network: wideNetwork(randomStream(1, `wide ${nodes}`), nodes, 8),
  });
  const assigned = (drivers: number, tasks: number, pairs: number) => ({
    input: `assignment, ${drivers} drivers, ${tasks} tasks, ${pairs} pairs a task, seed 1`,
    network: asNetwork(instanceOf(1, {drivers, tasks, pairsPerTask: pairs, unassignedMs: BASE_MS}).problem, true),
  });
  if (size === 'smoke') return [wide(64), assigned(30, 20, 5)];
  const folder = `${data}/mcf`;
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => /\.min(\.gz)?$/.test(name)) : [];
  const read = files.map(async (name) => ({input: name, network: await readNetwork(`${folder}/${name}`)}));
  return [wide(4_096), wide(32_768), assigned(200, 150, 16), assigned(10_000, 5_000, 16), ...(await Promise.all(read))];
}

/** By the least cost, or where there is none by the kind. */
const costOf = (answer: Answer): number =>
  answer.kind === 'optimal' ? Number(answer.cost) : checksum(Buffer.from(answer.kind));

/** Whether the peer can take it: it holds nodes times nodes, starts at the first and ends at the last. */
const isDense = ({nodeCount, supply, capacity}: Network): boolean =>
  nodeCount <= DENSE_NODES &&
  supply.every((units, node) => units === 0 || node === 0 || node === nodeCount - 1) &&
  supply[0] > 0 &&
  !capacity.includes(ANY_AMOUNT);

function bySuccessivePaths({arcCount, supply, tail, head, capacity, cost}: Network): number {
  const edges = Array.from({length: arcCount}, (_, arc) => ({
    from: tail[arc],
    to: head[arc],
    capacity: capacity[arc],
    cost: cost[arc],
  }));
  return minCostFlowForNumberNodes(edges, supply[0]).reduce((sum, edge) => sum + edge.flow * edge.cost, 0);
}
