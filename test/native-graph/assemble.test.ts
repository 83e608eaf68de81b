import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {assemble} from '../../native-graph/build/assemble.ts';
import {stronglyConnected} from '../../native-graph/build/components.ts';
import {InputFailure} from '../../native-graph/failure.ts';
import {seal} from '../../native-graph/file.ts';
import {NONE, type RoadGraph, UNREACHABLE_MS} from '../../native-graph/layout.ts';
import {verify} from '../../native-graph/verify.ts';
import {randomStream} from '../../src/domain/random.ts';
import {randomNetwork, truthOf, unevenTurns} from '../support/random-network.ts';
import {drawnNetwork, type Town, town} from '../support/town.ts';

const RUNS = 1_000;

/** The streets that lead on from a street. */
function turnsFrom({graph: g, segment}: Town, street: string): string[] {
  const letter = (junction: number): string => String.fromCharCode(g.junctionOsmId[junction]);
  const s = segment(street);
  const heads = g.head.subarray(g.firstArc[s], g.firstArc[s + 1]);
  return Array.from(heads, (head) => letter(g.tailJunction[head]) + letter(g.headJunction[head])).sort();
}

describe('turns', () => {
  test('a driver turns back at a dead end and nowhere else', () => {
    const drawn = town(`
      a-b-c
        |
        d
    `);
    expect(turnsFrom(drawn, 'ab')).toEqual(['bc', 'bd']);
    expect(turnsFrom(drawn, 'ba')).toEqual(['ab']);
    expect(turnsFrom(drawn, 'bd')).toEqual(['db']);
  });

  test('a one-way street that leads nowhere is no way on, so a driver turns back before it', () => {
    const drawn = town('a-b>c');
    expect(turnsFrom(drawn, 'ab')).toEqual(['ba']);
    expect(turnsFrom(town('a-b>c>d'), 'ab')).toEqual(['ba']);
  });

  test('where the network knows no turns, a driver turns back everywhere', () => {
    const drawn = town('a-b-c', {}, {turnsBack: true});
    expect(turnsFrom(drawn, 'ab')).toEqual(['ba', 'bc']);
    expect(turnsFrom(drawn, 'bc')).toEqual(['cb']);
  });

  test('the arcs are exactly the permitted turns within a component, with their costs', () => {
    const seeds = fc.integer();
    fc.assert(
      fc.property(seeds, (seed) => {
        const network = randomNetwork(randomStream(seed, 'assemble'));
        const truth = truthOf(network, unevenTurns);
        const {graph: g} = assemble(network, {minComponentSegments: 1, turnCostMs: unevenTurns});
        expect(verify(g)).toBeUndefined();
        const arcs = new Set<string>();
        for (let a = 0; a < g.segmentCount; a++) {
          for (let arc = g.firstArc[a]; arc < g.firstArc[a + 1]; arc++) {
            const [from, to] = [directedOf(g, a), directedOf(g, g.head[arc])];
            arcs.add(`${from} ${to}`);
            expect(g.arcMs[arc] - g.travelMs[g.head[arc]]).toBe(unevenTurns(from, to, network));
          }
        }
        const permitted = Array.from(truth.joined.keys()).filter((pair) => truth.joined[pair] === 1);
        expect([...arcs].sort()).toEqual(
          permitted.map((pair) => `${Math.floor(pair / truth.size)} ${pair % truth.size}`).sort(),
        );
      }),
      {numRuns: RUNS},
    );
  });
});

/** The directed edge of the random network that a segment was. */
const directedOf = (g: RoadGraph, segment: number): number =>
  (g.edgeName[g.drawn[segment] >>> 1] - 1) * 2 + (g.drawn[segment] & 1);

