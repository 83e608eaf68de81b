import {expect, test} from 'vitest';
import {Column} from '../../../native-graph/osm/column.ts';

test('a column grows with what is pushed, and may be set back', () => {
  const column = new Column(Float64Array, 1);
  for (let i = 0; i < 100; i++) column.push(i * 2 ** 45);
  column.length = 99;
  column.push(7);
  expect(column.view()).toEqual(Float64Array.from({length: 100}, (_, i) => (i === 99 ? 7 : i * 2 ** 45)));
  expect(column.copy().buffer.byteLength).toBe(800);
  expect(column.at(98)).toBe(98 * 2 ** 45);
});

test('a column refuses to grow beyond its limit', () => {
  const column = new Column(Uint8Array, 2, 5);
  for (let i = 0; i < 5; i++) column.push(i);
  expect(() => column.push(5)).toThrow(expect.objectContaining({code: 'MAP_TOO_LARGE'}));
  expect([...column.view()]).toEqual([0, 1, 2, 3, 4]);
});
