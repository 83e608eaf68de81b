import {gzipSync} from 'node:zlib';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {assemble} from '../../../native-graph/build/assemble.ts';
import type {RoadNetwork} from '../../../native-graph/build/network.ts';
import {importDimacs} from '../../../native-graph/dimacs/import.ts';
import {readLines} from '../../../native-graph/dimacs/lines.ts';
import {NONE, UNREACHABLE_MS} from '../../../native-graph/layout.ts';
import {positionsOf} from '../../../native-graph/position.ts';
import {everyPick, NO_LIMIT_MS, timesFrom} from '../../../native-graph/route/dijkstra.ts';
import {createScratch} from '../../../native-graph/route/scratch.ts';
import {createSnapper, snap} from '../../../native-graph/snap.ts';
import {verify} from '../../../native-graph/verify.ts';
import {chunksOf, mapFiles} from '../../support/map-file.ts';
import {IS_SOAK} from '../../support/runs.ts';
import {sharedFile} from '../../support/shared.ts';
import {expectValid} from '../../support/valid-network.ts';

const write = mapFiles();

type Arc = readonly [tail: number, head: number, ms: number];

const graphText = (nodes: number, arcs: readonly Arc[]): string =>
  `c a comment\np sp ${nodes} ${arcs.length}\n${arcs.map((arc) => `a ${arc.join(' ')}\n`).join('')}`;

/** Nodes on a bent line, a hundred metres apart, none on the street of two others. */
const placesText = (nodes: number): string =>
  `p aux sp co ${nodes}\n${Array.from({length: nodes}, (_, i) => `v ${i + 1} ${i * 1000} ${i * i * 300}\n`).join('')}`;

const importTexts = (graph: string | Uint8Array, places: string): Promise<RoadNetwork> =>
  importDimacs(write(graph, 'graph.gr'), write(places, 'places.co'));

/** Times from node to node, by trying all ways through every node in turn. */
function truthOf(nodes: number, arcs: readonly Arc[]): number[][] {
  const table = Array.from({length: nodes}, (_, a) =>
    Array.from({length: nodes}, (_, b): number => (a === b ? 0 : UNREACHABLE_MS)),
  );
  for (const [tail, head, ms] of arcs) table[tail - 1][head - 1] = Math.min(table[tail - 1][head - 1], ms);
  for (let via = 0; via < nodes; via++) {
    for (const row of table) {
      for (let b = 0; b < nodes; b++) row[b] = Math.min(row[b], row[via] + table[via][b]);
    }
  }
  return table;
}

function tableOf(network: RoadNetwork): number[][] {
  const {graph} = assemble(network, {minComponentSegments: 1});
  expect(verify(graph)).toBeUndefined();
  const snapper = createSnapper(graph);
  const places = Array.from(network.junctionLatE7, (lat, j) => snap(snapper, lat, network.junctionLonE7[j], 1));
  const positions = positionsOf(places);
  const scratch = createScratch(graph);
  return places.map((_, from) => {
    const out = new Int32Array(places.length);
    timesFrom(graph, scratch, positions, from, positions, everyPick(positions), NO_LIMIT_MS, out);
    return Array.from(out);
  });
}

test('times from node to node are those of the file, parallel arcs and loops included', async () => {
  const street = fc.tuple(fc.integer({min: 1, max: 7}), fc.integer({min: 1, max: 7}), fc.nat(900), fc.nat(900));
  await fc.assert(
    fc.asyncProperty(fc.array(street, {maxLength: 16}), async (streets) => {
      // A ring of streets reaches every node; the others come on top, some of them beside it.
      const ring = Array.from({length: 7}, (_, i): [number, number, number, number] => [
        i + 1,
        ((i + 1) % 7) + 1,
        800,
        899,
      ]);
      const arcs = [...ring, ...streets].flatMap(([a, b, there, back]): Arc[] => [
        [a, b, there + 1],
        [b, a, back + 1],
      ]);
      const network = await importTexts(graphText(7, arcs), placesText(7));
      expectValid(network);
      expect(tableOf(network)).toEqual(truthOf(7, arcs));
    }),
    {numRuns: 300},
  );
});

test('arcs there and back are one edge, the cheapest of parallel arcs is kept, and the rest is counted', async () => {
  const arcs: Arc[] = [
    [2, 1, 70],
    [1, 2, 50],
    [1, 2, 40],
    [2, 2, 5],
    [2, 3, 0],
  ];
  const network = await importTexts(gzipSync(graphText(3, arcs)), placesText(3));
  expect([...network.edgeTail, ...network.edgeHead]).toEqual([0, 1, 1, 2]);
  expect([...network.edgeForwardMs]).toEqual([40, 1]);
  expect([...network.edgeBackwardMs]).toEqual([70, 0]);
  expect([...network.junctionOsmId]).toEqual([1, 2, 3]);
  expect(network.edgeLengthCm[0]).toBeCloseTo(11_608, -2);
  expect(network.source).toMatchObject({
    format: 'dimacs',
    profile: 'dimacs',
    nodes: 3,
    ways: 5,
    drivableWays: 3,
    dropped: {'loop-arc': 1, 'parallel-arc': 1},
  });
});

