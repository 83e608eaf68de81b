import fc from 'fast-check';
import {expect, test} from 'vitest';
import {decodePolyline, encodePolyline} from '../../../src/api/osrm/polyline.ts';

test('the example of the format’s description', () => {
  const [lat, lon] = [
    [38_500_000, 40_700_000, 43_252_000],
    [-120_200_000, -120_950_000, -126_453_000],
  ];
  expect(encodePolyline(lat, lon, 5)).toBe('_p~iF~ps|U_ulLnnqC_mqNvxq`@');
});

const degreesE6 = (limit: number) => fc.integer({min: -limit * 1e6, max: limit * 1e6});

test('what is encoded is decoded, to the unit', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(degreesE6(180), degreesE6(90))), fc.constantFrom(5, 6), (points, precision) => {
      const [lon, lat] = [points.map(([x]) => x), points.map(([, y]) => y)];
      const unit = precision === 5 ? 10 : 1;
      const back = decodePolyline(encodePolyline(lat, lon, precision), precision);
      const rounded = points.map((point) => point.map((e6) => (Math.round(e6 / unit) * unit) / 1e6));
      expect(back).toHaveLength(points.length);
      back?.forEach((point, i) => {
        point.forEach((degrees, axis) => {
          expect(degrees).toBeCloseTo(rounded[i][axis], 6);
        });
      });
    }),
  );
});

test('a text that is cut, or is none, has no points', () => {
  const text = encodePolyline([38_500_000, 38_600_000], [-120_200_000, -120_300_000], 5);
  for (let length = 1; length < text.length; length++) {
    const points = decodePolyline(text.slice(0, length), 5);
    expect(points === undefined || points.length === 1, text.slice(0, length)).toBe(true);
  }
  for (const strange of [' ', 'a b', '_p~iF~ps|U_ulL nnqC', '~~~~~~~~~~~~~~~~A?', 'é?']) {
    expect(decodePolyline(strange, 5), strange).toBeUndefined();
  }
  fc.assert(fc.property(fc.string(), (any) => void decodePolyline(any, 6)));
});
