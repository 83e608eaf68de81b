// Where the drivers of one region were last heard of, in columns that threads may share: a driver is a slot. The newest
// by `recordedAtMs` wins, whatever the order of arrival. What is not yet in the database is marked, driver by driver,
// so that however many positions come the backlog is at most the drivers held.
//
// A driver nobody vouches for, neither a snapshot nor the database, keeps its slot until the next write is answered.

import assert from 'node:assert/strict';
import type {DriverPosition} from '../domain/driver.ts';

/** Drivers of one region whose positions are held. Of more, positions are refused until slots are free. */
const DRIVERS_HELD_LIMIT = 262_144;
/** A driver off shift who was silent for so long, in dispatch time, gives the slot back. */
const SILENT_MS = 3_600_000;
const SMALLEST_ROOM = 1_024;

/** By slot. Whoever keeps these arrays keeps an old copy once the store has grown. */
export type PositionColumns = {
  readonly latE7: Int32Array<SharedArrayBuffer>;
  readonly lonE7: Int32Array<SharedArrayBuffer>;
  /** Epoch milliseconds in dispatch time; NEVER before the first. A double holds them exactly. */
  readonly recordedAtMs: Float64Array<SharedArrayBuffer>;
  /** Number of the last roll call that named the driver as on shift; 0: none did. */
  readonly calledIn: Int32Array<SharedArrayBuffer>;
  /** KNOWN and UNWRITTEN. */
  readonly flags: Uint8Array<SharedArrayBuffer>;
};

const NEVER = Number.NEGATIVE_INFINITY;
/** The database or a snapshot has the driver. */
const KNOWN = 1;
/** The database has not been told of the position. */
const UNWRITTEN = 2;

/** `full`: no slot is left for a driver who has none. */
export type Heard = 'newer' | 'older' | 'full';

/** What one write takes along: `slot[i]` is the slot of `position[i]`. */
export type Unwritten = {readonly slot: readonly number[]; readonly position: readonly DriverPosition[]};

/** Drivers on shift as a snapshot has them; latE7 means nothing where recordedAtMs is 0. */
export type RollCall = {
  readonly id: readonly string[];
  readonly latE7: readonly number[];
  readonly lonE7: readonly number[];
  readonly recordedAtMs: readonly number[];
};

export class PositionStore {
  columns: PositionColumns;
  /** The last roll call. */
  callNumber = 0;
  /** Grows by one whenever a position, or who is on shift, may have changed. */
  version = 0;
  readonly #limit: number;
  readonly #slotOf = new Map<string, number>();
  /** By slot. */
  readonly #idOf: string[] = [];
  readonly #free: number[] = [];
  /** Slots that became UNWRITTEN, oldest first; one that lost the mark meanwhile is passed over. */
  #unwritten: number[] = [];

  constructor(limit = DRIVERS_HELD_LIMIT) {
    this.#limit = limit;
    this.columns = columnsOf(Math.min(limit, SMALLEST_ROOM));
  }

  /** Drivers held. */
  get size(): number {
    return this.#slotOf.size;
  }

  /** Positions that the database has not been told of, at most one a driver. */
  get unwrittenCount(): number {
    return this.#unwritten.length;
  }

  /** Slots that were ever used, free ones among them. */
  get slotCount(): number {
    return this.#idOf.length;
  }

  /** -1: not held. */
  slotOf(driverId: string): number {
    return this.#slotOf.get(driverId) ?? -1;
  }

  idOf(slot: number): string {
    return this.#idOf[slot];
  }

  /** By the last roll call. */
  isOnShift(slot: number): boolean {
    return this.callNumber > 0 && this.columns.calledIn[slot] === this.callNumber;
  }

  isKnown(driverId: string): boolean {
    const slot = this.slotOf(driverId);
    return slot >= 0 && (this.columns.flags[slot] & KNOWN) !== 0;
  }

  /** Takes a position; one from the future counts as of now, or it would outlast the true ones that follow. */
  hear({driverId, latE7, lonE7, recordedAtMs}: DriverPosition, nowMs: number): Heard {
    const slot = this.#slotFor(driverId);
    if (slot < 0) return 'full';
    const atMs = Math.min(recordedAtMs, nowMs);
    const {columns} = this;
    if (atMs <= columns.recordedAtMs[slot]) return 'older';
    this.#put(slot, latE7, lonE7, atMs);
    if ((columns.flags[slot] & UNWRITTEN) === 0) {
      columns.flags[slot] |= UNWRITTEN;
      this.#unwritten.push(slot);
    }
    return 'newer';
  }

