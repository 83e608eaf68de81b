import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {assignmentShape} from '../../../src/flow/network/assignment-shape.ts';
import {answerFlaw} from '../../../src/flow/network/certificate.ts';
import {ANY_AMOUNT, type Answer, type Network} from '../../../src/flow/network/network.ts';
import {solveBySimplex, solveNetwork} from '../../../src/flow/network/solve.ts';
import {solve} from '../../../src/flow/solve.ts';
import {anyProblem, chance, metroOf, metroProblem, shuffled} from '../../support/flow-problems.ts';
import {cancelCycles, everyFlow, type Truth} from '../../support/network-oracle.ts';
import {anyNetwork, arcsOf, asNetwork, networkOf, reordered, wideNetwork} from '../../support/networks.ts';

const AMPLE = {budget: 1e12};

/** What an answer says, once its proof has been checked. */
function proven(network: Network, answer = solveNetwork(network, AMPLE).answer): Truth {
  expect(answerFlaw(network, answer)).toBeUndefined();
  if (answer.kind === 'optimal') return {kind: 'optimal', cost: Number(answer.cost)};
  expect(['infeasible', 'unbounded']).toContain(answer.kind);
  return {kind: answer.kind as 'infeasible' | 'unbounded'};
}

describe('networks drawn by hand', () => {
  test.each([
    ['nothing at all', [], [], {kind: 'optimal', cost: 0}],
    ['nodes without arcs', [0, 0], [], {kind: 'optimal', cost: 0}],
    ['nodes without arcs that want something', [1, -1], [], {kind: 'infeasible'}],
    ['one arc', [2, -2], [[0, 1, 0, 2, 7]], {kind: 'optimal', cost: 14}],
    ['an arc that is too narrow', [2, -2], [[0, 1, 0, 1, 7]], {kind: 'infeasible'}],
    ['an arc the wrong way', [2, -2], [[1, 0, 0, 2, 7]], {kind: 'infeasible'}],
    [
      'a lower bound that makes a detour',
      [1, -1],
      [
        [0, 1, 2, 3, 1],
        [1, 0, 0, 1, 5],
      ],
      {kind: 'optimal', cost: 7},
    ],
    ['a lower bound with no way back', [1, -1], [[0, 1, 2, 3, 1]], {kind: 'infeasible'}],
    ['bounds below 0', [-1, 1], [[0, 1, -3, -1, 4]], {kind: 'optimal', cost: -4}],
    ['an arc without width', [3, -3], [[0, 1, 3, 3, 2]], {kind: 'optimal', cost: 6}],
    [
      'a closed arc',
      [1, -1],
      [
        [0, 1, 0, 0, 1],
        [0, 1, 0, 1, 9],
      ],
      {kind: 'optimal', cost: 9},
    ],
    [
      'parallel arcs, the cheap one first',
      [3, -3],
      [
        [0, 1, 0, 2, 5],
        [0, 1, 0, 2, 1],
      ],
      {kind: 'optimal', cost: 7},
    ],
    [
      'a cycle that pays, limited',
      [0, 0],
      [
        [0, 1, 0, 4, -3],
        [1, 0, 0, 6, 1],
      ],
      {kind: 'optimal', cost: -8},
    ],
    ['a loop that pays, limited', [0], [[0, 0, 1, 4, -3]], {kind: 'optimal', cost: -12}],
    ['a loop that costs', [0], [[0, 0, 1, ANY_AMOUNT, 3]], {kind: 'optimal', cost: 3}],
    ['a loop that pays without end', [0], [[0, 0, 0, ANY_AMOUNT, -3]], {kind: 'unbounded'}],
    ['a loop that pays where nothing is feasible', [1, -1], [[0, 0, 0, ANY_AMOUNT, -3]], {kind: 'infeasible'}],
    [
      'a cycle that pays without end',
      [0, 0],
      [
        [0, 1, 0, ANY_AMOUNT, -3],
        [1, 0, 0, ANY_AMOUNT, 2],
      ],
      {kind: 'unbounded'},
    ],
    [
      'a cycle of cost 0 without end',
      [0, 0],
      [
        [0, 1, 0, ANY_AMOUNT, -3],
        [1, 0, 0, ANY_AMOUNT, 3],
      ],
      {kind: 'optimal', cost: 0},
    ],
    [
      'a cycle that pays apart from what is infeasible',
      [0, 0, 1, -1],
      [
        [0, 1, 0, ANY_AMOUNT, -3],
        [1, 0, 0, ANY_AMOUNT, 2],
      ],
      {kind: 'infeasible'},
    ],
    ['an unlimited arc that pays, no cycle', [5, -5], [[0, 1, 0, ANY_AMOUNT, -3]], {kind: 'optimal', cost: -15}],
  ] as const)('%s', (_title, supply, arcs, truth) => {
    expect(proven(networkOf(supply, arcs))).toEqual(truth);
  });

  test('supplies that do not add up to 0, and bounds that cross', () => {
    const unbalanced = solveNetwork(networkOf([3, -1], [[0, 1, 0, 9, 1]]), AMPLE);
    expect(unbalanced).toEqual({by: 'inspection', answer: {kind: 'unbalanced', excess: 2, work: 0}});
    const crossed = networkOf(
      [1, -1],
      [
        [0, 1, 0, 9, 1],
        [0, 1, 5, 3, 1],
      ],
    );
    const {answer} = solveNetwork(crossed, AMPLE);
    expect(answer).toEqual({kind: 'crossed-bounds', arc: 1, work: 0});
    expect(answerFlaw(crossed, answer)).toBeUndefined();
  });

  test('costs beyond what a float64 holds are exact', () => {
    const network = networkOf([2 ** 51 - 1, 1 - 2 ** 51], [[0, 1, 0, 2 ** 51 - 1, 2 ** 40 + 1]]);
    expect(solveNetwork(network, AMPLE).answer).toMatchObject({cost: (2n ** 51n - 1n) * (2n ** 40n + 1n)});
    proven(network);
  });
});

