import {describe, expect, test} from 'vitest';
import {type Decision, decide} from '../../src/dispatch/decision.ts';
import {explainer} from '../../src/dispatch/explain/explain.ts';
import {pairOf, type Regret} from '../../src/dispatch/explain/regret.ts';
import {STARTING_SETTINGS} from '../../src/domain/region.ts';
import type {Snapshot} from '../../src/domain/snapshot.ts';
import type {Problem} from '../../src/flow/problem.ts';
import {solve} from '../../src/flow/solve.ts';
import {fakeWorld} from '../support/fake-world.ts';
import {runs} from '../support/runs.ts';
import {corrected, having, market} from '../support/snapshot.ts';

async function explained(snapshot: Snapshot, overrides: Parameters<typeof fakeWorld>[1] = {}) {
  const world = fakeWorld(snapshot, overrides);
  const decision = await decide(world);
  return {decision, ...explainer(decision, world)};
}

/** Without the task and without one place of the driver: what is left is solved anew. */
function without({firstPair, driver, costMs, capacity, unassignedMs, ...counts}: Problem, task: number, taken: number) {
  const [begin, end] = [firstPair[task], firstPair[task + 1]];
  const cut = (column: Int32Array, from: number, to: number) =>
    Int32Array.from([...column.subarray(0, from), ...column.subarray(to)]);
  return {
    driverCount: counts.driverCount,
    taskCount: counts.taskCount - 1,
    firstPair: cut(firstPair, task, task + 1).map((at, t) => (t >= task ? at - (end - begin) : at)),
    driver: cut(driver, begin, end),
    costMs: cut(costMs, begin, end),
    capacity: capacity.map((places, d) => places - (d === taken ? 1 : 0)),
    unassignedMs: cut(unassignedMs, task, task + 1),
  };
}

/** What the optimum would be with the task given to the driver, or to nobody (-1), by solving the rest from nothing. */
function forcedMs({problem}: Decision['assigned'], task: number, driver: number): number {
  const own = driver < 0 ? problem.unassignedMs[task] : problem.costMs[pairOf(problem, task, driver)];
  return own + solve(without(problem, task, driver), {budget: 1e9}).totalMs;
}