  /** The drivers on shift, with the positions that the database has: who is not named is not on shift. */
  callRoll({id, latE7, lonE7, recordedAtMs}: RollCall): void {
    this.callNumber++;
    this.version++;
    for (let i = 0; i < id.length; i++) {
      const slot = this.#slotFor(id[i]);
      if (slot < 0) continue;
      const {columns} = this;
      columns.flags[slot] |= KNOWN;
      columns.calledIn[slot] = this.callNumber;
      if (recordedAtMs[i] !== 0 && recordedAtMs[i] > columns.recordedAtMs[slot]) {
        // The mark stays where there is one: the write that follows changes nothing.
        this.#put(slot, latE7[i], lonE7[i], recordedAtMs[i]);
      }
    }
  }

  /** Up to `limit` positions for the database. They count as written unless `putBack` says otherwise. */
  takeUnwritten(limit: number): Unwritten {
    const slot: number[] = [];
    const position: DriverPosition[] = [];
    const {latE7, lonE7, recordedAtMs, flags} = this.columns;
    const taken = this.#unwritten.slice(0, limit);
    this.#unwritten = this.#unwritten.slice(taken.length);
    for (const s of taken) {
      if ((flags[s] & UNWRITTEN) === 0) continue;
      flags[s] &= ~UNWRITTEN;
      slot.push(s);
      position.push({driverId: this.#idOf[s], latE7: latE7[s], lonE7: lonE7[s], recordedAtMs: recordedAtMs[s]});
    }
    return {slot, position};
  }

  /** A write failed: all of it is to be written again, by then with whatever is newest. */
  putBack({slot}: Unwritten): void {
    for (const s of slot) {
      if (this.columns.flags[s] & UNWRITTEN) continue;
      this.columns.flags[s] |= UNWRITTEN;
      this.#unwritten.push(s);
    }
  }

  /** The database has these drivers. */
  confirm(driverIds: Iterable<string>): void {
    for (const id of driverIds) {
      const slot = this.slotOf(id);
      if (slot >= 0) this.columns.flags[slot] |= KNOWN;
    }
  }

  /** The database did not have this driver. Whoever was heard again since is asked about again. */
  dropUnknown(driverId: string): void {
    const slot = this.slotOf(driverId);
    if (slot >= 0 && this.columns.flags[slot] === 0) this.#drop(driverId, slot);
  }

  /** Drops the drivers off shift who were silent for long. Not while a write is under way: it names slots. */
  dropSilent(nowMs: number): void {
    const {recordedAtMs, flags} = this.columns;
    for (const [id, slot] of this.#slotOf) {
      if (this.isOnShift(slot) || flags[slot] & UNWRITTEN || nowMs - recordedAtMs[slot] <= SILENT_MS) continue;
      this.#drop(id, slot);
    }
  }

  #drop(driverId: string, slot: number): void {
    const {columns} = this;
    this.#slotOf.delete(driverId);
    this.#idOf[slot] = '';
    columns.recordedAtMs[slot] = NEVER;
    columns.calledIn[slot] = 0;
    columns.flags[slot] = 0;
    this.#free.push(slot);
    this.version++;
  }

  #put(slot: number, latE7: number, lonE7: number, recordedAtMs: number): void {
    const {columns} = this;
    columns.latE7[slot] = latE7;
    columns.lonE7[slot] = lonE7;
    columns.recordedAtMs[slot] = recordedAtMs;
    this.version++;
  }

  /** -1 when there is no room. */
  #slotFor(driverId: string): number {
    const held = this.#slotOf.get(driverId);
    if (held !== undefined) return held;
    const slot = this.#free.pop() ?? this.#idOf.length;
    if (slot >= this.#limit) return -1;
    if (slot >= this.columns.flags.length) this.#grow();
    assert(slot < this.columns.flags.length, `slot ${slot} has no room`);
    this.#slotOf.set(driverId, slot);
    this.#idOf[slot] = driverId;
    return slot;
  }

  #grow(): void {
    const {columns} = this;
    const grown = columnsOf(Math.min(this.#limit, 2 * columns.flags.length));
    grown.latE7.set(columns.latE7);
    grown.lonE7.set(columns.lonE7);
    grown.recordedAtMs.set(columns.recordedAtMs);
    grown.calledIn.set(columns.calledIn);
    grown.flags.set(columns.flags);
    this.columns = grown;
  }
}

function columnsOf(count: number): PositionColumns {
  const shared = (bytes: number) => new SharedArrayBuffer(bytes * count);
  return {
    latE7: new Int32Array(shared(4)),
    lonE7: new Int32Array(shared(4)),
    recordedAtMs: new Float64Array(shared(8)).fill(NEVER),
    calledIn: new Int32Array(shared(4)),
    flags: new Uint8Array(shared(1)),
  };
}
