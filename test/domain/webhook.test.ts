import {expect, test} from 'vitest';
import {ATTEMPTS_LIMIT, retryAfterMs} from '../../src/domain/webhook.ts';

test('waits grow threefold up to a bound, and half of each is chance', () => {
  const waits = (chance: number) => Array.from({length: ATTEMPTS_LIMIT}, (_, i) => retryAfterMs(i + 1, () => chance));
  expect(waits(1).slice(0, 4)).toEqual([5_000, 15_000, 45_000, 135_000]);
  expect(waits(0).slice(0, 2)).toEqual([2_500, 7_500]);
  expect(Math.max(...waits(1))).toBe(6 * 3_600_000);
});
