// An epoch that is made from the one before is, byte for byte, what it is when it is made from nothing.

import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {type Kernels, kernelsFor, twins} from '../../../native-graph/kernels/kernels.ts';
import {customized} from '../../../native-graph/metric/customization.ts';
import {type Hierarchy, handleOf} from '../../../native-graph/metric/hierarchy.ts';
import {bitOf} from '../../../native-graph/metric/parts.ts';
import {setTurns, type Weighted, weigh} from '../../../native-graph/metric/weighted.ts';
import {randomStream} from '../../../src/domain/random.ts';
import {gothenburgGraph} from '../../support/city.ts';
import {type KernelName, mirroredKernels} from '../../support/mirrored-kernels.ts';
import {roughWorld} from '../../support/random-hierarchy.ts';
import {below} from '../../support/random-network.ts';
import {runs} from '../../support/runs.ts';
import {someOtherTimes} from '../../support/some-other-times.ts';

const RUNS = runs(1_000);
const EPOCHS = 4;

function expectSame(one: Weighted, other: Weighted): void {
  for (const side of ['up', 'down'] as const) {
    for (const column of ['ms', 'via', 'cm', 'leastMs', 'state', 'settled'] as const) {
      expect(one[side][column]).toEqual(other[side][column]);
    }
  }
  expect(one.isStale.includes(1) || one.isLeastStale.includes(1)).toBe(false);
}

function expectSameHierarchy(one: Hierarchy, other: Hierarchy): void {
  for (const side of ['up', 'down'] as const) {
    expect(one[side].first).toEqual(other[side].first);
    const kept = one[side].first[one.nodeCount];
    for (const column of ['arcs', 'via', 'lengthCm'] as const) {
      const length = column === 'lengthCm' ? kept : 2 * kept;
      expect(one[side][column].subarray(0, length)).toEqual(other[side][column].subarray(0, length));
    }
  }
}

describe('an epoch with few other times', () => {
  test('is the one that is made whole, after any number of others, by kernels and by twins', () => {
    let partial = 0;
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const {graph, random} = roughWorld(seed);
        const w = weigh(graph);
        const calls = new Map<KernelName, number>();
        const mirrored = seed % 10 === 0 ? mirroredKernels(w.memory, calls) : kernelsFor(w.memory);
        const kernels: Kernels = {
          ...mirrored,
          customize(...parameters) {
            const made = mirrored.customize(...parameters);
            if (made < w.nodeCount) partial++;
            return made;
          },
        };
        let h = customized(graph, {contraction: w, kernels});
        let epoch = graph;
        for (let i = 0; i < EPOCHS; i++) {
          epoch = someOtherTimes(graph, epoch, 1 + below(random, 3), random);
          h = customized(epoch, {contraction: w, into: handleOf(h), kernels});
          const fresh = weigh(graph);
          const other = customized(epoch, {contraction: fresh, kernels: twins});
          expectSame(w, fresh);
          expectSameHierarchy(h, other);
        }
      }),
      {numRuns: RUNS},
    );
    // Of small worlds a change may reach all; the first epoch is whole anyway.
    expect(partial).toBeGreaterThan(2 * RUNS);
  });

  test('is whole after one that was left half made', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const {graph, random} = roughWorld(seed);
        const w = weigh(graph);
        const h = customized(graph, {contraction: w});
        const lost = someOtherTimes(graph, graph, 3, random);
        setTurns(w, lost);
        kernelsFor(w.memory).customize(w, bitOf(below(random, 17)));
        const epoch = someOtherTimes(graph, lost, 1, random);
        const fresh = weigh(graph);
        const [made, other] = [
          customized(epoch, {contraction: w, into: handleOf(h)}),
          customized(epoch, {contraction: fresh}),
        ];
        expectSame(w, fresh);
        expectSameHierarchy(made, other);
      }),
      {numRuns: Math.ceil(RUNS / 5)},
    );
  });

  test('makes few nodes of a city anew, and the same city', async () => {
    const graph = await gothenburgGraph();
    const random = randomStream(1, 'few other times');
    const [w, fresh] = [weigh(graph), weigh(graph)];
    const kernels = kernelsFor(w.memory);
    let h = customized(graph, {contraction: w});
    let epoch = graph;
    for (const count of [1, 1, 1, 2, 5, 10, 100, 1_000, 1]) {
      epoch = someOtherTimes(graph, epoch, count, random);
      const made = {customize: 0, perfect: 0};
      h = customized(epoch, {
        contraction: w,
        into: handleOf(h),
        kernels: {
          ...kernels,
          customize: (...parameters) => (made.customize = kernels.customize(...parameters)),
          perfect: (...parameters) => (made.perfect = kernels.perfect(...parameters)),
        },
      });
      fresh.isWhole[0] = 0;
      const other = customized(epoch, {contraction: fresh});
      expectSame(w, fresh);
      expectSameHierarchy(h, other);
      if (count <= 2) expect(made.customize).toBeLessThan(0.02 * w.nodeCount);
      if (count <= 2) expect(made.perfect).toBeLessThan(0.1 * w.nodeCount);
    }
  });
});
