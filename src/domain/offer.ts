// Offers: what a tick proposes, and what the commit made of it.

import type {OfferState} from './state.ts';

/** One pair that the solve chose. Arrays of them go to the database in one call. */
export type Proposal = {
  readonly taskId: string;
  readonly driverId: string;
  /** By then the goods are handed over, both as promised and by the road alone: what is asked of the hand-over. */
  readonly dropAtMs: number;
  /** The driver's documents and the store's permit must hold until then: the hand-over plus a possible return. */
  readonly neededUntilMs: number;
  /** Versioned features for later learning; stored as JSON in offer_logs. */
  readonly features: OfferFeatures;
};

/**
 * Version 2 of the feature payload (docs/dispatch_prd.md explains each). Durations in milliseconds, instants epoch ms.
 * Version 1 had no promise: `pickupAtMs` to `dropCorrectionMs`.
 */
export type OfferFeatures = {
  readonly version: 2;
  /** The promise: when the goods would be picked up, and handed over; what was learned of such trips is in it. */
  readonly pickupAtMs: number;
  readonly dropAtMs: number;
  /** How much of the promise was learned; without, both are 0. */
  readonly pickupCorrectionMs: number;
  readonly dropCorrectionMs: number;
  readonly pickupMs: number;
  readonly dropMs: number;
  readonly returnMs: number;
  readonly acceptance: number;
  readonly costMs: number;
  readonly terms: Readonly<Record<string, number>>;
  /** Rank of this driver among the task's candidates by cost, from 0, and how many there were. */
  readonly rank: number;
  readonly candidates: number;
  /** Cheapest other candidate of the task, or null when there was none. */
  readonly nextBestCostMs: number | null;
  readonly unassignedMs: number;
};

/**
 * Why a proposal did not land: one of these, else the code of the first rule in force that it breaks, as
 * judge_proposals (migrations/) finds them.
 */
export const REFUSALS = [
  /** The batch proposes the task before this. */
  'DUPLICATE_TASK',
  /** Unknown, not waiting any more, offered as often as allowed, or just being changed by somebody else. */
  'TASK_UNAVAILABLE',
  'TASK_LATE',
  /** Unknown, off shift, or with an open offer, also one that landed in the same batch. */
  'DRIVER_UNAVAILABLE',
  /** No room within the driver's capacity. */
  'DRIVER_FULL',
] as const;
export type Refusal = (typeof REFUSALS)[number] | (string & {});

/** An offer as it stands; one of a bundle, of one so far, which is accepted, rejected and expired whole. */
export type Offer = {
  readonly id: string;
  readonly regionId: string;
  readonly taskId: string;
  readonly driverId: string;
  readonly bundleId: string;
  readonly stopSequence: number;
  readonly tickId: string;
  readonly state: OfferState;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly closedAtMs: number | null;
};

export type CommittedOffer = {
  readonly offerId: string;
  readonly taskId: string;
  readonly driverId: string;
  readonly expiresAtMs: number;
};

export type Committed =
  | {
      readonly kind: 'committed';
      /** True when this tick had been committed before and this is its first outcome again. */
      readonly repeated: boolean;
      readonly atMs: number;
      readonly landed: readonly CommittedOffer[];
      readonly refused: readonly {readonly taskId: string; readonly driverId: string; readonly reason: Refusal}[];
    }
  /** The lease passed to another daemon: nothing was decided. */
  | {readonly kind: 'fenced'};

/** What became of what a tick proposed for a task. */
export type ProposalFate = {
  readonly driverId: string;
  /** Exactly one of the two is set. */
  readonly offerId: string | null;
  readonly refusal: Refusal | null;
  /** Of the commit; epoch ms. */
  readonly atMs: number;
  /** The last that had happened to the task by then: what a refused proposal lost to. */
  readonly lastEvent: {readonly kind: string; readonly actor: string; readonly atMs: number} | null;
};
