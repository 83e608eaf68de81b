// The K drivers nearest to each task by road time, exact, over drivers who move (kernels/twin/nearest.ts has the
// method).
//
// One thread at a time changes an index, whichever it is; any thread may search it between changes. Drivers who stand
// on a task's own edge are timed by themselves (same-edge.ts).

import assert from 'node:assert/strict';
import {openRoom, Scratch, type Taken} from '../kernels/memory.ts';
import {type DriverBuckets, type DriverLabels, type GivenDrivers, SORT} from '../kernels/twin/nearest.ts';
import type {Positions} from '../position.ts';
import {NO_LIMIT_MS} from './dijkstra.ts';
import {labelsOf} from './labels.ts';
import {seedsOf} from './places.ts';
import {betweenOnEdge, edgeAt, type Rounds} from './same-edge.ts';
import {backward, forward, type Workspace} from './workspace.ts';

type Buckets = DriverBuckets & {
  /** Drivers that there is room for, and how far they are looked for; entries in use, and that there is room for. */
  readonly driverLimit: number;
  readonly limitMs: number;
  readonly entryCount: number;
  readonly capacity: number;
};

/** Where buckets lie in the hierarchy's memory: what another thread needs to search them, until the next move. */
export type BucketsHandle = {readonly [K in keyof Buckets]: number};

/** Drivers of row i: the entries first[i] .. first[i + 1] - 1, nearest first. */
export type Nearest = GivenDrivers;

export type DriverIndex = {
  readonly ws: Workspace;
  /** How far labels must reach for drivers to be found within the limit of the buckets. */
  readonly labelLimitMs: number;
  /** Where its buckets lie. */
  readonly room: number;
  readonly own: Scratch;
  buckets: Buckets;
  /** What the next move writes. */
  spare: Buckets;
};

/**
 * An index for drivers 0 .. driverLimit - 1, so far empty, in a room of its own; what stands there is lost. Throws
 * InputFailure `GRAPH_TOO_LARGE`, and `MEMORY_FULL` as do the others here.
 */
export function createDriverIndex(
  ws: Workspace,
  driverLimit: number,
  limitMs: number,
  room: number = openRoom(ws.h.memory),
): DriverIndex {
  const own = new Scratch(ws.h.memory, room);
  // A way ends before the end of its last segment: a label there may pass the limit by as much.
  const longestMs = ws.g.travelMs.reduce((longest, ms) => Math.max(longest, ms), 0);
  const [buckets, spare] = [0, 0].map((capacity) => takeBuckets(ws, own, {driverLimit, limitMs}, capacity));
  buckets.first.fill(0);
  return {ws, labelLimitMs: Math.min(NO_LIMIT_MS, limitMs + longestMs), room, own, buckets, spare};
}

type Limits = Pick<Buckets, 'driverLimit' | 'limitMs'>;

function takeBuckets({h}: Workspace, own: Scratch, {driverLimit, limitMs}: Limits, capacity: number): Buckets {
  const [first, driver, ms] = [h.nodeCount + 1, capacity, capacity].map((length) => {
    const address = own.take(4 * length);
    return new Int32Array(h.memory.buffer, address, length);
  });
  return {first, driver, ms, driverLimit, limitMs, entryCount: 0, capacity};
}

/**
 * Driver drivers[i] stands at position i of `at` from now on, or nowhere. O(climbs of the movers + nodes + entries).
 */
export function moveDrivers(index: DriverIndex, drivers: Int32Array, at: Positions): void {
  const {ws, own, buckets} = index;
  const {h, kernels} = ws;
  assert(drivers.length === at.count, `${drivers.length} drivers have ${at.count} positions`);
  const labels = labelsOf(ws, forward(h), seedsOf(ws, at, true), index.labelLimitMs);
  const columns = {...labels, ...sortedByTime(ws, labels, drivers)};
  const isMoved = takeBytes(ws, buckets.driverLimit);
  for (const driver of drivers) {
    assert(isMoved[driver] === 0, `driver ${driver} moves twice, or is none of ${buckets.driverLimit}`);
    isMoved[driver] = 1;
  }
  const room = buckets.entryCount + columns.count;
  if (index.spare.capacity < room) index.spare = takeBuckets(ws, own, buckets, 2 * room);
  const {spare} = index;
  kernels.merge(h.nodeCount, buckets, isMoved, columns, ws.take(h.nodeCount + 2), ws.take(columns.count), spare);
  ws.free();
  index.spare = buckets;
  index.buckets = {...spare, entryCount: spare.first[h.nodeCount]};
}

/** By label its driver, and the labels in the order of (milliseconds, driver). */
function sortedByTime(
  ws: Workspace,
  labels: {readonly first: Int32Array; readonly ms: Int32Array},
  drivers: Int32Array,
): Pick<DriverLabels, 'count' | 'order' | 'driver'> {
  const count = labels.first[drivers.length];
  const driver = ws.take(count);
  let order = ws.take(count);
  let sorted = ws.take(count);
  const counts = ws.take(SORT.digits);
  // Ties stay in the order in which they come: by driver.
  const rows = Uint32Array.from(drivers.keys()).sort((a, b) => drivers[a] - drivers[b]);
  let next = 0;
  for (const row of rows) {
    for (let label = labels.first[row]; label < labels.first[row + 1]; label++) {
      driver[label] = drivers[row];
      order[next++] = label;
    }
  }
  for (let pass = 0; pass < SORT.passes; pass++) {
    ws.kernels.sortByDigit(labels.ms, order, count, pass * SORT.bits, counts, sorted);
    [order, sorted] = [sorted, order];
  }
  return {count, order, driver};
}

