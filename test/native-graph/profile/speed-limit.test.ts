import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {speedLimitKmh} from '../../../native-graph/profile/speed-limit.ts';

describe('a speed limit', () => {
  test.each([
    ['50', 50],
    [' 50 ', 50],
    ['7.5', 7.5],
    ['50 km/h', 50],
    ['50kmh', 50],
    ['50 kph', 50],
    ['35 mph', 56.327],
    ['35mph', 56.327],
    ['35 MPH', 56.327],
    ['10 knots', 18.52],
    ['none', 140],
    ['500', 140],
    ['walk', 7],
    ['50;30', 30],
    ['50; 20 mph ;signals', 32.187],
    ['DE:rural', 100],
    ['DE:urban', 50],
    ['DE:motorway', 140],
    ['DE:living_street', 7],
    ['DE:zone30', 30],
    ['DE:zone:20', 20],
    ['IT:70', 70],
    ['BE-VLG:rural', 70],
    ['FR:urban', 50],
    ['PT:motorway', 130],
    ['GB:nsl_single', 96.561],
    ['US:urban', 48.28],
    ['US:TX:rural', 96.561],
    ['US:TX:motorway', 112.654],
    ['US:CA:urban', 48.28],
    ['US:FL:motorway', 112.654],
  ])('of %s is %f km/h', (text, kmh) => {
    expect(speedLimitKmh(text)).toBeCloseTo(kmh, 3);
  });

  test.each([
    '',
    '0',
    '-5',
    'signals',
    'variable',
    'fast',
    '50 furlongs',
    'DE:',
    'DE:unknown',
    'constructor',
    ';',
    '5 0',
  ])('of "%s" tells nothing', (text) => {
    expect(speedLimitKmh(text)).toBeUndefined();
  });

  test('of any text is undefined or within (0, 140]', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[a-z0-9:;. -]{0,40}$/), fc.constant('a:'.repeat(1_000_000)));
    fc.assert(
      fc.property(text, (t) => {
        const kmh = speedLimitKmh(t);
        expect(kmh === undefined || (kmh > 0 && kmh <= 140)).toBe(true);
      }),
      {numRuns: 5_000},
    );
  });
});
