import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {assemble} from '../../native-graph/build/assemble.ts';
import type {Restriction} from '../../native-graph/build/network.ts';
import {leavingEdges, permittedTurns} from '../../native-graph/build/turns.ts';
import {UNREACHABLE_MS} from '../../native-graph/layout.ts';
import {type Position, positionsOf} from '../../native-graph/position.ts';
import {everyPick, NO_LIMIT_MS, timesFrom, timesTo, timesWithin} from '../../native-graph/route/dijkstra.ts';
import {route} from '../../native-graph/route/path.ts';
import {createScratch} from '../../native-graph/route/scratch.ts';
import {verify} from '../../native-graph/verify.ts';
import {randomStream} from '../../src/domain/random.ts';
import {timesByNearEnds} from '../support/near-ends.ts';
import {randomNetwork, unevenTurns} from '../support/random-network.ts';
import {lawfulTimes, randomRestrictions} from '../support/restriction-oracle.ts';
import {runs} from '../support/runs.ts';
import {BLOCK_MS, drawnNetwork, type Town, town} from '../support/town.ts';

const seeds = fc.integer();

/** Whole blocks from the end of one street to the end of another, or null. */
function blocks({graph, on}: Town, from: string, to: string): number | null {
  const [a, b] = [end(on, from), end(on, to)];
  const found = route(graph, createScratch(graph), a, b);
  return found && found.durationMs / BLOCK_MS;
}

/** The place at the end of a street, on the direction named only. */
function end(on: Town['on'], street: string): Position {
  const place = on(street, 1);
  return place.fraction === 1 ? {...place, backward: -1} : {...place, forward: -1};
}

/** A town with restrictions written as the letters passed: 'no abe', 'only abe'. */
function restricted(picture: string, ...texts: string[]): Town {
  const {edgeTail, edgeHead, junctionOsmId} = drawnNetwork(picture);
  const letters = (junction: number): string => String.fromCharCode(junctionOsmId[junction]);
  const directed = (street: string): number => {
    const edge = edgeTail.findIndex((tail, e) =>
      [street, [...street].reverse().join('')].includes(letters(tail) + letters(edgeHead[e])),
    );
    return 2 * edge + (letters(edgeTail[edge]) === street[0] ? 0 : 1);
  };
  const restrictions = texts.map((text): Restriction => {
    const [kind, way] = text.split(' ');
    return {only: kind === 'only', path: [...way].slice(1).map((letter, i) => directed(way[i] + letter))};
  });
  return town(picture, {}, {restrictions});
}

const GRID = `
  a-b-c
  | | |
  d-e-f
  | | |
  g-h-i
`;

describe('a turn restriction', () => {
  test('with one turn forbidden leaves every other way as it was', () => {
    const free = restricted(GRID);
    const bound = restricted(GRID, 'no deb');
    expect([blocks(free, 'de', 'eb'), blocks(bound, 'de', 'eb')]).toEqual([1, 5]);
    for (const [from, to] of [
      ['de', 'ef'],
      ['de', 'eh'],
      ['he', 'eb'],
      ['fe', 'eb'],
    ]) {
      expect(blocks(bound, from, to)).toBe(1);
    }
  });

  test('that names the only turn forbids the others, turning back included', () => {
    const bound = restricted(GRID, 'only def');
    expect(blocks(bound, 'de', 'ef')).toBe(1);
    expect(blocks(bound, 'de', 'eb')).toBe(5);
    expect(blocks(bound, 'he', 'eb')).toBe(1);
    expect(blocks(restricted('a-b-c', 'only abc'), 'ab', 'bc')).toBe(1);
  });

  test('over a way concerns those who come by its first street alone', () => {
    const bound = restricted(GRID, 'no adef');
    expect(blocks(bound, 'ad', 'de')).toBe(1);
    expect(blocks(bound, 'ad', 'eb')).toBe(2);
    expect(blocks(bound, 'gd', 'ef')).toBe(2);
    expect(blocks(bound, 'de', 'ef')).toBe(1);
    expect(blocks(bound, 'ad', 'ef')).toBe(4);
  });

  test('over two ways, and one that names the only way on', () => {
    expect(blocks(restricted(GRID, 'no adefi'), 'ad', 'fi')).toBe(5);
    expect(blocks(restricted(GRID, 'no adefi'), 'ad', 'fc')).toBe(3);
    const only = restricted(GRID, 'only adeh');
    expect([blocks(only, 'ad', 'eh'), blocks(only, 'gd', 'ef')]).toEqual([2, 2]);
    expect(blocks(only, 'ad', 'ef')).toBe(4);
  });

  test('lets a driver turn back where it leaves no other way on', () => {
    const bound = restricted('a-b-c', 'no abc');
    expect(blocks(bound, 'ab', 'ba')).toBe(1);
    expect(blocks(restricted('a-b-c-d', 'no abc', 'no dcb'), 'ab', 'ba')).toBe(1);
  });

  test('holds for a start on its middle way only where nobody gets there by another', () => {
    // b-e is entered from a alone, so whoever stands on it is taken to have come from there.
    const bound = restricted(
      `
      a>b c
      ^ v ^
      d-e-f
    `,
      'no abef',
    );
    expect(verify(bound.graph)).toBeUndefined();
    expect(blocks(bound, 'be', 'ed')).toBe(1);
    expect(blocks(bound, 'be', 'ef')).not.toBe(1);
  });
});