function takeBytes(ws: Workspace, length: number): Uint8Array {
  const ints = ws.take(Math.ceil(length / 4)).fill(0);
  return new Uint8Array(ints.buffer, ints.byteOffset, length);
}

export const handleOf = ({first, driver, ms, ...sizes}: Buckets): BucketsHandle => ({
  ...sizes,
  first: first.byteOffset,
  driver: driver.byteOffset,
  ms: ms.byteOffset,
});

/** Views over buckets of the same hierarchy that another thread keeps. */
export function attachBuckets({h}: Workspace, {first, driver, ms, ...sizes}: BucketsHandle): Buckets {
  const view = (address: number, length: number) => new Int32Array(h.memory.buffer, address, length);
  return {
    ...sizes,
    first: view(first, h.nodeCount + 1),
    driver: view(driver, sizes.capacity),
    ms: view(ms, sizes.capacity),
  };
}

/** An index as any thread may go on with it, one at a time. */
export type DriverIndexHandle = Pick<DriverIndex, 'labelLimitMs' | 'room'> & {
  readonly taken: Taken;
  readonly buckets: BucketsHandle;
  readonly spare: BucketsHandle;
};

export const indexHandleOf = ({labelLimitMs, room, own, buckets, spare}: DriverIndex): DriverIndexHandle => ({
  labelLimitMs,
  room,
  taken: own.taken,
  buckets: handleOf(buckets),
  spare: handleOf(spare),
});

/** The index for this thread to go on with. */
export const attachIndex = (
  ws: Workspace,
  {room, taken, buckets, spare, ...known}: DriverIndexHandle,
): DriverIndex => ({
  ...known,
  ws,
  room,
  own: new Scratch(ws.h.memory, room, taken),
  buckets: attachBuckets(ws, buckets),
  spare: attachBuckets(ws, spare),
});

/** What is looked for: the nearest drivers of the tasks firstTask .. endTask - 1, within `limitMs`. */
export type NearestShape = {
  readonly drivers: Positions;
  readonly tasks: Positions;
  readonly firstTask: number;
  readonly endTask: number;
  readonly limitMs: number;
  /** How many, at least 1: for all tasks, or by task. */
  readonly k: number | Int32Array;
  /** By driver: who comes first of equally near ones, all different; by default the lower driver. */
  readonly tie?: Int32Array;
};

/** `drivers` stand where the buckets have them; the index of a position is the driver. Allocates the answer. */
export function nearestDrivers(ws: Workspace, buckets: Buckets, shape: NearestShape): Nearest {
  const {tasks, firstTask, endTask, limitMs, k, drivers} = shape;
  const rows = endTask - firstTask;
  const wanted = (row: number): number => (typeof k === 'number' ? k : k[firstTask + row]);
  let most = 0;
  let widest = 0;
  for (let row = 0; row < rows; row++) {
    assert(wanted(row) >= 1, `task ${firstTask + row} wants ${wanted(row)} drivers`);
    most += Math.min(wanted(row), drivers.count);
    widest = Math.max(widest, wanted(row));
  }
  assert(drivers.count <= buckets.driverLimit, `${drivers.count} drivers are more than ${buckets.driverLimit}`);
  assert(limitMs <= buckets.limitMs, `the buckets reach ${buckets.limitMs} ms, not ${limitMs} ms`);
  const given = driversOnTheirEdges(ws, shape);
  const labels = labelsOf(ws, backward(ws.h), seedsOf(ws, tasks, false, firstTask, endTask), limitMs);
  const scratch = {
    isGiven: takeBytes(ws, buckets.driverLimit),
    place: ws.take(buckets.driverLimit).fill(0),
    heapDriver: ws.take(widest),
    heapMs: ws.take(widest),
    tie: ws.take(buckets.driverLimit),
  };
  for (let driver = 0; driver < drivers.count; driver++) scratch.tie[driver] = shape.tie ? shape.tie[driver] : driver;
  const out = {first: ws.take(rows + 1), driver: ws.take(most), ms: ws.take(most)};
  out.first[0] = 0;
  for (let row = 0; row < rows; row++) {
    ws.kernels.nearest(labels, row, buckets, given, scratch, limitMs, wanted(row), out);
  }
  const count = out.first[rows];
  const found = {first: out.first.slice(), driver: out.driver.slice(0, count), ms: out.ms.slice(0, count)};
  ws.free();
  return found;
}

/** By row: the drivers on the task's edge with their exact times, in memory taken for this call. */
function driversOnTheirEdges(ws: Workspace, {drivers, tasks, firstTask, endTask}: NearestShape): GivenDrivers {
  const driversOn = new Map<number, number[]>();
  for (let task = firstTask; task < endTask; task++) driversOn.set(edgeAt(ws.g, tasks, task), []);
  for (let driver = 0; driver < drivers.count; driver++) driversOn.get(edgeAt(ws.g, drivers, driver))?.push(driver);
  driversOn.delete(-1);
  const rounds: Rounds = new Map();
  const found: {driver: number; ms: number}[] = [];
  const ends = [0];
  for (let task = firstTask; task < endTask; task++) {
    for (const driver of driversOn.get(edgeAt(ws.g, tasks, task)) ?? []) {
      found.push({driver, ms: betweenOnEdge(ws, drivers, driver, tasks, task, rounds).ms});
    }
    ends.push(found.length);
  }
  const given = {first: ws.take(ends.length), driver: ws.take(found.length), ms: ws.take(found.length)};
  given.first.set(ends);
  found.forEach(({driver, ms}, i) => {
    given.driver[i] = driver;
    given.ms[i] = ms;
  });
  return given;
}
