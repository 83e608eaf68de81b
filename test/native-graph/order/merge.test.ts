import {expect, test} from 'vitest';
import {buildCellGraph, createCellGraph} from '../../../native-graph/order/cell-graph.ts';
import type {Field} from '../../../native-graph/order/field.ts';
import {createMerging, MERGE_EDGES, mergeCell} from '../../../native-graph/order/merge.ts';
import {randomStream} from '../../../src/domain/random.ts';
import {below} from '../../support/random-network.ts';

/** By junction, the one that stands for all it is merged with. */
type Merged = number[];

/** How many segments join what a and b would be merged into to anything else, inside the cell or outside. */
function aroundBoth(f: Field, outside: Uint32Array, merged: Merged, a: number, b: number): number {
  const inside = (junction: number): boolean => [a, b].includes(merged[junction]);
  let count = 0;
  merged.forEach((_, junction) => {
    if (inside(junction)) count += outside[junction];
  });
  f.edgeTail.forEach((tail, edge) => {
    if (inside(tail) !== inside(f.edgeHead[edge])) count += f.edgeSegments[edge];
  });
  return count;
}

test('each time, those two junctions are merged that are left with the fewest segments around', () => {
  const merging = createMerging();
  for (let seed = 0; seed < 1_000; seed++) {
    const random = randomStream(seed, 'merge');
    const edgeCount = 1 + below(random, MERGE_EDGES);
    const junctionCount = 2 + below(random, 2 * edgeCount);
    const junctions = (): Uint32Array => Uint32Array.from({length: edgeCount}, () => below(random, junctionCount));
    const outside = Uint32Array.from({length: junctionCount}, () => below(random, 4));
    const f: Field = {
      edgeTail: junctions(),
      edgeHead: junctions(),
      edgeSegments: Uint32Array.from({length: edgeCount}, () => 1 + below(random, 3)),
      order: Uint32Array.from({length: edgeCount}, (_, edge) => edge),
      around: outside.slice(),
      x: new Int32Array(junctionCount),
      y: new Int32Array(junctionCount),
    };
    f.edgeTail.forEach((tail, edge) => {
      if (tail === f.edgeHead[edge]) return;
      f.around[tail] += f.edgeSegments[edge];
      f.around[f.edgeHead[edge]] += f.edgeSegments[edge];
    });
    const nodeOf = new Uint32Array(junctionCount);
    const g = createCellGraph(junctionCount, edgeCount);
    const cell = {first: 0, end: edgeCount};
    buildCellGraph(f, cell, nodeOf, g);
    mergeCell(f, cell, g, nodeOf, merging);

    expect(f.order.toSorted()).toEqual(Uint32Array.from({length: edgeCount}, (_, edge) => edge));
    const merged: Merged = Array.from(nodeOf, (_, junction) => junction);
    for (let i = 0; i < edgeCount; i++) {
      const [a, b] = [merged[f.edgeTail[f.order[i]]], merged[f.edgeHead[f.order[i]]]];
      if (a === b) continue;
      const all = Array.from(f.order.subarray(i), (edge) => [merged[f.edgeTail[edge]], merged[f.edgeHead[edge]]]);
      expect(
        all.every(([c, d]) => c !== d),
        `seed ${seed}: loops first`,
      ).toBe(true);
      const fewest = Math.min(...all.map(([c, d]) => aroundBoth(f, outside, merged, c, d)));
      expect(aroundBoth(f, outside, merged, a, b), `seed ${seed}`).toBe(fewest);
      for (let junction = 0; junction < junctionCount; junction++) if (merged[junction] === b) merged[junction] = a;
    }
  }
});
