// What was learned of promises, in a tick: times, costs, offers, the record, explanations and what-if go by it.
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {costs, TERM_NAMES} from '../../src/dispatch/costs.ts';
import {type Decision, decide} from '../../src/dispatch/decision.ts';
import {latenessMs, pairTimes, timesByRoad} from '../../src/dispatch/etas.ts';
import {explainer} from '../../src/dispatch/explain/explain.ts';
import {reasonsOfPair} from '../../src/dispatch/explain/reasons.ts';
import {sentencesOfPair} from '../../src/dispatch/explain/sentences.ts';
import {decisionHash, snapshotHash, unpackPayload} from '../../src/dispatch/record.ts';
import {decideAgain} from '../../src/dispatch/replay.ts';
import {type Ticked, tick} from '../../src/dispatch/tick.ts';
import {type Changes, changed} from '../../src/dispatch/what-if/changes.ts';
import {difference} from '../../src/dispatch/what-if/difference.ts';
import {sceneOf} from '../../src/dispatch/what-if/scene.ts';
import type {ResolvedPredicate} from '../../src/domain/rule.ts';
import type {Snapshot} from '../../src/domain/snapshot.ts';
import {fakeWorld} from '../support/fake-world.ts';
import {corrected, having, market, NOW_MS} from '../support/snapshot.ts';

const MINUTE_MS = 60_000;
const NOTHING: Changes = {set: {}, addDrivers: [], withoutDrivers: [], withoutTasks: [], withoutRules: []};
const COUNTS = {drivers: 30, stores: 5, tasks: 40};

const decided = (snapshot: Snapshot) => decide(fakeWorld(snapshot));
const hashOf = ({proposals, solution}: Pick<Decision, 'proposals' | 'solution'>) => decisionHash(proposals, solution);

/** One driver, store and task, ready now, with these corrections. */
function learned(pickupMs: number, dropMs: readonly number[]): Snapshot {
  const s = having(market(3, {drivers: 1, stores: 1, tasks: 1}), 'tasks', 'readyAtMs', 0, NOW_MS);
  return {...s, corrections: {pickupMs: [pickupMs], dropMs: [[...dropMs]]}};
}

const minutes = (...values: number[]) => values.map((value) => value * MINUTE_MS);
const lone = (s: Snapshot, p = 0.9) => {
  const of = (ms: number) => Int32Array.of(ms);
  const pairs = {task: of(0), driver: of(0), pickupMs: of(5 * MINUTE_MS), dropMs: of(8 * MINUTE_MS), returnMs: of(1)};
  const {termMs} = costs(s, pairs, Float64Array.of(p));
  return Object.fromEntries(TERM_NAMES.map((name, k) => [name, termMs[k]]));
};

test('a promise is what the road says and what was learned, and neither comes before it can', () => {
  const times = (s: Snapshot) => {
    const {pickupAtMs, dropAtMs, backAtMs, ...added} = pairTimes(
      s,
      0,
      ...([5, 8, 9].map((m) => m * MINUTE_MS) as [0, 0, 0]),
    );
    return [
      ...[pickupAtMs, dropAtMs, backAtMs].map((at) => (at - NOW_MS) / MINUTE_MS),
      ...Object.values(added).map((ms) => ms / MINUTE_MS),
    ];
  };
  // Five minutes to the store, two at the counter, eight to the customer; two at the door and nine back.
  expect(times(learned(0, minutes(0, 0, 0, 0, 0)))).toEqual([5, 15, 26, 0, 0]);
  expect(times(learned(2 * MINUTE_MS, minutes(-1, 0, 3, 4, 9)))).toEqual([7, 18, 29, 2, 3]);
  // Nobody picks up before now, nor hands over before the pick-up.
  expect(times(learned(-20 * MINUTE_MS, minutes(-9, -9, -9, 0, 0)))).toEqual([0, 6, 17, -5, -9]);
  expect(times(learned(4 * MINUTE_MS, minutes(-9, -9, -9, -9, -9)))).toEqual([9, 9, 20, 4, -6]);
});

