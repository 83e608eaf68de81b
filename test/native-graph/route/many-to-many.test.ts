import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {UNREACHABLE_MS} from '../../../native-graph/layout.ts';
import {positionsOf} from '../../../native-graph/position.ts';
import {NO_LIMIT_MS} from '../../../native-graph/route/dijkstra.ts';
import {type TableMethod, type TableShape, table, tableWithLengths} from '../../../native-graph/route/many-to-many.ts';
import type {Workspace} from '../../../native-graph/route/workspace.ts';
import {
  dijkstraTable,
  hasCopies,
  roughWorld,
  someOf,
  withoutClosedTurns,
  workspaceOf,
} from '../../support/random-hierarchy.ts';
import {below, randomWorld} from '../../support/random-network.ts';
import {runs} from '../../support/runs.ts';
import {BLOCK_M, BLOCK_MS, town} from '../../support/town.ts';

const RUNS = runs(2_000);
const seeds = fc.integer();

const square = (at: TableShape['from']): TableShape => ({from: at, firstRow: 0, endRow: at.count, to: at});
const sizeOf = ({firstRow, endRow, to}: TableShape): number => (endRow - firstRow) * to.count;

/** What a table holds before it is written: no time, so that a time left out shows. */
const JUNK = -7;

function times(ws: Workspace, shape: TableShape, method?: TableMethod, limitMs = NO_LIMIT_MS): number[] {
  const out = new Int32Array(sizeOf(shape)).fill(JUNK);
  table(ws, shape, limitMs, out, method);
  return Array.from(out);
}

function withLengths(ws: Workspace, shape: TableShape, limitMs = NO_LIMIT_MS): {ms: number[]; cm: number[]} {
  const [ms, cm] = [new Int32Array(sizeOf(shape)).fill(JUNK), new Int32Array(sizeOf(shape)).fill(JUNK)];
  tableWithLengths(ws, shape, limitMs, ms, cm);
  return {ms: Array.from(ms), cm: Array.from(cm)};
}

/** Said by vitest where they differ, which is slow at going through long lists. */
function expectSame(found: readonly number[], wanted: readonly number[]): void {
  if (found.length !== wanted.length || found.some((value, i) => value !== wanted[i])) expect(found).toEqual(wanted);
}

/** By each way to make a table. */
const ways = [
  (ws: Workspace, shape: TableShape, limitMs?: number) => times(ws, shape, 'buckets', limitMs),
  (ws: Workspace, shape: TableShape, limitMs?: number) => times(ws, shape, 'sweep', limitMs),
  (ws: Workspace, shape: TableShape, limitMs?: number) => withLengths(ws, shape, limitMs).ms,
];

const everyWay = (...request: Parameters<(typeof ways)[number]>): number[][] => ways.map((way) => way(...request));

