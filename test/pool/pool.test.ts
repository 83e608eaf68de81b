import {afterEach, beforeAll, describe, expect, test} from 'vitest';
import {assemble} from '../../native-graph/build/assemble.ts';
import {type RoadGraph, UNREACHABLE_MS} from '../../native-graph/layout.ts';
import {customized} from '../../native-graph/metric/customization.ts';
import {makeEpoch} from '../../native-graph/metric/epoch.ts';
import {handleOf} from '../../native-graph/metric/hierarchy.ts';
import {weightsBytes, withWeights} from '../../native-graph/metric/weights.ts';
import {randomStream} from '../../src/domain/random.ts';
import {flaw} from '../../src/flow/certificate.ts';
import type {Problem} from '../../src/flow/problem.ts';
import {createWorkspace} from '../../src/flow/search/workspace.ts';
import {solve} from '../../src/flow/solve.ts';
import type {SegmentPairs} from '../../src/pool/messages.ts';
import {createPool, type PoolOptions, type WorkerPool} from '../../src/pool/pool.ts';
import {PoolFailure} from '../../src/pool/threads.ts';
import {createRouter} from '../../src/router/router.ts';
import {directTimes} from '../router/direct-times.ts';
import {stripProblem} from '../support/flow-problems.ts';
import {below, randomNetwork, unevenTurns} from '../support/random-network.ts';
import {town} from '../support/town.ts';
import {DEADLY_LIMIT_MS, FAILING_LIMIT_MS} from './failing-limit.ts';

const HOUR_MS = 3_600_000;
const city = town(`
  a-b-c-d-e
  | | v | |
  f-g-h<i-j
  | ^ | |
  k-l-m-n>o
  |   | | |
  p<q-r-s-t
`).graph;
let pool: WorkerPool;

async function start(options: Partial<PoolOptions> = {}): Promise<void> {
  const graphs = [{name: 'city', bytes: city.bytes}];
  pool = createPool({graphs, threads: 2, monotonicMs: () => performance.now(), ...options});
}
afterEach(() => pool?.close());

/** From every third segment to, or from, all others. */
function everyPair(graph: RoadGraph, direction: SegmentPairs['direction'], limitMs: number): SegmentPairs {
  const group = Int32Array.from({length: Math.ceil(graph.segmentCount / 3)}, (_, i) => 3 * i);
  return {
    direction,
    group,
    firstMember: Int32Array.from({length: group.length + 1}, (_, i) => i * graph.segmentCount),
    member: Int32Array.from({length: group.length * graph.segmentCount}, (_, i) => i % graph.segmentCount),
    limitMs,
  };
}

describe('times between segments', () => {
  const cases = (['from', 'to'] as const).flatMap((direction) =>
    [0, 30_000, HOUR_MS].map((limitMs) => everyPair(city, direction, limitMs)),
  );
  let expected: Int32Array[];
  beforeAll(() => {
    expected = cases.map(directTimes(city).between);
  });

  test.each([1, 2, 3])('are those of a search per pair on %i threads', async (threads) => {
    await start({threads});
    const answers = await Promise.all(cases.map((pairs) => pool.betweenTimes('city', pairs)));
    expect(answers).toEqual(expected);
  });

  test('groups of no members, and no groups at all, are answered', async () => {
    await start();
    const nothing = {direction: 'from', limitMs: HOUR_MS, member: new Int32Array(0)} as const;
    const empty = {...nothing, group: new Int32Array(0), firstMember: Int32Array.of(0)};
    expect(await pool.betweenTimes('city', empty)).toEqual(new Int32Array(0));
    const lonely = {...nothing, group: Int32Array.of(3, 4), firstMember: Int32Array.of(0, 0, 0)};
    expect(await pool.betweenTimes('city', lonely)).toEqual(new Int32Array(0));
  });

  test('each graph is answered from its own bytes', async () => {
    const random = randomStream(5, 'pool');
    const other = assemble(randomNetwork(random), {minComponentSegments: 1, turnCostMs: unevenTurns}).graph;
    await start({
      graphs: [
        {name: 'city', bytes: city.bytes},
        {name: 'other', bytes: other.bytes},
      ],
    });
    const pairs = everyPair(other, 'from', HOUR_MS);
    expect(await pool.betweenTimes('other', pairs)).toEqual(directTimes(other).between(pairs));
    await expect(pool.betweenTimes('nowhere', pairs)).rejects.toThrow(/without a graph named nowhere/);
  });

  test('the graph is shared, not copied: threads see what this thread writes to it', async () => {
    const {graph} = town('a-b-c');
    await start({graphs: [{name: 'own', bytes: graph.bytes}]});
    const pairs = everyPair(graph, 'from', HOUR_MS);
    const before = await pool.betweenTimes('own', pairs);
    for (let arc = 0; arc < graph.arcCount; arc++) graph.arcMs[arc] += 5;
    const after = await pool.betweenTimes('own', pairs);
    expect(after).toEqual(directTimes(graph).between(pairs));
    expect(after).not.toEqual(before);
  });

  test('an epoch is answered by its weights, and what runs beside it by its own', async () => {
    await start();
    const epochs = [25, 60].map((kmh) => {
      const weights = new SharedArrayBuffer(weightsBytes(city));
      makeEpoch(city, {csv: Buffer.from(`97,98,${kmh}\n98,99,${kmh}\n99,98,0\n`)}, weights);
      return {weights, truth: directTimes(withWeights(city, weights))};
    });
    const pairs = everyPair(city, 'from', HOUR_MS);
    const answers = await Promise.all([
      ...epochs.map(({weights}) => pool.betweenTimes('city', pairs, {weights})),
      pool.betweenTimes('city', pairs),
    ]);
    const wanted = [...epochs.map(({truth}) => truth.between(pairs)), directTimes(city).between(pairs)];
    expect(answers).toEqual(wanted);
    expect(wanted[0]).not.toEqual(wanted[1]);
  });

  test('a shard that throws fails its request by name, and the next requests are right', async () => {
    await start({workers: new URL('faulty/', import.meta.url)});
    const failed = await pool.betweenTimes('city', everyPair(city, 'from', FAILING_LIMIT_MS)).then(
      () => expect.unreachable(),
      (error) => error,
    );
    expect(failed).toBeInstanceOf(PoolFailure);
    expect(failed.code).toBe('POOL_JOB_FAILED');
    expect(failed.message).toMatch(/^between-times shard \d of 8 failed: the search broke$/);
    expect(await Promise.all(cases.map((pairs) => pool.betweenTimes('city', pairs)))).toEqual(expected);
  });

  test('requests beyond the memory limit are refused, and those within it served', async () => {
    await start({arenaLimitBytes: 1 << 17});
    const [first, second, third] = await Promise.allSettled([1, 2, 3].map(() => pool.betweenTimes('city', cases[2])));
    expect([first.status, second.status]).toEqual(['fulfilled', 'fulfilled']);
    expect(third).toMatchObject({status: 'rejected', reason: {code: 'POOL_BUSY'}});
    expect(await pool.betweenTimes('city', cases[2])).toEqual(expected[2]);
    expect(pool.stats().arenaBytes).toBe(1 << 17);
  });
});

