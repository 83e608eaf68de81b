import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {type Kernels, kernelsFor, twins} from '../../../native-graph/kernels/kernels.ts';
import type {RoadGraph} from '../../../native-graph/layout.ts';
import {CUSTOMIZATION_STEPS, takeStep} from '../../../native-graph/metric/customization.ts';
import {PARTS, TOP} from '../../../native-graph/metric/parts.ts';
import {
  attachWeighted,
  setTurns,
  type Weighted,
  weigh,
  weightedHandleOf,
} from '../../../native-graph/metric/weighted.ts';
import {type Random, randomStream} from '../../../src/domain/random.ts';
import {gothenburgGraph} from '../../support/city.ts';
import {permutation, roughWorld} from '../../support/random-hierarchy.ts';
import {someOtherTimes} from '../../support/some-other-times.ts';

const seeds = fc.integer();

/** One epoch after another as so many threads might take the steps, each list in any order. */
function inSteps(
  epochs: readonly RoadGraph[],
  threads: number,
  random: Random,
  kernelsOf: (memory: WebAssembly.Memory) => Kernels,
) {
  const w = weigh(epochs[0]);
  const others = Array.from({length: threads}, () => {
    const attached = attachWeighted(weightedHandleOf(w));
    return {w: attached, kernels: kernelsOf(w.memory)};
  });
  for (const g of epochs) {
    for (const steps of CUSTOMIZATION_STEPS) {
      for (const i of permutation(steps.length, random)) {
        const other = others[Math.floor(random() * threads)];
        takeStep(g, other.w, steps[i], other.kernels);
      }
    }
    w.isWhole[0] = 1;
  }
  return w;
}

/** The same by one thread. */
function atOnce(g: RoadGraph, file: RoadGraph = g): Weighted {
  const w = weigh(file);
  const kernels = kernelsFor(w.memory);
  setTurns(w, g);
  kernels.customize(w);
  kernels.perfect(w);
  kernels.settle(w);
  return w;
}

function expectSame(a: Weighted, b: Weighted): void {
  for (const side of ['up', 'down'] as const) {
    for (const column of ['ms', 'via', 'cm', 'leastMs', 'state', 'settled'] as const) {
      expect(Buffer.compare(bytesOf(a[side][column]), bytesOf(b[side][column]))).toBe(0);
    }
  }
}

const bytesOf = ({buffer, byteOffset, byteLength}: Int32Array | Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

describe('a customization in parts', () => {
  test('leaves what one thread leaves, whoever takes which step and in whatever order', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const {graph, random} = roughWorld(seed);
        const kernels = seed % 2 === 0 ? kernelsFor : () => twins;
        const next = someOtherTimes(graph, graph, 2, random);
        expectSame(inSteps([graph, next], 1 + Math.floor(random() * 4), random, kernels), atOnce(next, graph));
      }),
      {numRuns: 500},
    );
  });

  test('leaves the same on a city, whose parts are of about equal work', async () => {
    const graph = await gothenburgGraph();
    const w = inSteps([graph], 3, randomStream(1, 'parts'), kernelsFor);
    expectSame(w, atOnce(graph));
    expectSame(
      inSteps([graph], 2, randomStream(2, 'parts'), () => twins),
      w,
    );
    const sizes = new Array<number>(PARTS).fill(0);
    let top = 0;
    w.part.forEach((part, v) => {
      const arcs = w.up.first[v + 1] - w.up.first[v];
      if (part === TOP) top += arcs;
      else sizes[part] += arcs;
    });
    expect(top).toBeLessThan(0.3 * w.upCount);
    expect(Math.max(...sizes)).toBeLessThan(2 * Math.min(...sizes));
  });

  test('joins no two parts but over the top', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const w = weigh(roughWorld(seed).graph);
        for (const {first, end} of [w.up, w.down]) {
          for (let v = 0; v < w.nodeCount; v++) {
            for (let arc = first[v]; arc < first[v + 1]; arc++) {
              const above = w.part[end[arc]];
              expect(above === TOP || above === w.part[v]).toBe(true);
            }
          }
        }
      }),
      {numRuns: 500},
    );
  });
});
