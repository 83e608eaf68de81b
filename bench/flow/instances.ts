// Assignments as dispatch makes them: a metro of 60 km, each task with its nearest drivers, a cost of travel time and a
// driver's own term, and a penalty as high as that of a tick. Ids say nothing of places, as those of a region do not.
// The same seed, shape and churn give the same problem.

import {BASE_MS} from '../../src/dispatch/costs.ts';
import {type Random, randomStream} from '../../src/domain/random.ts';
import type {Problem} from '../../src/flow/problem.ts';
import {nearestOf, type Points} from './nearest-points.ts';

export type Shape = {
  readonly drivers: number;
  readonly tasks: number;
  readonly pairsPerTask: number;
  /**
   * `alike`: drivers and tasks around the same twelve centres. `uneven`: drivers around six of them, tasks mostly
   * around the other six. `joined`: alike, but some pairs of each task are with drivers anywhere: one component.
   */
  readonly spread?: 'alike' | 'uneven' | 'joined';
  readonly capacity?: number;
  /** `equal`: every pair costs the same. `few`: whole fives of minutes. */
  readonly ties?: 'equal' | 'few';
  /** The same for every task, instead of a tick's. */
  readonly unassignedMs?: number;
};

export type Instance = {readonly problem: Problem; readonly places: Places};

type Places = {readonly drivers: Points; readonly tasks: Points};

const SIDE_M = 60_000;
const CENTRES = 12;
const AROUND_CENTRES = 0.75;
/** Where the spread is uneven: of tasks that fall to a centre of drivers, those that are drawn again, and again. */
const DRAWN_AGAIN = 0.75;
/** Pairs with drivers anywhere, where all is joined. */
const FAR_PAIRS = 2;
/** Ten metres a second as the crow flies, more or less by a fifth. */
const MS_PER_M = 100;
const EQUAL_MS = 600_000;
const FEW_MS = 300_000;
const DRIVER_TERM_MS = 60_000;
/** Tasks wait up to twenty minutes, and each millisecond of that counts twice. */
const AGEING_MS = 2 * 1_200_000;
/** How far a driver gets between two ticks. */
const STEP_M = 300;

export function instanceOf(seed: number, shape: Shape): Instance {
  const draw = placesOf(seed, shape);
  const places = {drivers: draw.drivers(shape.drivers), tasks: draw.tasks(shape.tasks)};
  return {problem: problemOf(shape, places), places};
}

export type Churned = {
  readonly problem: Problem;
  /** By new id the old one, or -1. */
  readonly driverWas: Int32Array;
  readonly taskWas: Int32Array;
};

/**
 * The next tick: of tasks and drivers this share has gone, and as many have come, with ids after all others'; of the
 * drivers who stayed the same share has moved.
 */
export function churned(seed: number, shape: Shape, {places}: Instance, share: number): Churned {
  const random = randomStream(seed, `churn ${share}`);
  const draw = placesOf(seed + 1, shape);
  const stay = (count: number): Int32Array =>
    Int32Array.from({length: count}, (_, id) => id).filter(() => random() >= share);
  const driversStay = stay(shape.drivers);
  const tasksStay = stay(shape.tasks);
  const moved = picked(places.drivers, driversStay);
  for (let d = 0; d < driversStay.length; d++) {
    if (random() >= share) continue;
    moved.x[d] += (random() - 0.5) * 2 * STEP_M;
    moved.y[d] += (random() - 0.5) * 2 * STEP_M;
  }
  const next = {
    drivers: joined(moved, draw.drivers(shape.drivers - driversStay.length)),
    tasks: joined(picked(places.tasks, tasksStay), draw.tasks(shape.tasks - tasksStay.length)),
  };
  return {
    problem: problemOf(shape, next),
    driverWas: padded(driversStay, shape.drivers),
    taskWas: padded(tasksStay, shape.tasks),
  };
}

