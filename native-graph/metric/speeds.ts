// Live speeds by pair of neighbouring nodes, as columns, and a table that finds the row of a pair.

import {Column} from '../osm/column.ts';

/** Columns by row. */
export type Speeds = {
  readonly count: number;
  /** Node ids, whole, in the direction of driving. */
  readonly from: Float64Array;
  readonly to: Float64Array;
  /** 0: closed. */
  readonly kmh: Float64Array;
};

/** Collects rows. */
export class SpeedColumns {
  readonly #from = new Column(Float64Array);
  readonly #to = new Column(Float64Array);
  readonly #kmh = new Column(Float64Array);

  push(from: number, to: number, kmh: number): void {
    this.#from.push(from);
    this.#to.push(to);
    this.#kmh.push(kmh);
  }

  get length(): number {
    return this.#kmh.length;
  }

  /** Views; nothing may be pushed afterwards. */
  view(): Speeds {
    return {count: this.length, from: this.#from.view(), to: this.#to.view(), kmh: this.#kmh.view()};
  }
}

/** The last row of each pair. Open addressing, at most half full; a slot holds row + 1, and 0 is free. */
export type SpeedTable = {
  readonly speeds: Speeds;
  readonly slots: Int32Array;
  /** By row: 1 where a later row has the same pair. */
  readonly superseded: Uint8Array;
};

/** O(n) for n rows. */
export function tableOf(speeds: Speeds): SpeedTable {
  const {count, from, to} = speeds;
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(2, 2 * count))));
  const superseded = new Uint8Array(count);
  const table = {speeds, slots, superseded};
  for (let row = 0; row < count; row++) {
    const slot = slotOf(table, from[row], to[row]);
    if (slots[slot] !== 0) superseded[slots[slot] - 1] = 1;
    slots[slot] = row + 1;
  }
  return table;
}

/** The last row of this pair, or -1. */
export const rowOf = (table: SpeedTable, from: number, to: number): number => table.slots[slotOf(table, from, to)] - 1;

/** Where the pair stands, or the free slot where it would. */
function slotOf({speeds, slots}: SpeedTable, from: number, to: number): number {
  const mask = slots.length - 1;
  for (let slot = mix(from, to) & mask; ; slot = (slot + 1) & mask) {
    const row = slots[slot] - 1;
    if (row < 0 || (speeds.from[row] === from && speeds.to[row] === to)) return slot;
  }
}

/** Ids lie close together, so every bit of both has to count. `| 0` is modulo 2^32, exact for whole numbers. */
function mix(from: number, to: number): number {
  let h = Math.imul(from | 0, 0x85eb_ca6b) ^ Math.imul((to | 0) + 0x9e37_79b9, 0xc2b2_ae35);
  h ^= Math.imul((from / 2 ** 32) | 0, 0x27d4_eb2f) ^ Math.imul((to / 2 ** 32) | 0, 0x1656_67b1);
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
  return h ^ (h >>> 13);
}
