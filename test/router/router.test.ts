import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {assemble} from '../../native-graph/build/assemble.ts';
import {NONE, type RoadGraph} from '../../native-graph/layout.ts';
import type {Position} from '../../native-graph/position.ts';
import {type Random, randomStream} from '../../src/domain/random.ts';
import {UNREACHABLE_MS} from '../../src/domain/units.ts';
import type {SegmentPairs} from '../../src/router/between.ts';
import {createRouter, type Router, type RouterOptions} from '../../src/router/router.ts';
import {below, randomNetwork, unevenTurns} from '../support/random-network.ts';
import {runs} from '../support/runs.ts';
import {BLOCK_MS, town} from '../support/town.ts';
import {directTimes} from './direct-times.ts';

const HOUR_MS = 3_600_000;

type Watched = {readonly router: Router; readonly requests: SegmentPairs[]; nowMs: number};

/** A router whose searches run here and are written down. */
function watched(graph: RoadGraph, options: Partial<RouterOptions> = {}): Watched {
  const truth = directTimes(graph);
  const requests: SegmentPairs[] = [];
  const w: Watched = {
    router: createRouter({
      graph,
      nowMs: () => w.nowMs,
      betweenTimes: async (pairs) => {
        requests.push(pairs);
        return truth.between(pairs);
      },
      ...options,
    }),
    requests,
    nowMs: 1,
  };
  return w;
}

const one = async (router: Router, origin: Position, destination: Position, limitMs = HOUR_MS): Promise<number> =>
  (await router.timePairs([origin], [destination], Int32Array.of(0), Int32Array.of(0), limitMs))[0];

const drawn = town(`
  a-b-c-d
  | | | |
  e-f-g-h
  |   v |
  i>j-k-l
`);

describe('times of pairs', () => {
  test('equal a search per pair for random graphs, shapes, limits and whatever the cache holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.constantFrom(0, 1, 3, 500), async (seed, cacheEntries) => {
        const random = randomStream(seed, 'router');
        const {graph} = assemble(randomNetwork(random), {minComponentSegments: 1, turnCostMs: unevenTurns});
        const {router} = watched(graph, {cacheEntries, snapEntries: 0});
        for (let request = 0; request < 4; request++) {
          const origins = Array.from({length: below(random, 7)}, () => randomPlace(graph, random));
          const destinations = Array.from({length: below(random, 7)}, () => randomPlace(graph, random));
          const pairCount = origins.length && destinations.length ? below(random, 20) : 0;
          const pairOrigin = Int32Array.from({length: pairCount}, () => below(random, origins.length));
          const pairDestination = Int32Array.from({length: pairCount}, () => below(random, destinations.length));
          const limitMs = [5, 60, 1_000, 400_000][below(random, 4)];
          const truth = directTimes(graph);
          const expected = Array.from(pairOrigin, (origin, i) => {
            const [from, to] = [origins[origin], destinations[pairDestination[i]]];
            return from && to ? truth.pair(from, to, limitMs) : UNREACHABLE_MS;
          });
          const times = await router.timePairs(origins, destinations, pairOrigin, pairDestination, limitMs);
          expect(Array.from(times)).toEqual(expected);
        }
      }),
      {numRuns: runs(2_000)},
    );
  });

  test('on one street the way is direct ahead and round the block behind', async () => {
    const {router} = watched(town('a>b\n^ v\nd<c').graph);
    const round = town('a>b\n^ v\nd<c');
    expect(await one(router, round.on('ab', 0.2), round.on('ab', 0.7))).toBe(BLOCK_MS / 2);
    expect(await one(router, round.on('ab', 0.7), round.on('ab', 0.2))).toBe(3.5 * BLOCK_MS);
    expect(await one(router, round.on('ab', 0.4), round.on('ab', 0.4))).toBe(0);
  });

  test('the limit is inclusive, and beyond it there is no way', async () => {
    const {router} = watched(drawn.graph);
    const [from, to] = [drawn.on('ab', 0.5), drawn.on('cd', 0.5)];
    expect(await one(router, from, to, 2 * BLOCK_MS)).toBe(2 * BLOCK_MS);
    expect(await one(router, from, to, 2 * BLOCK_MS - 1)).toBe(UNREACHABLE_MS);
  });

  test('no pairs ask for nothing', async () => {
    const {router, requests} = watched(drawn.graph);
    expect(await router.timePairs([], [], new Int32Array(0), new Int32Array(0), HOUR_MS)).toEqual(new Int32Array(0));
    expect(requests).toEqual([]);
  });

  test('a point that no road is near reaches nothing and is neither hit nor miss', async () => {
    const {router} = watched(drawn.graph);
    const times = await router.timePairs([drawn.at.a, null], [drawn.at.l], Int32Array.of(1), Int32Array.of(0), HOUR_MS);
    expect(Array.from(times)).toEqual([UNREACHABLE_MS]);
    expect(router.stats()).toMatchObject({etaHits: 0, etaMisses: 0});
  });

  test('a pair that names a position which is not given is a defect, said so', async () => {
    const {router} = watched(drawn.graph);
    const times = router.timePairs([drawn.at.a], [drawn.at.l], Int32Array.of(0), Int32Array.of(1), HOUR_MS);
    await expect(times).rejects.toThrow('pair 0 names a position that is not given');
  });

  test('the route takes the time that its pair is given', async () => {
    const {router} = watched(drawn.graph);
    const [from, to] = [drawn.on('ie', 0.3), drawn.on('dh', 0.9)];
    expect(router.route(from, to)?.durationMs).toBe(await one(router, from, to));
  });
});

