// Learns from promised and actual times how far promises are off, by hour and place.
//
// A residual is what came less what the road alone would have promised: what had been learned before is taken off, or
// each learning would chase the last. Of each leg the quantiles of residuals are taken over all deliveries, by hour,
// and by hour and H3 cell. Each leans towards the one before, the first towards 0, with the weight of 20 deliveries:
//
//   q(all)        = n own / (n + 20)
//   q(hour)       = (n own + 20 q(all)) / (n + 20)
//   q(hour, cell) = (n own + 20 q(hour)) / (n + 20)
//
// Weighted means of ascending quantiles ascend. A residual counts as half an hour at most, so that a driver who forgets
// to confirm moves nothing far.

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
  /** By hour, leg and cell; every hour of both legs is there, or none where nothing was delivered. */
  readonly corrections: readonly EtaCorrection[];
};

export type EtaLearner = {
  /** In any order; beyond the limit they are left out. About 4 µs a delivery. */
  add(truths: readonly EtaTruth[]): void;
  /** An hour of a leg at a time, so that whoever shares the thread can go on between. */
  learn(): Generator<void, Learned>;
};

/** Holds 17 bytes a delivery, and a name for each cell. */
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
      const deliveries = added;
      const pickup = yield* learnLeg('pickup', columns.pickup, hour.subarray(0, deliveries), cells);
      const drop = yield* learnLeg('drop', columns.drop, hour.subarray(0, deliveries), cells);
      yield;
      const corrections = deliveries === 0 ? [] : mostTold([...pickup.rows, ...drop.rows]);
      return {
        deliveries,
        cells: corrections.filter(({cell}) => cell !== ANY_CELL).length,
        fit: {pickup: pickup.fit, drop: drop.fit},
        corrections,
      };
    },
  };
}

type Columns = {readonly residualMs: Int32Array; readonly cell: Int32Array};

const columnsOf = (limit: number): Columns => ({residualMs: new Int32Array(limit), cell: new Int32Array(limit)});

type LegLearned = {readonly rows: EtaCorrection[]; readonly fit: Fit};

function* learnLeg(leg: Leg, of: Columns, hour: Uint8Array, cells: readonly string[]): Generator<void, LegLearned> {
  const all = of.residualMs.slice(0, hour.length);
  const afterMs = new Int32Array(hour.length);
  const rows: EtaCorrection[] = [];
  const row = (h: number, cell: string, deliveries: number, quantiles: readonly number[]) =>
    rows.push({leg, hour: h, cell, deliveries, quantilesMs: quantiles.map((ms) => Math.round(ms) + 0)});
  const nothing = QUANTILE_SHARES.map(() => 0);
  const ofAll = leaning(all.slice().sort(), nothing);
  let done = 0;
  for (let h = 0; h < HOURS; h++) {
    yield;
    const residuals: number[] = [];
    const byCell = new Map<number, number[]>();
    for (let i = 0; i < hour.length; i++) {
      if (hour[i] !== h) continue;
      residuals.push(all[i]);
      const there = byCell.get(of.cell[i]);
      if (there) there.push(all[i]);
      else byCell.set(of.cell[i], [all[i]]);
    }
    const ofHour = leaning(Int32Array.from(residuals).sort(), ofAll);
    row(h, ANY_CELL, residuals.length, ofHour);
    for (const [cell, there] of byCell) {
      const ofCell = leaning(Int32Array.from(there).sort(), ofHour);
      row(h, cells[cell], there.length, ofCell);
      for (const ms of there) afterMs[done++] = Math.abs(ms - Math.round(ofCell[MEDIAN]));
    }
  }
  const beforeMs = all.map(Math.abs);
  return {rows, fit: {beforeMs: quantile(beforeMs.sort(), 0.5), afterMs: quantile(afterMs.sort(), 0.5)}};
}

/** Of the ascending values, by the weight of their number; the rest as `towards` has it. */
function leaning(sorted: Int32Array, towards: readonly number[]): number[] {
  const n = sorted.length;
  return QUANTILE_SHARES.map(
    (share, i) => (n * quantile(sorted, share) + PRIOR_DELIVERIES * towards[i]) / (n + PRIOR_DELIVERIES),
  );
}

/** Of cells, those with the most deliveries, of hours all; by hour, leg and cell. */
function mostTold(rows: readonly EtaCorrection[]): EtaCorrection[] {
  const named = rows.map((row) => ({row, name: `${String(row.hour).padStart(2, '0')} ${row.leg} ${row.cell}`}));
  named.sort((a, b) => (a.name < b.name ? -1 : 1));
  const fewest = named
    .filter(({row}) => row.cell !== ANY_CELL)
    .sort((a, b) => a.row.deliveries - b.row.deliveries)
    .slice(0, Math.max(0, rows.length - CORRECTIONS_LIMIT));
  const left = new Set(fewest);
  return named.filter((each) => !left.has(each)).map(({row}) => row);
}

/** At once, for whoever has the thread for itself. */
export function learnNow(learner: EtaLearner): Learned {
  const steps = learner.learn();
  for (;;) {
    const {done, value} = steps.next();
    if (done) return value;
  }
}
