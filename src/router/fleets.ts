// The K nearest drivers of each task by road time, for fleets whose drivers move between one question and the next:
// only who has moved, come or gone is searched anew.
//
// A driver keeps a slot of its fleet's index for as long as it is asked about. Slots say nothing about who comes first
// of equally near drivers; the order of the question does, so that the answer depends on the question alone.

import assert from 'node:assert/strict';
import {openRoom} from '../../native-graph/kernels/memory.ts';
import {
  bytesOf,
  overlayPositions,
  POSITION_BYTES,
  type Position,
  type Positions,
  positionsOf,
  putPosition,
} from '../../native-graph/position.ts';
import type {DriverIndexHandle, Nearest} from '../../native-graph/route/nearest.ts';
import type {EpochMemory} from './epochs.ts';

export type NearestRequest = {
  /** Whose drivers they are: the next question of the same fleet finds them indexed. */
  readonly fleet: string;
  /** All drivers who may be found, and where they stand; null is nowhere. */
  readonly driverId: readonly string[];
  readonly driverAt: readonly (Position | null)[];
  /** By task: where it is picked up, and how many drivers are wanted, at least 1. */
  readonly taskAt: readonly (Position | null)[];
  readonly k: Int32Array;
  readonly limitMs: number;
};

/**
 * What searches an index; the worker pool, in production, with whose threads the arrays are shared. A move that has
 * failed writes to its index no more.
 */
export type FleetSearches = {
  move(
    memory: EpochMemory,
    move: {
      readonly index?: DriverIndexHandle;
      readonly room: number;
      readonly driverLimit: number;
      readonly limitMs: number;
      readonly drivers: Int32Array<SharedArrayBuffer>;
      readonly at: SharedArrayBuffer;
    },
  ): Promise<DriverIndexHandle>;
  nearest(
    memory: EpochMemory,
    request: {
      readonly buckets: DriverIndexHandle['buckets'];
      readonly drivers: SharedArrayBuffer;
      readonly driverCount: number;
      readonly tasks: SharedArrayBuffer;
      readonly taskCount: number;
      readonly limitMs: number;
      readonly k: Int32Array<SharedArrayBuffer>;
      readonly tie: Int32Array<SharedArrayBuffer>;
    },
  ): Promise<Nearest>;
};

export type Fleets = {
  /** By task: indices of drivers, nearest first, equally near ones ascending. One question of a fleet at a time. */
  nearest(epoch: number, memory: EpochMemory, request: NearestRequest): Promise<Nearest>;
};

const SMALLEST_FLEET = 64;
const NOWHERE = -1;

/** The indices of a graph's fleets, over all its epochs. */
export function createFleets(searches: FleetSearches): Fleets {
  const fleets = new Map<string, Fleet>();
  return {
    nearest(epoch, memory, request) {
      const known = fleets.get(request.fleet);
      const isLarge = known !== undefined && request.driverId.length <= known.driverLimit / 2;
      const fleet = isLarge ? known : new Fleet(searches, request.driverId.length, known?.rooms);
      fleets.set(request.fleet, fleet);
      return fleet.nearest(epoch, memory, request);
    },
  };
}

class Fleet {
  /** Slots: twice the drivers of the first question, since those who leave give theirs back only once they are out. */
  readonly driverLimit: number;
  /** By memory that a hierarchy lies in: where an index lies there, this fleet's or a smaller one's before it. */
  readonly rooms: Map<number, number>;
  readonly #searches: FleetSearches;
  readonly #slotOf = new Map<string, number>();
  readonly #free: number[] = [];
  readonly #atBytes: SharedArrayBuffer;
  readonly #at: Positions;
  /** By slot: whose it is in the question at hand. */
  readonly #tie: Int32Array<SharedArrayBuffer>;
  /** None where it is unknown what the last move has done. */
  #last: {readonly epoch: number; readonly limitMs: number; readonly index: DriverIndexHandle} | undefined;

