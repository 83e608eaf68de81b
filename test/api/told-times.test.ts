import {expect, test} from 'vitest';
import {clockOf, latenessOf, localTimes, spanOf} from '../../src/api/told-times.ts';

test.each([
  [0, '0 s'],
  [-5_000, '0 s'],
  [59_499, '59 s'],
  [59_500, '1 min'],
  [192_000, '3 min 12 s'],
  [3_599_600, '1 h'],
  [3_900_000, '1 h 5 min'],
  [90_061_000, '1 d 1 h'],
])('a span of %i ms is %s', (ms, told) => {
  expect(spanOf(ms)).toBe(told);
});

test.each([
  [400, 'on time'],
  [-400, 'on time'],
  [125_000, '2 min 5 s late'],
  [-40_000, '40 s early'],
])('%i ms after a time is %s', (ms, told) => {
  expect(latenessOf(ms)).toBe(told);
});

test('short times name the day where it is another one, in the region’s zone; of an unknown zone they are UTC', () => {
  const lateMs = Date.UTC(2026, 5, 2, 4, 59, 58);
  const {told, timeOf} = localTimes('America/Chicago', lateMs - 3_600_000);
  expect(told(lateMs)).toBe('23:59:58');
  expect(told(lateMs + 2_000)).toMatch(/^Tue,? 2 Jun 2026, 00:00:00$/);
  expect(told(null)).toBe('–');
  expect(timeOf(lateMs)).toBe('23:59:58');
  expect(localTimes('Nowhere/Zone', lateMs).told(lateMs)).toBe('04:59:58');
  expect(clockOf('Nowhere/Zone')(lateMs)).toBe('2026-06-02T04:59:58.000Z');
});
