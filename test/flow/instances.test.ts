import {expect, test} from 'vitest';
import {flaw} from '../../src/flow/certificate.ts';
import {greedy} from '../../src/flow/greedy.ts';
import {createWorkspace} from '../../src/flow/search/workspace.ts';
import {solve} from '../../src/flow/solve.ts';
import {readAssignment} from '../support/dimacs-min.ts';
import {sharedFile} from '../support/shared.ts';

const workspace = createWorkspace();

// Each cost was found by two independent solvers.
for (const [file, optimalMs] of [
  ['assign_geo_200x150_k20.min', 38_559],
  ['assign_geo_1000x1000_k30.min', 20_820_346],
  ['assign_rand_1000x800_k25.min', 339_971],
  ['dispatch_n2.min.gz', 214_780],
  ['dispatch_n3.min.gz', 791_478],
  ['dispatch_n4.min.gz', 6_044_856],
  ['dispatch_t1.min.gz', 1_328_617],
  ['dispatch_b2.min.gz', 6_335_423],
] as const) {
  const path = sharedFile(`data/mcf/${file}`);
  test.skipIf(path === undefined)(`${file} costs ${optimalMs}, cold, warm and never less when cut short`, () => {
    const problem = readAssignment(path!);
    const cold = solve(problem, {budget: 1e12}, workspace);
    expect(cold.totalMs).toBe(optimalMs);
    expect(flaw(problem, cold)).toBeUndefined();

    const {taskPriceMs, driverPriceMs} = cold;
    const warm = solve(problem, {budget: 1e12, seed: {taskPriceMs, driverPriceMs}}, workspace);
    expect(warm.totalMs).toBe(optimalMs);
    expect(flaw(problem, warm)).toBeUndefined();

    const cut = solve(problem, {budget: cold.work / 3}, workspace);
    expect(flaw(problem, cut)).toBeUndefined();
    expect(cut.boundMs).toBeLessThanOrEqual(optimalMs);
    expect(cut.totalMs).toBeGreaterThanOrEqual(optimalMs);
    expect(cut.totalMs).toBeLessThanOrEqual(greedy(problem).totalMs);
  });
}