describe('searches', () => {
  const streets = ['ab', 'bc', 'cd', 'ef', 'fg', 'gh'].map((street) => drawn.on(street, 0.25));
  const store = [drawn.on('kl', 0.5)];
  const all = Int32Array.from(streets, (_, i) => i);
  const none = new Int32Array(streets.length);

  test('many drivers to one store are searched backward from the store, once per direction of its street', async () => {
    const {router, requests} = watched(drawn.graph);
    await router.timePairs(streets, store, all, none, HOUR_MS);
    expect(requests.map(({direction, group}) => [direction, group.length])).toEqual([['to', 2]]);
  });

  test('one store to many drops is searched forward from the store', async () => {
    const {router, requests} = watched(drawn.graph);
    await router.timePairs(store, streets, none, all, HOUR_MS);
    expect(requests.map(({direction, group}) => [direction, group.length])).toEqual([['from', 2]]);
  });

  test('pairs that repeat, and places on one street, are searched once', async () => {
    const {router, requests} = watched(drawn.graph);
    const drivers = [0.1, 0.5, 0.5, 0.9].map((fraction) => drawn.on('ab', fraction));
    await router.timePairs(drivers, store, Int32Array.of(0, 1, 2, 3, 0), new Int32Array(5), HOUR_MS);
    expect(requests[0].member.length).toBe(4);
  });

  test('only what is missing is searched', async () => {
    const {router, requests} = watched(drawn.graph);
    await router.timePairs(streets.slice(0, 5), store, all.slice(0, 5), none.slice(0, 5), HOUR_MS);
    await router.timePairs(streets, store, all, none, HOUR_MS);
    const last = Array.from(requests[1].direction === 'from' ? requests[1].group : requests[1].member);
    expect(new Set(last)).toEqual(new Set([drawn.segment('gh'), drawn.segment('hg')]));
    expect(router.stats()).toMatchObject({etaHits: 5, etaMisses: 6, etaEntries: 6});
  });
});