test('over a hierarchy times stay right, and its memory as large, however many threads are lost', async () => {
  const hierarchy = {...handleOf(customized(city)), id: 0};
  await start({workers: new URL('faulty/', import.meta.url)});
  const pairs = everyPair(city, 'from', HOUR_MS);
  const expected = directTimes(city).between(pairs);
  const pages: number[] = [];
  for (let round = 0; round < 4; round++) {
    const lost = pool.betweenTimes('city', everyPair(city, 'from', DEADLY_LIMIT_MS), {hierarchy});
    await expect(lost).rejects.toThrow('worker exited');
    expect(await pool.betweenTimes('city', pairs, {hierarchy})).toEqual(expected);
    pages.push(hierarchy.memory.grow(0));
  }
  expect(new Set(pages).size).toBe(1);
});

test('a router over the pool gives the times of a search per pair', async () => {
  await start();
  const random = randomStream(11, 'pool');
  const router = createRouter({
    graph: city,
    betweenTimes: (pairs) => pool.betweenTimes('city', pairs),
    nowMs: () => 1,
    snapEntries: 0,
  });
  const [west, east] = [city.junctionLonE7[0], city.junctionLonE7[0] + 40_000];
  const places = Array.from(
    {length: 60},
    () => router.snap(west + below(random, east - west), -below(random, 30_000))!,
  );
  const pairOrigin = Int32Array.from({length: 600}, () => below(random, 60));
  const pairDestination = Int32Array.from({length: 600}, () => below(random, 12));
  const truth = directTimes(city);
  const expected = Int32Array.from(pairOrigin, (origin, i) =>
    truth.pair(places[origin], places[pairDestination[i]], HOUR_MS),
  );
  for (let round = 0; round < 2; round++) {
    expect(await router.timePairs(places, places, pairOrigin, pairDestination, HOUR_MS)).toEqual(expected);
  }
  expect(router.stats()).toMatchObject({etaHits: 600, etaMisses: 600});
});

