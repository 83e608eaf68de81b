// Ticks that start from the last one's answer, over worlds in which drivers and tasks come, go, move and change.
import {expect, test} from 'vitest';
import {type LastAnswer, recordedAnswer} from '../../src/dispatch/last-answer.ts';
import {unpackPayload} from '../../src/dispatch/record.ts';
import {type Ticked, tick} from '../../src/dispatch/tick.ts';
import type {World} from '../../src/dispatch/world.ts';
import {type Random, randomStream} from '../../src/domain/random.ts';
import type {Snapshot} from '../../src/domain/snapshot.ts';
import {solve} from '../../src/flow/solve.ts';
import {fakeWorld} from '../support/fake-world.ts';
import {corrected, market} from '../support/snapshot.ts';

const ID = '01890000-0000-7000-8000-000000000001';
const TICKS = 12;
/** About 1 km: where everything lies on such a grid, many costs are equal. */
const GRID_E7 = 100_000;

type Shape = {readonly drivers: number; readonly tasks: number; readonly churn: number; readonly isGrid?: boolean};
type Churning = {readonly all: Snapshot; readonly driverIn: boolean[]; readonly taskIn: boolean[]};

const SHAPES: (Shape & {name: string})[] = [
  {name: 'plenty of drivers', drivers: 160, tasks: 60, churn: 0.05},
  {name: 'scarce drivers', drivers: 40, tasks: 120, churn: 0.05},
  {name: 'just enough, nearly all new', drivers: 80, tasks: 80, churn: 0.7},
  {name: 'many equal costs', drivers: 70, tasks: 80, churn: 0.1, isGrid: true},
];

/** Twice as many as are there at a time; who is there changes from tick to tick. */
function worldOf(seed: number, {drivers, tasks, isGrid = false}: Shape): Churning {
  const all = market(seed, {drivers: 2 * drivers, stores: 8, tasks: 2 * tasks});
  if (isGrid) {
    for (const {latE7, lonE7} of [all.drivers, all.stores]) for (const at of [latE7, lonE7]) toGrid(at);
    for (const at of [all.tasks.dropLatE7, all.tasks.dropLonE7]) toGrid(at);
    all.tasks.readyAtMs.fill(all.atMs);
    for (const column of [all.drivers.offers, all.drivers.declines30m, all.drivers.paidMin2h]) column.fill(0);
  }
  const half = (count: number) => Array.from({length: 2 * count}, (_, i) => i % 2 === 0);
  return {all, driverIn: half(drivers), taskIn: half(tasks)};
}

const toGrid = (e7: number[]) => e7.forEach((at, i) => void (e7[i] = Math.round(at / GRID_E7) * GRID_E7));

/** Seconds later: some are gone, some are new, some drivers have moved, some may carry nothing or two now. */
function stir({all, driverIn, taskIn}: Churning, {churn, isGrid = false}: Shape, random: Random): void {
  for (const there of [driverIn, taskIn]) there.forEach((_, i) => void (there[i] = random() < churn / 2 !== there[i]));
  for (const at of [all.drivers.latE7, all.drivers.lonE7]) {
    at.forEach((_, d) => void (at[d] += random() < churn ? Math.round((random() - 0.5) * 50_000) : 0));
    if (isGrid) toGrid(at);
  }
  all.drivers.capacity.forEach((_, d) => void (all.drivers.capacity[d] = Math.floor(random() * 10) ? 1 : 2));
  all.drivers.activeTasks.forEach((_, d) => void (all.drivers.activeTasks[d] = random() < churn / 3 ? 1 : 0));
}

const only = <Columns extends object>(columns: Columns, kept: readonly boolean[]): Columns =>
  Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [
      name,
      Array.isArray(column[0])
        ? column.map((inner: unknown[]) => inner.filter((_, i) => kept[i]))
        : column.filter((_: unknown, i: number) => kept[i]),
    ]),
  ) as Columns;

/** What was learned is another every hour, and switched on and off: here from tick to tick. */
function snapshotOf({all, driverIn, taskIn}: Churning, round: number): Snapshot {
  const atMs = all.atMs + 5_000 * round;
  const here = {...all, atMs, drivers: only(all.drivers, driverIn), tasks: only(all.tasks, taskIn)};
  return structuredClone(round % 3 === 1 ? corrected(here, round) : here);
}

async function run(snapshot: Snapshot, dryRun: boolean, last?: LastAnswer, overrides: Partial<World> = {}) {
  const world = fakeWorld(snapshot, overrides);
  const ticked = (await tick(world, {id: ID, trigger: 'loop', dryRun, last})) as Ticked;
  return {...ticked, payload: world.records[0]?.payload};
}

