// Learns from promised and actual times how far promises are off, by hour and place.
//
// A residual is what came less what the road alone would have promised: what had been learned before is taken off, or
// each learning would chase the last. Of each leg the quantiles of residuals are taken over all deliveries, by hour, by
// H3 cell, and by both. Each leans towards something broader, the first towards 0, with the weight of 20 deliveries:
//
//   q(all)        = n own / (n + 20)
//   q(hour)       = (n own + 20 q(all)) / (n + 20)
//   q(cell)       = (n own + 20 q(all)) / (n + 20)      of residuals less what their hour's median is above that of all
//   q(hour, cell) = (n own + 20 (q(hour) + q(cell) - q(all))) / (n + 20)
//
// What an hour explains is taken off before a cell is asked for more, or a cell of rush hours would count them twice.
// Weighted means of ascending quantiles ascend; what the last leans towards is put in order, since a difference may
// not. A residual counts as half an hour at most, so that a driver who forgets to confirm moves nothing far.
//
// All is done on columns, in steps of some milliseconds: whoever shares the thread can go on between.

import {ANY_CELL, cellOf, type EtaCorrection, MEDIAN, QUANTILE_SHARES} from './eta-correction.ts';
import {LEGS, type Leg, quantile} from './eta-error.ts';
import type {EtaTruth} from './eta-truth.ts';

/** Deliveries of so long are learned from, and the latest of them where they are more than the limit. */
export const LEARNED_WINDOW_MS = 28 * 86_400_000;
export const LEARNED_DELIVERIES_LIMIT = 200_000;
/** Of a region; beyond, the cells and hours with the fewest deliveries go by their hour. */
export const CORRECTIONS_LIMIT = 20_000;
const RESIDUAL_LIMIT_MS = 1_800_000;
const PRIOR_DELIVERIES = 20;
const HOURS = 24;
const WIDTH = QUANTILE_SHARES.length;
/** Groups in a step: some milliseconds. */
const STEP_GROUPS = 2_000;

/** What came of the two promises, less what the road alone would have promised. */
const residualMs = (truth: EtaTruth, leg: Leg): number =>
  leg === 'pickup'
    ? truth.pickupActualAtMs - (truth.pickupPromisedAtMs - truth.pickupCorrectionMs)
    : truth.dropActualAtMs - (truth.dropPromisedAtMs - truth.dropCorrectionMs);

export const placeOf = (truth: EtaTruth, leg: Leg): {readonly latE7: number; readonly lonE7: number} =>
  leg === 'pickup'
    ? {latE7: truth.storeLatE7, lonE7: truth.storeLonE7}
    : {latE7: truth.dropLatE7, lonE7: truth.dropLonE7};

/** By leg: half of the promises were off by no more, by the road alone and with the correction, of what it was made. */
export type Fit = {readonly beforeMs: number; readonly afterMs: number};

export type Learned = {
  readonly deliveries: number;
  /** Rows with a cell. */
  readonly cells: number;
  readonly fit: Readonly<Record<Leg, Fit>>;
  /** By leg, hour and cell; every hour of both legs is there, or none where nothing was delivered. */
  readonly corrections: readonly EtaCorrection[];
};

export type EtaLearner = {
  /** In any order; beyond the limit they are left out. About 4 µs a delivery. */
  add(truths: readonly EtaTruth[]): void;
  /** In steps, so that whoever shares the thread can go on between. */
  learn(): Generator<void, Learned>;
};

