// What a tick leaves to the next one of its region: the prices and the matching of its answer, from which the next
// solve starts (src/flow/seed.ts). They go by the ids of the world, since each problem numbers its own drivers and
// tasks anew. Whoever is gone is dropped; whoever is new has no price.
//
// Which of several optima is found depends on it, so that it is part of the tick's record.

import type {Snapshot} from '../domain/snapshot.ts';
import {carrySeed, type Seed, UNPRICED_MS} from '../flow/seed.ts';
import type {Assignment} from './assignment.ts';

/** By entries of its two lists of ids. */
export type LastAnswer = Required<Seed> & {readonly taskId: readonly string[]; readonly driverId: readonly string[]};

/** Who of the snapshot the seed knew, by index, and what; plain JSON. */
export type SeedRecord = {
  readonly task: readonly number[];
  readonly taskPriceMs: readonly number[];
  readonly driver: readonly number[];
  readonly driverPriceMs: readonly number[];
  /** By entry of `task`: an entry of `driver`, or -1. */
  readonly driverOf: readonly number[];
};

/** `answer` by the ids of the world. */
export function lastAnswer(
  {tasks: {id: taskId}, drivers: {id: driverId}}: Snapshot,
  {tasks, drivers}: Assignment,
  {taskPriceMs, driverPriceMs, driverOf}: Required<Seed>,
): LastAnswer {
  return {
    taskId: Array.from(tasks, (task) => taskId[task]),
    driverId: Array.from(drivers, (driver) => driverId[driver]),
    taskPriceMs,
    driverPriceMs,
    driverOf,
  };
}

/** What of the last answer the problem at hand can use; undefined when it knows nobody. O(drivers + tasks). */
export function seedFrom(
  last: LastAnswer,
  {tasks: {id: taskId}, drivers: {id: driverId}}: Snapshot,
  {tasks, drivers}: Assignment,
): Required<Seed> | undefined {
  const driverWas = placesIn(last.driverId, drivers, driverId);
  const taskWas = placesIn(last.taskId, tasks, taskId);
  const knows = driverWas.some((was) => was >= 0) || taskWas.some((was) => was >= 0);
  return knows ? carrySeed(last, driverWas, taskWas) : undefined;
}

/** By entry of `wanted`: where its id stands in `known`, or -1. */
function placesIn(known: readonly string[], wanted: Int32Array, idOf: readonly string[]): Int32Array {
  const placeOf = new Map(known.map((id, place) => [id, place]));
  return wanted.map((index) => placeOf.get(idOf[index]) ?? -1);
}

/** The seed of a problem by the snapshot behind it. */
export function seedRecord({tasks, drivers}: Assignment, seed: Required<Seed>): SeedRecord {
  const priced = (prices: Int32Array) => Array.from(prices.keys()).filter((id) => prices[id] !== UNPRICED_MS);
  const task = priced(seed.taskPriceMs);
  const driver = priced(seed.driverPriceMs);
  const entryOf = new Map(driver.map((id, entry) => [id, entry]));
  return {
    task: task.map((id) => tasks[id]),
    taskPriceMs: task.map((id) => seed.taskPriceMs[id]),
    driver: driver.map((id) => drivers[id]),
    driverPriceMs: driver.map((id) => seed.driverPriceMs[id]),
    driverOf: task.map((id) => entryOf.get(seed.driverOf[id]) ?? -1),
  };
}

/** The last answer again, as far as the recorded tick could use it. */
export function recordedAnswer({tasks, drivers}: Snapshot, record: SeedRecord): LastAnswer {
  return {
    taskId: record.task.map((task) => tasks.id[task]),
    driverId: record.driver.map((driver) => drivers.id[driver]),
    taskPriceMs: Int32Array.from(record.taskPriceMs),
    driverPriceMs: Int32Array.from(record.driverPriceMs),
    driverOf: Int32Array.from(record.driverOf),
  };
}
