import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {assemble} from '../../../native-graph/build/assemble.ts';
import {type RoadGraph, UNREACHABLE_MS} from '../../../native-graph/layout.ts';
import {overlayWeights, weightsBytes, weightsFlaw, withWeights} from '../../../native-graph/metric/weights.ts';
import type {Position} from '../../../native-graph/position.ts';
import {route} from '../../../native-graph/route/path.ts';
import {createScratch} from '../../../native-graph/route/scratch.ts';
import {randomStream} from '../../../src/domain/random.ts';
import {live} from '../../support/live-graph.ts';
import {networkOf, rowsFor} from '../../support/random-speeds.ts';
import {BLOCK_MS, town} from '../../support/town.ts';

describe('in a drawn town', () => {
  const drawn = town(`
    a-b-c
    |   |
    d-e-f
  `);
  const node = (letter: string): number => letter.charCodeAt(0);
  const speed = (street: string, kmh: number): number[] => [node(street[0]), node(street[1]), kmh];
  const timeMs = (g: RoadGraph, from: Position, to: Position): number =>
    route(g, createScratch(g), from, to)?.durationMs ?? UNREACHABLE_MS;
  const [west, east] = [drawn.on('ab', 0.5), drawn.on('bc', 0.5)];

  test('a speed changes its own direction and no other', () => {
    const {graph, made} = live(drawn.graph, [speed('ab', 72)]);
    expect(timeMs(graph, drawn.on('ab', 0), drawn.on('ab', 1))).toBe(BLOCK_MS / 2);
    expect(timeMs(graph, drawn.on('ab', 1), drawn.on('ab', 0))).toBe(BLOCK_MS);
    expect(made.report).toMatchObject({rowsApplied: 1, segmentsChanged: 1, segmentsClosed: 0});
  });

  test('the last of several rows for one pair counts, as in OSRM', () => {
    const {graph, made} = live(drawn.graph, [speed('ab', 72), speed('ab', 18)]);
    expect(timeMs(graph, drawn.on('ab', 0), drawn.on('ab', 1))).toBe(2 * BLOCK_MS);
    expect(made.report).toMatchObject({rowsApplied: 1, rowsRepeated: 1});
  });

  test('a slow road is driven round, a closed one too, and none leads onto it', () => {
    const slow = live(drawn.graph, [speed('ab', 1)]).graph;
    expect(timeMs(slow, drawn.on('da', 0.9), east)).toBeCloseTo(4.4 * BLOCK_MS, -2);
    const {graph: shut, made} = live(drawn.graph, [speed('ab', 0), speed('ba', 0)]);
    expect(made.report).toMatchObject({segmentsChanged: 2, segmentsClosed: 2});
    expect(timeMs(shut, drawn.on('da', 0.9), east)).toBeCloseTo(4.4 * BLOCK_MS, -2);
    expect(timeMs(shut, east, west)).toBe(UNREACHABLE_MS);
    expect(timeMs(shut, drawn.on('de', 0.5), west)).toBe(UNREACHABLE_MS);
  });

  test('whoever stands on a closed road may drive on and leave it', () => {
    const shut = live(drawn.graph, [speed('ab', 0), speed('ba', 0)]).graph;
    expect(timeMs(shut, west, east)).toBe(BLOCK_MS);
    expect(timeMs(shut, west, drawn.on('da', 0.5))).toBe(BLOCK_MS);
    expect(timeMs(shut, west, drawn.on('ab', 0.9))).toBe(0.4 * BLOCK_MS);
  });

  test('a road closed one way is a one-way street', () => {
    const shut = live(drawn.graph, [speed('ab', 0)]).graph;
    expect(timeMs(shut, east, west)).toBe(BLOCK_MS);
    expect(timeMs(shut, drawn.on('da', 1), west)).toBeCloseTo(5.5 * BLOCK_MS, -2);
  });

  test('a closed road that takes days stays closed to the longest search', () => {
    const days = new Uint32Array(drawn.network.edgeTail.length).fill(2 ** 29);
    const longest = assemble(
      {...drawn.network, edgeForwardMs: days, edgeBackwardMs: days},
      {minComponentSegments: 1},
    ).graph;
    const shut = live(longest, [speed('bc', 0), speed('cb', 0)]).graph;
    expect(timeMs(longest, drawn.on('ab', 0.9), drawn.on('bc', 0.1))).toBeLessThan(2 ** 29);
    expect(timeMs(shut, drawn.on('ab', 0.9), drawn.on('bc', 0.1))).toBe(UNREACHABLE_MS);
  });

  test('rows merged onto kept ones supersede those of the same pair, and leave the others', () => {
    const first = live(drawn.graph, [speed('ab', 72), speed('bc', 72)]);
    const {graph, made} = live(drawn.graph, [speed('ab', 18), speed('zz', 5)], first.made.kept);
    expect(timeMs(graph, drawn.on('ab', 0), drawn.on('bc', 1))).toBe(2.5 * BLOCK_MS);
    expect(made.report).toMatchObject({rowsApplied: 1, rowsUnknown: 1, rowsRepeated: 0});
    expect(made.rowsInUse).toBe(2);
    expect(live(drawn.graph, [speed('bc', 72), speed('ab', 18)]).made.weightsHash).toBe(made.weightsHash);
  });

  test('the slowest speed on the longest road stays a time', () => {
    const edgeLengthCm = new Uint32Array(drawn.network.edgeTail.length).fill(2 ** 32 - 1);
    const {graph: g} = assemble({...drawn.network, edgeLengthCm}, {minComponentSegments: 1});
    expect(live(g, [speed('ab', 0.1)]).graph.travelMs[drawn.segment('ab')]).toBe(2 ** 29);
  });

  test('no rows are the times of the file', () => {
    const {graph, made} = live(drawn.graph, []);
    expect(graph.arcMs).toEqual(drawn.graph.arcMs);
    expect(made).toMatchObject({rowsInUse: 0, report: {segmentsChanged: 0, rowsApplied: 0}});
  });
});

describe('broken weights are found', () => {
  const drawn = town('a-b-c\n| | |\nd-e-f');
  const {graph: g} = drawn;
  const {block} = live(g, [
    [97, 98, 20],
    [98, 99, 0],
  ]);

  test('wherever one value is another', () => {
    for (let i = 0; i < block.byteLength / 4; i++) {
      for (const value of [0, -1, 17, UNREACHABLE_MS]) {
        const copy = new SharedArrayBuffer(block.byteLength);
        const values = new Int32Array(copy);
        values.set(new Int32Array(block));
        expect(weightsFlaw(g, overlayWeights(g, copy))).toBeUndefined();
        if (values[i] === value) continue;
        values[i] = value;
        expect(weightsFlaw(g, overlayWeights(g, copy)), `${i}: ${value}`).toBeDefined();
      }
    }
  });

  test('where the copies of a segment differ', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = randomStream(seed, 'copies');
        const {graph} = assemble(networkOf(random), {minComponentSegments: 1});
        const copy = graph.drawn.findIndex((drawnAs, s) => s > 0 && drawnAs === graph.drawn[s - 1]);
        fc.pre(copy > 0);
        const weights = overlayWeights(graph, live(graph, rowsFor(graph, random, 1)).block);
        weights.travelMs[copy]++;
        expect(weightsFlaw(graph, weights)?.sentence).toBe('The copies of a segment take the same time.');
      }),
      {numRuns: 50},
    );
  });
});

test('a block of another graph is refused', () => {
  const [one, other] = [town('a-b').graph, town('a-b-c').graph];
  expect(() => withWeights(one, new SharedArrayBuffer(weightsBytes(other)))).toThrow('bytes where');
});
