import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {assemble} from '../../../native-graph/build/assemble.ts';
import {importNetwork} from '../../../native-graph/build/import.ts';
import {type Kernels, kernelsFor, twins} from '../../../native-graph/kernels/kernels.ts';
import {Scratch} from '../../../native-graph/kernels/memory.ts';
import type {RoadGraph} from '../../../native-graph/layout.ts';
import {customizationSteps, takeStep} from '../../../native-graph/metric/customization.ts';
import {PARTS, TOP} from '../../../native-graph/metric/parts.ts';
import {
  attachWeighted,
  setWeights,
  takeNotes,
  type Weighted,
  weigh,
  weightedHandleOf,
} from '../../../native-graph/metric/weighted.ts';
import {gothenburg} from '../../../src/cli/city-graph.ts';
import {type Random, randomStream} from '../../../src/domain/random.ts';
import {permutation, roughWorld} from '../../support/random-hierarchy.ts';

const seeds = fc.integer();

/** As so many threads might take the steps: each with notes of its own, those of one list in any order. */
function inSteps(g: RoadGraph, threads: number, random: Random, kernelsOf: (memory: WebAssembly.Memory) => Kernels) {
  const w = weigh(g);
  const others = Array.from({length: threads}, () => {
    const attached = attachWeighted(weightedHandleOf(w));
    return {w: attached, kernels: kernelsOf(w.memory), notes: takeNotes(w, new Scratch(w.memory))};
  });
  for (const steps of customizationSteps(threads)) {
    for (const i of permutation(steps.length, random)) {
      const other = others[Math.floor(random() * threads)];
      takeStep(g, other.w, steps[i], other.kernels, other.notes);
    }
  }
  return w;
}

/** The same by one thread. */
function atOnce(g: RoadGraph): Weighted {
  const w = weigh(g);
  const kernels = kernelsFor(w.memory);
  setWeights(w, g);
  kernels.customize(w);
  kernels.perfect(w);
  return w;
}

function expectSame(a: Weighted, b: Weighted): void {
  for (const side of ['up', 'down'] as const) {
    for (const column of ['arcs', 'via', 'state'] as const) {
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
        expectSame(inSteps(graph, 1 + Math.floor(random() * 4), random, kernels), atOnce(graph));
      }),
      {numRuns: 500},
    );
  });

  test('leaves the same on a city, whose parts are of about equal work', async () => {
    const {graph} = assemble(await importNetwork(gothenburg()));
    const w = inSteps(graph, 3, randomStream(1, 'parts'), kernelsFor);
    expectSame(w, atOnce(graph));
    expectSame(
      inSteps(graph, 2, randomStream(2, 'parts'), () => twins),
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
        for (const {first, arcs} of [w.up, w.down]) {
          for (let v = 0; v < w.nodeCount; v++) {
            for (let arc = first[v]; arc < first[v + 1]; arc++) {
              const above = w.part[arcs[2 * arc]];
              expect(above === TOP || above === w.part[v]).toBe(true);
            }
          }
        }
      }),
      {numRuns: 500},
    );
  });
});