/** Holds 17 bytes a delivery, some 50 while it learns, and a name for each cell. */
export function etaLearner(h3Resolution: number, limit: number = LEARNED_DELIVERIES_LIMIT): EtaLearner {
  const cells: string[] = [];
  const indexOf = new Map<string, number>();
  const hour = new Uint8Array(limit);
  const columns = {pickup: columnsOf(limit), drop: columnsOf(limit)};
  let added = 0;
  const cellIndex = (truth: EtaTruth, leg: Leg): number => {
    const cell = cellOf(placeOf(truth, leg), h3Resolution);
    let index = indexOf.get(cell);
    if (index === undefined) {
      index = cells.push(cell) - 1;
      indexOf.set(cell, index);
    }
    return index;
  };
  return {
    add(truths) {
      for (const truth of truths) {
        if (added === limit) return;
        const slot = added++;
        hour[slot] = truth.hour;
        for (const leg of LEGS) {
          const ms = residualMs(truth, leg);
          columns[leg].residualMs[slot] = Math.max(-RESIDUAL_LIMIT_MS, Math.min(ms, RESIDUAL_LIMIT_MS));
          columns[leg].cell[slot] = cellIndex(truth, leg);
        }
      }
    },
    *learn() {
      const hours = hour.subarray(0, added);
      // By name: what is learned does not depend on the order in which deliveries came.
      const names = cells.toSorted();
      const rank = new Int32Array(cells.length);
      names.forEach((cell, i) => {
        rank[indexOf.get(cell)!] = i;
      });
      yield;
      const legs = {
        drop: yield* groupsOf(columns.drop, hours, rank),
        pickup: yield* groupsOf(columns.pickup, hours, rank),
      };
      const corrections: EtaCorrection[] = [];
      const fit = {drop: {beforeMs: 0, afterMs: 0}, pickup: {beforeMs: 0, afterMs: 0}};
      const isKept = mostTold([legs.drop, legs.pickup], CORRECTIONS_LIMIT - LEGS.length * HOURS, added);
      for (const leg of ['drop', 'pickup'] as const) {
        if (added === 0) break;
        const {rows, afterMs} = yield* rowsOf(leg, legs[leg], names, isKept);
        corrections.push(...rows);
        fit[leg] = {beforeMs: medianSize(legs[leg].residualMs), afterMs: medianSize(afterMs)};
        yield;
      }
      return {
        deliveries: added,
        cells: corrections.filter(({cell}) => cell !== ANY_CELL).length,
        fit,
        corrections,
      };
    },
  };
}

type Columns = {readonly residualMs: Int32Array; readonly cell: Int32Array};

const columnsOf = (limit: number): Columns => ({residualMs: new Int32Array(limit), cell: new Int32Array(limit)});

/** Deliveries of a leg by hour, then cell, in groups of which each ascends; and what is known beyond a group. */
type Groups = {
  readonly residualMs: Int32Array;
  /** By group: its first delivery, and one more where the last ends. */
  readonly first: Int32Array;
  /** By group, as ranks of names. */
  readonly cell: Int32Array;
  /** By hour: its first group, and one more. */
  readonly ofHour: Int32Array;
  readonly all: readonly number[];
  readonly hours: readonly (readonly number[])[];
  /** By cell and quantile: how much later than everywhere. */
  readonly cellMs: Float64Array;
};

function* groupsOf(of: Columns, hour: Uint8Array, rank: Int32Array): Generator<void, Groups> {
  const n = hour.length;
  const cell = Int32Array.from({length: n}, (_, i) => rank[of.cell[i]]);
  const ms = of.residualMs.slice(0, n);
  yield;
  // Sorted by the residual first, so that whatever it is sorted by afterwards has groups that ascend.
  const half = 2 ** 11;
  const low = stableBy(Int32Array.from(ms.keys()), half, (i) => (ms[i] + RESIDUAL_LIMIT_MS) % half);
  yield;
  const ascending = stableBy(low, half, (i) => Math.floor((ms[i] + RESIDUAL_LIMIT_MS) / half));
  const inOrder = (order: Int32Array) => order.map((i) => ms[i]);
  yield;
  const all = leaning(inOrder(ascending), NOTHING);
  yield;
  const byHour = stableBy(ascending, HOURS, (i) => hour[i]);
  const hourMs = inOrder(byHour);
  const hours = Array.from({length: HOURS}, (): readonly number[] => all);
  for (const [begin, end] of runs(byHour, (i) => hour[i])) {
    hours[hour[byHour[begin]]] = leaning(hourMs.subarray(begin, end), all);
  }
  yield;
  const byCell = stableBy(ascending, rank.length, (i) => cell[i]);
  const ofHourMs = hours.map((own) => Math.round(own[MEDIAN] - all[MEDIAN]));
  const placeMs = byCell.map((i) => ms[i] - ofHourMs[hour[i]]);
  yield;
  const cellMs = new Float64Array(rank.length * WIDTH);
  let steps = 0;
  for (const [begin, end] of runs(byCell, (i) => cell[i])) {
    const own = leaning(placeMs.subarray(begin, end).sort(), all);
    cellMs.set(
      own.map((q, k) => q - all[k]),
      cell[byCell[begin]] * WIDTH,
    );
    if (++steps % STEP_GROUPS === 0) yield;
  }
  yield;
  const byBoth = stableBy(byCell, HOURS, (i) => hour[i]);
  yield;
  const starts: number[] = [];
  const ofHour = new Int32Array(HOURS + 1);
  for (const [begin] of runs(byBoth, (i) => hour[i] * rank.length + cell[i])) {
    starts.push(begin);
    ofHour[hour[byBoth[begin]] + 1]++;
  }
  for (let h = 0; h < HOURS; h++) ofHour[h + 1] += ofHour[h];
  yield;
  return {
    residualMs: inOrder(byBoth),
    first: Int32Array.from([...starts, n]),
    cell: Int32Array.from(starts, (begin) => cell[byBoth[begin]]),
    ofHour,
    all,
    hours,
    cellMs,
  };
}

