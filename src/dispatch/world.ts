// What a tick needs of the world, as plain calls. In production Postgres, the router and the worker pool answer them;
// in replay the record does, and the same answers give the same decision, bit for bit.

import type {Committed, Proposal} from '../domain/offer.ts';
import type {Snapshot} from '../domain/snapshot.ts';
import type {TickRecord} from '../domain/tick-record.ts';
import type {Problem, Solution} from '../flow/problem.ts';
import type {Seed} from '../flow/seed.ts';

/** Points as two arrays of the same length: WGS84 degrees times 1e7. */
export type Points = {readonly latE7: readonly number[]; readonly lonE7: readonly number[]};

/** Which road times are wanted: pair i goes from origins[from[i]] to destinations[to[i]]. */
export type Legs = {
  readonly origins: Points;
  readonly destinations: Points;
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Routes longer than this count as unreachable. */
  readonly limitMs: number;
};

/** Whose nearest drivers by road are wanted: those of each entry of `store`, out of the drivers in `driver`. */
export type NearestDrivers = {
  readonly drivers: Points & {readonly id: readonly string[]};
  /** Indices of drivers, ascending. */
  readonly driver: Int32Array;
  readonly stores: Points;
  readonly store: Int32Array;
  /** By entry of `store`: how many, at most. */
  readonly wanted: Int32Array;
  readonly limitMs: number;
};

/** By entry of `store`, the entries first[i] .. first[i + 1] - 1: drivers, nearest first, ties by driver. */
export type NearestFound = {readonly first: Int32Array; readonly driver: Int32Array; readonly pickupMs: Int32Array};

/** What deciding needs: nothing that changes the world. */
export type DecidingWorld = {
  /** The region as it stands, read in one statement; the instant in it is the tick's. */
  readonly readSnapshot: () => Promise<Snapshot>;
  /** By pair of `legs`: exact road time in ms, UNREACHABLE_MS where no route is within the limit. */
  readonly timeLegs: (legs: Legs) => Promise<Int32Array>;
  /** Exact; undefined where no hierarchy can answer, and candidates are chosen by H3 disks instead. */
  readonly nearestDrivers?: ((wanted: NearestDrivers) => Promise<NearestFound>) | undefined;
  readonly solve: (problem: Problem, budget: number, seed?: Seed) => Promise<Solution>;
  /** For stage durations only; no decision depends on it. */
  readonly monotonicMs: () => number;
};

export type World = DecidingWorld & {
  /** Commits the whole batch in one round trip. */
  readonly openOffers: (tickId: string, proposals: readonly Proposal[]) => Promise<Committed>;
  readonly saveRecord: (record: TickRecord) => Promise<{readonly kind: 'saved' | 'fenced'}>;
  readonly graphEpoch: number;
  readonly codeVersion: string;
  readonly fence: number;
};
