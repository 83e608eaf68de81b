// A region's loops on fake timers and a hand-made market: who may tick when, what readiness says, and how it ends.
import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {solve} from '../../src/flow/solve.ts';
import type {Claim} from '../../src/loops/leases.ts';
import {type RegionPort, startRegion} from '../../src/loops/region-dispatcher.ts';
import {sweep} from '../../src/loops/sweep.ts';
import {type FakeWorld, fakeWorld} from '../support/fake-world.ts';
import {market} from '../support/snapshot.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const clock = {wallMs: () => Date.now(), monotonicMs: () => Date.now()};
const cadences = {tickEveryMs: 1_000, sweepEveryMs: 1_000};
const after = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

async function open(overrides: Partial<RegionPort> = {}, worldOverrides: Partial<FakeWorld> = {}) {
  const world = fakeWorld(market(1, {drivers: 4, stores: 2, tasks: 3}), worldOverrides);
  const state = {claim: {kind: 'held', fence: 7} as Claim | undefined, paused: false, released: [] as number[]};
  const seen = {ticked: 0, swept: 0, fenced: 0, missed: 0, failed: [] as string[]};
  const port: RegionPort = {
    regionId: 'test',
    isPaused: () => state.paused,
    lease: {
      current: () => state.claim,
      during: (decision) => decision,
      async stop() {
        if (state.claim?.kind === 'held') state.released.push(state.claim.fence);
      },
    },
    withWorld: (fence, use) => use({...world, fence}),
    expire: async () => ({expired: 0, failed: 0, slot: 0}),
    housekeep: async () => {},
    ...overrides,
  };
  const region = await startRegion(port, cadences, clock, {
    ticked: () => void seen.ticked++,
    swept: () => void seen.swept++,
    fenced: () => void seen.fenced++,
    overrun: (missed) => void (seen.missed += missed),
    failed: (what) => void seen.failed.push(what),
  });
  return {region, state, seen, world};
}

const request = {trigger: 'request', dryRun: false} as const;

test('the loop ticks and sweeps every period under the fence of its lease', async () => {
  const {region, seen, world} = await open();
  await vi.advanceTimersByTimeAsync(3_500);
  expect(seen).toMatchObject({ticked: 4, swept: 4, missed: 0, failed: []});
  expect(world.records.map(({fence}) => fence)).toEqual([7, 7, 7, 7]);
  expect([region.claim(), region.complaint()]).toEqual([{kind: 'held', fence: 7}, undefined]);
  await region.stop();
});

test('a tick asked for while one runs is answered busy, and the loop skips no other', async () => {
  const slow = {readSnapshot: async () => after(400).then(() => market(2, {drivers: 1, stores: 1, tasks: 1}))};
  const {region, seen} = await open({}, slow);
  await vi.advanceTimersByTimeAsync(100);
  expect(await region.tick(request)).toEqual({kind: 'busy'});
  await vi.advanceTimersByTimeAsync(2_850);
  expect(seen.ticked).toBe(3);
  await region.stop();
});

test('while paused nothing is decided but by a dry run, and that is no complaint', async () => {
  const {region, state, seen, world} = await open();
  state.paused = true;
  await vi.advanceTimersByTimeAsync(10_000);
  expect([seen.ticked, region.complaint()]).toEqual([0, undefined]);
  expect(await region.tick(request)).toEqual({kind: 'paused'});
  expect(await region.tick({...request, dryRun: true})).toMatchObject({kind: 'ticked', recorded: false});
  expect(world.committed).toEqual([]);
  state.paused = false;
  expect(region.complaint()).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(seen.ticked).toBe(1);
  await region.stop();
});

test('without the lease it stands by without complaint, and ticks within a period of getting it', async () => {
  const {region, state, seen} = await open();
  state.claim = {kind: 'taken', owner: 'another'};
  await vi.advanceTimersByTimeAsync(2_000);
  const before = seen.ticked;
  await vi.advanceTimersByTimeAsync(20_000);
  expect(seen.ticked).toBe(before);
  expect(await region.tick(request)).toEqual({kind: 'owned-elsewhere', owner: 'another'});
  expect(region.complaint()).toBeUndefined();
  state.claim = {kind: 'held', fence: 9};
  await vi.advanceTimersByTimeAsync(2_000);
  expect(seen.ticked).toBeGreaterThan(before);
  await region.stop();
  expect(state.released).toEqual([9]);
});

