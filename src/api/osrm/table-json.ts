// A table's body, digit by digit into buffers: no object for a cell, no string for a row, and no more memory than a
// chunk, however large the table.
//
// Values are tenths, NO_VALUE for null; 123 is written 12.3 and 120 is 12, as JSON.stringify writes them. The length is
// counted first: a client that reads a body to the end of the connection (VROOM) would take the marks of a chunked one
// for JSON.

export const NO_VALUE = -1;

const CHUNK_BYTES = 256 * 1024;
/** "214748364.7" and a comma, or a bracket and a comma. */
const CELL_BYTES = 13;

const [ZERO, POINT, COMMA, OPEN, CLOSE] = [0x30, 0x2e, 0x2c, 0x5b, 0x5d];
const NULL = Buffer.from('null');

/** Rows of `columnCount` cells, by row. */
export type Matrix = {readonly tenths: Int32Array; readonly columnCount: number};

/** How long the JSON of a matrix is. O(cells). */
export function matrixBytes({tenths, columnCount}: Matrix): number {
  const rowCount = columnCount > 0 ? tenths.length / columnCount : 0;
  // A comma after each cell but the last of a row, where a bracket stands; the same with rows.
  let bytes = 2 + tenths.length + rowCount + Math.max(0, rowCount - 1);
  for (let i = 0; i < tenths.length; i++) {
    const value = tenths[i];
    if (value < 0) bytes += NULL.length;
    else {
      const wholes = (value / 10) | 0;
      bytes += digitCount(wholes) + (value === wholes * 10 ? 0 : 2);
    }
  }
  return bytes;
}

/** The JSON of a matrix, in chunks. */
export function* matrixChunks({tenths, columnCount}: Matrix): Generator<Buffer> {
  let chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let at = 0;
  chunk[at++] = OPEN;
  for (let row = 0; row < tenths.length; row += columnCount) {
    if (row > 0) chunk[at++] = COMMA;
    chunk[at++] = OPEN;
    let cell = row;
    const end = row + columnCount;
    while (cell < end) {
      // As many cells as surely fit.
      const stop = Math.min(end, cell + Math.floor((CHUNK_BYTES - at) / CELL_BYTES) - 1);
      at = writeCells(chunk, at, tenths, cell, stop);
      cell = Math.max(cell, stop);
      if (cell === end) break;
      yield chunk.subarray(0, at);
      chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      at = 0;
    }
    // In place of the last comma.
    chunk[at - 1] = CLOSE;
    if (CHUNK_BYTES - at < 2 * CELL_BYTES) {
      yield chunk.subarray(0, at);
      chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      at = 0;
    }
  }
  chunk[at++] = CLOSE;
  yield chunk.subarray(0, at);
}

/** Writes cells [first, end), a comma after each, and returns where it stopped. */
function writeCells(chunk: Buffer, start: number, tenths: Int32Array, first: number, end: number): number {
  let at = start;
  for (let i = first; i < end; i++) {
    const value = tenths[i];
    if (value < 0) {
      at += NULL.copy(chunk, at);
    } else {
      const wholes = (value / 10) | 0;
      const tenth = value - wholes * 10;
      const digits = digitCount(wholes);
      for (let rest = wholes, d = at + digits - 1; d >= at; d--) {
        const tens = (rest / 10) | 0;
        chunk[d] = ZERO + rest - tens * 10;
        rest = tens;
      }
      at += digits;
      if (tenth > 0) {
        chunk[at++] = POINT;
        chunk[at++] = ZERO + tenth;
      }
    }
    chunk[at++] = COMMA;
  }
  return at;
}

/** Of a number below 2^31 / 10. */
function digitCount(value: number): number {
  if (value < 1e4) return value < 1e2 ? (value < 10 ? 1 : 2) : value < 1e3 ? 3 : 4;
  if (value < 1e8) return value < 1e6 ? (value < 1e5 ? 5 : 6) : value < 1e7 ? 7 : 8;
  return 9;
}