describe('what does not fit is refused with its line', () => {
  const good = graphText(2, [[1, 2, 9]]);
  test.each([
    ['p sp 2 1\na 1 3 9\n', 'line 2: the head 3 is not in 1 .. 2'],
    ['p sp 2 1\na 1 2 x\n', 'line 2: the weight "x" is no whole number'],
    ['p sp 2 1\na 1 2 -4\n', 'line 2: the weight -4 is not in 0 .. 536870912'],
    ['p sp 2 1\na 1 2\n', 'line 2: the weight is missing'],
    ['p sp 2 1\na 1 2 3 4\n', 'line 2: "4" after the end'],
    ['p sp 2 2\na 1 2 3', 'line 2: the file ends after 1 of 2 arcs'],
    ['p sp 2 1\na 1 2 3\na 1 2 3\n', 'line 3: more than the 1 arcs'],
    ['p sp 2 1\np sp 2 1\n', 'line 2: a second problem line'],
    ['p max 2 1\n', 'line 1: "max" where "sp" should stand'],
    ['c nothing\n', 'line 1: no problem line'],
    ['a 1 2 3\n', 'line 1: an arc before the problem line'],
    ['p sp 99999999 1\na 1 2 3\n', 'line 1: the count of nodes 99999999 is not in 1 .. '],
    ['p sp 2 1\nedge 1 2 3\n', 'line 2: a line that starts with no single letter'],
    ['p sp 2 1\nn 1 2 3\n', 'line 2: a line of kind "n" in a graph'],
    [`p sp 2 1\n${'a'.repeat(70_000)}`, 'a line of more than 65536 bytes'],
  ])('%j', async (graph, message) => {
    await expect(importTexts(graph, placesText(2))).rejects.toMatchObject({
      code: 'DIMACS_DAMAGED',
      message: expect.stringContaining(message),
    });
  });

  test.each([
    ['p aux sp co 2\nv 1 0 0\n', 'DIMACS_COORDINATES', 'node 2 of'],
    ['p aux sp co 2\nv 3 0 0\n', 'DIMACS_DAMAGED', 'line 2: the node 3 is not in 1 .. 2'],
    ['p aux sp co 2\nv 1 200000000 0\n', 'DIMACS_DAMAGED', 'line 2: the longitude'],
    ['v 1 0 0\nv 2 0 0\n', 'DIMACS_DAMAGED', 'no line "p aux sp co NODES"'],
  ])('coordinates %j', async (places, code, message) => {
    await expect(importTexts(good, places)).rejects.toMatchObject({code, message: expect.stringContaining(message)});
  });

  test('a graph whose arcs all end where they start has no roads', async () => {
    await expect(importTexts(graphText(1, [[1, 1, 5]]), placesText(1))).rejects.toMatchObject({
      code: 'MAP_WITHOUT_ROADS',
    });
  });
});

test('lines are the same wherever the chunks of the file end', async () => {
  const text = 'c x\r\np sp 2 1\r\n\r\n  a 1\t2 3\r\na 2 1 4';
  for (let size = 1; size < 30; size++) {
    const seen: string[] = [];
    await readLines(
      'file',
      chunksOf(text, size),
      (line) => {
        if (line.kind === 'p') line.word('sp');
        seen.push(line.kind, String(line.integer('', 0, 9)), String(line.integer('', 0, 9)));
        if (line.kind === 'a') line.integer('', 0, 9);
      },
      () => seen.push('end'),
    );
    expect(seen.join(' ')).toBe('p 2 1 a 1 2 a 2 1 end');
  }
});

test('a way may go back over the arc that it came by', async () => {
  // From 2 to 3 by 1, where the straight arc is one-way the other way round.
  const arcs: Arc[] = [
    [1, 2, 10],
    [2, 1, 10],
    [1, 3, 10],
    [3, 1, 10],
    [3, 2, 5],
  ];
  const {graph: g} = assemble(await importTexts(graphText(3, arcs), placesText(3)), {minComponentSegments: 1});
  for (let s = 0; s < g.segmentCount; s++) {
    if (g.reverse[s] !== NONE) expect(g.head.subarray(g.firstArc[s], g.firstArc[s + 1])).toContain(g.reverse[s]);
  }
});

const newYork = IS_SOAK ? sharedFile('data/dimacs/USA-road-t.NY.gr.gz') : undefined;
test.skipIf(!newYork)('New York is one component, and the first arcs of its file take what they weigh', async () => {
  const network = await importDimacs(newYork!, sharedFile('data/dimacs/USA-road-d.NY.co.gz')!);
  expectValid(network);
  const {graph, report} = assemble(network);
  expect([report.componentsRead, report.segmentsDropped]).toEqual([1, 0]);
  expect([graph.junctionCount, graph.edgeCount, graph.segmentCount]).toEqual([264_346, 365_050, 730_100]);
  expect(network.edgeForwardMs[0]).toBe(2008);
});