test('an unknown lease is a complaint, and no tick starts on it', async () => {
  const {region, state, seen} = await open();
  await vi.advanceTimersByTimeAsync(500);
  state.claim = undefined;
  const before = seen.ticked;
  await vi.advanceTimersByTimeAsync(5_000);
  expect([seen.ticked, region.complaint()]).toEqual([before, expect.stringContaining('lease')]);
  expect(await region.tick(request)).toEqual({kind: 'owned-elsewhere', owner: 'unknown'});
  await region.stop();
});

test('a loop that fails for three periods is a complaint, whatever others ask of it meanwhile', async () => {
  let broken = true;
  const readSnapshot = async () => {
    if (broken) throw new Error('no snapshot');
    return market(3, {drivers: 1, stores: 1, tasks: 1});
  };
  const {region, seen} = await open({}, {readSnapshot});
  await vi.advanceTimersByTimeAsync(2_500);
  expect(region.complaint()).toBeUndefined();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(region.complaint()).toMatch(/has not ticked for \d+ ms/);
  expect(seen.failed.filter((what) => what === 'tick').length).toBeGreaterThanOrEqual(4);
  broken = false;
  expect(await region.tick(request)).toMatchObject({kind: 'ticked'});
  expect(region.complaint(), 'a tick on request is no sign of life of the loop').toBeDefined();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(region.complaint()).toBeUndefined();
  await region.stop();
});

test('each tick starts from the last one of this lease; a dry run starts from nothing and leaves nothing', async () => {
  const starts: string[] = [];
  const {region, state, world} = await open(
    {},
    {
      async solve(problem, budget, seed) {
        starts.push(seed ? 'warm' : 'cold');
        return solve(problem, seed ? {budget, seed} : {budget});
      },
    },
  );
  await vi.advanceTimersByTimeAsync(500);
  await region.tick({...request, dryRun: true});
  await vi.advanceTimersByTimeAsync(1_000);
  expect(starts).toEqual(['cold', 'cold', 'warm']);
  await region.tick(request);
  state.claim = {kind: 'held', fence: 8};
  await vi.advanceTimersByTimeAsync(2_500);
  expect(world.records.map(({fence}) => fence)).toContain(8);
  const last = world.records.findIndex(({fence}) => fence === 8);
  expect(world.records.map(({solve: {saved}}) => saved === undefined)).toEqual(
    world.records.map((_, i) => i === 0 || i === last),
  );
  await region.stop();
});

test('a fenced tick is told and the loop goes on', async () => {
  const {region, seen} = await open({}, {openOffers: async () => ({kind: 'fenced'})});
  await vi.advanceTimersByTimeAsync(2_500);
  expect(seen).toMatchObject({fenced: 3, ticked: 0, failed: []});
  await region.stop();
});

test('stop waits for a tick that was asked for, takes no new one, and only then gives the lease back', async () => {
  const slow = {readSnapshot: async () => after(700).then(() => market(2, {drivers: 1, stores: 1, tasks: 1}))};
  const {region, state, world} = await open({}, slow);
  await vi.advanceTimersByTimeAsync(750);
  const asked = region.tick(request);
  await vi.advanceTimersByTimeAsync(100);
  const stopped = region.stop();
  expect(await region.tick(request)).toEqual({kind: 'busy'});
  expect(state.released).toEqual([]);
  await vi.advanceTimersByTimeAsync(700);
  expect(await asked).toMatchObject({kind: 'ticked', recorded: true});
  await stopped;
  expect([state.released, world.records.length]).toEqual([[7], 2]);
});

test('a sweep goes on until a call closes fewer than it might, or finds no free slot', async () => {
  const calls: number[] = [];
  const closing =
    (...counts: number[]) =>
    async (limit: number) => {
      calls.push(limit);
      const expired = counts.shift() ?? 0;
      return {expired, failed: 0, slot: expired < 0 ? null : 0};
    };
  expect(await sweep(closing(1_000, 1_000, 3))).toEqual({expired: 2_003, failed: 0});
  expect(calls).toHaveLength(3);
  expect(await sweep(async () => ({expired: 0, failed: 0, slot: null}))).toEqual({expired: 0, failed: 0});
});
