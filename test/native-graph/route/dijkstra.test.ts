import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {UNREACHABLE_MS} from '../../../native-graph/layout.ts';
import {type Position, positionsOf} from '../../../native-graph/position.ts';
import {everyPick, NO_LIMIT_MS, timesFrom, timesTo, timesWithin} from '../../../native-graph/route/dijkstra.ts';
import {createScratch} from '../../../native-graph/route/scratch.ts';
import {timesByNearEnds} from '../../support/near-ends.ts';
import {dijkstraTable, roughWorld, withoutClosedTurns} from '../../support/random-hierarchy.ts';
import {below, randomWorld, type World} from '../../support/random-network.ts';
import {runs} from '../../support/runs.ts';
import {BLOCK_MS, town} from '../../support/town.ts';

const RUNS = runs(2_000);
const seeds = fc.integer();

/** A square table of `times` over all places of a world, one search a row (or a column). */
function table(world: Pick<World, 'graph' | 'places'>, limitMs: number, backward: boolean): number[][] {
  const {graph, places} = world;
  const scratch = createScratch(graph);
  const positions = positionsOf(places);
  const every = everyPick(positions);
  const out = new Int32Array(places.length);
  const rows = places.map((_, i) => {
    if (backward) timesTo(graph, scratch, positions, every, positions, i, limitMs, out);
    else timesFrom(graph, scratch, positions, i, positions, every, limitMs, out);
    return Array.from(out);
  });
  return backward ? rows.map((_, i) => rows.map((row) => row[i])) : rows;
}

const cut = (ms: number, limitMs: number): number => (ms <= limitMs ? ms : UNREACHABLE_MS);

describe('against Floyd and Warshall on random networks', () => {
  test('every time between any two places is the truth, forward and backward', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const world = randomWorld(seed);
        expect(table(world, NO_LIMIT_MS, false)).toEqual(world.truthMs);
        expect(table(world, NO_LIMIT_MS, true)).toEqual(world.truthMs);
      }),
      {numRuns: RUNS},
    );
  });

  test('a limit leaves the times up to it as they are, and no others', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const world = randomWorld(seed);
        const times = world.truthMs.flat();
        // A time that occurs, one less or one more: the bound itself is where a search goes wrong.
        const near = Math.min(times[below(world.random, times.length)], 1_000_000);
        const limitMs = Math.max(0, near - 1 + below(world.random, 3));
        const expected = world.truthMs.map((row) => row.map((ms) => cut(ms, limitMs)));
        expect(table(world, limitMs, false)).toEqual(expected);
        expect(table(world, limitMs, true)).toEqual(expected);
      }),
      {numRuns: RUNS},
    );
  });

  test('a search for a few places, however picked, finds what a search for all does', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const {graph, places, truthMs, random} = randomWorld(seed);
        const scratch = createScratch(graph);
        const positions = positionsOf(places);
        for (let round = 0; round < 4; round++) {
          const picks = Int32Array.from({length: below(random, 4)}, () => below(random, places.length));
          const one = below(random, places.length);
          const out = new Int32Array(picks.length);
          timesFrom(graph, scratch, positions, one, positions, picks, NO_LIMIT_MS, out);
          expect(Array.from(out)).toEqual(Array.from(picks, (pick) => truthMs[one][pick]));
          timesTo(graph, scratch, positions, picks, positions, one, NO_LIMIT_MS, out);
          expect(Array.from(out)).toEqual(Array.from(picks, (pick) => truthMs[pick][one]));
        }
        expect(scratch.firstEnd.every((end) => end === 0)).toBe(true);
      }),
      {numRuns: RUNS},
    );
  });

  test('a search without places tells the time of every place within its limit, from it and to it', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const {graph, places, truthMs, random} = randomWorld(seed);
        const limitMs = below(random, 200);
        const one = below(random, places.length);
        const out = new Int32Array(graph.segmentCount);
        const [scratch, at] = [createScratch(graph), positionsOf(places)];
        timesWithin(graph, scratch, 'from', at, one, limitMs, out);
        expect(timesByNearEnds(graph, 'from', at, one, out, at, limitMs)).toEqual(
          truthMs[one].map((ms) => cut(ms, limitMs)),
        );
        timesWithin(graph, scratch, 'to', at, one, limitMs, out);
        expect(timesByNearEnds(graph, 'to', at, one, out, at, limitMs)).toEqual(
          truthMs.map((row) => cut(row[one], limitMs)),
        );
      }),
      {numRuns: Math.ceil(RUNS / 2)},
    );
  });

  test('a turn closed by UNREACHABLE_MS is a turn that is not there, forward, backward and without places', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const {graph, places} = roughWorld(seed);
        const positions = positionsOf(places);
        const open = withoutClosedTurns(graph);
        const wanted = dijkstraTable(open, positions);
        expect(dijkstraTable(graph, positions)).toEqual(wanted);
        expect(table({graph, places}, NO_LIMIT_MS, true).flat()).toEqual(wanted);
        const [found, truth] = [graph, open].map((g) => {
          const out = new Int32Array(g.segmentCount);
          timesWithin(g, createScratch(g), 'from', positions, 1, NO_LIMIT_MS, out);
          return out;
        });
        expect(found).toEqual(truth);
      }),
      {numRuns: Math.ceil(RUNS / 4)},
    );
  });

  test('no way is shorter by way of a third place, where each place is on one segment', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const world = randomWorld(seed);
        const times = table(world, NO_LIMIT_MS, false);
        const directed = world.places.flatMap((place, i) =>
          place !== null && (place.forward < 0 || place.backward < 0) ? [i] : [],
        );
        let worstMs = 0;
        for (const a of directed) {
          for (const b of directed) {
            for (const c of directed) worstMs = Math.max(worstMs, times[a][c] - times[a][b] - times[b][c]);
          }
        }
        expect(worstMs).toBe(0);
      }),
      {numRuns: Math.ceil(RUNS / 2)},
    );
  });
});

