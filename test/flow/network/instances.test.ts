import {expect, test} from 'vitest';
import {readNetwork} from '../../../src/cli/network-file.ts';
import {answerFlaw} from '../../../src/flow/network/certificate.ts';
import {solveBySimplex, solveNetwork} from '../../../src/flow/network/solve.ts';
import {sharedFile} from '../../support/shared.ts';

// Each cost was found by two independent solvers.
for (const [file, by, optimalCost] of [
  ['assign_geo_200x150_k20.min', 'assignment', 38_559n],
  ['assign_geo_1000x1000_k30.min', 'assignment', 20_820_346n],
  ['assign_rand_1000x800_k25.min', 'assignment', 339_971n],
  ['dispatch_n2.min.gz', 'assignment', 214_780n],
  ['dispatch_n3.min.gz', 'assignment', 791_478n],
  ['dispatch_n4.min.gz', 'assignment', 6_044_856n],
  ['dispatch_t1.min.gz', 'assignment', 1_328_617n],
  ['dispatch_b2.min.gz', 'assignment', 6_335_423n],
  ['pynetgen_deg8_n64.min', 'simplex', 29_955_209n],
  ['pynetgen_deg8_n1024.min', 'simplex', 253_550_617n],
  ['pynetgen_deg8_n4096.min', 'simplex', 513_484_369n],
  ['edge_negcost_dag_n60.min', 'simplex', -2_474n],
  ['edge_infeasible.min', 'simplex', undefined],
] as const) {
  const path = sharedFile(`data/mcf/${file}`);
  test.skipIf(path === undefined)(`${file}: ${optimalCost ?? 'infeasible'}, by ${by} and by simplex`, async () => {
    const network = await readNetwork(path!);
    const solved = solveNetwork(network, {budget: 1e12});
    expect(solved.by).toBe(by);
    for (const answer of [solved.answer, solveBySimplex(network, {budget: 1e12})]) {
      expect(answerFlaw(network, answer)).toBeUndefined();
      expect(answer.kind === 'optimal' ? answer.cost : undefined).toBe(optimalCost);
      expect(answer.kind).toBe(optimalCost === undefined ? 'infeasible' : 'optimal');
    }
  });
}
