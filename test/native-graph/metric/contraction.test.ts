import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {type Contraction, contract, search, type Turns} from '../../../native-graph/metric/contraction.ts';
import {type Random, randomStream} from '../../../src/domain/random.ts';
import {permutation, roughWorld} from '../../support/random-hierarchy.ts';
import {below} from '../../support/random-network.ts';
import {runs} from '../../support/runs.ts';

const RUNS = runs(3_000);
const seeds = fc.integer();

/** Segments with turns between any of them, from one into itself too; some with none. */
function randomTurns(random: Random): Turns {
  const segmentCount = below(random, 14);
  const density = random() * 0.5;
  const heads = Array.from({length: segmentCount}, () =>
    Array.from({length: segmentCount}, (_, head) => head).filter(() => random() < density),
  );
  const firstArc = new Uint32Array(segmentCount + 1);
  heads.forEach((list, s) => {
    firstArc[s + 1] = firstArc[s] + list.length;
  });
  return {segmentCount, firstArc, head: Uint32Array.from(heads.flat())};
}

/** Every segment a node of its own. */
const ranked = (rank: Uint32Array) => ({nodeCount: rank.length, nodeOf: rank});

/** By rank, by rank: whether there is a turn. */
function joinedBy(g: Turns, rank: Uint32Array): boolean[][] {
  const joined = Array.from(rank, () => Array.from(rank, () => false));
  for (let s = 0; s < g.segmentCount; s++) {
    for (let arc = g.firstArc[s]; arc < g.firstArc[s + 1]; arc++) joined[rank[s]][rank[g.head[arc]]] = true;
  }
  for (let v = 0; v < rank.length; v++) joined[v][v] = false;
  return joined;
}

/** Contracts nodes in turn by the definition. */
function contracted(joined: boolean[][]): boolean[][] {
  const kept = joined.map((row) => [...row]);
  for (let v = 0; v < kept.length; v++) {
    for (let u = v + 1; u < kept.length; u++) {
      for (let w = v + 1; w < kept.length; w++) if (u !== w && kept[u][v] && kept[v][w]) kept[u][w] = true;
    }
  }
  return kept;
}

function keptBy(c: Contraction): boolean[][] {
  const kept = Array.from({length: c.nodeCount}, () => Array.from({length: c.nodeCount}, () => false));
  for (let v = 0; v < c.nodeCount; v++) {
    for (const w of c.upHead.subarray(c.upFirst[v], c.upFirst[v + 1])) kept[v][w] = true;
    for (const u of c.downTail.subarray(c.downFirst[v], c.downFirst[v + 1])) kept[u][v] = true;
  }
  return kept;
}

/** How many nodes there are above a node, itself included. */
function countAbove(v: number, leads: (from: number, to: number) => boolean, nodeCount: number): number {
  const above = new Set([v]);
  for (const u of above) for (let w = u + 1; w < nodeCount; w++) if (leads(u, w)) above.add(w);
  return above.size;
}

describe('a contraction of random turns in a random order', () => {
  test('keeps each arc that contraction by definition adds, and no other', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const random = randomStream(seed, 'contraction');
        const turns = randomTurns(random);
        const rank = permutation(turns.segmentCount, random);
        expect(keptBy(contract(turns, ranked(rank)))).toEqual(contracted(joinedBy(turns, rank)));
      }),
      {numRuns: RUNS},
    );
  });

  test('is as high as most nodes that one leads up to without directions, and no less with them', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const random = randomStream(seed, 'height');
        const turns = randomTurns(random);
        const rank = permutation(turns.segmentCount, random);
        const joined = joinedBy(turns, rank);
        const eitherWay = contracted(joined.map((row, u) => row.map((is, w) => is || joined[w][u])));
        const c = contract(turns, ranked(rank));
        const kept = keptBy(c);
        const most = (leads: (from: number, to: number) => boolean): number =>
          Math.max(0, ...rank.map((v) => countAbove(v, leads, c.nodeCount)));
        expect(c.height).toBe(most((u, w) => eitherWay[u][w]));
        expect(c.height).toBeGreaterThanOrEqual(most((u, w) => kept[u][w]));
        expect(c.height).toBeGreaterThanOrEqual(most((u, w) => kept[w][u]));
      }),
      {numRuns: RUNS},
    );
  });

  test('lists the higher ends of every node in ascending order, each once', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const random = randomStream(seed, 'lists');
        const turns = randomTurns(random);
        const c = contract(turns, ranked(permutation(turns.segmentCount, random)));
        for (const [first, end] of [
          [c.upFirst, c.upHead],
          [c.downFirst, c.downTail],
        ]) {
          expect(first[c.nodeCount]).toBe(end.length);
          for (let v = 0; v < c.nodeCount; v++) {
            const list = Array.from(end.subarray(first[v], first[v + 1]));
            expect(list).toEqual([...new Set(list)].sort((a, b) => a - b).filter((w) => w > v));
            for (const [i, w] of list.entries()) expect(search(end, first[v], first[v + 1], w)).toBe(first[v] + i);
          }
        }
      }),
      {numRuns: Math.ceil(RUNS / 3)},
    );
  });
});

test('a contraction of roads keeps each arc that contraction by definition adds, and no other', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const {graph} = roughWorld(seed);
      expect(keptBy(contract(graph, ranked(graph.rank)))).toEqual(contracted(joinedBy(graph, graph.rank)));
    }),
    {numRuns: Math.ceil(RUNS / 3)},
  );
});

describe('a chain of one-way turns', () => {
  const chain = {segmentCount: 5, firstArc: Uint32Array.of(0, 1, 2, 3, 4, 4), head: Uint32Array.of(1, 2, 3, 4)};

  test('contracted from its start needs no shortcut', () => {
    const c = contract(chain, ranked(Uint32Array.of(0, 1, 2, 3, 4)));
    expect([c.upHead.length, c.downTail.length, c.height]).toEqual([4, 0, 5]);
  });

  test('contracted from its middle gets shortcuts in its direction only', () => {
    // By place in the chain: c first, then b and d, then the ends.
    const c = contract(chain, ranked(Uint32Array.of(3, 1, 0, 2, 4)));
    expect([c.upHead.length, c.downTail.length, c.height]).toEqual([4, 3, 5]);
  });
});
