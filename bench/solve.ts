// The solver alone: cold, warm from the prices and the matching of the tick before, and its certificate, in turns.

import assert from 'node:assert/strict';
import {flaw} from '../src/flow/certificate.ts';
import {carrySeed} from '../src/flow/seed.ts';
import {solve} from '../src/flow/solve.ts';
import {churned} from './flow/instances.ts';
import {drawn, SEED} from './flow/shapes.ts';
import {checksum, type Measured, type Suite} from './harness.ts';

/** Never reached: an answer that a budget cut short would be another. */
const BUDGET = 1e12;
const CHURNS = [0.01, 0.05];

export const solveBench: Suite = async (size, measure) => {
  for (const {input, shape, instance} of drawn(size)) {
    const {problem} = instance;
    const solution = solve(problem, {budget: BUDGET});
    const warm = CHURNS.map((share): Measured => {
      const next = churned(SEED, shape, instance, share);
      const seed = carrySeed(solution, next.driverWas, next.taskWas);
      const warmly = () => solve(next.problem, {budget: BUDGET, seed});
      const [once, coldly] = [warmly(), solve(next.problem, {budget: BUDGET})];
      assert.equal(once.totalMs, coldly.totalMs, 'warm and cold differ');
      const name = `solve, warm, ${share * 100} %`;
      return {name, input, run: () => warmly().totalMs, facts: () => ({work: once.work, coldWork: coldly.work})};
    });
    await measure([
      {name: 'solve', input, run: () => solve(problem, {budget: BUDGET}).totalMs},
      ...warm,
      {name: 'certificate', input, run: () => (flaw(problem, solution) ? -1 : checksum(solution.driverOf))},
    ]);
  }
};