describe('components', () => {
  test('a ring of two-way streets is two components, since nowhere on it may a driver turn back', () => {
    const {graph, segment} = town(`
      a-b
      | |
      d-c
    `);
    expect(graph.segmentCount).toBe(8);
    expect(graph.component[segment('ab')]).toBe(graph.component[segment('bc')]);
    expect(graph.component[segment('ab')]).not.toBe(graph.component[segment('ba')]);
  });

  const islands = `
    a-b-c d-e f>g
  `;

  test('small components are dropped and reported, with the streets that only they used', () => {
    const {graph, report} = assemble(drawnNetwork(islands), {minComponentSegments: 2});
    expect(report).toEqual({
      minComponentSegments: 2,
      segmentsRead: 7,
      segmentsDropped: 1,
      edgesRead: 4,
      edgesDropped: 1,
      componentsRead: 3,
      componentsDropped: 1,
      componentSegments: [4, 2],
    });
    expect(graph.junctionCount).toBe(5);
    expect(graph.edgeCount).toBe(3);
  });

  test('the largest is kept however small it is', () => {
    const {graph, report} = assemble(drawnNetwork(islands));
    expect(report.componentSegments).toEqual([4]);
    expect(graph.segmentCount).toBe(4);
  });

  test('a street of which one direction is dropped has no reverse', () => {
    const {graph} = assemble(
      drawnNetwork(`
        a-b
        | |
        d<c
      `),
    );
    expect(graph.segmentCount).toBe(4);
    expect(Array.from(graph.reverse)).toEqual([NONE, NONE, NONE, NONE]);
    expect(graph.edgeCount).toBe(4);
  });

  test('components are those of the truth, largest first', () => {
    const seeds = fc.integer();
    const least = fc.integer({min: 1, max: 6});
    fc.assert(
      fc.property(seeds, least, (seed, minComponentSegments) => {
        const network = randomNetwork(randomStream(seed, 'components'));
        const truth = truthOf(network, unevenTurns);
        const sizes = new Map<number, number>();
        for (const c of truth.component) if (c >= 0) sizes.set(c, (sizes.get(c) ?? 0) + 1);
        const all = [...sizes.values()].sort((a, b) => b - a);
        const kept = all.filter((size, i) => i === 0 || size >= minComponentSegments);
        const {graph, report} = assemble(network, {minComponentSegments, turnCostMs: unevenTurns});
        expect(report.componentSegments).toEqual(kept);
        expect(report.componentsRead).toBe(all.length);
        expect(graph.segmentCount).toBe(kept.reduce((sum, size) => sum + size, 0));
        expect(verify(graph)).toBeUndefined();
      }),
      {numRuns: RUNS},
    );
  });

  test('a path of a million nodes needs no call stack', () => {
    const count = 1_000_000;
    const firstArc = Uint32Array.from({length: count + 1}, (_, v) => Math.min(v, count - 1));
    const head = Uint32Array.from({length: count - 1}, (_, v) => v + 1);
    expect(stronglyConnected(firstArc, head).count).toBe(count);
  });
});

test('equal networks give equal bytes', () => {
  const network = randomNetwork(randomStream(7, 'bytes'));
  const [one, other] = [assemble(network).graph.bytes, assemble(network).graph.bytes];
  seal(one);
  seal(other);
  expect(Buffer.from(one).equals(Buffer.from(other))).toBe(true);
});

test('segments of one junction are neighbours, and so are those of neighbouring junctions', () => {
  const side = 32;
  const network = grid(side);
  const {graph: g} = assemble(network);
  let close = 0;
  for (let s = 0; s < g.segmentCount; s++) if (Math.abs(g.headJunction[s] - g.tailJunction[s]) <= 8) close++;
  // Row by row it would be half: the steps along a row are 1 apart, those across rows 32.
  expect(close / g.segmentCount).toBeGreaterThan(0.7);
  for (let s = 1; s < g.segmentCount; s++) {
    expect(g.tailJunction[s]).toBeGreaterThanOrEqual(g.tailJunction[s - 1]);
  }
});

function grid(side: number) {
  const letters = Array.from({length: side * side}, (_, i) => String.fromCharCode(0x61 + (i % 26)));
  const base = drawnNetwork('a-b');
  const at = (x: number, y: number): number => y * side + x;
  const streets: [number, number][] = [];
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      if (x + 1 < side) streets.push([at(x, y), at(x + 1, y)]);
      if (y + 1 < side) streets.push([at(x, y), at(x, y + 1)]);
    }
  }
  const each = (value: number): Uint32Array => new Uint32Array(streets.length).fill(value);
  return {
    ...base,
    junctionLatE7: Int32Array.from(letters, (_, i) => Math.floor(i / side) * 1_000),
    junctionLonE7: Int32Array.from(letters, (_, i) => (i % side) * 1_000),
    junctionOsmId: Float64Array.from(letters, (_, i) => i),
    edgeTail: Uint32Array.from(streets, ([tail]) => tail),
    edgeHead: Uint32Array.from(streets, ([, head]) => head),
    edgeForwardMs: each(100),
    edgeBackwardMs: each(100),
    edgeLengthCm: each(100),
    firstPoint: new Uint32Array(streets.length + 1),
    edgeClass: new Uint8Array(streets.length),
    edgeName: each(0),
  };
}

describe('what cannot be a graph', () => {
  const failure = (make: () => unknown): InputFailure => {
    try {
      make();
    } catch (error) {
      if (error instanceof InputFailure) return error;
      throw error;
    }
    throw new Error('nothing was refused');
  };

  test('a network without a drivable edge is refused with the name of its file', () => {
    const network = {...drawnNetwork('a-b'), edgeForwardMs: new Uint32Array(1), edgeBackwardMs: new Uint32Array(1)};
    const {code, message} = failure(() => assemble(network));
    expect(code).toBe('NO_ROADS');
    expect(message).toContain('a drawing');
  });

  test('an edge that takes as long as UNREACHABLE_MS is refused', () => {
    const network = {...drawnNetwork('a-b'), edgeForwardMs: Uint32Array.of(UNREACHABLE_MS)};
    expect(failure(() => assemble(network)).code).toBe('EDGE_TIME');
  });
});
