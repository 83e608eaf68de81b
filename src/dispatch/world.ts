// What a tick needs of the world, as plain calls. In production Postgres, the router and the worker pool answer them;
// in replay the record does, and the same answers give the same decision, bit for bit.

import type {Committed, Proposal} from '../domain/offer.ts';
import type {Snapshot} from '../domain/snapshot.ts';
import type {TickRecord} from '../domain/tick-record.ts';
import type {Problem, Solution} from '../flow/problem.ts';

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

export type World = {
  /** The region as it stands, read in one statement; the instant in it is the tick's. */
  readonly readSnapshot: () => Promise<Snapshot>;
  /** By pair of `legs`: exact road time in ms, UNREACHABLE_MS where no route is within the limit. */
  readonly timeLegs: (legs: Legs) => Promise<Int32Array>;
  readonly solve: (problem: Problem, budget: number) => Promise<Solution>;
  /** Commits the whole batch in one round trip. */
  readonly openOffers: (tickId: string, proposals: readonly Proposal[]) => Promise<Committed>;
  readonly saveRecord: (record: TickRecord) => Promise<{readonly kind: 'saved' | 'fenced'}>;
  /** For stage durations only; no decision depends on it. */
  readonly monotonicMs: () => number;
  readonly graphEpoch: number;
  readonly codeVersion: string;
  readonly fence: number;
};