describe('solving', () => {
  const random = randomStream(3, 'pool-solve');
  const [taskCount, driverCount, width] = [40, 30, 6];
  const rows = Array.from({length: taskCount}, () =>
    [...new Set(Array.from({length: width}, () => below(random, driverCount)))].sort((a, b) => a - b),
  );
  const problem: Problem = {
    driverCount,
    taskCount,
    firstPair: Int32Array.from([0, ...rows].map((_, i) => rows.slice(0, i).flat().length)),
    driver: Int32Array.from(rows.flat()),
    costMs: Int32Array.from(rows.flat(), () => below(random, 600_000)),
    capacity: new Int32Array(driverCount).fill(1),
    unassignedMs: new Int32Array(taskCount).fill(1_000_000),
  };
  const budget = 1_000_000_000;

  test('gives on a thread, cold and warm, the answer it gives here, with the prices that prove it', async () => {
    await start();
    const cold = await pool.solve(problem, budget);
    expect(cold).toEqual(solve(problem, {budget}));
    expect(cold.kind).toBe('optimal');
    expect(flaw(problem, cold)).toBeUndefined();
    const {taskPriceMs, driverPriceMs, driverOf} = cold;
    for (const seed of [
      {taskPriceMs, driverPriceMs},
      {taskPriceMs, driverPriceMs, driverOf},
    ]) {
      const warm = await pool.solve(problem, budget, seed);
      expect(warm).toEqual(solve(problem, {budget, seed}));
      expect(warm.totalMs).toBe(cold.totalMs);
    }
    expect(await pool.solve(problem, budget)).toEqual(cold);
  });

  test('gives on any number of threads the answer of one, and when two problems want helpers at once', async () => {
    const sizes = {compiledPairs: 0, tiledArcs: 200};
    const problems = Array.from({length: 40}, (_, i) => stripProblem(i, 90 + i, 100 + 3 * i));
    const expected = problems.map((each) => solve(each, {budget}, createWorkspace({sizes})));
    expect(expected.some(({kind, work}) => kind === 'optimal' && work > 2_000)).toBe(true);
    for (const threads of [1, 2, 4]) {
      await start({threads, sizes});
      for (const [i, each] of problems.entries()) expect(await pool.solve(each, budget)).toEqual(expected[i]);
      const few = problems.slice(0, 8).map((each) => pool.solve(each, budget));
      expect(await Promise.all(few)).toEqual(expected.slice(0, 8));
      await pool.close();
    }
  });

  test('a budget that runs out is an answer, not an error', async () => {
    await start();
    expect(await pool.solve(problem, 0)).toEqual(solve(problem, {budget: 0}));
  });

  test('a problem without tasks is solved', async () => {
    await start();
    const empty = new Int32Array(0);
    const nothing = {driver: empty, costMs: empty, capacity: empty, unassignedMs: empty};
    const solution = await pool.solve({driverCount: 0, taskCount: 0, firstPair: Int32Array.of(0), ...nothing}, budget);
    expect(solution).toMatchObject({kind: 'optimal', totalMs: 0});
  });
});

describe('before ticks ask', () => {
  const hierarchy = {...handleOf(customized(city)), id: 0};

  test('every thread searches once in each memory, whatever else runs, and makes its workspace there', async () => {
    const ended: string[] = [];
    await start({threads: 3, onJob: ({name}) => ended.push(name)});
    const first = 65_536 * hierarchy.memory.grow(0);
    const ticking = [1, 2, 3].map(() => pool.betweenTimes('city', everyPair(city, 'from', HOUR_MS)));
    await pool.prepare('city', {hierarchy});
    await Promise.all(ticking);
    const roomBytes = (65_536 * hierarchy.memory.grow(0) - first) / 3;
    for (const room of [0, 1, 2]) {
      const noted = new Int32Array(hierarchy.memory.buffer, first + room * roomBytes, roomBytes / 4);
      expect(noted.filter((ms) => ms === UNREACHABLE_MS).length).toBeGreaterThanOrEqual(2 * hierarchy.nodeCount);
    }
    const warmUps = () => ended.filter((name) => name === 'warm-up').length;
    expect(warmUps()).toBe(2 * 3);
    await pool.prepare('city', {hierarchy});
    expect(warmUps()).toBe(2 * 3);
    await pool.prepare('city', {hierarchy: {...handleOf(customized(city)), id: 1}});
    await pool.prepare('city');
    expect(warmUps()).toBe(6 * 3);
  });

  test('a hierarchy that leaves one of them no room is refused, and serves as many as it has room for', async () => {
    await start();
    const crowded = {...handleOf(customized(city)), id: 2};
    const roomPages = 16;
    crowded.memory.grow(65_536 - crowded.memory.grow(0) - 2 * roomPages + 1);
    await expect(pool.prepare('city', {hierarchy: crowded})).rejects.toMatchObject({code: 'GRAPH_TOO_LARGE'});
    await pool.close();
    await start({threads: 1});
    const other = {...handleOf(customized(city)), id: 2};
    other.memory.grow(65_536 - other.memory.grow(0) - 2 * roomPages + 1);
    await pool.prepare('city', {hierarchy: other});
    const pairs = everyPair(city, 'from', HOUR_MS);
    expect(await pool.betweenTimes('city', pairs, {hierarchy: other})).toEqual(directTimes(city).between(pairs));
  });

  test('threads that cannot search say so, and are asked again', async () => {
    await start({workers: new URL('no-such-folder/', import.meta.url)});
    for (let round = 0; round < 2; round++) {
      await expect(pool.prepare('city')).rejects.toThrow(/^warm-up shard 1 of 2 failed: /);
    }
  });
});

test('closing ends what was asked for, and refuses more', async () => {
  await start();
  const pairs = everyPair(city, 'from', HOUR_MS);
  const asked = pool.betweenTimes('city', pairs);
  await pool.close();
  expect((await asked).length).toBe(pairs.member.length);
  await expect(pool.betweenTimes('city', pairs)).rejects.toMatchObject({code: 'POOL_CLOSED'});
  expect(pool.stats()).toMatchObject({threads: 0, running: 0, waiting: 0});
});
