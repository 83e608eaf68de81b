import {expect, test} from 'vitest';
import {type EtaTrial, tryLearning} from '../../src/domain/eta-trial.ts';
import {randomStream} from '../../src/domain/random.ts';
import {anyTruths, off} from '../support/eta-truths.ts';

const MINUTE_MS = 60_000;

test('what is learned from the older is tried on the newest, which it has not seen', () => {
  const late = (i: number) => off(MINUTE_MS, 3 * MINUTE_MS, {dropCorrectionMs: i % 2 ? 50_000 : 0});
  const truths = Array.from({length: 4_000}, (_, i) => late(i));
  const {pickup, drop, ...counts} = tryLearning(truths, 8);
  expect(counts).toEqual({learnedFrom: 3_000, triedOn: 1_000});
  expect(pickup.without).toEqual({meanAbsMs: MINUTE_MS, meanLateMs: MINUTE_MS});
  expect(drop.without).toEqual({meanAbsMs: 3 * MINUTE_MS, meanLateMs: 3 * MINUTE_MS});
  for (const {with: learned} of [pickup, drop]) expect(learned.meanAbsMs).toBeLessThan(1_500);

  // The newest are another world: what was learned of the old one does harm there, and the trial says so.
  const turned = [...truths.slice(0, 3_000), ...Array.from({length: 1_000}, () => off(0, 0))];
  const harmed = tryLearning(turned, 8);
  expect(harmed.drop.without).toEqual({meanAbsMs: 0, meanLateMs: 0});
  expect(harmed.drop.with.meanAbsMs).toBeGreaterThan(178_000);
  expect(harmed.drop.with.meanLateMs).toBe(0);
});

test('a tried promise comes no sooner than a tick would make it', () => {
  // Ten minutes before a promise for the fourth minute: nobody promises what is before the offer.
  const {pickup, drop} = tryLearning(
    Array.from({length: 4_000}, () => off(-10 * MINUTE_MS, -30 * MINUTE_MS)),
    8,
  );
  expect(pickup.with.meanAbsMs).toBe(6 * MINUTE_MS);
  expect(drop.with.meanAbsMs).toBe(16 * MINUTE_MS);
});

test('from few there is little to learn, from none nothing to try', () => {
  const nothing = {meanAbsMs: 0, meanLateMs: 0};
  const compared = {without: nothing, with: nothing};
  const none: EtaTrial = {learnedFrom: 0, triedOn: 0, pickup: compared, drop: compared};
  expect(tryLearning([], 8)).toEqual(none);
  const [one] = anyTruths(randomStream(1, 'one'), 1);
  const {pickup, drop} = tryLearning([one!], 8);
  expect([pickup.with, drop.with]).toEqual([pickup.without, drop.without]);
});
