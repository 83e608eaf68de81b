// A typed array that grows by doubling, for collecting a number of values that is known only at the end.

import {InputFailure} from '../failure.ts';

type Values = Float64Array | Float32Array | Uint32Array | Int32Array | Uint8Array;
type Maker<A> = new (length: number) => A;

/** Values of one column: offsets into it fit a Uint32Array, and doubling never asks for more than V8 allows. */
const COLUMN_LIMIT = 2 ** 31;

export class Column<A extends Values> {
  /** May be set back, to forget what was pushed last. */
  length = 0;
  #values: A;
  readonly #type: Maker<A>;
  readonly #limit: number;

  constructor(type: Maker<A>, capacity = 1024, limit = COLUMN_LIMIT) {
    this.#type = type;
    this.#limit = limit;
    this.#values = new type(capacity);
  }

  /** Throws InputFailure `MAP_TOO_LARGE` beyond COLUMN_LIMIT. */
  push(value: number): void {
    if (this.length === this.#values.length) {
      if (this.length >= this.#limit) {
        throw new InputFailure('MAP_TOO_LARGE', `the map has more than ${this.#limit} road nodes; take an extract`);
      }
      const grown = new this.#type(Math.min(2 * this.length, this.#limit));
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.length++] = value;
  }

  at(index: number): number {
    return this.#values[index];
  }

  /** A view of what was pushed; the column must not grow afterwards. */
  view(): A {
    return this.#values.subarray(0, this.length) as A;
  }

  /** A copy of exactly the length pushed. */
  copy(): A {
    return this.#values.slice(0, this.length) as A;
  }
}
