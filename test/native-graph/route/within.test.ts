// Everything within a limit: over a hierarchy the same as by Dijkstra, segment by segment, in both directions.
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {assemble} from '../../../native-graph/build/assemble.ts';
import {importNetwork} from '../../../native-graph/build/import.ts';
import {freeTurns} from '../../../native-graph/build/turns.ts';
import {twins} from '../../../native-graph/kernels/kernels.ts';
import {type RoadGraph, UNREACHABLE_MS} from '../../../native-graph/layout.ts';
import {type Positions, positionsOf} from '../../../native-graph/position.ts';
import {NO_LIMIT_MS, timesWithin} from '../../../native-graph/route/dijkstra.ts';
import {createScratch} from '../../../native-graph/route/scratch.ts';
import {timesWithinOver} from '../../../native-graph/route/within.ts';
import type {Workspace} from '../../../native-graph/route/workspace.ts';
import {gothenburg} from '../../../src/cli/city-graph.ts';
import {randomStream} from '../../../src/domain/random.ts';
import {live} from '../../support/live-graph.ts';
import {timesByNearEnds} from '../../support/near-ends.ts';
import {dijkstraTable, hasCopies, inRandomEpoch, roughWorld, workspaceOf} from '../../support/random-hierarchy.ts';
import {below, placeOn, randomPlaces, randomWorld, unevenTurns, withoutTurns} from '../../support/random-network.ts';
import {networkOf, rowsFor} from '../../support/random-speeds.ts';
import {runs} from '../../support/runs.ts';
import {sharedFile} from '../../support/shared.ts';
import {BLOCK_MS, town} from '../../support/town.ts';

const RUNS = runs(1_500, 3);
const seeds = fc.integer({min: 0, max: 2 ** 31});
const DIRECTIONS = ['from', 'to'] as const;
type Direction = (typeof DIRECTIONS)[number];

function byDijkstra(g: RoadGraph, direction: Direction, at: Positions, i: number, limitMs: number): Int32Array {
  const out = new Int32Array(g.segmentCount);
  timesWithin(g, createScratch(g), direction, at, i, limitMs, out);
  return out;
}

function overHierarchy(ws: Workspace, direction: Direction, at: Positions, i: number, limitMs: number): Int32Array {
  const out = new Int32Array(ws.g.segmentCount).fill(-7);
  timesWithinOver(ws, direction, at, i, limitMs, out);
  return out;
}

function expectSame(ws: Workspace, at: Positions, i: number, limitMs: number): void {
  for (const direction of DIRECTIONS) {
    const found = overHierarchy(ws, direction, at, i, limitMs);
    expect(found, direction).toEqual(byDijkstra(ws.g, direction, at, i, limitMs));
    expect(found.every((ms) => (ms >= 0 && ms <= limitMs) || ms === UNREACHABLE_MS)).toBe(true);
  }
}

describe('on random roads, within any limit', () => {
  test('a hierarchy tells of every segment what Dijkstra does', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const {graph, places, random} = roughWorld(seed);
        const ws = workspaceOf(graph);
        const at = positionsOf(places);
        for (let round = 0; round < 8; round++) {
          expectSame(
            ws,
            at,
            below(random, at.count),
            [0, below(random, 300), below(random, 20_000), NO_LIMIT_MS][round % 4],
          );
        }
      }),
      {numRuns: RUNS},
    );
  });

  test('also where turns are free and a node stands for several segments', () => {
    let shared = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        const {graph, places, truthMs, random} = randomWorld(seed, {turnsBack: true});
        const ws = workspaceOf(graph);
        shared += ws.h.isShared.reduce((sum, one) => sum + one, 0);
        const at = positionsOf(places);
        const i = below(random, at.count);
        for (const limitMs of [below(random, 300), NO_LIMIT_MS]) {
          expectSame(ws, at, i, limitMs);
          const from = overHierarchy(ws, 'from', at, i, limitMs);
          const cut = (ms: number): number => (ms <= limitMs ? ms : UNREACHABLE_MS);
          expect(timesByNearEnds(graph, 'from', at, i, from, at, limitMs)).toEqual(truthMs[i].map(cut));
          const to = overHierarchy(ws, 'to', at, i, limitMs);
          expect(timesByNearEnds(graph, 'to', at, i, to, at, limitMs)).toEqual(truthMs.map((row) => cut(row[i])));
        }
      }),
      {numRuns: Math.ceil(RUNS / 2)},
    );
    expect(shared).toBeGreaterThan(runs(1_000, 3));
  });

  test('also with restrictions, turns of any kind and live speeds, some of which close roads', () => {
    let [copies, closed] = [0, 0];
    fc.assert(
      fc.property(seeds, (seed) => {
        const random = randomStream(seed, 'within');
        const bare = networkOf(random);
        const network = below(random, 3) === 0 ? withoutTurns(bare) : bare;
        const {graph} = assemble(network, {
          minComponentSegments: 1,
          turnCostMs: below(random, 2) === 0 ? unevenTurns : freeTurns,
        });
        const g = below(random, 2) === 0 ? graph : live(graph, rowsFor(graph, random, 0)).graph;
        if (hasCopies(g)) copies++;
        if (g.arcMs.includes(UNREACHABLE_MS)) closed++;
        const at = positionsOf(randomPlaces(g, random).places);
        const ws = workspaceOf(g, below(random, 2) === 0 ? () => twins : undefined);
        for (let round = 0; round < 4; round++) {
          expectSame(ws, at, below(random, at.count), [below(random, 3_000), NO_LIMIT_MS][round % 2]);
        }
      }),
      {numRuns: Math.ceil(RUNS / 2)},
    );
    expect(Math.min(copies, closed)).toBeGreaterThan(0);
  });
});

