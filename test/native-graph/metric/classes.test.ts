import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {assemble} from '../../../native-graph/build/assemble.ts';
import {freeTurns} from '../../../native-graph/build/turns.ts';
import type {RoadGraph} from '../../../native-graph/layout.ts';
import {classesOf} from '../../../native-graph/metric/classes.ts';
import {verify} from '../../../native-graph/verify.ts';
import {randomStream} from '../../../src/domain/random.ts';
import {randomNetwork, unevenTurns, withoutTurns} from '../../support/random-network.ts';
import {randomRestrictions} from '../../support/restriction-oracle.ts';
import {town} from '../../support/town.ts';

/** The turns out of a segment and what they cost, in words. */
const turnsOf = (g: RoadGraph, segment: number): string => {
  const arcs = Array.from({length: g.firstArc[segment + 1] - g.firstArc[segment]}, (_, i) => g.firstArc[segment] + i);
  return arcs.map((arc) => `${g.head[arc]}+${g.arcMs[arc] - g.travelMs[g.head[arc]]}`).join(' ');
};

const seeds = fc.integer({min: 0, max: 2 ** 31});

function randomGraph(seed: number): RoadGraph {
  const random = randomStream(seed, 'classes');
  const bare = randomNetwork(random);
  const mode = Math.floor(random() * 3);
  const network = {...(mode === 0 ? withoutTurns(bare) : bare), restrictions: randomRestrictions(bare, random)};
  return assemble(network, {minComponentSegments: 1, turnCostMs: mode === 2 ? unevenTurns : freeTurns}).graph;
}

describe('two segments are one node exactly where the same turns leave them at the same cost', () => {
  test('in random networks, restrictions included', () => {
    let shared = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        const g = randomGraph(seed);
        const {nodeCount, nodeOf, isShared} = classesOf(g);
        const members = Array.from({length: nodeCount}, (): number[] => []);
        for (let s = 0; s < g.segmentCount; s++) members[nodeOf[s]].push(s);
        const turns = members.map((segments) => new Set(segments.map((s) => turnsOf(g, s))));
        expect(turns.map((lists) => lists.size)).toEqual(members.map(() => 1));
        expect(new Set(turns.flatMap((lists) => [...lists])).size).toBe(nodeCount);
        expect([...isShared]).toEqual(members.map(({length}) => (length > 1 ? 1 : 0)));
        shared += isShared.reduce((sum, one) => sum + one, 0);
      }),
      {numRuns: 1_000},
    );
    expect(shared).toBeGreaterThan(1_000);
  });

  test('at a crossing with free turns, each approach may go elsewhere, so each is a node', () => {
    const {graph, segment} = town(`
        a
        |
      b-c-d
    `);
    const {nodeOf} = classesOf(graph);
    expect(new Set(['ac', 'bc', 'dc'].map((name) => nodeOf[segment(name)])).size).toBe(3);
  });

  test('at a junction without a way back, the approaches are one node', () => {
    const {graph, segment} = town(`
      a>c>d
      ^ ^ v
      b>e<f
      ^   v
      g<h<i
    `);
    const {nodeOf, isShared} = classesOf(graph);
    expect(nodeOf[segment('ac')]).toBe(nodeOf[segment('ec')]);
    expect(isShared[nodeOf[segment('ac')]]).toBe(1);
    expect(isShared[nodeOf[segment('cd')]]).toBe(0);
  });
});

test('where drivers may turn back at no cost, the nodes are the junctions', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const network = withoutTurns(randomNetwork(randomStream(seed, 'junctions')));
      const {graph: g} = assemble(network, {minComponentSegments: 1});
      expect(verify(g)).toBeUndefined();
      // Components are closed off from each other, and where nothing leads on, all is the same.
      const isEnd = (s: number): boolean => g.firstArc[s] === g.firstArc[s + 1];
      const placeOf = (s: number): string => (isEnd(s) ? 'end' : `${g.headJunction[s]} in ${g.component[s]}`);
      const {nodeCount, nodeOf} = classesOf(g);
      const places = new Map(Array.from(nodeOf, (node, s) => [node, placeOf(s)]));
      expect(Array.from(nodeOf, (node) => places.get(node))).toEqual(Array.from(nodeOf, (_, s) => placeOf(s)));
      expect(nodeCount).toBe(new Set(places.values()).size);
    }),
    {numRuns: 500},
  );
});

test('where every segment is a class of its own, nodes are segments in the order of their ranks', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const g = randomGraph(seed);
      const {nodeCount, nodeOf} = classesOf(g);
      if (nodeCount === g.segmentCount) expect(nodeOf).toEqual(g.rank);
    }),
    {numRuns: 500},
  );
});