describe('against a search over whole ways', () => {
  test('the states and turns let through exactly the lawful ways', () => {
    let copies = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        const random = randomStream(seed, 'restrictions');
        const bare = randomNetwork(random);
        const network = {...bare, restrictions: randomRestrictions(bare, random)};
        const turns = permittedTurns(network, leavingEdges(network), unevenTurns);
        const lawful = lawfulTimes(network, unevenTurns);
        const stateCount = turns.directedOf.length;
        const directedCount = network.edgeTail.length * 2;
        copies += stateCount - directedCount;
        const ms = (d: number): number => (d % 2 === 0 ? network.edgeForwardMs : network.edgeBackwardMs)[d >> 1];
        for (let from = 0; from < directedCount; from++) {
          if (ms(from) === 0) continue;
          const label = new Array<number>(stateCount).fill(UNREACHABLE_MS);
          label[from] = 0;
          for (let changed = true; changed; ) {
            changed = false;
            for (let s = 0; s < stateCount; s++) {
              for (let i = turns.first[s]; i < turns.first[s + 1]; i++) {
                const sum = label[s] + turns.costMs[i] + ms(turns.directedOf[turns.to[i]]);
                if (sum >= label[turns.to[i]]) continue;
                label[turns.to[i]] = sum;
                changed = true;
              }
            }
          }
          const found = new Array<number>(directedCount).fill(UNREACHABLE_MS);
          label.forEach((value, s) => {
            found[turns.directedOf[s]] = Math.min(found[turns.directedOf[s]], value);
          });
          expect(found).toEqual(lawful(from));
        }
      }),
      {numRuns: runs(700, 8)},
    );
    expect(copies).toBeGreaterThan(runs(1_000, 8));
  });

  test('every search over the graph finds the lawful times where all of it hangs together', () => {
    let cases = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        const random = randomStream(seed, 'restricted graph');
        const bare = randomNetwork(random);
        const network = {...bare, restrictions: randomRestrictions(bare, random)};
        const {graph: g, report} = assemble(network, {minComponentSegments: 1, turnCostMs: unevenTurns});
        expect(verify(g)).toBeUndefined();
        if (report.componentsRead > 1 || g.segmentCount === g.edgeForward.length) return;
        const directedOf = (s: number): number => (g.edgeName[g.drawn[s] >>> 1] - 1) * 2 + (g.drawn[s] & 1);
        const named = Array.from(g.drawn.keys()).filter((s) => s === 0 || g.drawn[s] !== g.drawn[s - 1]);
        if (named.length < g.segmentCount) cases++;
        const ends = named.map((s): Position => {
          const against = g.drawn[s] & 1;
          return {
            forward: against ? -1 : s,
            backward: against ? s : -1,
            fraction: 1 - against,
            latE7: 0,
            lonE7: 0,
            distanceM: 0,
          };
        });
        const positions = positionsOf(ends);
        const out = new Int32Array(ends.length);
        const nearMs = new Int32Array(g.segmentCount);
        const scratch = createScratch(g);
        const lawful = lawfulTimes(network, unevenTurns);
        const truth = named.map((s) => lawful(directedOf(s)));
        const wanted = (i: number, k: number): number => truth[i][directedOf(named[k])];
        for (let i = 0; i < ends.length; i++) {
          timesFrom(g, scratch, positions, i, positions, everyPick(positions), NO_LIMIT_MS, out);
          expect(Array.from(out)).toEqual(named.map((_, k) => wanted(i, k)));
          expect(scratch.firstEnd.every((first) => first === 0)).toBe(true);
          timesTo(g, scratch, positions, everyPick(positions), positions, i, NO_LIMIT_MS, out);
          expect(Array.from(out)).toEqual(named.map((_, k) => wanted(k, i)));
          for (const direction of ['from', 'to'] as const) {
            timesWithin(g, scratch, direction, positions, i, NO_LIMIT_MS, nearMs);
            const found = timesByNearEnds(g, direction, positions, i, nearMs, positions, NO_LIMIT_MS);
            expect(found).toEqual(named.map((_, k) => (direction === 'from' ? wanted(i, k) : wanted(k, i))));
          }
          for (let k = 0; k < ends.length; k++) {
            const way = route(g, scratch, ends[i], ends[k])!;
            expect(way.durationMs).toBe(wanted(i, k));
            for (let step = 1; step < way.segments.length; step++) {
              const arcs = g.head.subarray(g.firstArc[way.segments[step - 1]], g.firstArc[way.segments[step - 1] + 1]);
              expect(arcs.includes(way.segments[step])).toBe(true);
            }
          }
        }
      }),
      {numRuns: runs(900, 8)},
    );
    expect(cases).toBeGreaterThan(runs(50, 8));
  });
});
