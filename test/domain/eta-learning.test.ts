import {latLngToCell} from 'h3-js';
import {expect, test} from 'vitest';
import {ANY_CELL, correctionsAt, type EtaCorrection, withCorrections} from '../../src/domain/eta-correction.ts';
import {LEGS, type Leg} from '../../src/domain/eta-error.ts';
import {CORRECTIONS_LIMIT, etaLearner, learnNow} from '../../src/domain/eta-learning.ts';
import type {EtaTruth} from '../../src/domain/eta-truth.ts';
import {randomStream} from '../../src/domain/random.ts';
import {anyTruths, KEPT, off} from '../support/eta-truths.ts';
import {runs} from '../support/runs.ts';
import {market} from '../support/snapshot.ts';

const RESOLUTION = 8;
const HALF_AN_HOUR_MS = 1_800_000;

function learned(truths: readonly EtaTruth[], limit?: number) {
  const learner = etaLearner(RESOLUTION, limit);
  learner.add(truths.slice(0, 3));
  learner.add(truths.slice(3));
  return learnNow(learner);
}

const keyOf = ({leg, hour, cell}: Pick<EtaCorrection, 'leg' | 'hour' | 'cell'>) => `${leg} ${hour} ${cell}`;

/** The same by the book: no columns, no groups kept. */
function oracle(truths: readonly EtaTruth[]): Map<string, {deliveries: number; quantilesMs: number[]}> {
  const rows = new Map<string, {deliveries: number; quantilesMs: number[]}>();
  if (truths.length === 0) return rows;
  const pick = (residuals: readonly number[], share: number) => {
    const sorted = [...residuals].sort((a, b) => a - b);
    const at = (sorted.length - 1) * share;
    const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
    return Math.round(low + (at - Math.floor(at)) * (high - low));
  };
  const lean = (residuals: readonly number[], parent: readonly number[]) =>
    [0.1, 0.3, 0.5, 0.7, 0.9].map((share, i) =>
      residuals.length === 0
        ? parent[i]
        : (residuals.length * pick(residuals, share) + 20 * parent[i]) / (residuals.length + 20),
    );
  for (const leg of LEGS) {
    const seen = truths.map((t) => {
      const promised =
        leg === 'pickup' ? t.pickupPromisedAtMs - t.pickupCorrectionMs : t.dropPromisedAtMs - t.dropCorrectionMs;
      const ms = (leg === 'pickup' ? t.pickupActualAtMs : t.dropActualAtMs) - promised;
      const [lat, lon] = leg === 'pickup' ? [t.storeLatE7, t.storeLonE7] : [t.dropLatE7, t.dropLonE7];
      const cell = latLngToCell(lat / 1e7, lon / 1e7, RESOLUTION);
      return {hour: t.hour, cell, ms: Math.max(-HALF_AN_HOUR_MS, Math.min(HALF_AN_HOUR_MS, ms))};
    });
    const of = (which: (s: (typeof seen)[number]) => boolean) => seen.filter(which).map(({ms}) => ms);
    const put = (hour: number, cell: string, residuals: number[], quantiles: number[]) =>
      rows.set(keyOf({leg, hour, cell}), {
        deliveries: residuals.length,
        quantilesMs: quantiles.map((ms) => Math.round(ms) + 0),
      });
    const all = lean(
      of(() => true),
      [0, 0, 0, 0, 0],
    );
    const lateAt = Array.from({length: 24}, (_, hour) => of((s) => s.hour === hour));
    const hours = lateAt.map((ofHour) => lean(ofHour, all));
    const above = (hour: number) => Math.round(hours[hour]![2]! - all[2]!);
    const ofCell = (cell: string) =>
      lean(
        seen.filter((s) => s.cell === cell).map(({hour, ms}) => ms - above(hour)),
        all,
      );
    for (let hour = 0; hour < 24; hour++) {
      const ofHour = of((s) => s.hour === hour);
      const leaning = hours[hour]!;
      put(hour, ANY_CELL, ofHour, leaning);
      for (const cell of new Set(seen.filter((s) => s.hour === hour).map((s) => s.cell))) {
        const there = of((s) => s.hour === hour && s.cell === cell);
        const parent = ofCell(cell).map((ms, k) => leaning[k]! + ms - all[k]!);
        const within = parent.map((ms) => Math.max(-HALF_AN_HOUR_MS, Math.min(HALF_AN_HOUR_MS, ms)));
        put(
          hour,
          cell,
          there,
          lean(
            there,
            within.sort((a, b) => a - b),
          ),
        );
      }
    }
  }
  return rows;
}

