// What an answer to a min-cost flow means, in a sentence with the remedy. Nodes and arcs are numbered as in the file,
// from 1.

import {ANY_AMOUNT, type Answer, type Network} from '../flow/network/network.ts';

/** Of a long list of nodes so many are told. */
const NODES_TOLD = 8;

export function sentence(network: Network, answer: Answer): string {
  switch (answer.kind) {
    case 'optimal':
      return `optimal: ${answer.cost}`;
    case 'unbalanced': {
      const {excess} = answer;
      const remedy = excess > 0 ? `let nodes take ${excess} more` : `let nodes give ${-excess} more`;
      return `unbalanced: supplies add up to ${excess}, not to 0: ${remedy}`;
    }
    case 'crossed-bounds': {
      const {arc} = answer;
      const [from, to] = [network.tail[arc] + 1, network.head[arc] + 1];
      const bounds = `a capacity of ${network.capacity[arc]} and a lower bound of ${network.lower[arc]}`;
      return `infeasible: arc ${arc + 1}, ${from} to ${to}, has ${bounds}: let the bound be the lower`;
    }
    case 'infeasible': {
      const nodes = told(Array.from(answer.inCut.keys()).filter((node) => answer.inCut[node] === 1));
      const remedy = 'widen arcs out of them, or lower what they give or must take in';
      return `infeasible: ${answer.excess} more than their arcs can carry away is bound to leave ${nodes}: ${remedy}`;
    }
    case 'unbounded': {
      const nodes = told(Array.from(answer.cycle, (arc) => network.tail[arc]));
      const cost = answer.cycle.reduce((sum, arc) => sum + network.cost[arc], 0);
      return `unbounded: the cycle through ${nodes} has no limit and costs ${cost} a unit: limit one of its arcs`;
    }
    case 'budget': {
      const found = answer.found ? `the best flow so far costs ${answer.found.cost}` : 'no flow was found yet';
      const bound = answer.bound === undefined ? '' : `, none costs less than ${answer.bound}`;
      return `budget: spent before the optimum was proven; ${found}${bound}: raise --budget`;
    }
    default:
      return answer satisfies never;
  }
}

function told(nodes: readonly number[]): string {
  const numbers = nodes.slice(0, NODES_TOLD).map((node) => node + 1);
  const more = nodes.length - numbers.length;
  const list = numbers.join(', ') + (more > 0 ? ` and ${more} more` : '');
  return `${nodes.length === 1 ? 'node' : 'nodes'} ${list}`;
}

/** How large the network is, and in which of its parts it has no limits. */
export function sizeOf({nodeCount, arcCount, capacity}: Network): string {
  const unlimited = capacity.reduce((count, most) => (most === ANY_AMOUNT ? count + 1 : count), 0);
  return `${nodeCount} nodes, ${arcCount} arcs${unlimited > 0 ? `, ${unlimited} of them unlimited` : ''}`;
}
