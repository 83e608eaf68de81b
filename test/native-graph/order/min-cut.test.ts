import {expect, test} from 'vitest';
import {buildCellGraph, type CellGraph, createCellGraph} from '../../../native-graph/order/cell-graph.ts';
import type {Field} from '../../../native-graph/order/field.ts';
import {
  createFlow,
  INNER,
  isBehind,
  leastCut,
  markSinkSide,
  SINK,
  SOURCE,
  stopFlow,
} from '../../../native-graph/order/min-cut.ts';
import {type Random, randomStream} from '../../../src/domain/random.ts';
import {below} from '../../support/random-network.ts';

const RUNS = 4_000;

/** Two junctions, and how many segments there are between them. */
type Edge = readonly [number, number, number];

function graphOf(edges: readonly Edge[]): CellGraph {
  const field: Field = {
    edgeTail: Uint32Array.from(edges, ([a]) => a),
    edgeHead: Uint32Array.from(edges, ([, b]) => b),
    edgeSegments: Uint32Array.from(edges, ([, , segments]) => segments),
    order: Uint32Array.from(edges, (_, edge) => edge),
    around: new Uint32Array(16),
    x: new Int32Array(16),
    y: new Int32Array(16),
  };
  const g = createCellGraph(16, edges.length);
  buildCellGraph(field, {first: 0, end: edges.length}, new Uint32Array(16), g);
  return g;
}

const randomEdges = (random: Random): Edge[] => {
  const junctions = 2 + below(random, 8);
  return Array.from(
    {length: 1 + below(random, 20)},
    (): Edge => [below(random, junctions), below(random, junctions), 1 + below(random, 3)],
  );
};

/** How many segments have one end inside: an edge is two arcs. */
function crossing(g: CellGraph, inside: (node: number) => boolean): number {
  let count = 0;
  for (let v = 0; v < g.nodeCount; v++) {
    for (let arc = g.firstArc[v]; arc < g.firstArc[v + 1]; arc++) {
      if (inside(v) && !inside(g.head[arc])) count += g.segments[arc];
    }
  }
  return count;
}

/** The fewest segments around a set of nodes with the sources and without the sinks, by trying all sets. */
function leastByTrying(g: CellGraph, role: Uint8Array): number {
  let least = Number.MAX_SAFE_INTEGER;
  for (let set = 0; set < 1 << g.nodeCount; set++) {
    const inside = (v: number): boolean => ((set >> v) & 1) === 1;
    let parts = true;
    for (let v = 0; v < g.nodeCount; v++) {
      if (role[v] !== INNER && inside(v) !== (role[v] === SOURCE)) parts = false;
    }
    if (parts) least = Math.min(least, crossing(g, inside));
  }
  return least;
}

test('a cell graph has every edge that is no loop as two arcs, each the twin of the other', () => {
  const random = randomStream(11, 'cell graph');
  for (let run = 0; run < 500; run++) {
    const edges = randomEdges(random);
    const g = graphOf(edges);
    const between: Edge[] = [];
    for (let v = 0; v < g.nodeCount; v++) {
      for (let arc = g.firstArc[v]; arc < g.firstArc[v + 1]; arc++) {
        const twin = g.twin[arc];
        expect([g.twin[twin], g.head[twin], g.segments[twin]]).toEqual([arc, v, g.segments[arc]]);
        if (v < g.head[arc]) between.push([g.junction[v], g.junction[g.head[arc]], g.segments[arc]]);
      }
    }
    const sorted = (all: readonly Edge[]): string[] =>
      all.map(([a, b, segments]) => [Math.min(a, b), Math.max(a, b), segments].join()).sort();
    expect(sorted(between), `run ${run}`).toEqual(sorted(edges.filter(([a, b]) => a !== b)));
  }
});

test('no cut has fewer segments, nor has one with more sources and sinks, and both sides are of least cuts', () => {
  const random = randomStream(12, 'min cut');
  let some = 0;
  for (let run = 0; run < RUNS; run++) {
    const g = graphOf(randomEdges(random));
    if (g.nodeCount < 2) continue;
    const flow = createFlow(g.nodeCount, g.firstArc[g.nodeCount]);
    flow.role[0] = SOURCE;
    flow.role[g.nodeCount - 1] = SINK;
    for (let v = 1; v < g.nodeCount - 1; v++) flow.role[v] = [INNER, INNER, SOURCE, SINK][below(random, 4)];
    stopFlow(g, flow);
    for (const more of [false, true]) {
      for (let v = 0; more && v < g.nodeCount; v++) {
        if (flow.role[v] === INNER) flow.role[v] = [INNER, SOURCE, SINK][below(random, 3)];
      }
      const least = leastByTrying(g, flow.role);
      const message = `run ${run}`;
      expect(leastCut(g, flow, Number.POSITIVE_INFINITY), message).toBe(least);
      expect(
        crossing(g, (v) => isBehind(flow, v)),
        message,
      ).toBe(least);
      const marked = new Uint8Array(g.nodeCount);
      const ahead = markSinkSide(g, flow, marked);
      expect(ahead, message).toBe(marked.filter((mark) => mark === 1).length);
      expect(
        crossing(g, (v) => marked[v] === 1),
        message,
      ).toBe(least);
      for (let v = 0; v < g.nodeCount; v++) {
        if (flow.role[v] === SOURCE) expect([isBehind(flow, v), marked[v]], message).toEqual([true, 0]);
        if (flow.role[v] === SINK) expect([isBehind(flow, v), marked[v]], message).toEqual([false, 1]);
      }
      if (least > 0) some++;
    }
  }
  expect(some).toBeGreaterThan(RUNS / 3);
});

test('a cut of the limit or more is not counted to its end', () => {
  const g = graphOf(Array.from({length: 9}, (): Edge => [0, 1, 1]));
  const flow = createFlow(2, 18);
  flow.role.set([SOURCE, SINK]);
  stopFlow(g, flow);
  for (const limit of [4, 9]) expect(leastCut(g, flow, limit)).toBe(limit);
  expect(leastCut(g, flow, 10)).toBe(9);
});
