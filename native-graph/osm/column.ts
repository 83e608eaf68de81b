// A typed array that grows by doubling, for collecting a number of values that is known only at the end.

type Values = Float64Array | Float32Array | Uint32Array | Int32Array | Uint8Array;
type Maker<A> = new (length: number) => A;

export class Column<A extends Values> {
  /** May be set back, to forget what was pushed last. */
  length = 0;
  #values: A;
  readonly #type: Maker<A>;

  constructor(type: Maker<A>, capacity = 1024) {
    this.#type = type;
    this.#values = new type(capacity);
  }

  push(value: number): void {
    if (this.length === this.#values.length) {
      const grown = new this.#type(2 * this.length);
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
