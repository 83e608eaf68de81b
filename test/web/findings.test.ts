import {expect, test} from 'vitest';
import {byGroup, kept, learned, overall, spread} from '../../web/etas/findings.ts';
import type {Group, LegReport} from '../../web/etas/report.ts';

const min = (count: number): number => count * 60_000;
const group = (name: string, medianMin: number, more: Partial<Group> = {}): Group => ({
  name,
  deliveries: 100,
  meanMs: min(medianMin),
  meanAbsMs: min(Math.abs(medianMin)),
  p10Ms: min(medianMin - 2),
  p50Ms: min(medianMin),
  p90Ms: min(medianMin + 2),
  onTime: 50,
  promisedMs: min(12),
  uncorrected: null,
  ...more,
});
const leg = (all: Group, more: Partial<LegReport> = {}): LegReport => ({
  all,
  corrected: 0,
  byHour: [],
  byTrip: [],
  byPromise: [],
  byCategory: [],
  byRoad: [],
  byDistance: [],
  points: [],
  ...more,
});
const at = (name: string) => `at ${name}:00`;

test('promises that were kept, missed either way, or never made are told apart', () => {
  const byHour = [group('08', -1), group('17', 6.14)];
  expect(overall('drop', leg(group('all', 2.3), {byHour}))).toBe(
    'Drops come 2.3 min later than promised; worst at 17:00',
  );
  expect(overall('pickup', leg(group('all', -0.5)))).toBe('Pickups come 0.5 min earlier than promised');
  expect(overall('drop', leg(group('all', 0.2)))).toBe('Half of drops come sooner, half later than promised');
  expect(overall('drop', leg(group('all', 0, {deliveries: 0})))).toBe('No delivery reached its door in this time');
});

test('the worst of some groups is that which is furthest off, of those with deliveries enough', () => {
  const groups = [group('08', -3), group('12', 1), group('17', 2), group('23', 9, {deliveries: 9})];
  expect(byGroup(groups, at)).toBe('Worst at 08:00: 3.0 min early');
  expect(byGroup([...groups, group('18', 4)], at)).toBe('Worst at 18:00: 4.0 min late');
});

test('a finding never rests on fewer than twenty deliveries', () => {
  const few = (deliveries: number) => [group('08', 0, {deliveries}), group('17', 9, {deliveries, onTime: 0})];
  expect(byGroup(few(19), at)).toBe('Too few to compare');
  expect(byGroup(few(20), at)).toBe('Worst at 17:00: 9.0 min late');
  // One group that is large enough is not the worst of anything.
  expect(byGroup([group('08', 3), group('17', 9, {deliveries: 1})], at)).toBe('Too few to compare');
  expect(overall('drop', leg(group('all', 3), {byHour: few(19)}))).toBe('Drops come 3.0 min later than promised');
  expect(kept(leg(group('all', 1), {byPromise: few(19)}))).toBe('50 % come at most a minute late');
});

test('groups that hardly differ are not called better or worse', () => {
  expect(byGroup([group('08', 2), group('17', 2.4)], at)).toBe('Hardly differs: 2.0 min late to 2.4 min late');
  expect(byGroup([group('08', 0.1), group('17', -0.2)], at)).toBe('Median on time in every group');
  expect(byGroup([group('08', 0.1), group('17', -0.2), group('23', 9, {deliveries: 9})], at)).toBe(
    'Median on time in every larger group',
  );
  expect(byGroup([group('08', 2)], at)).toBe('All at 08:00: 2.0 min late');
  expect(byGroup([], at)).toBe('Nothing is known yet');
});

test('how many came in time, and of which promise the fewest, is told in percent', () => {
  const byPromise = [group('0-5 min', 0, {onTime: 90}), group('5-10 min', 1, {onTime: 31})];
  expect(kept(leg(group('all', 1, {onTime: 61}), {byPromise}))).toBe(
    '61 % come at most a minute late; of those promised in 5-10 min 31 %',
  );
  expect(kept(leg(group('all', 1), {byPromise: byPromise.slice(0, 1)}))).toBe('50 % come at most a minute late');
  expect(kept(leg(group('all', 0, {deliveries: 0})))).toBe('Nothing is known yet');
});

test('the spread and what was learned are told by both ends', () => {
  expect(spread(group('all', 1))).toBe('Eight of ten come between 1.0 min early and 3.0 min late');
  expect(spread(group('all', 0, {p10Ms: 0, p90Ms: 0}))).toBe('Eight of ten come on time');
  expect(learned(leg(group('all', 1)))).toBe('nothing learned is in these promises');
  const all = group('all', 1, {uncorrected: group('all', 3)});
  expect(learned(leg(all, {corrected: 25}))).toBe(
    '25 % of the promises were learned in part: off by 1.0 min on average, without it by 3.0',
  );
});