describe('a table over a hierarchy of random roads', () => {
  test('has the times that Floyd and Warshall find, by buckets, by sweeps and with lengths', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const {graph, places, truthMs} = randomWorld(seed);
        for (const found of everyWay(workspaceOf(graph), square(positionsOf(places)))) {
          expectSame(found, truthMs.flat());
        }
      }),
      {numRuns: RUNS},
    );
  });

  test('has the times of Dijkstra, with restrictions, any order of contraction, ties and closed turns', () => {
    let unreachable = 0;
    let worldsWithCopies = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        const {graph, places} = roughWorld(seed);
        const at = positionsOf(places);
        const truth = dijkstraTable(withoutClosedTurns(graph), at);
        for (const found of everyWay(workspaceOf(graph), square(at))) expectSame(found, truth);
        unreachable += truth.filter((ms) => ms === UNREACHABLE_MS).length;
        worldsWithCopies += Number(hasCopies(graph));
      }),
      {numRuns: RUNS},
    );
    expect(unreachable).toBeGreaterThan(RUNS);
    expect(worldsWithCopies).toBeGreaterThan(RUNS / 10);
  });

  test('has the times up to a limit as they are, and no others, nor their lengths', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const {graph, places, random} = roughWorld(seed);
        const shape = square(positionsOf(places));
        const ws = workspaceOf(graph);
        const all = withLengths(ws, shape);
        // A time that occurs, one less or one more: the bound itself is where a search goes wrong.
        const near = Math.min(all.ms[below(random, all.ms.length)], 1_000_000);
        const limitMs = Math.max(0, near - 1 + below(random, 3));
        const ms = all.ms.map((full) => (full <= limitMs ? full : UNREACHABLE_MS));
        const cm = all.cm.map((full, i) => (all.ms[i] <= limitMs ? full : 0));
        for (const found of everyWay(ws, shape, limitMs)) expectSame(found, ms);
        expectSame(withLengths(ws, shape, limitMs).cm, cm);
      }),
      {numRuns: Math.ceil(RUNS / 2)},
    );
  });

  test('of other places, many, few or none, has what the table of all has for them', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const {graph, places, random} = roughWorld(seed);
        const ws = workspaceOf(graph);
        const counts = [0, 1, 2, 7, 8, 9, 16, 17, 40];
        for (let round = 0; round < 3; round++) {
          const from = someOf(places, counts[below(random, counts.length)], random);
          const to = someOf(places, counts[below(random, counts.length)], random);
          const firstRow = below(random, from.count + 1);
          const endRow = firstRow + below(random, from.count - firstRow + 1);
          const whole = {from, firstRow: 0, endRow: from.count, to};
          const truth = dijkstraTable(withoutClosedTurns(graph), from, to);
          const lengths = withLengths(ws, whole).cm;
          const part = <T>(all: T[]): T[] => all.slice(firstRow * to.count, endRow * to.count);
          for (const found of everyWay(ws, whole)) expectSame(found, truth);
          for (const found of everyWay(ws, {...whole, firstRow, endRow})) expectSame(found, part(truth));
          expect(withLengths(ws, {...whole, firstRow, endRow}).cm).toEqual(part(lengths));
        }
      }),
      {numRuns: Math.ceil(RUNS / 4)},
    );
  });

  test('has for one pair by itself what it has among all, lengths included', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const {graph, places, random} = roughWorld(seed);
        const ws = workspaceOf(graph);
        const all = withLengths(ws, square(positionsOf(places)));
        for (let round = 0; round < 20; round++) {
          const [i, k] = [below(random, places.length), below(random, places.length)];
          const pair = {from: positionsOf([places[i]]), firstRow: 0, endRow: 1, to: positionsOf([places[k]])};
          const at = i * places.length + k;
          expect(withLengths(ws, pair)).toEqual({ms: [all.ms[at]], cm: [all.cm[at]]});
          expect(times(ws, pair, 'sweep')).toEqual([all.ms[at]]);
        }
      }),
      {numRuns: Math.ceil(RUNS / 4)},
    );
  });

  // Who goes on from a third place is free of the restriction that the way there was under, where a copy tells of it.
  test('has no way shorter by way of a third place, where each place is on one segment without copies', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const {graph, places} = roughWorld(seed);
        if (hasCopies(graph)) return;
        const directed = positionsOf(places.filter((p) => p !== null && (p.forward < 0 || p.backward < 0)));
        const n = directed.count;
        const ms = times(workspaceOf(graph), square(directed));
        let worstMs = 0;
        for (let a = 0; a < n; a++) {
          for (let b = 0; b < n; b++) {
            for (let c = 0; c < n; c++) worstMs = Math.max(worstMs, ms[a * n + c] - ms[a * n + b] - ms[b * n + c]);
          }
        }
        expect(worstMs).toBe(0);
      }),
      {numRuns: Math.ceil(RUNS / 4)},
    );
  });

  test('leaves the thread as it was: a table made again is the same', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const {graph, places} = roughWorld(seed);
        const ws = workspaceOf(graph);
        const shape = square(positionsOf(places));
        const before = everyWay(ws, shape);
        expect(everyWay(ws, shape)).toEqual(before);
        const {label} = ws.climbing;
        for (const clean of [ws.localOf, ws.bits]) expect(clean.every((value) => value === 0)).toBe(true);
        expect(ws.noted.every((value) => value === UNREACHABLE_MS)).toBe(true);
        expect(label.every((value, i) => value === (i % 2 === 0 ? 0 : UNREACHABLE_MS))).toBe(true);
      }),
      {numRuns: Math.ceil(RUNS / 10)},
    );
  });

  test('is right after one that found the memory full, at whichever take', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const {graph, places, random} = roughWorld(seed);
        const ws = workspaceOf(graph);
        const shape = square(someOf(places, 1 + below(random, 6), random));
        const truth = times(ws, shape, 'sweep');
        for (const failing of ways) {
          for (let full = 0, isRefused = true; isRefused; full++) {
            isRefused = false;
            let taken = 0;
            const take: Workspace['take'] = (length) => {
              isRefused = taken++ === full;
              if (isRefused) throw new Error('full');
              return ws.take(length);
            };
            try {
              failing({...ws, take}, shape);
            } catch (error) {
              expect(error).toEqual(new Error('full'));
            }
            ws.free();
            for (const way of ways) expectSame(way(ws, shape), truth);
          }
        }
      }),
      {numRuns: 100},
    );
  });
});

describe('in a drawn town', () => {
  test('a place just behind on a one-way street is reached by driving round the block', () => {
    const {graph, on} = town(`
      a>b
      ^ v
      d<c
    `);
    const shape = square(positionsOf([on('ab', 0.4), on('ab', 0.5), on('cd', 0.5)]));
    const ws = workspaceOf(graph);
    const blocks = [0, 0.1, 2.1, 3.9, 0, 2, 1.9, 2, 0];
    const ms = blocks.map((count) => Math.round(count * BLOCK_MS));
    for (const found of everyWay(ws, shape)) expect(found).toEqual(ms);
    expect(withLengths(ws, shape).cm).toEqual(blocks.map((count) => Math.round(count * BLOCK_M * 100)));
  });

  test('between islands there is no way, and its length is none', () => {
    const {graph, at} = town('a-b c-d');
    const shape = {from: positionsOf([at.a, null]), firstRow: 0, endRow: 2, to: positionsOf([at.b, at.d, null])};
    const ws = workspaceOf(graph);
    const far = UNREACHABLE_MS;
    for (const found of everyWay(ws, shape)) expect(found).toEqual([BLOCK_MS, far, far, far, far, far]);
    expect(withLengths(ws, shape).cm).toEqual([BLOCK_M * 100, 0, 0, 0, 0, 0]);
  });

  test('a table without room is refused at the door', () => {
    const {graph, at} = town('a-b');
    const shape = square(positionsOf([at.a]));
    expect(() => table(workspaceOf(graph), shape, NO_LIMIT_MS, new Int32Array(2))).toThrow('room for 2 of 1');
  });
});
