import {expect, test} from 'vitest';
import type {SourceReport} from '../../native-graph/build/network.ts';
import {overlay, type RoadGraph, UNREACHABLE_MS} from '../../native-graph/layout.ts';
import {SENTENCES, verify} from '../../native-graph/verify.ts';
import {DRAWN, town} from '../support/town.ts';

// Three components: a chain with two dead ends, a one-way ring, and a street. The chain's first segment leaves its
// south-western junction, b.
const {graph, segment} = town(`
  a   p>q
  |   ^ v
  b-c s<r x-y
`);
const [ab, ba, bc, cb, xy, pq] = ['ab', 'ba', 'bc', 'cb', 'xy', 'pq'].map(segment);

/** Each breaks one sentence, in the order of the list, and none before it. */
const BREAKS: readonly ((g: RoadGraph) => void)[] = [
  (g) => (g.firstArc[1] = g.arcCount + 1),
  (g) => (g.firstArcIn[0] = 1),
  (g) => (g.head[0] = g.segmentCount),
  (g) => (g.tail[2] = 0xffff_ffff),
  // Two segments with an arc each become one with two equal arcs.
  (g) => {
    g.firstArc[1] = 2;
    g.firstArc[2] = 2;
    g.head[1] = g.head[0];
  },
  (g) => {
    g.firstArcIn[1] = 2;
    g.firstArcIn[2] = 2;
    g.tail[1] = g.tail[0];
  },
  (g) => (g.travelMs[bc] = 0),
  (g) => g.arcMs[g.firstArc[ab]]--,
  (g) => g.arcMs[g.firstArc[ab]]++,
  (g) => (g.headJunction[xy] = g.junctionCount),
  (g) => (g.headJunction[ab] = g.tailJunction[ab]),
  (g) => (g.junctionOsmId[0] = 0.5),
  (g) => (g.drawn[ab] ^= 1),
  (g) => (g.edgeBackward[g.drawn[pq] >>> 1] = bc),
  (g) => (g.reverse[cb] = ab),
  (g) => (g.rank[ab] = g.rank[bc]),
  swapRanks,
  turnBackAsWell,
  (g) => (g.firstPoint[1] = 1),
  (g) => (g.pointLatE7[0] = 900_000_001),
  (g) => (g.firstPointIdByte[1] = 1),
  (g) => g.pointLonE7[0]++,
  (g) => (g.component[xy] = 0),
  (g) => {
    g.component.fill(0);
  },
  oneWayOut,
  (g) => {
    g.component.forEach((component, s) => {
      g.component[s] = 2 - component;
    });
  },
  (g) => (g.firstNameByte[1] = 1),
  (g) => (g.nameUtf8[0] = 0xff),
  (g) => (g.edgeName[0] = g.nameCount),
  (g) => g.index.fill(0x11, 8, 8 + 16),
];

/** Whatever the ranks, another edge's segment comes between those of a-b, or of x-y. */
function swapRanks(g: RoadGraph): void {
  [g.rank[ab], g.rank[xy]] = [g.rank[xy], g.rank[ab]];
}

/** a-b leads back as well as on, with the room of x-y's arc. */
function turnBackAsWell(g: RoadGraph): void {
  const arcs: [number, number][] = [];
  for (let s = 0; s < g.segmentCount; s++) {
    for (let arc = g.firstArc[s]; arc < g.firstArc[s + 1]; arc++) arcs.push([s, g.head[arc]]);
  }
  writeArcs(g, [...arcs.filter(([tail]) => tail !== xy), [ab, ba]]);
}

/** c-b no longer leads on to b-a, but back to b-c: a and its street can be left and never entered. */
function oneWayOut(g: RoadGraph): void {
  const arcs: [number, number][] = [];
  for (let s = 0; s < g.segmentCount; s++) {
    for (let arc = g.firstArc[s]; arc < g.firstArc[s + 1]; arc++) arcs.push([s, g.head[arc]]);
  }
  writeArcs(g, [...arcs.filter(([tail]) => tail !== cb), [cb, bc]]);
}

/** Equal times and no turn costs make an arc's time the same everywhere. */
function writeArcs(g: RoadGraph, arcs: [number, number][]): void {
  expect(arcs.length).toBe(g.arcCount);
  const write = (first: Uint32Array, ids: Uint32Array, from: 0 | 1): void => {
    const to = (1 - from) as 0 | 1;
    arcs.sort((a, b) => a[from] - b[from] || a[to] - b[to]);
    first.fill(0);
    arcs.forEach((arc, i) => {
      first[arc[from] + 1]++;
      ids[i] = arc[to];
    });
    for (let s = 0; s < g.segmentCount; s++) first[s + 1] += first[s];
  };
  write(g.firstArc, g.head, 0);
  write(g.firstArcIn, g.tail, 1);
}

function copy(): RoadGraph {
  const bytes = new SharedArrayBuffer(graph.bytes.byteLength);
  new Uint8Array(bytes).set(new Uint8Array(graph.bytes));
  return overlay(bytes);
}

test('a graph as it was built breaks no sentence', () => {
  expect(verify(graph)).toBeUndefined();
});

test('every sentence is broken by a change of its own', () => {
  expect(BREAKS.length).toBe(SENTENCES.length);
});

test.each(SENTENCES.map((sentence, i) => ({sentence, breaks: BREAKS[i]})))('$sentence', ({sentence, breaks}) => {
  const g = copy();
  breaks(g);
  expect(verify(g)?.sentence).toBe(sentence);
});

test('in a DIMACS graph a segment may lead back as well as on', () => {
  const turningBack = (format: SourceReport['format']): RoadGraph =>
    town('a-b-c', {}, {turnsBack: true, source: {...DRAWN, format}}).graph;
  expect(verify(turningBack('dimacs'))).toBeUndefined();
  expect(verify(turningBack('drawn'))?.sentence).toMatch(/^A segment that leads back/);
});

test('the place of the failure is named', () => {
  const g = copy();
  g.travelMs[bc] = UNREACHABLE_MS;
  expect(verify(g)).toEqual({sentence: SENTENCES[6], at: bc});
});
