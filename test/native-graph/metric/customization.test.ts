import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {kernelsFor} from '../../../native-graph/kernels/kernels.ts';
import {type RoadGraph, UNREACHABLE_MS} from '../../../native-graph/layout.ts';
import {customized} from '../../../native-graph/metric/customization.ts';
import {
  DOMINATED,
  IMPROVED,
  KEPT,
  setTurns,
  type Weighted,
  type WeightedArcs,
  weigh,
} from '../../../native-graph/metric/weighted.ts';
import {inRandomEpoch, roughWorld} from '../../support/random-hierarchy.ts';
import {arcsAt, emptyMatrix, type Matrix, passBy, sidesOf, turnMatrix} from '../../support/rank-matrix.ts';
import {runs} from '../../support/runs.ts';

const RUNS = runs(1_000);
const seeds = fc.integer();

function customizedOnly(g: RoadGraph, w: Weighted = weigh(g)): Weighted {
  setTurns(w, g);
  kernelsFor(w.memory).customize(w);
  return w;
}

/** By tail, by head: the times by lower nodes, or the least ones. */
function weightsOf(w: Weighted, time: 'ms' | 'leastMs'): Matrix {
  const matrix = emptyMatrix(w.nodeCount);
  const sides = sidesOf(w, time);
  for (let v = 0; v < w.nodeCount; v++) for (const {tail, head, ms} of arcsAt(v, sides)) matrix[tail][head] = ms;
  return matrix;
}

/** The fastest way from x to y, or back, over one node above x by arcs of the contraction. */
function leastOver(x: number, y: number, isUp: boolean, own: Matrix, above: Matrix): number {
  let leastMs = UNREACHABLE_MS;
  for (let z = x + 1; z < own.length; z++) {
    if (z !== y) leastMs = Math.min(leastMs, isUp ? own[x][z] + above[z][y] : above[y][z] + own[z][x]);
  }
  return leastMs;
}

describe('customization of random roads', () => {
  test('makes each weight the time of the fastest way by lower nodes', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const {graph} = roughWorld(seed);
        const w = customizedOnly(graph);
        const byLower = turnMatrix(graph);
        const sides = sidesOf(w, 'ms');
        for (let v = 0; v < w.nodeCount; v++) {
          for (const {tail, head, ms} of arcsAt(v, sides))
            expect(ms).toBe(Math.min(byLower[tail][head], UNREACHABLE_MS));
          passBy(byLower, v);
        }
      }),
      {numRuns: RUNS},
    );
  });

  test('notes for every weight the turn, or the two arcs by a lower node, that sum up to it', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const {graph} = roughWorld(seed);
        const w = customizedOnly(graph);
        const turns = turnMatrix(graph);
        const sides = sidesOf(w, 'ms');
        for (let v = 0; v < w.nodeCount; v++) {
          for (const {tail, head, isUp, arc, ms} of arcsAt(v, sides)) {
            const [fall, rise] = (isUp ? w.up : w.down).via.subarray(2 * arc, 2 * arc + 2);
            if (fall < 0) {
              expect(ms).toBe(turns[tail][head]);
              if (ms < UNREACHABLE_MS) expect(w.classes.nodeOf[rise]).toBe(head);
              continue;
            }
            const lower = lowerEnd(w.down, fall);
            expect(lower).toBe(lowerEnd(w.up, rise));
            expect(lower).toBeLessThan(v);
            expect([w.down.end[fall], w.up.end[rise]]).toEqual([tail, head]);
            expect(w.down.ms[fall] + w.up.ms[rise]).toBe(ms);
          }
        }
      }),
      {numRuns: RUNS},
    );
  });

  test('of another epoch leaves nothing of the one before', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const {graph, random} = roughWorld(seed);
        const used = weigh(graph);
        customized(inRandomEpoch(graph, random), {contraction: used});
        const [again, fresh] = [customized(graph, {contraction: used}), customized(graph)];
        for (const name of ['first', 'arcs', 'via', 'lengthCm'] as const) {
          expect(again.up[name]).toEqual(fresh.up[name]);
          expect(again.down[name]).toEqual(fresh.down[name]);
        }
      }),
      {numRuns: Math.ceil(RUNS / 5)},
    );
  });
});

/** The node at which an arc is kept. */
const lowerEnd = ({first}: WeightedArcs, arc: number): number => first.findIndex((begin) => begin > arc) - 1;

describe('perfect customization of random roads', () => {
  test('lowers each weight to the fastest way over a higher node, and tells which arcs one equals or beats', () => {
    const seen = [0, 0, 0];
    fc.assert(
      fc.property(seeds, (seed) => {
        const w = customizedOnly(roughWorld(seed).graph);
        kernelsFor(w.memory).perfect(w);
        const before = weightsOf(w, 'ms');
        const after = weightsOf(w, 'leastMs');
        const sides = sidesOf(w, 'leastMs');
        for (let x = w.nodeCount - 1; x >= 0; x--) {
          for (const {tail, head, isUp, arc, ms} of arcsAt(x, sides)) {
            const leastMs = leastOver(x, isUp ? head : tail, isUp, before, after);
            const state = (isUp ? w.up : w.down).state[arc];
            seen[state]++;
            expect(ms).toBe(Math.min(before[tail][head], leastMs));
            expect(state).toBe(
              before[tail][head] < leastMs ? KEPT : before[tail][head] === leastMs ? DOMINATED : IMPROVED,
            );
          }
        }
      }),
      {numRuns: RUNS},
    );
    expect(Math.min(...seen)).toBeGreaterThan(RUNS);
  });

  test('never goes below the truth, and what it calls improved was slower than the truth', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const {graph} = roughWorld(seed);
        const w = customizedOnly(graph);
        kernelsFor(w.memory).perfect(w);
        const before = weightsOf(w, 'ms');
        const sides = sidesOf(w, 'leastMs');
        const truth = turnMatrix(graph);
        for (let v = 0; v < w.nodeCount; v++) passBy(truth, v);
        for (let v = 0; v < w.nodeCount; v++) {
          for (const {tail, head, isUp, arc, ms} of arcsAt(v, sides)) {
            expect(ms).toBeGreaterThanOrEqual(Math.min(UNREACHABLE_MS, truth[tail][head]));
            const isImproved = (isUp ? w.up : w.down).state[arc] === IMPROVED;
            if (isImproved) expect(before[tail][head]).toBeGreaterThan(truth[tail][head]);
          }
        }
      }),
      {numRuns: RUNS},
    );
  });
});
