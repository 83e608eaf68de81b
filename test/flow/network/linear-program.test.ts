import {beforeAll, expect, test} from 'vitest';
import {readNetwork} from '../../../src/cli/network-file.ts';
import type {Network} from '../../../src/flow/network/network.ts';
import {solveNetwork} from '../../../src/flow/network/solve.ts';
import {chance, metroOf, metroProblem} from '../../support/flow-problems.ts';
import {type LinearSolver, linearSolver, programOf} from '../../support/linear-program.ts';
import {arcsOf, asNetwork, networkOf, wideNetwork} from '../../support/networks.ts';
import {sharedFile} from '../../support/shared.ts';

let solver: LinearSolver;
beforeAll(async () => {
  solver = await linearSolver();
});

function expectAgreement(network: Network): string {
  const {answer} = solveNetwork(network, {budget: 1e12});
  const ours = answer.kind === 'optimal' ? {kind: answer.kind, cost: Number(answer.cost)} : {kind: answer.kind};
  expect(ours).toEqual(solver(programOf(network)));
  return answer.kind;
}

test('a linear program solver agrees on networks of 300 nodes', () => {
  for (let seed = 1; seed <= 12; seed++) {
    const network = wideNetwork(chance(seed), 300, 3 + (seed % 6), seed % 4 === 0 ? 5 : 10_000);
    expect(expectAgreement(network), `seed ${seed}`).toBe('optimal');
  }
});

test('and where costs are below 0, or too much is asked', () => {
  const kinds = new Set<string>();
  for (let seed = 1; seed <= 12; seed++) {
    const {supply, ...network} = wideNetwork(chance(seed), 200, 5);
    const cheaper = arcsOf({supply, ...network}).map(([t, h, l, c, cost]) => [t, h, l, c, cost - 400] as const);
    kinds.add(
      expectAgreement(
        networkOf(
          [...supply].map((units) => units * (seed % 3 === 0 ? 4 : 1)),
          cheaper,
        ),
      ),
    );
  }
  expect(kinds).toEqual(new Set(['optimal', 'infeasible']));
});

test('and on assignments', () => {
  for (const hasSink of [false, true]) {
    const problem = metroProblem(metroOf(9, 120, 150), {pairsPerTask: 8, capacity: 1, penaltyMs: 900_000});
    expectAgreement(asNetwork(problem, hasSink));
  }
});

for (const file of ['pynetgen_deg8_n64.min', 'pynetgen_deg8_n1024.min', 'edge_negcost_dag_n60.min']) {
  const path = sharedFile(`data/mcf/${file}`);
  test.skipIf(path === undefined)(`and on ${file}`, async () => {
    expectAgreement(await readNetwork(path!));
  });
}
