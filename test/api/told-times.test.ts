import {expect, test} from 'vitest';
import {clockOf, latenessOf, localTimes, signedSpan, spanOf} from '../../src/api/told-times.ts';

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

test.each([
  [30_000, '+30 s'],
  [-30_000, '−30 s'],
  [-400, 'nothing'],
])('%i ms on top are %s', (ms, told) => {
  expect(signedSpan(ms)).toBe(told);
});

test('in the hour that comes twice in autumn, and on days of another offset, a time has its offset', () => {
  const changeMs = Date.UTC(2026, 10, 1, 7);
  const {zone, told, timeOf, minuteOf} = localTimes('America/Chicago', changeMs - 1.5 * 3_600_000);
  expect(zone).toBe('America/Chicago (GMT-5)');
  expect(told(changeMs - 1_800_000)).toBe('01:30:00');
  expect(told(changeMs + 1_800_000)).toBe('01:30:00 GMT-6');
  expect([timeOf(changeMs), minuteOf(changeMs)]).toEqual(['01:00:00 GMT-6', '01:00 GMT-6']);
  expect(told(changeMs + 86_400_000)).toMatch(/^Mon,? 2 Nov 2026, 01:00:00 GMT-6$/);
});

test.each(['posix/America/Chicago', 'Nowhere/Zone', 'UTC'])('times of %s are of UTC, and say so', (timeZone) => {
  const ms = Date.UTC(2026, 5, 2, 4, 59, 58);
  const {zone, told} = localTimes(timeZone, ms);
  expect([zone, told(ms)]).toEqual(['UTC', '04:59:58']);
  expect(clockOf(timeZone)(ms)).toBe('2026-06-02T04:59:58.000Z');
});

test('what cannot be read is called so by short times and long', () => {
  for (const told of [clockOf('America/Chicago'), localTimes('America/Chicago', 0).told])
    expect([told(Number.NaN), told(null)]).toEqual(['at no readable time', '–']);
});

test('short times name the day where it is another one, in the region’s zone', () => {
  const lateMs = Date.UTC(2026, 5, 2, 4, 59, 58);
  const {told, timeOf} = localTimes('America/Chicago', lateMs - 3_600_000);
  expect(told(lateMs)).toBe('23:59:58');
  expect(told(lateMs + 2_000)).toMatch(/^Tue,? 2 Jun 2026, 00:00:00$/);
  expect(timeOf(lateMs)).toBe('23:59:58');
});
