// The simulated world: reproducible by its seed, and led by the tasks alone, so that it survives a restart.
import {expect, test} from 'vitest';
import type {DriverPosition} from '../../src/domain/driver.ts';
import {randomStream} from '../../src/domain/random.ts';
import {TASK_CHANGES, type TaskAction, type TaskState} from '../../src/domain/state.ts';
import type {Task} from '../../src/domain/task.ts';
import {makeCity, type Place, type Point} from '../../src/sim/city.ts';
import {ordersOfMinute} from '../../src/sim/customers.ts';
import {type Market, type Shown, simulateDrivers} from '../../src/sim/drivers.ts';
import {NOW_MS} from '../support/snapshot.ts';

const MINUTE_MS = 60_000;
const place: Place = (random) => ({
  latE7: 577_000_000 + Math.floor(random() * 1_000_000),
  lonE7: 119_000_000 + Math.floor(random() * 2_000_000),
});
const city = (seed: number) => makeCity(seed, 'test', {stores: 6, drivers: 40}, place, NOW_MS);

test('the same seed makes the same city and the same orders, another seed others', () => {
  expect(city(1)).toEqual(city(1));
  expect(city(2).drivers[0].id).not.toBe(city(1).drivers[0].id);
  const orders = (seed: number) => ordersOfMinute(seed, 'test', city(1).stores, 5, place, NOW_MS);
  expect(orders(1)).toEqual(orders(1));
  expect(orders(2)).not.toEqual(orders(1));
});

test('streams of different names and seeds are not shifted copies of each other', () => {
  const draw = (seed: number, name: string) => {
    const random = randomStream(seed, name);
    return Array.from({length: 4}, random).join();
  };
  const drawn = Array.from({length: 500}, (_, i) => [draw(i, 'a'), draw(1, `orders ${i}`)]).flat();
  expect(new Set(drawn).size).toBe(drawn.length);
});

test('orders come at the rate asked for, each deliverable: ready before due before latest', () => {
  const {stores} = city(1);
  for (const perMinute of [0, 0.5, 4, 80]) {
    const minutes = 400;
    let count = 0;
    for (let m = 0; m < minutes; m++) {
      const orders = ordersOfMinute(7, 'test', stores, perMinute, place, NOW_MS + m * MINUTE_MS);
      count += orders.length;
      for (const {atMs, task} of orders) {
        expect(Math.floor(atMs / MINUTE_MS) * MINUTE_MS).toBe(NOW_MS + m * MINUTE_MS);
        expect(task.readyAtMs).toBeGreaterThan(atMs);
        expect(task.readyAtMs).toBeLessThan(task.dueAtMs);
        expect(task.dueAtMs).toBeLessThan(task.latestAtMs);
      }
    }
    // Five standard deviations of a Poisson count.
    expect(Math.abs(count - perMinute * minutes)).toBeLessThanOrEqual(5 * Math.sqrt(perMinute * minutes) + 1e-9);
  }
});

/** A market of one task that obeys the state table and writes down what was done. */
function oneTask(state: TaskState, overrides: Partial<Market> = {}) {
  const [driver] = city(1).drivers;
  let task: Task = {
    id: '00000000-0000-8000-8000-000000000001',
    regionId: 'test',
    storeId: city(1).stores[0].id,
    dropLatE7: 577_100_000,
    dropLonE7: 119_500_000,
    readyAtMs: NOW_MS,
    dueAtMs: NOW_MS + 40 * MINUTE_MS,
    latestAtMs: NOW_MS + 90 * MINUTE_MS,
    category: 'vapes',
    valueCents: 3_000,
    units: 1,
    payCents: 600,
    ageCheckUntilMs: NOW_MS + 90 * MINUTE_MS,
    purchaserHmac: null,
    customerAddressId: null,
    state,
    driverId: driver.id,
    offerId: '00000000-0000-8000-8000-0000000000aa',
    offerExpiresAtMs: state === 'OFFERED' ? NOW_MS + MINUTE_MS : null,
    attempts: 1,
    createdAtMs: NOW_MS,
    changedAtMs: NOW_MS,
  };
  const done: TaskAction[] = [];
  const shown: Shown[] = [];
  const sent: DriverPosition[] = [];
  const held = ['OFFERED', 'ASSIGNED', 'PICKED_UP', 'RETURNING'];
  const straight = (from: Point, to: Point) => ({
    durationMs: 5 * MINUTE_MS,
    at(elapsedMs: number) {
      const t = Math.min(1, elapsedMs / (5 * MINUTE_MS));
      const between = (a: number, b: number) => Math.round(a + t * (b - a));
      return {latE7: between(from.latE7, to.latE7), lonE7: between(from.lonE7, to.lonE7)};
    },
  });
  const market: Market = {
    heldTasks: async () => (held.includes(task.state) ? [task] : []),
    async act(_task, action, what = {}) {
      const next = TASK_CHANGES[task.state][action];
      if (!next) throw new Error(`${action} is not legal from ${task.state}`);
      done.push(action);
      shown.push(what);
      task = {...task, state: next};
    },
    recordPositions: async (positions) => void sent.push(...positions),
    storeOf: () => city(1).stores[0],
    acceptanceOf: () => 1,
    trip: async (from, to) => straight(from, to),
    ...overrides,
  };
  return {market, done, shown, sent, driverId: driver.id, start: city(1).positions};
}

async function live(market: Market, start: readonly DriverPosition[], minutes: number) {
  const drivers = simulateDrivers(1, market, start);
  for (let ms = 0; ms <= minutes * MINUTE_MS; ms += 5_000) await drivers.step(NOW_MS + ms);
}

test('a driver accepts, drives to the store, picks up, drives to the customer and hands over', async () => {
  const {market, done, shown, sent, driverId, start} = oneTask('OFFERED');
  await live(market, start, 20);
  expect(done.slice(0, 3)).toEqual(['accept', 'pickup', 'deliver']);
  expect(shown.slice(1, 3)).toMatchObject([
    {verification: {units: 1, driverIdentified: true}},
    {idScan: {result: 'passed', over21: true}},
  ]);
  const own = sent.filter((position) => position.driverId === driverId);
  expect(new Set(own.map(({latE7}) => latE7)).size, 'the driver moved').toBeGreaterThan(20);
  expect(own.every((p, i) => i === 0 || p.recordedAtMs > own[i - 1].recordedAtMs)).toBe(true);
});

test.each(['ASSIGNED', 'PICKED_UP', 'RETURNING'] as const)('a world that was stopped at %s goes on', async (state) => {
  const {market, done, start} = oneTask(state);
  await live(market, start, 20);
  expect(done.at(-1)).toBe(state === 'RETURNING' ? 'return' : 'deliver');
});

test('a driver who is sure to decline never accepts, and answers an offer at most once', async () => {
  const {market, done, start} = oneTask('OFFERED', {acceptanceOf: () => 0});
  await live(market, start, 2);
  expect(done.length).toBeLessThanOrEqual(1);
  expect(done).not.toContain('accept');
});

test('drivers who stand still keep sending their position', async () => {
  const {market, sent, start} = oneTask('DELIVERED');
  await live(market, start, 5);
  expect(sent.length).toBeGreaterThanOrEqual(4 * start.length);
});

test('a failed step is reported after everybody else has had their turn', async () => {
  const {market, sent, start} = oneTask('ASSIGNED', {
    trip: async () => {
      throw new Error('no router');
    },
  });
  const drivers = simulateDrivers(1, market, start);
  await expect(drivers.step(NOW_MS + 2 * MINUTE_MS)).rejects.toThrow('no router');
  expect(sent).toHaveLength(start.length);
});
