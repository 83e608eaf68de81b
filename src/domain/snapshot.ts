// Everything one tick knows of a region: read in one statement, so that it is one instant of one MVCC snapshot.
// Structs of arrays: a driver, task or store is an index; rows stand in ascending order of id (canonical order).
// Plain JSON, so that what is hashed, stored and replayed is the same text.

import type {RegionSettings, Weights} from './region.ts';
import type {RuleInForce} from './rule.ts';

/** Each array has one entry per driver on shift, ascending by id. */
export type SnapshotDrivers = {
  readonly id: string[];
  /** NO_COORDINATE_E7 when the driver never sent a position. */
  readonly latE7: number[];
  readonly lonE7: number[];
  /** Epoch milliseconds; 0 when the driver never sent a position. */
  readonly recordedAtMs: number[];
  readonly capacity: number[];
  readonly openOffers: number[];
  readonly activeTasks: number[];
  /** 1 when the driver agreed to carry age-restricted goods. */
  readonly optedIn: number[];
  /** What the driver has accepted and not yet delivered or returned: units, value, and from which stores (ids). */
  readonly heldUnits: number[];
  readonly heldCents: number[];
  readonly heldStores: string[][];
  /** By rule of kind min-age, then driver: epoch milliseconds of the birthday that it asks for. */
  readonly ofAgeFromMs: number[][];
  /** By rule of kind document, then driver: until when one is valid AND freshly checked, epoch ms; 0 when none is. */
  readonly documentUntilMs: number[][];
  /** Lifetime counts of the acceptance model, and declines (rejections and time-outs) in the last 30 minutes. */
  readonly offers: number[];
  readonly accepted: number[];
  readonly declines30m: number[];
  /** Paid minutes in the last two hours. */
  readonly paidMin2h: number[];
};

/** Each array has one entry per store that has a waiting task, ascending by id. */
export type SnapshotStores = {
  readonly id: string[];
  readonly latE7: number[];
  readonly lonE7: number[];
  /** Epoch milliseconds; 0 when the store has no valid permit. */
  readonly permitUntilMs: number[];
  /** When the store closes next, epoch ms; 0 when it is closed now; null when it never closes. */
  readonly closesAtMs: (number | null)[];
};

/** Each array has one entry per task that may be offered (PENDING or EXPIRED), ascending by id. */
export type SnapshotTasks = {
  readonly id: string[];
  /** Index into the stores. */
  readonly store: number[];
  readonly dropLatE7: number[];
  readonly dropLonE7: number[];
  readonly createdAtMs: number[];
  readonly readyAtMs: number[];
  readonly dueAtMs: number[];
  readonly latestAtMs: number[];
  readonly valueCents: number[];
  readonly units: number[];
  readonly payCents: number[];
  readonly attempts: number[];
  readonly category: string[];
  /** Until when the purchaser's age check holds, epoch ms; 0 when it was never passed. */
  readonly ageCheckUntilMs: number[];
};

/** What was learned of promises (eta-correction.ts), to be added to what the road says. Whole milliseconds. */
export type SnapshotCorrections = {
  /** By store: until the goods are picked up. */
  readonly pickupMs: number[];
  /** By task: quantiles, ascending, until the goods are handed over; the pick-up's own is in them. */
  readonly dropMs: number[][];
};

export type Snapshot = {
  readonly regionId: string;
  /** The instant of the tick in dispatch time, read from Postgres; epoch milliseconds. */
  readonly atMs: number;
  readonly graph: string;
  readonly settings: RegionSettings;
  readonly weights: Weights;
  /** Compliance rules in force, ascending by code. */
  readonly rules: RuleInForce[];
  /** Categories that are switched off now; '*' switches off the region. */
  readonly killed: string[];
  /** The region's median of paid minutes in the last two hours over drivers on shift. */
  readonly medianPaidMin2h: number;
  /** The region's rate of failed hand-overs, smoothed towards 0.05. */
  readonly failedHandoverRate: number;
  readonly drivers: SnapshotDrivers;
  readonly stores: SnapshotStores;
  readonly tasks: SnapshotTasks;
  /** Pairs within the decline cool-down, ascending by (task, driver): indices. */
  readonly declinedTask: number[];
  readonly declinedDriver: number[];
  /** Left out where nothing was learned, or the region does not go by it. */
  readonly corrections?: SnapshotCorrections;
};
