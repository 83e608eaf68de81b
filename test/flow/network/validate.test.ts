import {expect, test} from 'vitest';
import {ANY_AMOUNT, FLOW_LIMIT, type Network, NODE_LIMIT, PRICE_LIMIT} from '../../../src/flow/network/network.ts';
import {solveNetwork} from '../../../src/flow/network/solve.ts';
import {networkFlaw} from '../../../src/flow/network/validate.ts';
import {networkOf} from '../../support/networks.ts';

const plain = networkOf(
  [1, 0, -1],
  [
    [0, 1, 0, 5, 3],
    [1, 2, 0, 5, 3],
  ],
);
const kindOf = (change: Partial<Network>) => networkFlaw({...plain, ...change})?.kind;
const two = (a: number, b: number): Float64Array => Float64Array.of(a, b);

test('each flaw is named', () => {
  expect(kindOf({})).toBeUndefined();
  expect(kindOf({nodeCount: NODE_LIMIT + 1})).toBe('too-many');
  expect(kindOf({nodeCount: -1})).toBe('too-many');
  expect(kindOf({arcCount: 2.5})).toBe('too-many');
  expect(kindOf({supply: two(1, -1)})).toBe('wrong-length');
  expect(kindOf({cost: Float64Array.of(1)})).toBe('wrong-length');
  expect(kindOf({supply: Float64Array.of(0.5, 0, -0.5)})).toBe('not-whole');
  expect(kindOf({lower: two(0, Number.NEGATIVE_INFINITY)})).toBe('not-whole');
  expect(kindOf({capacity: two(0, Number.NaN)})).toBe('not-whole');
  expect(kindOf({cost: two(0, 0.1)})).toBe('not-whole');
  expect(kindOf({head: Int32Array.of(1, 3)})).toBe('no-such-node');
  expect(kindOf({tail: Int32Array.of(-1, 1)})).toBe('no-such-node');
  expect(() => solveNetwork({...plain, cost: two(0, 0.1)}, {budget: 1})).toThrow('not-whole');
  expect(() => solveNetwork(plain, {budget: -1})).toThrow('budget');
});

test('sums that would not be exact are refused, and what is just below is not', () => {
  const half = FLOW_LIMIT / 2;
  expect(kindOf({supply: Float64Array.of(half, 0, -half)})).toBe('flow-too-large');
  expect(kindOf({supply: Float64Array.of(half - 1, 0, 1 - half)})).toBeUndefined();
  expect(kindOf({lower: two(half, half), capacity: two(half, half)})).toBe('flow-too-large');
  expect(kindOf({capacity: two(half, half)})).toBe('flow-too-large');
  expect(kindOf({capacity: two(half, half - 1)})).toBeUndefined();
  expect(kindOf({capacity: two(half, ANY_AMOUNT)})).toBeUndefined();

  const apart = networkOf(
    [0, 0, 0, 0],
    [
      [0, 1, 0, half, 1],
      [2, 3, 0, half, 1],
    ],
  );
  expect(networkFlaw(apart)).toBeUndefined();
  expect(networkFlaw({...apart, capacity: two(half, ANY_AMOUNT)})).toBeUndefined();
  const joined = networkOf(
    [0, 0, 0, 0],
    [
      [0, 1, 0, half, 1],
      [2, 3, 0, half, 1],
      [1, 2, 0, ANY_AMOUNT, 1],
    ],
  );
  expect(networkFlaw(joined)?.kind).toBe('flow-too-large');
  expect(networkFlaw({...joined, capacity: Float64Array.of(half, half, 7)})).toBeUndefined();

  const dearest = PRICE_LIMIT / 7;
  expect(networkFlaw({...plain, cost: two(-Math.ceil(dearest), 0)})).toEqual({
    kind: 'cost-too-large',
    largest: Math.ceil(dearest),
    limit: Math.floor(dearest),
  });
  expect(kindOf({cost: two(Math.floor(dearest), 0)})).toBeUndefined();
});