describe('the cache', () => {
  test('a driver who creeps along a street is answered without a search, exactly', async () => {
    const {router, requests} = watched(drawn.graph);
    const times: number[] = [];
    for (const fraction of [0, 0.25, 0.5, 1])
      times.push(await one(router, drawn.on('ab', fraction), drawn.on('cd', 0.5)));
    expect(times).toEqual([2.5, 2.25, 2, 1.5].map((blocks) => blocks * BLOCK_MS));
    expect(requests.length).toBe(1);
    expect(router.stats()).toMatchObject({etaHits: 3, etaMisses: 1});
  });

  test('what a short search did not find is searched again for a longer limit, and not for a shorter one', async () => {
    const {router, requests} = watched(drawn.graph);
    const [from, to] = [drawn.on('ab', 0.5), drawn.on('kl', 0.5)];
    expect(await one(router, from, to, BLOCK_MS)).toBe(UNREACHABLE_MS);
    expect(await one(router, from, to, BLOCK_MS / 2)).toBe(UNREACHABLE_MS);
    expect(requests.length).toBe(1);
    const ms = await one(router, from, to, HOUR_MS);
    expect(ms).toBeLessThan(UNREACHABLE_MS);
    expect(requests.length).toBe(2);
    expect(await one(router, from, to, ms - 1)).toBe(UNREACHABLE_MS);
    expect(requests.length).toBe(2);
  });

  test('an entry is forgotten after its time to live', async () => {
    const w = watched(drawn.graph, {cacheTtlMs: 1_000});
    await one(w.router, drawn.at.a, drawn.at.l);
    w.nowMs += 1_000;
    await one(w.router, drawn.at.a, drawn.at.l);
    expect(w.requests.length).toBe(1);
    w.nowMs += 1;
    await one(w.router, drawn.at.a, drawn.at.l);
    expect(w.requests.length).toBe(2);
  });

  test('it holds no more entries than it may', async () => {
    const {router} = watched(drawn.graph, {cacheEntries: 2});
    for (const street of ['ab', 'bc', 'cd']) await one(router, drawn.on(street, 0.5), drawn.at.l);
    expect(router.stats().etaEntries).toBe(2);
    const off = watched(drawn.graph, {cacheEntries: 0});
    await one(off.router, drawn.at.a, drawn.at.l);
    expect(off.router.stats().etaEntries).toBe(0);
  });

  test('a search that fails leaves nothing behind', async () => {
    const truth = directTimes(drawn.graph);
    let broken = true;
    const {router} = watched(drawn.graph, {
      betweenTimes: async (pairs) => (broken ? Promise.reject(new Error('no thread')) : truth.between(pairs)),
    });
    await expect(one(router, drawn.at.a, drawn.at.l)).rejects.toThrow('no thread');
    broken = false;
    expect(await one(router, drawn.at.a, drawn.at.l)).toBe(truth.pair(drawn.at.a, drawn.at.l, HOUR_MS));
  });
});

describe('snapping', () => {
  test('the same point gives the same position, from the cache the second time', () => {
    const {router} = watched(drawn.graph);
    const {lonE7, latE7} = drawn.on('fg', 0.3);
    const first = router.snap(lonE7, latE7 + 10);
    expect(first).toMatchObject({forward: drawn.segment('fg'), backward: drawn.segment('gf')});
    expect(router.snap(lonE7, latE7 + 10)).toEqual(first);
    expect(router.stats()).toMatchObject({snapHits: 1, snapMisses: 1, snapEntries: 1});
  });

  test('a point far from every road still snaps to the nearest', () => {
    expect(watched(drawn.graph).router.snap(drawn.at.d.lonE7 + 50_000_000, drawn.at.d.latE7)).not.toBeNull();
  });
});

test('a router names the epoch of its speeds', () => {
  expect(watched(drawn.graph).router.epoch).toBe(0);
  expect(watched(drawn.graph, {epoch: 7}).router.epoch).toBe(7);
});

/** Anywhere on an edge, its ends included, in both directions or one; now and then nowhere. */
function randomPlace(g: RoadGraph, random: Random): Position | null {
  if (below(random, 12) === 0) return null;
  const edge = below(random, g.edgeCount);
  const sides = [g.edgeForward[edge], g.edgeBackward[edge]].map((segment) => (segment === NONE ? -1 : segment));
  if (sides[0] >= 0 && sides[1] >= 0 && below(random, 4) === 0) sides[below(random, 2)] = -1;
  const fraction = [0, 1, random()][below(random, 3)];
  return {forward: sides[0], backward: sides[1], fraction, latE7: 0, lonE7: 0, distanceM: 0};
}