test('lateness is its mean over the quantiles, each from the pick-up on', () => {
  // By road the drop is at minute 15.
  const s = (due: number, ...quantiles: number[]) =>
    having(learned(0, minutes(...quantiles)), 'tasks', 'dueAtMs', 0, NOW_MS + due * MINUTE_MS);
  const late = (snapshot: Snapshot) =>
    latenessMs(snapshot, 0, pairTimes(snapshot, 0, 5 * MINUTE_MS, 8 * MINUTE_MS, 1)) / MINUTE_MS;
  expect(late(s(15, 0, 0, 0, 0, 0))).toBe(0);
  // A promise that is kept by the median is broken at times all the same.
  expect(late(s(16, -2, 0, 1, 4, 11))).toBe((0 + 0 + 0 + 3 + 10) / 5);
  expect(late(s(3, -29, -12, 0, 0, 0))).toBe((2 + 2 + 12 + 12 + 12) / 5);
  expect(lone(s(16, -2, 0, 1, 4, 11)).late).toBe(468_000);
});

test('goods wait until they are picked up, and so does the driver from the arrival on', () => {
  const early = (snapshot: Snapshot) => having(snapshot, 'tasks', 'readyAtMs', 0, NOW_MS + 7 * MINUTE_MS);
  expect(lone(learned(2 * MINUTE_MS, minutes(0, 0, 0, 0, 0)))).toMatchObject({
    pickup: 7 * MINUTE_MS,
    wait: 0.2 * 2 * MINUTE_MS,
  });
  expect(lone(early(learned(2 * MINUTE_MS, minutes(0, 0, 0, 0, 0))))).toMatchObject({
    pickup: 2 * MINUTE_MS,
    wait: 0.2 * 4 * MINUTE_MS,
  });
});

test('corrections of nothing change nothing: not a time, a term or a choice', async () => {
  for (let seed = 0; seed < 6; seed++) {
    const plain = market(seed, COUNTS);
    const zeroes = {pickupMs: plain.stores.id.map(() => 0), dropMs: plain.tasks.id.map(() => [0, 0, 0, 0, 0])};
    const [without, beside] = [await decided(plain), await decided({...plain, corrections: zeroes})];
    expect(beside.cost).toEqual(without.cost);
    expect(beside.proposals).toEqual(without.proposals);
    expect(hashOf(beside)).toBe(hashOf(without));
  }
});

test('the more was learned, the more a pair costs: no term falls', () => {
  const quantiles = fc.array(fc.integer({min: -600_000, max: 600_000}), {minLength: 5, maxLength: 5});
  const offset = fc.integer({min: -600_000, max: 600_000});
  fc.assert(
    fc.property(
      offset,
      quantiles,
      offset,
      offset,
      fc.nat(300_000),
      fc.nat(300_000),
      (pickup, drop, ready, due, a, b) => {
        const sorted = drop.toSorted((x, y) => x - y);
        const at = (snapshot: Snapshot) =>
          lone(having(having(snapshot, 'tasks', 'readyAtMs', 0, NOW_MS + ready), 'tasks', 'dueAtMs', 0, NOW_MS + due));
        const less = at(learned(pickup, sorted));
        const more = at(learned(pickup + a, sorted.map((ms) => ms + b))); // biome-ignore format: one thought
        for (const name of TERM_NAMES) expect(more[name], name).toBeGreaterThanOrEqual(less[name]);
      },
    ),
    {numRuns: 500},
  );
});

