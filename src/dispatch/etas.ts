// Exact road times of every leg a tick prices: driver to pickup, pickup to drop, and the drop back to the store for
// goods that cannot be handed over. Then the pairs: per task, the nearest drivers by road time that no rule forbids.

import {MEDIAN} from '../domain/eta-correction.ts';
import type {Snapshot} from '../domain/snapshot.ts';
import {UNREACHABLE_MS} from '../domain/units.ts';
import type {Candidates} from './candidates.ts';
import {type Eligibility, pairAllowed} from './eligibility.ts';
import type {PairTimes} from './rules.ts';
import type {DecidingWorld} from './world.ts';

/** A drop further than this from its store is out of reach. */
export const DROP_LIMIT_MS = 2 * 3_600_000;

/** Handing over, or taking back, at a door or a counter. */
const HANDOVER_MS = 120_000;

export type LegTimes = {
  /** By entry of candidates.driver: driver to store. */
  readonly pickupMs: Int32Array;
  /** By task index (0 for tasks that are not eligible): store to drop, and drop back to the store. */
  readonly dropMs: Int32Array;
  readonly returnMs: Int32Array;
};

/** Candidate pairs as columns, by task, then driver: indices into the snapshot, and what the road says. */
export type Pairs = {
  readonly task: Int32Array;
  readonly driver: Int32Array;
  readonly pickupMs: Int32Array;
  readonly dropMs: Int32Array;
  readonly returnMs: Int32Array;
};

/** Times all legs that candidates have left open: all calls at once, so that a pool can work on them together. */
export async function timeLegs(
  world: DecidingWorld,
  s: Snapshot,
  eligible: Eligibility,
  near: Candidates,
): Promise<LegTimes> {
  const stores = {latE7: s.stores.latE7, lonE7: s.stores.lonE7};
  const drops = {latE7: s.tasks.dropLatE7, lonE7: s.tasks.dropLonE7};
  const storeOfEntry = new Int32Array(near.driver.length);
  near.stores.forEach((store, i) => {
    storeOfEntry.fill(store, near.first[i], near.first[i + 1]);
  });
  const storeOfTask = eligible.tasks.map((task) => s.tasks.store[task]);

  const [pickupMs, outMs, backMs] = await Promise.all([
    near.pickupMs ??
      world.timeLegs({
        origins: {latE7: s.drivers.latE7, lonE7: s.drivers.lonE7},
        destinations: stores,
        from: near.driver,
        to: storeOfEntry,
        limitMs: s.settings.pickupLimitS * 1_000,
      }),
    world.timeLegs({
      origins: stores,
      destinations: drops,
      from: storeOfTask,
      to: eligible.tasks,
      limitMs: DROP_LIMIT_MS,
    }),
    world.timeLegs({
      origins: drops,
      destinations: stores,
      from: eligible.tasks,
      to: storeOfTask,
      limitMs: DROP_LIMIT_MS,
    }),
  ]);
  return {pickupMs, dropMs: byTask(s, eligible, outMs), returnMs: byTask(s, eligible, backMs)};
}

/**
 * Instants of a pair: picked up once the driver is there and the order is ready, handed over, and back where the
 * hand-over fails. What was learned of such trips is in them, and told beside: how much of each of the first two.
 */
export function pairTimes(s: Snapshot, task: number, pickupMs: number, dropMs: number, returnMs: number) {
  const byRoadMs = Math.max(s.atMs + pickupMs, s.tasks.readyAtMs[task]);
  const dropByRoadMs = byRoadMs + HANDOVER_MS + dropMs;
  const pickupAtMs = s.corrections
    ? Math.max(s.atMs, byRoadMs + s.corrections.pickupMs[s.tasks.store[task]])
    : byRoadMs;
  const dropAtMs = s.corrections
    ? Math.max(pickupAtMs, dropByRoadMs + s.corrections.dropMs[task][MEDIAN])
    : dropByRoadMs;
  return {
    pickupAtMs,
    dropAtMs,
    backAtMs: dropAtMs + HANDOVER_MS + returnMs,
    pickupCorrectionMs: pickupAtMs - byRoadMs,
    dropCorrectionMs: dropAtMs - dropByRoadMs,
  };
}

type PromisedTimes = ReturnType<typeof pairTimes>;

/** The same by the road alone; the very same where nothing was learned. */
export function timesByRoad(promised: PromisedTimes): PairTimes {
  const {pickupAtMs, dropAtMs, backAtMs, pickupCorrectionMs, dropCorrectionMs} = promised;
  if (pickupCorrectionMs === 0 && dropCorrectionMs === 0) return promised;
  return {
    pickupAtMs: pickupAtMs - pickupCorrectionMs,
    dropAtMs: dropAtMs - dropCorrectionMs,
    backAtMs: backAtMs - dropCorrectionMs,
  };
}