test('what is learned is what the formula says, on any deliveries', () => {
  for (let seed = 0; seed < runs(400, 8); seed++) {
    const random = randomStream(seed, 'eta-learning');
    const truths = anyTruths(random, Math.floor(random() * 120));
    const {corrections, deliveries, cells} = learned(truths);
    const expected = oracle(truths);
    const told = new Map(
      corrections.map(({deliveries, quantilesMs, ...key}) => [keyOf(key), {deliveries, quantilesMs}]),
    );
    expect(told, `seed ${seed}`).toEqual(expected);
    expect([corrections.length, deliveries], `seed ${seed}`).toEqual([expected.size, truths.length]);
    expect(cells).toBe(corrections.filter(({cell}) => cell !== ANY_CELL).length);
  }
});

test('quantiles ascend within half an hour, in whatever order deliveries come', () => {
  for (let seed = 0; seed < runs(100, 5); seed++) {
    const random = randomStream(seed, 'eta-order');
    const truths = anyTruths(random, 1 + Math.floor(random() * 80));
    const {corrections} = learned(truths);
    for (const {quantilesMs} of corrections) {
      expect(quantilesMs).toEqual(quantilesMs.toSorted((a, b) => a - b));
      expect(quantilesMs.every((ms) => Number.isInteger(ms) && Math.abs(ms) <= HALF_AN_HOUR_MS)).toBe(true);
    }
    const shuffled = truths.map((truth) => ({truth, at: random()})).sort((a, b) => a.at - b.at);
    expect(learned(shuffled.map(({truth}) => truth))).toEqual(learned(truths));
  }
});

test('from nothing nothing is learned; from promises that were kept, nothing to correct', () => {
  expect(learned([])).toMatchObject({deliveries: 0, cells: 0, corrections: []});
  const {corrections, fit} = learned(Array.from({length: 30}, () => KEPT));
  expect(corrections).toHaveLength(2 * 24 + 2);
  for (const {quantilesMs} of corrections) expect(quantilesMs).toEqual([0, 0, 0, 0, 0]);
  expect(fit).toEqual({pickup: {beforeMs: 0, afterMs: 0}, drop: {beforeMs: 0, afterMs: 0}});
});

test('the more deliveries were late by as much, the nearer what is learned comes to it', () => {
  const shiftMs = 240_000;
  const missing = [1, 10, 100, 1_000, 10_000].map((count) => {
    const {corrections} = learned(Array.from({length: count}, () => off(0, shiftMs)));
    const at = correctionsAt(corrections.filter(({hour}) => hour === KEPT.hour));
    expect(at('pickup', {latE7: KEPT.storeLatE7, lonE7: KEPT.storeLonE7})).toEqual([0, 0, 0, 0, 0]);
    return shiftMs - at('drop', {latE7: KEPT.dropLatE7, lonE7: KEPT.dropLonE7})[2];
  });
  expect(missing).toEqual(missing.toSorted((a, b) => b - a));
  expect(missing[0]).toBeGreaterThan(0.8 * shiftMs);
  expect(missing[4]).toBeLessThan(1_000);
});

test('a place that is late all day is known, though few deliveries go there in any hour', () => {
  // A tower, eight minutes late: 112 deliveries over 16 hours; all else is kept.
  const tower = {dropLatE7: 577_900_000};
  const truths = Array.from({length: 16}, (_, k) => [
    ...Array.from({length: 400}, () => off(0, 0, {hour: 7 + k})),
    ...Array.from({length: 7}, () => off(0, 480_000, {hour: 7 + k, ...tower})),
  ]).flat();
  const {corrections, fit} = learned(truths);
  const cell = latLngToCell(tower.dropLatE7 / 1e7, KEPT.dropLonE7 / 1e7, RESOLUTION);
  const there = corrections.filter((row) => row.leg === 'drop' && row.cell === cell);
  expect(there).toHaveLength(16);
  for (const {quantilesMs} of there) {
    expect(quantilesMs[2]).toBeGreaterThan(0.85 * 480_000);
    expect(quantilesMs[2]).toBeLessThanOrEqual(480_000);
  }
  expect(fit.drop).toEqual({beforeMs: 0, afterMs: 0});
});

