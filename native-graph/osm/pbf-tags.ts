// Tags of a PrimitiveBlock: pairs of indexes into its string table. A text is made when it is first asked for, because
// most tags of a map are of things that are no roads.

import type {Tags} from './elements.ts';

export class StringTable {
  readonly #bytes: Buffer;
  /** By string: the first byte and the byte after the last. */
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #texts: (string | undefined)[] = [];

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  add(start: number, end: number): void {
    this.#starts.push(start);
    this.#ends.push(end);
    this.#texts.push(undefined);
  }

  /** The index itself; throws where the table has no such string. */
  checked(index: number): number {
    if (index < this.#starts.length) return index;
    throw new Error(`there is no string ${index}`);
  }

  text(index: number): string {
    return (this.#texts[index] ??= this.#bytes.toString('utf8', this.#starts[index], this.#ends[index]));
  }
}

/** The tags of the object in hand; filled again for each object. */
export class PbfTags implements Tags {
  readonly #strings: StringTable;
  readonly #keys: number[] = [];
  readonly #values: number[] = [];
  #count = 0;

  constructor(strings: StringTable) {
    this.#strings = strings;
  }

  clear(): void {
    this.#count = 0;
  }

  add(key: number, value: number): void {
    this.#keys[this.#count] = key;
    this.#values[this.#count++] = value;
  }

  forEach(visit: (key: string, value: string) => void): void {
    for (let i = 0; i < this.#count; i++) {
      visit(this.#strings.text(this.#keys[i]), this.#strings.text(this.#values[i]));
    }
  }

  get(key: string): string | undefined {
    for (let i = 0; i < this.#count; i++) {
      if (this.#strings.text(this.#keys[i]) === key) return this.#strings.text(this.#values[i]);
    }
    return undefined;
  }
}
