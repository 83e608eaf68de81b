import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {answerFlaw} from '../../../src/flow/network/certificate.ts';
import {ANY_AMOUNT, type Answer, type Network} from '../../../src/flow/network/network.ts';
import {solveNetwork} from '../../../src/flow/network/solve.ts';
import {anyNetwork, networkOf} from '../../support/networks.ts';

const answerOf = (network: Network): Answer => solveNetwork(network, {budget: 1e12}).answer;

type Of<Kind extends Answer['kind']> = Extract<Answer, {kind: Kind}>;
function ofKind<Kind extends Answer['kind']>(network: Network, kind: Kind): Of<Kind> {
  const answer = answerOf(network);
  expect(answer.kind).toBe(kind);
  expect(answerFlaw(network, answer)).toBeUndefined();
  return answer as Of<Kind>;
}

const changed = (array: Float64Array, at: number, by: number): Float64Array =>
  array.map((value, i) => (i === at ? value + by : value));

describe('each flaw is named', () => {
  const network = networkOf(
    [4, 0, -4],
    [
      [0, 1, 0, 3, 1],
      [1, 2, 0, 3, 1],
      [0, 2, 0, 4, 5],
    ],
  );
  const optimal = ofKind(network, 'optimal');
  const kindOf = (answer: Answer) => answerFlaw(network, answer)?.kind;

  test('of a flow', () => {
    expect([...optimal.flow]).toEqual([3, 3, 1]);
    expect(kindOf({...optimal, flow: optimal.flow.slice(1)})).toBe('wrong-length');
    expect(kindOf({...optimal, flow: changed(optimal.flow, 0, 1)})).toBe('out-of-bounds');
    expect(kindOf({...optimal, flow: changed(optimal.flow, 0, -4)})).toBe('out-of-bounds');
    expect(kindOf({...optimal, flow: changed(optimal.flow, 0, -0.5)})).toBe('out-of-bounds');
    expect(kindOf({...optimal, flow: changed(optimal.flow, 0, Number.NaN)})).toBe('out-of-bounds');
    expect(kindOf({...optimal, flow: changed(optimal.flow, 0, -1)})).toBe('not-conserved');
    expect(kindOf({...optimal, cost: 10n})).toBe('wrong-cost');
  });

  test('of prices', () => {
    expect(kindOf({...optimal, price: optimal.price.slice(1)})).toBe('wrong-length');
    expect(kindOf({...optimal, price: changed(optimal.price, 1, 0.5)})).toBe('price-out-of-range');
    expect(kindOf({...optimal, price: changed(optimal.price, 1, 2 ** 52)})).toBe('price-out-of-range');
    expect(kindOf({...optimal, price: changed(optimal.price, 2, 1)})).toBe('wrong-bound');
    const dear = {...optimal, flow: Float64Array.of(2, 2, 2), cost: 14n};
    expect(answerFlaw(network, dear)).toEqual({kind: 'wrong-bound', stated: 14n, found: 11n});
    const {price, work} = optimal;
    expect(kindOf({kind: 'budget', found: dear, price, bound: 11n, work})).toBeUndefined();
    expect(kindOf({kind: 'budget', found: dear, price, bound: 12n, work})).toBe('wrong-bound');
    expect(kindOf({kind: 'budget', found: dear, price, bound: undefined, work})).toBe('wrong-bound');
  });

  test('of supplies and bounds', () => {
    expect(kindOf({kind: 'unbalanced', excess: 0, work: 0})).toBe('wrong-excess');
    expect(kindOf({kind: 'unbalanced', excess: 1, work: 0})).toBe('wrong-excess');
    expect(kindOf({kind: 'crossed-bounds', arc: 0, work: 0})).toBe('bounds-do-not-cross');
  });

  test('of a cut', () => {
    const inCut = Uint8Array.of(1, 0, 0);
    expect(kindOf({kind: 'infeasible', inCut, excess: 1, work: 0})).toBe('wrong-excess');
    expect(kindOf({kind: 'infeasible', inCut, excess: -3, work: 0})).toBe('wrong-excess');
    expect(kindOf({kind: 'infeasible', inCut: inCut.slice(1), excess: 1, work: 0})).toBe('wrong-length');
    const narrow = networkOf([9, -9], [[0, 1, 0, 7, 1]]);
    const infeasible = ofKind(narrow, 'infeasible');
    expect(infeasible.excess).toBe(2);
    expect(answerFlaw(narrow, {...infeasible, excess: 1})?.kind).toBe('wrong-excess');
    expect(answerFlaw(narrow, {...infeasible, inCut: Uint8Array.of(0, 1)})?.kind).toBe('wrong-excess');
  });

  test('of a cycle', () => {
    const endless = networkOf(
      [0, 0],
      [
        [0, 1, 0, ANY_AMOUNT, -3],
        [1, 0, 0, ANY_AMOUNT, 2],
        [1, 0, 0, 9, 1],
        [1, 0, 0, ANY_AMOUNT, 3],
      ],
    );
    const unbounded = ofKind(endless, 'unbounded');
    const why = (...cycle: number[]) => answerFlaw(endless, {...unbounded, cycle: Int32Array.from(cycle)});
    expect(why(0, 1)).toBeUndefined();
    expect(why()).toEqual({kind: 'no-paying-cycle', why: 'costs'});
    expect(why(0, 3)).toEqual({kind: 'no-paying-cycle', why: 'costs'});
    expect(why(0)).toEqual({kind: 'no-paying-cycle', why: 'not closed'});
    expect(why(0, 2)).toEqual({kind: 'no-paying-cycle', why: 'limited'});
    expect(why(9)).toEqual({kind: 'no-paying-cycle', why: 'limited'});
    expect(answerFlaw(endless, {...unbounded, flow: changed(unbounded.flow, 0, 1)})?.kind).toBe('not-conserved');
  });
});

