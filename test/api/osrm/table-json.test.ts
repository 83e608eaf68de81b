import fc from 'fast-check';
import {expect, test} from 'vitest';
import {type Matrix, matrixBytes, matrixChunks} from '../../../src/api/osrm/table-json.ts';

const written = (matrix: Matrix): Buffer => Buffer.concat([...matrixChunks(matrix)]);

function plain({tenths, columnCount}: Matrix): string {
  const rows = Array.from({length: tenths.length / columnCount}, (_, row) =>
    Array.from(tenths.subarray(row * columnCount, (row + 1) * columnCount), (value) => (value < 0 ? null : value / 10)),
  );
  return JSON.stringify(rows);
}

const cell = fc.oneof(
  fc.constant(-1),
  fc.integer({min: 0, max: 20_000}),
  fc.integer({min: 0, max: 2 ** 31 - 1}),
  fc.constantFrom(0, 1, 9, 10, 99, 100, 101, 999, 1_000, 2 ** 31 - 1),
);

test('the bytes of a matrix are those of JSON.stringify, and as many as announced', () => {
  fc.assert(
    fc.property(fc.integer({min: 1, max: 12}), fc.array(cell, {minLength: 1, maxLength: 200}), (columnCount, cells) => {
      const whole = cells.slice(0, Math.max(columnCount, cells.length - (cells.length % columnCount)));
      while (whole.length < columnCount) whole.push(-1);
      const matrix = {tenths: Int32Array.from(whole), columnCount};
      const bytes = written(matrix);
      expect(bytes.toString()).toBe(plain(matrix));
      expect(matrixBytes(matrix)).toBe(bytes.length);
    }),
    {numRuns: 2_000},
  );
});

test.each([
  [1, 300_000],
  [300_000, 1],
  [700, 900],
  [20_000, 19],
])('%i rows of %i cells take several chunks and stay right', (rowCount, columnCount) => {
  const tenths = Int32Array.from({length: rowCount * columnCount}, (_, i) =>
    i % 97 === 0 ? -1 : (i * 7_919) % 2 ** 27,
  );
  const matrix = {tenths, columnCount};
  const bytes = written(matrix);
  expect(bytes.equals(Buffer.from(plain(matrix)))).toBe(true);
  expect(matrixBytes(matrix)).toBe(bytes.length);
});