/**
 * How late the hand-over is expected to be, beyond the task's due time: the mean over the quantiles that were learned.
 * Without any, that of the promise alone, which is below 0 where it is early.
 */
export function latenessMs(s: Snapshot, task: number, times: PromisedTimes): number {
  const dueAtMs = s.tasks.dueAtMs[task];
  if (!s.corrections) return times.dropAtMs - dueAtMs;
  const quantilesMs = s.corrections.dropMs[task];
  const byRoadMs = times.dropAtMs - times.dropCorrectionMs;
  let sumMs = 0;
  for (const ms of quantilesMs) sumMs += Math.max(0, Math.max(times.pickupAtMs, byRoadMs + ms) - dueAtMs);
  return sumMs / quantilesMs.length;
}

/** Per task the nearest drivers by road time, as many as its store's `keep`, less those that a pair rule forbids. */
export function feasiblePairs(s: Snapshot, eligible: Eligibility, near: Candidates, legs: LegTimes): Pairs {
  const entryOfStore = new Int32Array(s.stores.id.length).fill(-1);
  const ranked = Array.from(near.stores, (store, i) => {
    entryOfStore[store] = i;
    return reachableByTime(near, legs.pickupMs, i);
  });
  const declined = new Set<number>();
  const pairKey = (task: number, driver: number) => task * s.drivers.id.length + driver;
  for (let i = 0; i < s.declinedTask.length; i++) declined.add(pairKey(s.declinedTask[i], s.declinedDriver[i]));

  const store = eligible.tasks.map((task) => entryOfStore[s.tasks.store[task]]);
  const most = store.reduce((sum, i) => sum + Math.min(near.keep[i], ranked[i].length), 0);
  const pairs = pairColumns(most);
  const pickupOfDriver = new Int32Array(s.drivers.id.length);
  let end = 0;
  eligible.tasks.forEach((task, t) => {
    const dropMs = legs.dropMs[task];
    const returnMs = legs.returnMs[task];
    if (dropMs === UNREACHABLE_MS || returnMs === UNREACHABLE_MS) return;
    const begin = end;
    for (const entry of ranked[store[t]]) {
      if (end - begin === near.keep[store[t]]) break;
      const driver = near.driver[entry];
      const pickupMs = legs.pickupMs[entry];
      if (declined.has(pairKey(task, driver))) continue;
      const times = pairTimes(s, task, pickupMs, dropMs, returnMs);
      if (!pairAllowed(eligible, task, driver, times, timesByRoad(times))) continue;
      pickupOfDriver[driver] = pickupMs;
      pairs.driver[end++] = driver;
    }
    pairs.driver.subarray(begin, end).sort();
    for (let pair = begin; pair < end; pair++) pairs.pickupMs[pair] = pickupOfDriver[pairs.driver[pair]];
    pairs.task.fill(task, begin, end);
    pairs.dropMs.fill(dropMs, begin, end);
    pairs.returnMs.fill(returnMs, begin, end);
  });
  return {
    task: pairs.task.slice(0, end),
    driver: pairs.driver.slice(0, end),
    pickupMs: pairs.pickupMs.slice(0, end),
    dropMs: pairs.dropMs.slice(0, end),
    returnMs: pairs.returnMs.slice(0, end),
  };
}

const pairColumns = (count: number): Pairs => ({
  task: new Int32Array(count),
  driver: new Int32Array(count),
  pickupMs: new Int32Array(count),
  dropMs: new Int32Array(count),
  returnMs: new Int32Array(count),
});

/** Entries of one store that a driver can reach it from, nearest first; ties by driver. */
function reachableByTime(near: Candidates, pickupMs: Int32Array, i: number): Int32Array {
  const entries = Int32Array.from({length: near.first[i + 1] - near.first[i]}, (_, k) => near.first[i] + k);
  return entries
    .filter((entry) => pickupMs[entry] !== UNREACHABLE_MS)
    .sort((a, b) => pickupMs[a] - pickupMs[b] || near.driver[a] - near.driver[b]);
}

function byTask(s: Snapshot, eligible: Eligibility, times: Int32Array): Int32Array {
  const all = new Int32Array(s.tasks.id.length);
  eligible.tasks.forEach((task, i) => {
    all[task] = times[i];
  });
  return all;
}