test('what is told of the fit is by the cells that are kept', () => {
  const learner = etaLearner(RESOLUTION);
  // A minute late everywhere, of places too many to be kept: these go by their hour.
  const far = (i: number) => ({dropLatE7: 100_000_000 + (i % 300) * 500_000, dropLonE7: Math.floor(i / 300) * 500_000});
  for (let i = 0; i < 1.5 * CORRECTIONS_LIMIT; i++) learner.add([off(0, i % 2 ? 60_000 : 0, far(i))]);
  const {corrections, fit} = learnNow(learner);
  expect(corrections).toHaveLength(CORRECTIONS_LIMIT);
  const at = correctionsAt(corrections.filter(({hour}) => hour === KEPT.hour));
  const missing = Array.from({length: 1.5 * CORRECTIONS_LIMIT}, (_, i) => {
    const place = far(i);
    return Math.abs((i % 2 ? 60_000 : 0) - at('drop', {latE7: place.dropLatE7, lonE7: place.dropLonE7})[2]!);
  }).sort((a, b) => a - b);
  const middle = missing.length / 2;
  expect(fit.drop.afterMs).toBe(Math.round((missing[middle - 1]! + missing[middle]!) / 2));
});

test('a correction that stood in a promise is not learned again', () => {
  const plain = learned([off(60_000, 90_000)]);
  expect(learned([off(60_000, 90_000, {pickupCorrectionMs: 50_000, dropCorrectionMs: 70_000})])).toEqual(plain);
});

test('a driver who confirms hours late moves what is learned by little', () => {
  const usual = Array.from({length: 99}, () => off(30_000, 60_000));
  const at = (truths: EtaTruth[]) => learned(truths).corrections.find(({leg, hour}) => leg === 'drop' && hour === 18)!;
  const [without, beside] = [at(usual), at([...usual, off(2 * 3_600_000, 3 * 3_600_000)])];
  expect(Math.abs(beside.quantilesMs[2] - without.quantilesMs[2])).toBeLessThan(1_000);
});

test('of more deliveries than are kept the first count', () => {
  const truths = Array.from({length: 25}, (_, i) => off(i * 1_000, i * 2_000));
  expect(learned(truths, 10)).toEqual(learned(truths.slice(0, 10), 10));
});

test('of more cells than are kept those with the most deliveries stay, and every hour', () => {
  const learner = etaLearner(10);
  const far = (i: number) => ({storeLatE7: 300_000_000 + i * 100_000, dropLatE7: 300_000_000 + i * 100_000});
  for (let i = 0; i < CORRECTIONS_LIMIT / 2; i++) learner.add([off(0, 0, far(i))]);
  const kept = far(CORRECTIONS_LIMIT);
  learner.add([off(0, 0, kept), off(0, 0, kept)]);
  const {corrections} = learnNow(learner);
  expect(corrections).toHaveLength(CORRECTIONS_LIMIT);
  expect(corrections.filter(({cell}) => cell === ANY_CELL)).toHaveLength(48);
  expect(corrections.filter(({cell, deliveries}) => cell !== ANY_CELL && deliveries === 2)).toHaveLength(2);
});

test('a place goes by its cell, else by the hour, whatever the resolution is now', () => {
  const snapshot = market(3, {drivers: 1, stores: 2, tasks: 3});
  const {stores, tasks} = snapshot;
  const row = (leg: Leg, cell: string, ms: number): EtaCorrection => {
    return {leg, hour: 18, cell, deliveries: 1, quantilesMs: [ms - 2, ms - 1, ms, ms + 1, ms + 2]};
  };
  for (const resolution of [6, 7, 9, 10]) {
    const cell = (latE7: number, lonE7: number) => latLngToCell(latE7 / 1e7, lonE7 / 1e7, resolution);
    const rows = [
      row('pickup', ANY_CELL, 100),
      row('drop', ANY_CELL, 200),
      row('pickup', cell(stores.latE7[1], stores.lonE7[1]), 1_000),
      row('drop', cell(tasks.dropLatE7[0], tasks.dropLonE7[0]), 2_000),
    ];
    const told = withCorrections(snapshot, rows).corrections!;
    expect(told.pickupMs[1]).toBe(1_000);
    expect(told.dropMs[0]).toEqual([1_998, 1_999, 2_000, 2_001, 2_002]);
    if (resolution === 10) {
      expect(told.pickupMs[0]).toBe(100);
      expect(told.dropMs.slice(1).map(([, , median]) => median)).toEqual([200, 200]);
    }
  }
  expect(withCorrections(snapshot, [])).toBe(snapshot);
});
