// A network as a linear program, for a solver that knows nothing of trees, paths or prices: a second opinion for
// networks too large for the slow truths. Basic solutions of it are whole, so its least cost is that of whole flows.

import * as highs from 'highs';
import {ANY_AMOUNT, type Network} from '../../src/flow/network/network.ts';
import type {Truth} from './network-oracle.ts';

/** In the LP format of CPLEX: a row for each node, a variable for each arc. */
export function programOf({nodeCount, arcCount, supply, tail, head, lower, capacity, cost}: Network): string {
  const rows = Array.from({length: nodeCount}, (): string[] => []);
  const signed = (value: number, arc: number): string => `${value < 0 ? '-' : '+'} ${Math.abs(value)} x${arc}`;
  const bounds: string[] = [];
  const objective: string[] = [];
  for (let arc = 0; arc < arcCount; arc++) {
    objective.push(signed(cost[arc], arc));
    if (tail[arc] !== head[arc]) {
      rows[tail[arc]].push(signed(1, arc));
      rows[head[arc]].push(signed(-1, arc));
    }
    bounds.push(`${lower[arc]} <= x${arc} <= ${capacity[arc] === ANY_AMOUNT ? 'inf' : capacity[arc]}`);
  }
  const balances = rows.flatMap((row, node) => (row.length > 0 ? [`${row.join(' ')} = ${supply[node]}`] : []));
  return ['Minimize', objective.join('\n'), 'Subject To', ...balances, 'Bounds', ...bounds, 'End'].join('\n');
}

export type LinearSolver = (program: string) => Truth;

/** Its types are those of a CommonJS module, where `default` lies a level deeper than in the ES module loaded. */
const load = highs.default as unknown as typeof highs.default.default;

export async function linearSolver(): Promise<LinearSolver> {
  const solver = await load();
  return (program) => {
    const {Status, ObjectiveValue} = solver.solve(program);
    if (Status === 'Infeasible') return {kind: 'infeasible'};
    if (Status === 'Unbounded') return {kind: 'unbounded'};
    if (Status !== 'Optimal') throw new Error(`the linear program ended as ${Status}`);
    return {kind: 'optimal', cost: Math.round(ObjectiveValue)};
  };
}
