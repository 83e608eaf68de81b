// The lines of a DIMACS file (.gr, .co, .min): a letter and numbers, read from the bytes as they stream by, so
// that nothing is allocated per line. Comments and empty lines are passed over.
//
// Format: 9th DIMACS Implementation Challenge, "Core problem families, file formats" (diag.uniroma1.it/challenge9).

import type {MapFile} from '../osm/bytes.ts';
import {damage} from '../osm/damage.ts';

/** A longer line is no part of such a file, and would be held in memory whole. */
const LINE_BYTES_LIMIT = 1 << 16;

/** A line has eight bytes or more, and deflate packs at most 1,032 bytes into one. */
const LINES_PER_BYTE = 129;
const MOST_LINES = 2 ** 30;

const [TAB, NEWLINE, RETURN, SPACE, MINUS, ZERO, COMMENT] = [0x09, 0x0a, 0x0d, 0x20, 0x2d, 0x30, 0x63];

/** The line in hand; valid during the call that hands it over. Its readers throw plain Errors on what does not fit. */
export class Line {
  /** The line's own letter: `p`, `a`, `n` or `v`. */
  kind = '';
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;

  /** Sets it on bytes [at, end); false where the line is empty or a comment. */
  enter(bytes: Uint8Array, at: number, end: number): boolean {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
    this.#skipBlanks();
    if (this.#at === end || bytes[this.#at] === COMMENT) return false;
    this.kind = String.fromCharCode(bytes[this.#at++]);
    if (this.#at < end && !isBlank(bytes[this.#at])) throw new Error('a line that starts with no single letter');
    return true;
  }

  /** The next whole number, from `least` to `most`. */
  integer(what: string, least: number, most: number): number {
    this.#skipBlanks();
    const start = this.#at;
    const negative = this.#bytes[start] === MINUS && start < this.#end;
    if (negative) this.#at++;
    const digits = this.#at;
    let value = 0;
    for (; this.#at < this.#end && !isBlank(this.#bytes[this.#at]); this.#at++) {
      const digit = this.#bytes[this.#at] - ZERO;
      if (digit < 0 || digit > 9) throw new Error(`${what} "${this.#textFrom(start)}" is no whole number`);
      value = value * 10 + digit;
    }
    if (this.#at === digits) throw new Error(`${what} is missing`);
    if (negative) value = -value;
    if (!(value >= least && value <= most)) throw new Error(`${what} ${value} is not in ${least} .. ${most}`);
    return value;
  }

  /** Steps over a word. */
  word(wanted: string): void {
    this.#skipBlanks();
    const start = this.#at;
    while (this.#at < this.#end && !isBlank(this.#bytes[this.#at])) this.#at++;
    if (this.#textFrom(start) !== wanted) throw new Error(`"${this.#textFrom(start)}" where "${wanted}" should stand`);
  }

  ends(): void {
    this.#skipBlanks();
    if (this.#at !== this.#end) throw new Error(`"${this.#textFrom(this.#at)}" after the end of the line's fields`);
  }

  #skipBlanks(): void {
    while (this.#at < this.#end && isBlank(this.#bytes[this.#at])) this.#at++;
  }

  #textFrom(start: number): string {
    let end = start;
    while (end < this.#end && !isBlank(this.#bytes[end])) end++;
    return Buffer.from(this.#bytes.subarray(start, Math.min(end, start + 40))).toString('latin1');
  }
}

const isBlank = (byte: number): boolean => byte === SPACE || byte === TAB || byte === RETURN;

/** A declared count is believed only as far as the file could hold it, since memory is taken for it at once. */
export const mostLines = ({sizeBytes}: MapFile): number => Math.min(MOST_LINES, sizeBytes * LINES_PER_BYTE);

/** Shows each line with content. Throws InputFailure `DIMACS_DAMAGED` with the line, also when `onLine` throws. */
export async function readLines(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  onLine: (line: Line) => void,
  onEnd: () => void,
): Promise<void> {
  const line = new Line();
  let lineNumber = 0;
  let rest: Uint8Array = new Uint8Array(0);
  const take = (bytes: Uint8Array, at: number, end: number): void => {
    lineNumber++;
    if (!line.enter(bytes, at, end)) return;
    onLine(line);
    line.ends();
  };
  const checkLength = (bytes: number): void => {
    if (bytes > LINE_BYTES_LIMIT) throw new Error(`a line of more than ${LINE_BYTES_LIMIT} bytes`);
  };
  const guarded = (read: () => void): void => {
    try {
      read();
    } catch (error) {
      const isDamage = error instanceof Error && error.constructor === Error;
      throw isDamage ? damage('DIMACS_DAMAGED', path, `DIMACS at line ${lineNumber}`, error.message) : error;
    }
  };
  for await (const chunk of chunks) {
    guarded(() => {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let at = 0;
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, at)) {
        checkLength(end - at);
        take(bytes, at, end);
        at = end + 1;
      }
      rest = bytes.subarray(at);
      checkLength(rest.length);
    });
  }
  guarded(() => {
    if (rest.length > 0) take(rest, 0, rest.length);
    onEnd();
  });
}