test('offers carry what was promised and what of it was learned; rules judge by it', async () => {
  const snapshot = corrected(market(4, COUNTS), 4);
  const {proposals, pairs} = await decided(snapshot);
  expect(proposals.length).toBeGreaterThan(20);
  for (const {taskId, dropAtMs, neededUntilMs, features: f} of proposals) {
    const task = snapshot.tasks.id.indexOf(taskId);
    const times = pairTimes(snapshot, task, f.pickupMs, f.dropMs, f.returnMs);
    const {pickupAtMs, pickupCorrectionMs, dropCorrectionMs} = times;
    expect(dropAtMs).toBe(times.dropAtMs - Math.min(0, dropCorrectionMs));
    expect(neededUntilMs).toBe(times.backAtMs - Math.min(0, dropCorrectionMs));
    expect(f).toMatchObject({pickupAtMs, dropAtMs: times.dropAtMs, pickupCorrectionMs, dropCorrectionMs});
    const ofStore = snapshot.corrections!.pickupMs[snapshot.tasks.store[task]];
    const ofDrop = snapshot.corrections!.dropMs[task][2];
    expect([ofStore, NOW_MS - (pickupAtMs - pickupCorrectionMs)]).toContain(pickupCorrectionMs);
    expect([ofDrop, pickupAtMs - (times.dropAtMs - dropCorrectionMs)]).toContain(dropCorrectionMs);
  }
  expect(proposals.some(({features}) => features.pickupCorrectionMs !== 0)).toBe(true);
  // Who would come too late by what was learned is no candidate.
  const latest = {...snapshot, tasks: {...snapshot.tasks, latestAtMs: [...snapshot.tasks.latestAtMs]}};
  const [pair, task] = [0, pairs.task[0]];
  const by = pairTimes(snapshot, task, pairs.pickupMs[pair], pairs.dropMs[pair], pairs.returnMs[pair]);
  latest.tasks.latestAtMs[task] = by.dropAtMs - 1;
  const {pairs: left} = await decided(latest);
  const isLeft = (at: number) => left.task.some((t, i) => t === task && left.driver[i] === at);
  expect(isLeft(pairs.driver[pair])).toBe(false);
});

test('what was learned can forbid a pair, but allows none that by road misses a bound', async () => {
  const late = learned(0, minutes(8, 8, 8, 8, 8));
  const early = learned(0, minutes(-4, -4, -4, -4, -4));
  const under = (s: Snapshot, predicate: ResolvedPredicate): Snapshot => {
    return {...s, rules: [{code: 'Z', sentence: 'Z.', source: 'test', scope: 'task', sinceMs: 0, predicate}]};
  };
  for (const own of [late, early]) {
    const free = {...own, rules: []};
    const {pairs, proposals} = await decided(free);
    expect(proposals).toHaveLength(1);
    const promised = pairTimes(own, 0, pairs.pickupMs[0], pairs.dropMs[0], pairs.returnMs[0]);
    const [first, last] = [promised, timesByRoad(promised)].sort((a, b) => a.dropAtMs - b.dropAtMs);
    const latest = (ms: number) => having(free, 'tasks', 'latestAtMs', 0, ms);
    const closes = (ms: number) =>
      having(under(own, {kind: 'store-open-through-return'}), 'stores', 'closesAtMs', 0, ms);
    const sale = (from: number, until: number) =>
      under(own, {kind: 'sale-hours', openMs: [[from, until]], polygons: null});
    const bounds = [
      ['latest time', latest(last.dropAtMs), latest(last.dropAtMs - 1)],
      ['closing of the store', closes(last.backAtMs), closes(last.backAtMs - 1)],
      ['closing of sale', sale(0, last.dropAtMs + 1), sale(0, last.dropAtMs)],
      ['start of sale', sale(first.dropAtMs, 9e15), sale(first.dropAtMs + 1, 9e15)],
    ] as const;
    for (const [name, kept, missed] of bounds) {
      expect((await decided(kept)).pairs.task, name).toHaveLength(1);
      const decision = await decided(missed);
      expect(decision.pairs.task, name).toHaveLength(0);
      expect(reasonsOfPair(decision, 0, 0, pairs.pickupMs[0]), name).toHaveLength(1);
    }
  }
});

test('what was learned stands in the record, is hashed, and a replay goes by it', async () => {
  const request = {id: '01890000-0000-7000-8000-000000000001', trigger: 'loop', dryRun: false} as const;
  for (let seed = 0; seed < 4; seed++) {
    const snapshot = corrected(market(seed, COUNTS), seed);
    const world = fakeWorld(snapshot);
    const {header} = (await tick(world, request)) as Ticked;
    const payload = unpackPayload(world.records[0].payload);
    expect(payload.snapshot).toEqual(snapshot);
    expect(snapshotHash(payload.snapshot)).toBe(header.snapshotHash);
    const nearestDrivers = async () => expect.fail('chosen by disks');
    expect(hashOf(await decideAgain(payload, {...fakeWorld(snapshot), nearestDrivers}))).toBe(header.decisionHash);
    const without = changed(snapshot, {...NOTHING, set: {etaCorrection: 0}});
    expect(hashOf(await decided(without))).not.toBe(header.decisionHash);
  }
});