/** In the order of the keys, which are below `buckets`; what has the same key stays as it stood. */
function stableBy(order: Int32Array, buckets: number, keyOf: (i: number) => number): Int32Array {
  const next = new Int32Array(buckets + 1);
  for (const i of order) next[keyOf(i) + 1]++;
  for (let key = 0; key < buckets; key++) next[key + 1] += next[key];
  const sorted = new Int32Array(order.length);
  for (const i of order) sorted[next[keyOf(i)]++] = i;
  return sorted;
}

/** Where the same key stands in a row: from, to before. */
function* runs(order: Int32Array, keyOf: (i: number) => number): Generator<[begin: number, end: number]> {
  for (let begin = 0, end = 0; begin < order.length; begin = end) {
    while (end < order.length && keyOf(order[end]) === keyOf(order[begin])) end++;
    yield [begin, end];
  }
}

/**
 * Whether a group of so many deliveries is kept, asked of all groups in a row: those with the most, as many as there is
 * room for. Of those with just so many that not all of them fit, every so manyth.
 */
function mostTold(legs: readonly Groups[], room: number, deliveries: number): (size: number) => boolean {
  const groupsOfSize = new Int32Array(deliveries + 1);
  for (const {first} of legs) for (let g = 0; g + 1 < first.length; g++) groupsOfSize[first[g + 1] - first[g]]++;
  let left = room;
  let least = deliveries;
  while (least > 0 && groupsOfSize[least] <= left) left -= groupsOfSize[least--];
  let seen = 0;
  const nth = (count: number) => Math.floor((count * left) / groupsOfSize[least]);
  return (size) => size > least || (size === least && nth(++seen) > nth(seen - 1));
}

function* rowsOf(leg: Leg, of: Groups, names: readonly string[], isKept: (size: number) => boolean) {
  const rows: EtaCorrection[] = [];
  const afterMs = new Int32Array(of.residualMs.length);
  const row = (hour: number, cell: string, deliveries: number, quantiles: readonly number[]) => {
    const quantilesMs = quantiles.map((ms) => Math.round(ms) + 0);
    rows.push({leg, hour, cell, deliveries, quantilesMs});
    return quantilesMs[MEDIAN];
  };
  let steps = 0;
  for (let hour = 0; hour < HOURS; hour++) {
    const [begin, end] = [of.ofHour[hour], of.ofHour[hour + 1]];
    const ofHour = of.hours[hour];
    const hourMs = row(hour, ANY_CELL, of.first[end] - of.first[begin], ofHour);
    for (let g = begin; g < end; g++) {
      const own = of.residualMs.subarray(of.first[g], of.first[g + 1]);
      const cell = of.cell[g];
      const medianMs = isKept(own.length)
        ? row(hour, names[cell], own.length, leaning(own, beyond(ofHour, of.cellMs, cell)))
        : hourMs;
      own.forEach((ms, i) => {
        afterMs[of.first[g] + i] = ms - medianMs;
      });
      if (++steps % STEP_GROUPS === 0) yield;
    }
  }
  yield;
  return {rows, afterMs};
}

/** What an hour of a cell leans towards: as late as the hour, and as much later as the cell is than others. */
const beyond = (ofHour: readonly number[], cellMs: Float64Array, cell: number): number[] =>
  ofHour
    .map((ms, k) => Math.max(-RESIDUAL_LIMIT_MS, Math.min(ms + cellMs[cell * WIDTH + k], RESIDUAL_LIMIT_MS)))
    .sort((a, b) => a - b);

const NOTHING = QUANTILE_SHARES.map(() => 0);

/** Of the ascending values, by the weight of their number; the rest as `towards` has it. */
function leaning(sorted: Int32Array, towards: readonly number[]): number[] {
  const n = sorted.length;
  return QUANTILE_SHARES.map(
    (share, i) => (n * quantile(sorted, share) + PRIOR_DELIVERIES * towards[i]) / (n + PRIOR_DELIVERIES),
  );
}

const medianSize = (ms: Int32Array): number => quantile(ms.map(Math.abs).sort(), 0.5);

/** At once, for whoever has the thread for itself. */
export function learnNow(learner: EtaLearner): Learned {
  const steps = learner.learn();
  for (;;) {
    const {done, value} = steps.next();
    if (done) return value;
  }
}