  constructor(searches: FleetSearches, driverCount: number, rooms = new Map<number, number>()) {
    this.#searches = searches;
    this.rooms = rooms;
    this.driverLimit = SMALLEST_FLEET;
    while (this.driverLimit < 2 * driverCount) this.driverLimit *= 2;
    this.#atBytes = new SharedArrayBuffer(this.driverLimit * POSITION_BYTES);
    this.#at = overlayPositions(this.#atBytes, 0, this.driverLimit);
    this.#tie = new Int32Array(new SharedArrayBuffer(4 * this.driverLimit));
    for (let slot = this.driverLimit - 1; slot >= 0; slot--) {
      putPosition(this.#at, slot, null);
      this.#free.push(slot);
    }
  }

  async nearest(
    epoch: number,
    memory: EpochMemory,
    {taskAt, k, limitMs, ...request}: NearestRequest,
  ): Promise<Nearest> {
    const last = this.#last?.epoch === epoch && this.#last.limitMs === limitMs ? this.#last.index : undefined;
    const {moved, tie, gone} = this.#arrange(request, last === undefined);
    // After a move that fails the next begins a new index, so these slots are free either way.
    this.#free.push(...gone);
    this.#last = undefined;
    const index = last && moved.length === 0 ? last : await this.#move(memory, last, limitMs, moved);
    this.#last = {epoch, limitMs, index};
    const found = await this.#searches.nearest(memory, {
      buckets: index.buckets,
      drivers: this.#atBytes,
      driverCount: this.driverLimit,
      tasks: bytesOf(positionsOf(taskAt)),
      taskCount: taskAt.length,
      limitMs,
      k: shared(k),
      tie,
    });
    return {...found, driver: found.driver.map((slot) => tie[slot])};
  }

  #move(
    memory: EpochMemory,
    index: DriverIndexHandle | undefined,
    limitMs: number,
    moved: readonly number[],
  ): Promise<DriverIndexHandle> {
    assert(memory.hierarchy, 'drivers are indexed over a hierarchy');
    const {id, memory: bytes} = memory.hierarchy;
    const room = this.rooms.get(id) ?? openRoom(bytes);
    this.rooms.set(id, room);
    return this.#searches.move(memory, {
      ...(index && {index}),
      room,
      driverLimit: this.driverLimit,
      limitMs,
      drivers: shared(moved),
      at: bytesOf(positionsOf(moved.map((slot) => positionAt(this.#at, slot)))),
    });
  }

  /** Puts every driver where the question has it: the slots that differ from the index, those given up among them. */
  #arrange({driverId, driverAt}: Pick<NearestRequest, 'driverId' | 'driverAt'>, isFresh: boolean) {
    const tie = this.#tie.fill(NOWHERE);
    const moved: number[] = [];
    driverId.forEach((id, i) => {
      let slot = this.#slotOf.get(id);
      if (slot === undefined) {
        slot = this.#free.pop()!;
        this.#slotOf.set(id, slot);
      }
      tie[slot] = i;
      if (!isFresh && isSame(this.#at, slot, driverAt[i])) return;
      putPosition(this.#at, slot, driverAt[i]);
      moved.push(slot);
    });
    const gone: number[] = [];
    for (const [id, slot] of this.#slotOf) {
      if (tie[slot] !== NOWHERE) continue;
      this.#slotOf.delete(id);
      gone.push(slot);
      if (positionAt(this.#at, slot) !== null && !isFresh) moved.push(slot);
      putPosition(this.#at, slot, null);
    }
    return {moved, tie, gone};
  }
}

function shared(values: ArrayLike<number>): Int32Array<SharedArrayBuffer> {
  const ints = new Int32Array(new SharedArrayBuffer(4 * values.length));
  ints.set(values);
  return ints;
}

const isSame = (at: Positions, i: number, position: Position | null): boolean =>
  at.forward[i] === (position?.forward ?? -1) &&
  at.backward[i] === (position?.backward ?? -1) &&
  at.fraction[i] === (position?.fraction ?? 0);

function positionAt(at: Positions, i: number): Position | null {
  const [forward, backward] = [at.forward[i], at.backward[i]];
  if (forward < 0 && backward < 0) return null;
  const {fraction, latE7, lonE7, distanceM} = at;
  return {forward, backward, fraction: fraction[i], latE7: latE7[i], lonE7: lonE7[i], distanceM: distanceM[i]};
}