/** Decides a recorded tick again, as `cloudrun replay` does. */
async function replayed(payload: Uint8Array): Promise<string> {
  const {snapshot, seed} = unpackPayload(payload);
  return (await run(snapshot, true, seed && recordedAnswer(snapshot, seed))).header.decisionHash;
}

test.each(SHAPES)(
  'over many ticks each from the last costs what a tick from nothing does, and replays: $name',
  async (shape) => {
    const seed = 1;
    const random = randomStream(seed, shape.name);
    const world = worldOf(seed, shape);
    let last: LastAnswer | undefined;
    let saved = 0;
    let unlike = 0;
    for (let round = 0; round < TICKS; round++) {
      const at = `seed ${seed}, tick ${round}`;
      const snapshot = snapshotOf(world, round);
      const warm = await run(snapshot, false, last);
      const cold = await run(snapshot, true);
      expect(warm.flaw, at).toBeUndefined();
      expect(warm.header.solve, at).toMatchObject({kind: 'optimal', certified: true});
      expect(warm.header.solve.totalMs, at).toBe(cold.header.solve.totalMs);
      expect(warm.header.solve.saved !== undefined, at).toBe(round > 0);
      expect(cold.header.solve.saved).toBeUndefined();

      expect(await replayed(warm.payload), at).toBe(warm.header.decisionHash);
      if (cold.header.decisionHash !== warm.header.decisionHash) unlike++;

      saved += warm.header.solve.saved ?? 0;
      last = warm.answer;
      stir(world, shape, random);
    }
    if (shape.churn < 0.5) expect(saved).toBeGreaterThan(TICKS);
    if (shape.isGrid) expect(unlike, 'the seed decides between equal answers').toBeGreaterThan(0);
  },
);

test('a seed reaches the solver by the ids of the problem at hand, and again from its record', async () => {
  const snapshot = market(3, {drivers: 30, stores: 4, tasks: 40});
  const {answer} = await run(snapshot, true);
  const seeds: unknown[] = [];
  const overrides: Partial<World> = {
    async solve(problem, budget, seed) {
      seeds.push(seed);
      return solve(problem, seed ? {budget, seed} : {budget});
    },
  };
  const without = <T extends object>(side: T, gone: number) =>
    only(
      side,
      Array.from({length: 40}, (_, i) => i !== gone),
    );
  const later = {...snapshot, drivers: without(snapshot.drivers, 2), tasks: without(snapshot.tasks, 5)};
  const {payload, header} = await run(later, false, answer, overrides);
  const record = unpackPayload(payload).seed!;
  expect(header.solve.saved).toBeGreaterThan(0);
  for (const [entry, task] of record.task.entries()) {
    const was = answer!.taskId.indexOf(later.tasks.id[task]);
    expect(record.taskPriceMs[entry]).toBe(answer!.taskPriceMs[was]);
    const driver = record.driverOf[entry];
    const driverWas = answer!.driverId[answer!.driverOf[was]];
    const expected = driverWas === 'driver-000002' ? undefined : driverWas;
    expect(later.drivers.id[record.driver[driver]], 'undefined: unassigned, or the driver is gone').toBe(expected);
  }
  await run(later, true, recordedAnswer(later, record), overrides);
  expect(seeds[1]).toEqual(seeds[0]);
});

test('a last answer that knows nobody of this tick is none, and is not recorded', async () => {
  const {answer} = await run(market(4, {drivers: 5, stores: 2, tasks: 4}), true);
  const strangers = {...answer!, taskId: answer!.taskId.map((id) => `${id}x`), driverId: ['a', 'b', 'c', 'd', 'e']};
  const {header, payload} = await run(market(4, {drivers: 5, stores: 2, tasks: 4}), false, strangers);
  expect(header.solve.saved).toBeUndefined();
  expect(unpackPayload(payload).seed).toBeUndefined();
});

test('an answer that failed its check seeds nothing', async () => {
  const honest = fakeWorld(market(14, {drivers: 5, stores: 2, tasks: 3}));
  const {flaw, answer} = await run(market(14, {drivers: 5, stores: 2, tasks: 3}), false, undefined, {
    async solve(problem, budget) {
      const solution = await honest.solve(problem, budget);
      return {...solution, driverOf: solution.driverOf.map(() => 0)};
    },
  });
  expect(flaw).toBeDefined();
  expect(answer).toBeUndefined();
});
