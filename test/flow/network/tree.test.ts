import fc from 'fast-check';
import {expect, test} from 'vitest';
import {hangElsewhere, NO_NODE, starOf, type Tree} from '../../../src/flow/network/tree.ts';
import {chance} from '../../support/flow-problems.ts';

const isAbove = ({parent}: Tree, top: number, node: number): boolean => {
  for (let at = node; at !== NO_NODE; at = parent[at]) if (at === top) return true;
  return false;
};

const apexOf = (tree: Tree, a: number, b: number): number => {
  let at = a;
  while (!isAbove(tree, at, b)) at = tree.parent[at];
  return at;
};

/** Sizes, ends and order as the parents alone have them. */
function expectWhole(tree: Tree): void {
  const {root, parent, size, last, next, previous} = tree;
  const preorder: number[] = [root];
  for (let at = next[root]; at !== root; at = next[at]) preorder.push(at);
  expect(preorder.length).toBe(root + 1);
  expect(previous[root]).toBe(preorder.at(-1));
  preorder.forEach((node, place) => {
    if (place > 0) expect(previous[node]).toBe(preorder[place - 1]);
    const subtree = preorder.filter((other) => isAbove(tree, node, other));
    expect(preorder.slice(place, place + subtree.length)).toEqual(subtree);
    expect(size[node]).toBe(subtree.length);
    expect(last[node]).toBe(subtree.at(-1));
    if (node !== root) expect(preorder.indexOf(parent[node])).toBeLessThan(place);
  });
}

test('subtrees hung elsewhere keep the order, the sizes and every arc', () => {
  fc.assert(
    fc.property(fc.integer({min: 1, max: 9}), fc.nat(), (nodeCount, seed) => {
      const next = chance(seed);
      const any = (count: number): number => Math.floor(next() * count);
      const tree = starOf(new Float64Array(nodeCount), 1);
      const {root, parent, arc, upRoom, downRoom} = tree;
      // By arc: its ends, and the room from the first to the second and back.
      const ends = new Map<number, {a: number; b: number; ab: number; ba: number}>();
      for (let node = 0; node < nodeCount; node++) {
        arc[node] = node;
        [upRoom[node], downRoom[node]] = [100 + node, 200 + node];
        ends.set(node, {a: node, b: root, ab: 100 + node, ba: 200 + node});
      }
      for (let pivot = nodeCount; pivot < nodeCount + 12; pivot++) {
        const top = any(nodeCount);
        const inside = [...Array(nodeCount).keys()].filter((node) => isAbove(tree, top, node));
        const outside = [...Array(nodeCount + 1).keys()].filter((node) => !isAbove(tree, top, node));
        const [node, under] = [inside[any(inside.length)], outside[any(outside.length)]];
        const apex = apexOf(tree, node, under);
        ends.delete(arc[top]);
        ends.set(pivot, {a: node, b: under, ab: pivot, ba: -pivot});
        hangElsewhere(tree, top, {arc: pivot, node, parent: under, upRoom: pivot, downRoom: -pivot}, apex);
        expectWhole(tree);
        for (let child = 0; child < nodeCount; child++) {
          const {a, b, ab, ba} = ends.get(arc[child])!;
          expect([a, b].sort()).toEqual([child, parent[child]].sort());
          expect([upRoom[child], downRoom[child]]).toEqual(a === child ? [ab, ba] : [ba, ab]);
        }
        expect(new Set(arc.subarray(0, nodeCount)).size).toBe(nodeCount);
      }
    }),
    {numRuns: 300},
  );
});