test('a mutated answer is caught, unless it is another proof of the same', () => {
  const amount = fc.constantFrom(-100, -2, -1, 1, 2, 100);
  const shape = {nodes: 6, arcs: 12, width: 4, unlimited: true};
  let caught = 0;
  fc.assert(
    fc.property(anyNetwork(shape), fc.nat(20), fc.nat(20), amount, (network, field, place, by) => {
      const right = answerOf(network);
      const wrong: Record<string, unknown> = {...right};
      const name = Object.keys(right).filter((key) => key !== 'kind' && key !== 'work')[field % 3];
      if (name === undefined) return;
      const value = wrong[name];
      if (typeof value === 'bigint') wrong[name] = value + BigInt(by);
      else if (typeof value === 'number') wrong[name] = value + by;
      else if (value instanceof Float64Array) {
        fc.pre(value.length > 0);
        wrong[name] = changed(value, place % value.length, by);
      } else if (value instanceof Uint8Array) {
        wrong[name] = value.map((bit, i) => (i === place % value.length ? 1 - bit : bit));
      } else if (value instanceof Int32Array) wrong[name] = value.map((arc, i) => (i === 0 ? arc + by : arc));
      if (answerFlaw(network, wrong as Answer) !== undefined) {
        caught++;
        return;
      }
      // What passes states the same, and proves it by other prices, another cut, another cycle, or a free loop.
      expect(['price', 'inCut', 'cycle', 'flow']).toContain(name);
      if (name === 'flow') {
        const arc = place % network.arcCount;
        expect([network.head[arc], network.cost[arc]]).toEqual([network.tail[arc], 0]);
      }
    }),
    {numRuns: 10_000},
  );
  expect(caught).toBeGreaterThan(5_000);
});

test('no answer of another kind passes', () => {
  fc.assert(
    fc.property(anyNetwork({nodes: 4, arcs: 8, width: 3, unlimited: true}), (network) => {
      const right = answerOf(network);
      const flow = 'flow' in right ? right.flow : network.lower;
      const cost = 'cost' in right ? right.cost : 0n;
      const others: Answer[] = [
        {kind: 'optimal', flow, cost, price: new Float64Array(network.nodeCount).fill(1), work: 0},
        {kind: 'infeasible', inCut: new Uint8Array(network.nodeCount).fill(1), excess: 1, work: 0},
        {kind: 'unbounded', flow, cost, cycle: Int32Array.of(0), work: 0},
        {kind: 'unbalanced', excess: 1, work: 0},
      ];
      for (const other of others) {
        if (other.kind !== right.kind) expect(answerFlaw(network, other)).toBeDefined();
      }
    }),
    {numRuns: 2_000},
  );
});