describe('against slow truths', () => {
  test('every flow of tiny networks', () => {
    fc.assert(
      fc.property(anyNetwork({nodes: 4, arcs: 6, width: 3}), (network) => {
        const truth = everyFlow(network);
        expect(proven(network)).toEqual(truth);
        expect(cancelCycles(network)).toEqual(truth);
      }),
      {numRuns: 4_000},
    );
  });

  test('cycles cancelled in small networks, unlimited arcs included', () => {
    const kinds = new Map<string, number>();
    fc.assert(
      fc.property(anyNetwork({nodes: 7, arcs: 20, width: 9, unlimited: true}), (network) => {
        const truth = cancelCycles(network);
        kinds.set(truth.kind, (kinds.get(truth.kind) ?? 0) + 1);
        expect(proven(network)).toEqual(truth);
      }),
      {numRuns: 6_000},
    );
    for (const kind of ['optimal', 'infeasible', 'unbounded']) expect(kinds.get(kind)).toBeGreaterThan(100);
  });

  test('cycles cancelled in networks of 60 nodes', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const network = wideNetwork(chance(seed), 60, 5, seed % 3 === 0 ? 4 : 1000);
      expect(proven(network), `seed ${seed}`).toEqual(cancelCycles(network));
    }
  });

  test('supplies that add up to anything', () => {
    fc.assert(
      fc.property(anyNetwork({nodes: 4, arcs: 6, width: 3}, false), (network) => {
        const {answer} = solveNetwork(network, AMPLE);
        expect(answerFlaw(network, answer)).toBeUndefined();
        expect(answer.kind === 'unbalanced').toBe(network.supply.reduce((a, b) => a + b, 0) !== 0);
      }),
      {numRuns: 2_000},
    );
  });
});