describe('in a drawn town', () => {
  const within = (
    drawn: ReturnType<typeof town>,
    direction: Direction,
    street: string,
    fraction: number,
    limitMs: number,
  ) => {
    const out = overHierarchy(
      workspaceOf(drawn.graph),
      direction,
      positionsOf([drawn.on(street, fraction)]),
      0,
      limitMs,
    );
    return (name: string): number => out[drawn.segment(name)];
  };
  const block = `
    a>b
    ^ v
    d<c
  `;

  test('streets are told of by where they are entered, the own one when the way comes round', () => {
    const drawn = town(block);
    const ms = within(drawn, 'from', 'ab', 0.5, NO_LIMIT_MS);
    expect(['bc', 'cd', 'da', 'ab'].map(ms)).toEqual([0.5, 1.5, 2.5, 3.5].map((blocks) => blocks * BLOCK_MS));
  });

  test('and on the way to a place by where they are left', () => {
    const drawn = town(block);
    const ms = within(drawn, 'to', 'ab', 0.5, NO_LIMIT_MS);
    expect(['da', 'cd', 'bc', 'ab'].map(ms)).toEqual([0.5, 1.5, 2.5, 3.5].map((blocks) => blocks * BLOCK_MS));
  });

  test('the limit itself is within, and what is beyond it or on another island is never a number', () => {
    const drawn = town(`${block.trimEnd()} e-f`);
    const upTo = within(drawn, 'from', 'ab', 0.5, 1.5 * BLOCK_MS);
    expect(['cd', 'da', 'ef'].map(upTo)).toEqual([1.5 * BLOCK_MS, UNREACHABLE_MS, UNREACHABLE_MS]);
    expect(within(drawn, 'to', 'ab', 0.5, 1.5 * BLOCK_MS - 1)('cd')).toBe(UNREACHABLE_MS);
  });
});

describe.each([
  ['Gothenburg', gothenburg()],
  ['Monaco', sharedFile('data/osm/monaco.osm.pbf')],
  ['Austin', sharedFile('data/osm/austin_ut_downtown.osm')],
  ['Fiji', sharedFile('data/osm/edge-cases/r5-fiji-ferry.osm.pbf')],
])('on the roads of %s', (_, file) => {
  test.skipIf(!file)(
    'both tell the same, and what the table does, in the epoch of the file and in another',
    async () => {
      const random = randomStream(7, 'real roads');
      const file0 = assemble(await importNetwork(file!), {minComponentSegments: 4}).graph;
      for (const g of [file0, inRandomEpoch(file0, random)]) {
        const ws = workspaceOf(g);
        const at = positionsOf(
          Array.from({length: 12}, (_, i) => placeOn(g, below(random, g.edgeCount), random(), i % 3 > 0, i % 3 < 2)),
        );
        const truth = dijkstraTable(g, at);
        for (let i = 0; i < at.count; i++) {
          expectSame(ws, at, i, [60_000, 900_000, NO_LIMIT_MS][i % 3]);
          const nearMs = overHierarchy(ws, 'from', at, i, NO_LIMIT_MS);
          const row = truth.slice(i * at.count, (i + 1) * at.count);
          expect(timesByNearEnds(g, 'from', at, i, nearMs, at, NO_LIMIT_MS)).toEqual(row);
        }
      }
    },
  );
});