describe('in a drawn town', () => {
  function timeMs({graph}: {graph: World['graph']}, from: Position, to: Position): number {
    const out = new Int32Array(1);
    const everyone = positionsOf([from, to]);
    timesFrom(graph, createScratch(graph), everyone, 0, everyone, Int32Array.of(1), NO_LIMIT_MS, out);
    return out[0];
  }

  test('a block takes ten seconds, and a part of it its part', () => {
    const drawn = town('a-b-c');
    expect(timeMs(drawn, drawn.on('ab', 0), drawn.on('bc', 1))).toBe(2 * BLOCK_MS);
    expect(timeMs(drawn, drawn.on('ab', 0.25), drawn.on('ab', 0.75))).toBe(BLOCK_MS / 2);
    expect(timeMs(drawn, drawn.on('ab', 0.75), drawn.on('ab', 0.25))).toBe(BLOCK_MS / 2);
    expect(timeMs(drawn, drawn.at.a, drawn.at.c)).toBe(2 * BLOCK_MS);
    expect(timeMs(drawn, drawn.at.a, drawn.at.a)).toBe(0);
  });

  test('a place just behind on a one-way street is reached by driving round the block', () => {
    const drawn = town(`
      a>b
      ^ v
      d<c
    `);
    expect(timeMs(drawn, drawn.on('ab', 0.5), drawn.on('ab', 0.4))).toBe(3.9 * BLOCK_MS);
    expect(timeMs(drawn, drawn.on('ab', 0.4), drawn.on('ab', 0.5))).toBe(0.1 * BLOCK_MS);
  });

  test('a driver on a two-way street starts the better way', () => {
    const drawn = town('a-b-c-d');
    expect(timeMs(drawn, drawn.on('bc', 0.3), drawn.on('ab', 0.9))).toBe(0.4 * BLOCK_MS);
    expect(timeMs(drawn, drawn.on('bc', 0.3), drawn.on('cd', 0.1))).toBe(0.8 * BLOCK_MS);
  });

  test('between islands there is no way', () => {
    const drawn = town('a-b c-d');
    expect(timeMs(drawn, drawn.at.a, drawn.at.d)).toBe(UNREACHABLE_MS);
  });

  test('turn costs count once a turn', () => {
    const drawn = town('a-b-c', {turnCostMs: (from, to) => ((from ^ to) === 1 ? 5_000 : 700)});
    expect(timeMs(drawn, drawn.on('ab', 0.5), drawn.on('bc', 0.5))).toBe(BLOCK_MS + 700);
    const oneWay = {...drawn.on('bc', 0.5), backward: -1};
    expect(timeMs(drawn, oneWay, drawn.on('ab', 0.5))).toBe(2 * BLOCK_MS + 5_000 + 700);
  });
});

test('searches are right on both sides of the round where the stamps run out', () => {
  const world = randomWorld(5);
  const scratch = createScratch(world.graph);
  const positions = positionsOf(world.places);
  const out = new Int32Array(world.places.length);
  scratch.round = 0xffff_fffe;
  // Marks of a round that has the number of the one to come, as 2^32 searches ago would have left them.
  scratch.stamp.fill(1);
  scratch.labelMs.fill(0);
  for (const expectedRound of [0xffff_ffff, 1, 2]) {
    timesFrom(world.graph, scratch, positions, 0, positions, everyPick(positions), NO_LIMIT_MS, out);
    expect(scratch.round).toBe(expectedRound);
    expect(Array.from(out)).toEqual(world.truthMs[0]);
  }
});

test('a search stops when its places are met', () => {
  const drawn = town('a-b-c-d-e-f-g-h');
  const scratch = createScratch(drawn.graph);
  const everyone = positionsOf([drawn.on('ab', 0), drawn.on('bc', 0.5)]);
  const reached = (street: string): boolean => scratch.stamp[drawn.segment(street)] === scratch.round;
  timesFrom(drawn.graph, scratch, everyone, 0, everyone, everyPick(everyone), NO_LIMIT_MS, new Int32Array(2));
  expect([reached('bc'), reached('de'), reached('gh')]).toEqual([true, false, false]);
  timesTo(drawn.graph, scratch, everyone, everyPick(everyone), everyone, 1, NO_LIMIT_MS, new Int32Array(2));
  expect([reached('ab'), reached('ed'), reached('hg')]).toEqual([true, false, false]);
});

test('a limit or a source out of range is refused at the door', () => {
  const {graph, at} = town('a-b');
  const scratch = createScratch(graph);
  const positions = positionsOf([at.a]);
  const picks = everyPick(positions);
  const out = new Int32Array(1);
  expect(() => timesFrom(graph, scratch, positions, 1, positions, picks, 0, out)).toThrow('position 1');
  expect(() => timesFrom(graph, scratch, positions, 0, positions, picks, UNREACHABLE_MS, out)).toThrow('limit');
  expect(() => timesFrom(graph, scratch, positions, 0, positions, picks, 0, new Int32Array(0))).toThrow('room');
  expect(() => timesFrom(graph, scratch, positions, 0, positions, Int32Array.of(1), 0, out)).toThrow('pick 1');
  const other = createScratch(town('a-b-c').graph);
  expect(() => timesFrom(graph, other, positions, 0, positions, picks, 0, out)).toThrow('another graph');
});