function exactly(regret: Regret) {
  if (regret.kind !== 'exact') throw new Error(`the regret is ${regret.kind}`);
  return regret;
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

describe('the regret of a pair', () => {
  test.each([
    {name: 'plenty of drivers', drivers: 60, stores: 6, tasks: 25},
    {name: 'scarce drivers', drivers: 14, stores: 4, tasks: 30},
    {name: 'as many as tasks', drivers: 24, stores: 5, tasks: 24},
  ])('is what forcing it and solving again costs, term by term and move by move: $name', async (counts) => {
    let [chosen, others] = [0, 0];
    for (let seed = 0; seed < runs(24, 6); seed++) {
      const plain = market(seed, counts);
      const {decision, ...ask} = await explained(seed % 2 ? corrected(plain, seed) : plain);
      const {snapshot, assigned, solution} = decision;
      for (const [t, task] of assigned.tasks.entries()) {
        const taskId = snapshot.tasks.id[task];
        const told = ask.task(taskId, 1_000);
        if (told.kind !== 'decided') throw new Error(`task ${task} is ${told.kind}`);
        expect(exactly(told.unassigned).ms).toBe(forcedMs(assigned, t, -1) - solution.totalMs);
        for (const {driverId, regretMs} of told.alternatives) {
          const d = assigned.drivers.indexOf(snapshot.drivers.id.indexOf(driverId));
          const at = `seed ${seed}, task ${task}, driver ${driverId}`;
          expect(regretMs, at).toBe(forcedMs(assigned, t, d) - solution.totalMs);
          const pair = await ask.pair(taskId, driverId);
          if (pair.kind !== 'chosen' && pair.kind !== 'not-chosen') throw new Error(`${at} is ${pair.kind}`);
          const {ms, termMs, moves} = exactly(pair.regret);
          expect(sum(Object.values(termMs)), at).toBe(ms);
          expect(sum(moves.map(({changeMs}) => changeMs)), at).toBe(ms);
          if (pair.kind === 'not-chosen') {
            expect(ms, at).toBe(regretMs);
            others++;
          } else {
            expect([regretMs, told.driverId], at).toEqual([0, driverId]);
            const row = assigned.problem.driver.subarray(
              assigned.problem.firstPair[t],
              assigned.problem.firstPair[t + 1],
            );
            const rest = [-1, ...row.filter((other) => other !== d)].map((other) => forcedMs(assigned, t, other));
            expect(ms, at).toBe(Math.min(...rest) - solution.totalMs);
            chosen++;
          }
        }
      }
    }
    expect(chosen).toBeGreaterThan(50);
    expect(others).toBeGreaterThan(1_000);
  });

  test('is not told where the budget of the tick ended its solve', async () => {
    const snapshot = market(3, {drivers: 10, stores: 3, tasks: 20});
    const settings = {...STARTING_SETTINGS, solveBudget: 1};
    const {decision, ...ask} = await explained({...snapshot, settings});
    expect(decision.solution.kind).toBe('over-budget');
    const taskId = snapshot.tasks.id[4];
    const told = ask.task(taskId, 5);
    expect(told).toMatchObject({
      kind: 'decided',
      unassigned: {kind: 'unproven'},
      alternatives: [{regretMs: null}, {}, {}, {}, {}],
    });
  });
});

describe('who was no candidate', () => {
  const counts = {drivers: 40, stores: 3, tasks: 6};

  test('took no part: not waiting, not on shift', async () => {
    const ask = await explained(market(1, counts));
    expect(await ask.pair('task-none', 'driver-000001')).toEqual({kind: 'no-part', task: false, driver: true});
    expect(await ask.pair('task-000001', 'driver-none')).toEqual({kind: 'no-part', task: true, driver: false});
    expect(ask.task('task-none', 3)).toEqual({kind: 'no-part'});
  });

  test('was ineligible: every code, its sentence, and since when', async () => {
    const snapshot = market(1, counts);
    const {atMs} = snapshot;
    const stale = having(snapshot, 'drivers', 'recordedAtMs', 2, atMs - 1_000_000);
    const busy = having(stale, 'drivers', 'openOffers', 2, 1);
    const ask = await explained(having(busy, 'tasks', 'ageCheckUntilMs', 1, atMs - 5));
    const told = await ask.pair('task-000001', 'driver-000002');
    if (told.kind !== 'ineligible') throw new Error(told.kind);
    expect(told.reasons.map(({code, sinceMs}) => [code, sinceMs])).toEqual([
      ['TASK_AGE_CHECK', atMs - 5],
      ['DRIVER_BUSY', null],
      ['DRIVER_POSITION_STALE', atMs - 700_000],
    ]);
    expect(told.reasons.every(({sentence}) => sentence.endsWith('.'))).toBe(true);
    expect(ask.task('task-000001', 3)).toMatchObject({kind: 'ineligible', reasons: [{code: 'TASK_AGE_CHECK'}]});
    expect(ask.task('task-000000', 3)).toMatchObject({
      drivers: 40,
      ineligible: [
        {code: 'DRIVER_BUSY', drivers: 1},
        {code: 'DRIVER_POSITION_STALE', drivers: 1},
      ],
    });
  });

  test('had turned the task down, or would have broken a rule on the way', async () => {
    const snapshot = {...market(1, counts), declinedTask: [0], declinedDriver: [7]};
    const ask = await explained(
      having(
        snapshot,
        'drivers',
        'documentUntilMs',
        0,
        snapshot.drivers.id.map((_, d) => (d === 9 ? snapshot.atMs + 60_000 : snapshot.atMs + 1e9)),
      ),
    );
    expect(await ask.pair('task-000000', 'driver-000007')).toMatchObject({
      kind: 'ineligible',
      reasons: [{code: 'PAIR_DECLINED'}],
    });
    expect(await ask.pair('task-000000', 'driver-000009')).toMatchObject({
      kind: 'ineligible',
      reasons: [{source: expect.anything()}],
    });
  });

  test('was too far from the store, with the time it takes where there is a way', async () => {
    const snapshot = market(1, counts);
    const far = having(snapshot, 'drivers', 'latE7', 5, snapshot.drivers.latE7[5] + 2e8);
    const further = having(far, 'drivers', 'latE7', 6, snapshot.drivers.latE7[6] + 2e9);
    const ask = await explained({...further, settings: {...STARTING_SETTINGS, pickupLimitS: 60}});
    expect(await ask.pair('task-000000', 'driver-000006')).toEqual({
      kind: 'out-of-reach',
      leg: 'pickup',
      limitMs: 60_000,
      ms: null,
    });
    expect(await ask.pair('task-000000', 'driver-000001')).toMatchObject({
      kind: 'out-of-reach',
      leg: 'pickup',
      ms: expect.any(Number),
    });
  });

  test('stood behind as many as are kept, in the order of the road', async () => {
    const snapshot = {...market(2, counts), settings: {...STARTING_SETTINGS, candidatesPerTask: 4}};
    const {decision, ...ask} = await explained(snapshot);
    const kinds = new Map<string, number>();
    for (const taskId of snapshot.tasks.id) {
      const ranks: number[] = [];
      let kept = 0;
      let wanted = 0;
      for (const driverId of snapshot.drivers.id) {
        const told = await ask.pair(taskId, driverId);
        kinds.set(told.kind, (kinds.get(told.kind) ?? 0) + 1);
        if (told.kind === 'chosen' || told.kind === 'not-chosen') kept++;
        if (told.kind !== 'no-candidate') continue;
        ranks.push(told.rank);
        expect(told.farthestMs!).toBeLessThanOrEqual(told.pickupMs);
        wanted = told.wanted;
      }
      expect(kept).toBe(wanted);
      expect(ranks.sort((a, b) => a - b)).toEqual(ranks.map((_, i) => wanted + i));
    }
    expect(kinds.get('no-candidate')).toBeGreaterThan(50);
    expect(decision.flaw).toBeUndefined();
  });

  test('a drop that no road reaches is out of reach for everybody', async () => {
    const snapshot = market(1, counts);
    const ask = await explained(having(snapshot, 'tasks', 'dropLatE7', 3, -300_000_000));
    expect(ask.task('task-000003', 3)).toMatchObject({kind: 'out-of-reach', leg: 'drop'});
    expect(await ask.pair('task-000003', 'driver-000001')).toMatchObject({kind: 'out-of-reach', leg: 'drop'});
  });
});
