import fc from 'fast-check';
import {expect, test} from 'vitest';
import {LEGS, legErrors, quantile, summaryOf, TRIP_BANDS, tripBand} from '../../src/domain/eta-error.ts';
import type {EtaTruth} from '../../src/domain/eta-truth.ts';

const MINUTE_MS = 60_000;

test('a summary tells which way promises were off, by how much, and how widely', () => {
  const errorsMs = [-4, 6, 0, -2, 10].map((min) => min * MINUTE_MS);
  expect(summaryOf(errorsMs)).toEqual({
    deliveries: 5,
    meanMs: 2 * MINUTE_MS,
    meanAbsMs: 4.4 * MINUTE_MS,
    p10Ms: -3.2 * MINUTE_MS,
    p50Ms: 0,
    p90Ms: 8.4 * MINUTE_MS,
  });
  expect(summaryOf([7])).toEqual({deliveries: 1, meanMs: 7, meanAbsMs: 7, p10Ms: 7, p50Ms: 7, p90Ms: 7});
  expect(summaryOf([])).toEqual({deliveries: 0, meanMs: 0, meanAbsMs: 0, p10Ms: 0, p50Ms: 0, p90Ms: 0});
});

test('quantiles ascend, stand between the ends, and do not ask for an order', () => {
  const errors = fc.array(fc.integer({min: -1e9, max: 1e9}), {minLength: 1, maxLength: 50});
  fc.assert(
    fc.property(errors, (errorsMs) => {
      const sorted = [...errorsMs].sort((a, b) => a - b);
      const of = [0, 0.1, 0.5, 0.9, 1].map((share) => quantile(sorted, share));
      expect(of).toEqual([...of].sort((a, b) => a - b));
      expect([of[0], of[4]]).toEqual([sorted[0], sorted[sorted.length - 1]]);
      expect(summaryOf(errorsMs)).toEqual(summaryOf(sorted));
    }),
  );
});

test('a trip is of one band, each from its bound on', () => {
  expect([0, 299_999, 300_000, 599_999, 600_000, 1_199_999, 1_200_000, 2 ** 31].map(tripBand)).toEqual(
    TRIP_BANDS.flatMap(({name}) => [name, name]),
  );
});

test('each leg of a delivery has its own error and its own trip', () => {
  const truth = {
    hour: 13,
    pickupMs: 4 * MINUTE_MS,
    dropMs: 12 * MINUTE_MS,
    pickupPromisedAtMs: 100 * MINUTE_MS,
    pickupActualAtMs: 98 * MINUTE_MS,
    dropPromisedAtMs: 114 * MINUTE_MS,
    dropActualAtMs: 119 * MINUTE_MS,
  } as EtaTruth;
  const errors = legErrors(truth);
  expect(errors.map(({leg}) => leg)).toEqual(LEGS);
  expect(errors).toEqual([
    {leg: 'pickup', hour: 13, trip: '0-5 min', errorMs: -2 * MINUTE_MS},
    {leg: 'drop', hour: 13, trip: '10-20 min', errorMs: 5 * MINUTE_MS},
  ]);
});