describe('assignments', () => {
  const cheapestMs = (network: Network): number => {
    const {by, answer} = solveNetwork(network, AMPLE);
    expect(by).toBe('assignment');
    const {cost} = proven(network, answer) as {cost: number};
    expect(proven(network, solveBySimplex(network, AMPLE))).toEqual({kind: 'optimal', cost});
    return cost;
  };

  test('both shapes are recognised, and both solvers agree', () => {
    fc.assert(
      fc.property(anyProblem(6, 8), fc.boolean(), (problem, hasSink) => {
        fc.pre(problem.taskCount > 1);
        const shared = hasSink ? problem.unassignedMs.map(() => problem.unassignedMs[0]) : problem.unassignedMs;
        const same = {...problem, unassignedMs: shared};
        expect(cheapestMs(asNetwork(same, hasSink))).toBe(solve(same, AMPLE).totalMs);
      }),
      {numRuns: 3_000},
    );
  });

  test('metros of 300 drivers and tasks', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const rules = {pairsPerTask: 8, capacity: 1 + (seed % 2), penaltyMs: 600_000};
      const problem = metroProblem(metroOf(seed, 300, 300), rules);
      expect(cheapestMs(asNetwork(problem, false))).toBe(solve(problem, AMPLE).totalMs);
    }
  });

  test('any other shape is left to the simplex', () => {
    const problem = metroProblem(metroOf(1, 5, 6), {pairsPerTask: 3, capacity: 1, penaltyMs: 600_000});
    for (const hasSink of [false, true]) {
      const network = asNetwork(problem, hasSink);
      expect(assignmentShape(network)).toBeDefined();
      const arcs = arcsOf(network);
      const supply = [...network.supply];
      const unlike = [
        arcs.map(([t, h, l, c, cost], i) => [t, h, i === 0 ? 1 : l, c, cost] as const),
        arcs.map(([t, h, l, c, cost], i) => [t, h, l, c, i === 0 ? 1 : cost] as const),
        arcs.map(([t, h, l, c, cost]) => [t, h, l, c, cost - 1] as const),
        arcs.map(([t, h, l, c, cost], i) => [t, h, l, i === 7 ? 0 : c, cost] as const),
        [...arcs, [arcs[0][1], arcs[0][0], 0, 1, 0] as const],
        [...arcs, [arcs[0][1], arcs[0][1], 0, 1, 0] as const],
        [...arcs, [arcs[0][0], arcs[0][1], 0, 1, 0] as const],
        [...arcs, [supply.length - 1, 1, 0, 1, 0] as const],
      ];
      for (const drawn of unlike) {
        const other = networkOf(supply, drawn);
        expect(assignmentShape(other)).toBeUndefined();
        expect(proven(other)).toEqual(cancelCycles(other));
      }
    }
  });
});

describe('the answer is a pure function of network and budget', () => {
  /** Arcs with what they carry, whatever their order. */
  const carried = (network: Network, answer: Answer): string => {
    if (!('flow' in answer)) return answer.kind;
    const lines = arcsOf(network).map((arc, i) => [...arc, answer.flow[i]].join(' '));
    return [answer.kind, ...lines.sort()].join('\n');
  };

  test('whatever the order of the arcs', () => {
    fc.assert(
      fc.property(anyNetwork({nodes: 6, arcs: 14, width: 4, unlimited: true}), fc.nat(), (network, seed) => {
        const other = reordered(network, shuffled(network.arcCount, chance(seed)));
        const [a, b] = [network, other].map((one) => solveNetwork(one, AMPLE).answer);
        expect(carried(other, b)).toBe(carried(network, a));
        if (a.kind === 'optimal') expect((b as typeof a).price).toEqual(a.price);
      }),
      {numRuns: 2_000},
    );
    const wide = wideNetwork(chance(5), 400, 6);
    const mixed = reordered(wide, shuffled(wide.arcCount, chance(6)));
    expect(carried(mixed, solveNetwork(mixed, AMPLE).answer)).toBe(carried(wide, solveNetwork(wide, AMPLE).answer));
  });

  test('a budget that ends early gives what it has, and says what is proven of it', () => {
    for (const seed of [1, 2, 3]) {
      const network = wideNetwork(chance(seed), 200, 6);
      const whole = solveBySimplex(network, AMPLE) as Extract<Answer, {kind: 'optimal'}>;
      const kinds = new Set<string>();
      for (let part = 0; part <= 12; part++) {
        const cut = solveBySimplex(network, {budget: (whole.work * part) / 11});
        expect(answerFlaw(network, cut)).toBeUndefined();
        if (cut.kind !== 'budget') {
          expect(cut).toEqual(whole);
          kinds.add('optimal');
          continue;
        }
        kinds.add(cut.found ? 'found' : 'nothing found');
        expect(cut.bound! <= whole.cost).toBe(true);
        if (cut.found) expect(cut.found.cost >= whole.cost).toBe(true);
      }
      expect(kinds).toEqual(new Set(['nothing found', 'found', 'optimal']));
    }
  });

  test('an assignment that is cut short too', () => {
    const problem = metroProblem(metroOf(3, 80, 100), {pairsPerTask: 8, capacity: 1, penaltyMs: 600_000});
    const network = asNetwork(problem, false);
    const {answer} = solveNetwork(network, {budget: 300});
    expect(answer.kind).toBe('budget');
    expect(answerFlaw(network, answer)).toBeUndefined();
  });
});
