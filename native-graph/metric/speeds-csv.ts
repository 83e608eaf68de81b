// Live speeds as OSRM's segment-speed files have them: `from,to,km/h[,rate[,anything]]`, a directed pair of
// neighbouring nodes a line, no header, no quotes. Read from the bytes, so that nothing is allocated per row: a million
// rows take 0.17 s (general CSV parsers 0.64 s and more: docs/decisions/0001-dependencies.md).
//
// Format: Project OSRM, "Traffic" (github.com/Project-OSRM/osrm-backend/wiki/Traffic). There the rate is what a way
// costs where that is not its time; here cost is time, so a rate is read and has no effect. Unlike there, a bad row is
// told and skipped, and empty lines are passed over.

import {SpeedColumns, type Speeds} from './speeds.ts';

/** Slower than walking is closed or mistaken; faster is mistaken. 0 is closed. */
export const KMH_LEAST = 0.1;
export const KMH_LIMIT = 1_000;
/** Bad rows that are told one by one; all are counted. */
const PROBLEMS_TOLD = 100;
/** A longer row is quoted in part. */
const QUOTED_BYTES = 40;
/** Rows are written in pieces: the string of a million would fill a thread's heap. */
const PIECE_CHARS = 1 << 16;

const [NEWLINE, RETURN, COMMA, MINUS, POINT, ZERO] = [0x0a, 0x0d, 0x2c, 0x2d, 0x2e, 0x30];
/** Up to so many digits, number and power of ten are exact and one division rounds as Number() does. */
const EXACT_DIGITS = 15;

export type RowProblem = {
  /** The line, from 1. */
  readonly row: number;
  readonly code: 'ROW_MALFORMED' | 'NODE_ID_RANGE' | 'SPEED_RANGE';
  readonly detail: string;
};

export type SpeedsRead = {
  readonly speeds: Speeds;
  /** The first of the bad rows. */
  readonly problems: readonly RowProblem[];
  readonly rowsBad: number;
};

/** Reads rows behind those of `before`. O(bytes). */
export function readSpeeds(bytes: Uint8Array, before?: Speeds): SpeedsRead {
  const columns = new SpeedColumns();
  if (before) for (let i = 0; i < before.count; i++) columns.push(before.from[i], before.to[i], before.kmh[i]);
  const row = new Row(bytes);
  const problems: RowProblem[] = [];
  let rowsBad = 0;
  let line = 0;
  for (let at = 0, next = 0; at < bytes.length; at = next) {
    const newline = bytes.indexOf(NEWLINE, at);
    next = newline < 0 ? bytes.length : newline + 1;
    const end = newline < 0 ? bytes.length : newline;
    line++;
    if (row.read(at, end > at && bytes[end - 1] === RETURN ? end - 1 : end)) {
      columns.push(row.from, row.to, row.kmh);
    } else if (row.code !== undefined) {
      rowsBad++;
      if (problems.length < PROBLEMS_TOLD) problems.push({row: line, code: row.code, detail: row.detail});
    }
  }
  return {speeds: columns.view(), problems, rowsBad};
}

/** The same format again: what `readSpeeds` reads as the rows that are `wanted`, by row 1 or 0. */
export function writeSpeeds({count, from, to, kmh}: Speeds, wanted: Uint8Array): Uint8Array {
  const pieces: Buffer[] = [];
  let text = '';
  for (let row = 0; row < count; row++) {
    if (wanted[row] === 1) text += `${from[row]},${to[row]},${kmh[row]}\n`;
    if (text.length < PIECE_CHARS && row + 1 < count) continue;
    pieces.push(Buffer.from(text, 'latin1'));
    text = '';
  }
  return Buffer.concat(pieces);
}

/** One row at a time; what it holds is that of the last one read. */
class Row {
  from = 0;
  to = 0;
  kmh = 0;
  /** What is wrong with it; undefined where nothing is, or where it is empty. */
  code: RowProblem['code'] | undefined;
  detail = '';
  readonly #bytes: Uint8Array;
  #at = 0;
  #end = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether bytes [at, end) are a good row. */
  read(at: number, end: number): boolean {
    this.#at = at;
    this.#end = end;
    this.code = undefined;
    if (at === end) return false;
    this.from = this.#id();
    const hasTo = this.#comma();
    this.to = this.#id();
    const hasSpeed = this.#comma();
    this.kmh = this.#decimal();
    const isRow = hasTo && hasSpeed && this.#endsInRate() && !Number.isNaN(this.from + this.to + this.kmh);
    if (!isRow) return this.#bad('ROW_MALFORMED', `"${this.#quoted(at)}" is not from,to,km/h`);
    for (const id of [this.from, this.to]) {
      if (!Number.isSafeInteger(id)) return this.#bad('NODE_ID_RANGE', `node ${id} is not below 2^53`);
    }
    if (this.kmh === 0 || (this.kmh >= KMH_LEAST && this.kmh <= KMH_LIMIT)) return true;
    return this.#bad('SPEED_RANGE', `${this.kmh} km/h is neither 0 nor from ${KMH_LEAST} to ${KMH_LIMIT}`);
  }

  #bad(code: RowProblem['code'], detail: string): false {
    this.code = code;
    this.detail = detail;
    return false;
  }

  #id(): number {
    const negative = this.#at < this.#end && this.#bytes[this.#at] === MINUS;
    if (negative) this.#at++;
    const first = this.#at;
    let value = 0;
    for (let digit = this.#digit(); digit >= 0; digit = this.#digit()) value = value * 10 + digit;
    if (this.#at === first) return Number.NaN;
    return negative ? -value : value;
  }

  #decimal(): number {
    const first = this.#at;
    let value = 0;
    let digits = 0;
    let behindPoint = 0;
    for (let digit = this.#digit(); digit >= 0; digit = this.#digit(), digits++) value = value * 10 + digit;
    if (this.#at < this.#end && this.#bytes[this.#at] === POINT) {
      this.#at++;
      for (let digit = this.#digit(); digit >= 0; digit = this.#digit(), behindPoint++) value = value * 10 + digit;
    }
    if (digits + behindPoint === 0) return Number.NaN;
    if (digits + behindPoint <= EXACT_DIGITS) return value / 10 ** behindPoint;
    return Number(Buffer.from(this.#bytes.subarray(first, this.#at)).toString('latin1'));
  }

  /** Nothing more; or a rate, which may be blank, and behind another comma whatever there is. */
  #endsInRate(): boolean {
    if (this.#at === this.#end) return true;
    if (!this.#comma()) return false;
    const isBlank = this.#at === this.#end || this.#bytes[this.#at] === COMMA;
    if (!isBlank && Number.isNaN(this.#decimal())) return false;
    return this.#at === this.#end || this.#comma();
  }

  #comma(): boolean {
    if (this.#at === this.#end || this.#bytes[this.#at] !== COMMA) return false;
    this.#at++;
    return true;
  }

  /** The digit here, and steps over it; or -1. */
  #digit(): number {
    if (this.#at === this.#end) return -1;
    const digit = this.#bytes[this.#at] - ZERO;
    if (digit < 0 || digit > 9) return -1;
    this.#at++;
    return digit;
  }

  #quoted(at: number): string {
    const text = Buffer.from(this.#bytes.subarray(at, Math.min(this.#end, at + QUOTED_BYTES))).toString('latin1');
    return `${text.replace(/[^ -~]/g, '?')}${this.#end - at > QUOTED_BYTES ? '…' : ''}`;
  }
}