test('an explanation says what of the promise was learned', async () => {
  const snapshot = corrected(market(2, COUNTS), 2);
  const world = fakeWorld(snapshot);
  const decision = await decide(world);
  const ask = explainer(decision, world);
  const {taskId, driverId, features} = decision.proposals.find(({features: f}) => f.dropCorrectionMs > 60_000)!;
  const told = await ask.pair(taskId, driverId);
  const {pickupAtMs, dropAtMs, pickupCorrectionMs, dropCorrectionMs} = features;
  expect(told).toMatchObject({kind: 'chosen', facts: {pickupAtMs, dropAtMs, pickupCorrectionMs, dropCorrectionMs}});
  const after = ((dropAtMs - NOW_MS) / MINUTE_MS).toFixed(1);
  expect(sentencesOfPair(told, decision)).toContainEqual(
    expect.stringContaining(
      `handed over after ${after} min (${(dropCorrectionMs / MINUTE_MS).toFixed(1)} min of it learned).`,
    ),
  );
  const plain = await decided(market(2, COUNTS));
  const [first] = plain.proposals;
  const untold = await explainer(plain, world).pair(first.taskId, first.driverId);
  expect(sentencesOfPair(untold, plain).join(' ')).not.toContain('learned');
});

test('what if nothing had been learned: the promises of then measure both answers', async () => {
  const snapshot = corrected(market(5, COUNTS), 5);
  const before = await decided(snapshot);
  const after = await decided(changed(snapshot, {...NOTHING, set: {etaCorrection: 0}}));
  const {corrections, ...without} = snapshot;
  expect(hashOf(after)).toBe(hashOf(await decided({...without, settings: {...snapshot.settings, etaCorrection: 0}})));
  const told = difference(before, after);
  expect(told.moved.length).toBeGreaterThan(0);
  expect(told.before.costMs).toBeLessThan(told.after.costMs);
  // The map tells the times that the figures sum up.
  const scene = sceneOf(before, after);
  for (const side of ['before', 'after'] as const) {
    const readyToDropMs = scene[side].assigned.map(([task, , , dropInMs]) => {
      return snapshot.atMs + dropInMs - snapshot.tasks.readyAtMs[task];
    });
    expect(readyToDropMs.reduce((a, b) => a + b)).toBe(told[side].readyToDropMs);
  }
  expect(changed(snapshot, {...NOTHING, set: {etaCorrection: 1}})).toEqual(snapshot);
});

test('with a task less, the others keep what was learned of them', async () => {
  const snapshot = corrected(market(6, COUNTS), 6);
  const less = {...NOTHING, withoutTasks: [snapshot.tasks.id[3]]};
  const {corrections} = changed(snapshot, less);
  expect(corrections).toEqual({...snapshot.corrections, dropMs: snapshot.corrections!.dropMs.toSpliced(3, 1)});
  const [before, after] = [await decided(snapshot), await decided(changed(snapshot, less))];
  const {solution, assigned} = after;
  const alone = assigned.problem.unassignedMs.reduce((sum, ms, t) => sum + (solution.driverOf[t] < 0 ? ms : 0), 0);
  expect(difference(before, after).after.costMs).toBe(solution.totalMs - alone);
});

test.each([
  ['recorded without them', market(1, COUNTS), 1],
  ['by halves', corrected(market(1, COUNTS), 1), 0.5],
] as const)('corrections %s are refused to a what-if', (_, snapshot, etaCorrection) => {
  expect(() => changed(snapshot, {...NOTHING, set: {etaCorrection}})).toThrow(
    expect.objectContaining({code: 'WHAT_IF_INVALID'}),
  );
});