function placesOf(seed: number, {spread}: Shape) {
  // The city is the same for every seed that is drawn in it.
  const city = randomStream(1, 'metro');
  const centres = Array.from({length: CENTRES}, () => [city() * SIDE_M, city() * SIDE_M]);
  const place = (random: Random, avoided: number): [number, number] => {
    if (random() >= AROUND_CENTRES) return [random() * SIDE_M, random() * SIDE_M];
    let centre = Math.floor(random() * CENTRES);
    while (centre % 2 === avoided && random() < DRAWN_AGAIN) centre = Math.floor(random() * CENTRES);
    const off = () => (random() + random() + random() - 1.5) * 6_000;
    return [centres[centre][0] + off(), centres[centre][1] + off()];
  };
  const points = (random: Random, avoided: number, count: number): Points => {
    const found = {x: new Float64Array(count), y: new Float64Array(count)};
    for (let i = 0; i < count; i++) [found.x[i], found.y[i]] = place(random, avoided);
    return found;
  };
  const [forDrivers, forTasks] = ['drivers', 'tasks'].map((of) => randomStream(seed, of));
  return {
    drivers: (count: number) => points(forDrivers, spread === 'uneven' ? 1 : -1, count),
    tasks: (count: number) => points(forTasks, spread === 'uneven' ? 0 : -1, count),
  };
}

function problemOf(shape: Shape, {drivers, tasks}: Places): Problem {
  const pairsPerTask = Math.min(shape.pairsPerTask, shape.drivers);
  const nearest = nearestOf(drivers, SIDE_M);
  const far = shape.spread === 'joined' ? FAR_PAIRS : 0;
  const driver = new Int32Array(shape.tasks * pairsPerTask);
  const costMs = new Int32Array(driver.length);
  for (let t = 0; t < shape.tasks; t++) {
    const row = nearest(tasks.x[t], tasks.y[t], pairsPerTask - far);
    for (let i = 0; row.length < pairsPerTask; i++) {
      const d = Math.floor(chance(tasks.x[t], i, tasks.y[t], i) * shape.drivers);
      if (!row.includes(d)) row.push(d);
    }
    row.sort((a, b) => a - b);
    driver.set(row, t * pairsPerTask);
    for (const [i, d] of row.entries()) {
      costMs[t * pairsPerTask + i] = costOf(shape, tasks.x[t], tasks.y[t], drivers.x[d], drivers.y[d]);
    }
  }
  return {
    driverCount: shape.drivers,
    taskCount: shape.tasks,
    firstPair: Int32Array.from({length: shape.tasks + 1}, (_, t) => t * pairsPerTask),
    driver,
    costMs,
    capacity: new Int32Array(shape.drivers).fill(shape.capacity ?? 1),
    unassignedMs: Int32Array.from(
      tasks.x,
      (x, t) => shape.unassignedMs ?? BASE_MS + Math.floor(AGEING_MS * chance(x, 0, tasks.y[t], 1)),
    ),
  };
}

/** By places alone, so that a pair that both ticks know costs the same in both. */
function costOf({ties}: Shape, fromX: number, fromY: number, toX: number, toY: number): number {
  if (ties === 'equal') return EQUAL_MS;
  const driveMs = Math.hypot(fromX - toX, fromY - toY) * MS_PER_M * (0.8 + 0.4 * chance(fromX, toY, fromY, toX));
  const costMs = Math.round(driveMs + DRIVER_TERM_MS * chance(toX, 2, toY, 3));
  return ties === 'few' ? Math.ceil(costMs / FEW_MS) * FEW_MS : costMs;
}

/** In [0, 1), by four numbers of some thousands. */
function chance(a: number, b: number, c: number, d: number): number {
  let mixed = 0;
  for (const value of [a, b, c, d]) {
    mixed = Math.imul(mixed ^ Math.round(value * 1_000), 0x9e3779b1);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35);
    mixed ^= mixed >>> 13;
  }
  return (mixed >>> 0) / 2 ** 32;
}

function picked({x, y}: Points, ids: Int32Array): Points {
  return {x: Float64Array.from(ids, (id) => x[id]), y: Float64Array.from(ids, (id) => y[id])};
}

function joined(some: Points, more: Points): Points {
  const both = (a: Float64Array, b: Float64Array): Float64Array => {
    const all = new Float64Array(a.length + b.length);
    all.set(a);
    all.set(b, a.length);
    return all;
  };
  return {x: both(some.x, more.x), y: both(some.y, more.y)};
}

function padded(ids: Int32Array, count: number): Int32Array {
  const all = new Int32Array(count).fill(-1);
  all.set(ids);
  return all;
}
