import assert from 'node:assert/strict';
import fc from 'fast-check';
import {test} from 'vitest';
import {createHeap, popMin, push} from '../../../native-graph/route/heap.ts';

test('items come out by key, whatever the order of pushes and pops, past several doublings', () => {
  const steps = fc.array(fc.option(fc.integer({min: 0, max: 0x7fff_ffff}), {freq: 3}), {maxLength: 5_000, size: 'max'});
  fc.assert(
    fc.property(steps, (keys) => {
      const heap = createHeap();
      const inside: number[] = [];
      keys.forEach((key, item) => {
        if (key !== null) {
          push(heap, key, item);
          inside.push(key);
        } else if (heap.size > 0) {
          const least = Math.min(...inside);
          assert.equal(heap.keys[0], least);
          assert.equal(keys[heap.items[0]], least);
          inside.splice(inside.indexOf(least), 1);
          popMin(heap);
        }
        assert.equal(heap.size, inside.length);
      });
      for (let before = -1; heap.size > 0; popMin(heap)) {
        assert(heap.keys[0] >= before);
        assert.equal(keys[heap.items[0]], heap.keys[0]);
        before = heap.keys[0];
      }
    }),
    {numRuns: 30},
  );
});
