import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {UNREACHABLE_MS} from '../../../native-graph/layout.ts';
import {customized} from '../../../native-graph/metric/customization.ts';
import {type Arcs, attach, type Hierarchy, handleOf} from '../../../native-graph/metric/hierarchy.ts';
import {roughWorld} from '../../support/random-hierarchy.ts';
import {arcsAt, emptyMatrix, type Matrix, passBy, turnMatrix} from '../../support/rank-matrix.ts';

const RUNS = 1_000;
const seeds = fc.integer();

/** The segments that an arc's way enters, by the definition of `via`. */
function segmentsEntered(h: Hierarchy, {via}: Arcs, arc: number): number[] {
  const [fall, rise] = via.subarray(2 * arc, 2 * arc + 2);
  return fall < 0 ? [rise] : [...segmentsEntered(h, h.down, fall), ...segmentsEntered(h, h.up, rise)];
}

/** The fastest ways that only climb, then only descend. */
function upThenDown(h: Hierarchy): Matrix {
  const [rising, falling] = [emptyMatrix(h.nodeCount), emptyMatrix(h.nodeCount)];
  for (let v = h.nodeCount - 1; v >= 0; v--) {
    rising[v][v] = falling[v][v] = 0;
    for (const {isUp, tail, head, ms} of arcsAt(v, h)) {
      const [own, above] = isUp ? [rising[v], rising[head]] : [falling[v], falling[tail]];
      above.forEach((onward, top) => {
        own[top] = Math.min(own[top], ms + onward);
      });
    }
  }
  return rising.map((up) => falling.map((down) => Math.min(UNREACHABLE_MS, ...up.map((ms, top) => ms + down[top]))));
}

describe('a hierarchy of random roads', () => {
  test('has a fastest way between any two nodes that climbs and then descends', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const {graph} = roughWorld(seed);
        const truth = turnMatrix(graph);
        for (let v = 0; v < truth.length; v++) passBy(truth, v);
        truth.forEach((row, v) => {
          row[v] = 0;
        });
        const bounded = truth.map((row) => row.map((ms) => Math.min(ms, UNREACHABLE_MS)));
        expect(upThenDown(customized(graph))).toEqual(bounded);
      }),
      {numRuns: RUNS},
    );
  });

  test('has for every arc a way by turns of the graph, of its time and length', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const {graph: g} = roughWorld(seed);
        const h = customized(g);
        const turns = turnMatrix(g);
        for (let v = 0; v < h.nodeCount; v++) {
          for (const {isUp, arc, tail, head, ms} of arcsAt(v, h)) {
            const side = isUp ? h.up : h.down;
            const sum = {node: tail, ms: 0, cm: 0};
            for (const segment of segmentsEntered(h, side, arc)) {
              sum.ms += turns[sum.node][h.nodeOf[segment]];
              sum.cm += g.edgeLengthCm[g.drawn[segment] >>> 1];
              sum.node = h.nodeOf[segment];
            }
            expect(sum).toEqual({node: head, ms, cm: side.lengthCm[arc]});
          }
        }
      }),
      {numRuns: RUNS},
    );
  });

  test('is the same to another thread, which lays its views over the memory', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const h = customized(roughWorld(seed).graph);
        expect(attach(handleOf(h))).toEqual(h);
      }),
      {numRuns: 50},
    );
  });
});
