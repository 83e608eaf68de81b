import {gunzipSync} from 'node:zlib';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {drawingOf, encodedDrawing} from '../../src/api/road-drawing.ts';
import {roads} from './world.ts';

test('a line is its rank, its first point and steps in 1e-5 degrees', () => {
  const {lines, box, attribution} = drawingOf(roads);
  expect(lines).toEqual([
    [0, 1_197_000, 5_770_000, 100, 0, 100, 100],
    [2, 1_197_100, 5_770_000, 0, 200],
  ]);
  expect(box).toEqual([1_197_000, 5_770_000, 1_197_200, 5_770_200]);
  expect(attribution).toBe('© someone');
});

test('a line that rounding leaves without length is dropped, and no roads have no box', () => {
  const dot = {...roads, firstPoint: Uint32Array.of(0, 2), lonE7: Int32Array.of(10, 20), latE7: Int32Array.of(0, 0)};
  expect(drawingOf({...dot, rank: Uint8Array.of(1)}).lines).toEqual([]);
  expect(drawingOf({...dot, firstPoint: Uint32Array.of(0)}).box).toBeNull();
});

test('no point of any line is drawn further than half a unit from where it is', () => {
  const point = fc.tuple(fc.integer({min: -1.8e9, max: 1.8e9}), fc.integer({min: -9e8, max: 9e8}));
  fc.assert(
    fc.property(fc.array(point, {minLength: 2, maxLength: 40}), (points) => {
      const {lines} = drawingOf({
        firstPoint: Uint32Array.of(0, points.length),
        lonE7: Int32Array.from(points, ([lon]) => lon),
        latE7: Int32Array.from(points, ([, lat]) => lat),
        rank: Uint8Array.of(0),
        attribution: '',
      });
      const drawn: [number, number][] = [];
      let [lon, lat] = [0, 0];
      const steps = lines[0]?.slice(1) ?? [];
      for (let i = 0; i < steps.length; i += 2) drawn.push([(lon += steps[i]!), (lat += steps[i + 1]!)]);
      const near = ([a, b]: [number, number]) =>
        drawn.some(([x, y]) => Math.abs(x - a / 100) <= 0.5 && Math.abs(y - b / 100) <= 0.5);
      return drawn.length === 0 || points.every(near);
    }),
    {numRuns: 2_000},
  );
});

test('what is compressed is what is plain, under a tag that names the contents', async () => {
  const {json, gzipped, etag} = await encodedDrawing(roads);
  expect(gunzipSync(gzipped).equals(json)).toBe(true);
  expect((await encodedDrawing(roads)).etag).toBe(etag);
  expect((await encodedDrawing({...roads, attribution: 'another'})).etag).not.toBe(etag);
});
