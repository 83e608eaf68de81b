// A region is a market (a metro): its settings, and the weights of its objective. Both are rows in the database.

/** Weights of the objective (docs/COSTS.md). Dimensionless; a cost is their sum over milliseconds. */
export type Weights = {
  readonly version: number;
  readonly wAge: number;
  readonly wDrive: number;
  readonly wWait: number;
  readonly wLate: number;
  readonly wFair: number;
  readonly wDec: number;
  readonly wRet: number;
};

export const STARTING_WEIGHTS: Weights = {
  version: 1,
  wAge: 2,
  wDrive: 0,
  wWait: 0.2,
  wLate: 3,
  wFair: 0.1,
  wDec: 1,
  wRet: 1,
};

/** What ops can set per region, with its limits in `SETTING_LIMITS`. */
export type RegionSettings = {
  /** Seconds an offer stays open. */
  readonly offerTtlS: number;
  /** The most drivers kept as candidate pairs of one task. */
  readonly candidatesPerTask: number;
  /** A driver further than this from the pickup is not a candidate. */
  readonly pickupLimitS: number;
  /** A driver whose position is older than this is not asked. */
  readonly positionMaxAgeS: number;
  /** A driver who rejected or let pass an offer of a task is not asked for that task again within this. */
  readonly declineCoolDownS: number;
  /** A task whose offers failed this often FAILS. */
  readonly attemptsLimit: number;
  /** Documents checked longer ago than this no longer count. */
  readonly documentCheckMaxAgeS: number;
  /** Possession caps of one driver. */
  readonly carryLimitUnits: number;
  readonly carryLimitCents: number;
  /** H3 resolution of candidate rings. */
  readonly h3Resolution: number;
  /** Work units (arcs scanned) the solver may spend on one tick. */
  readonly solveBudget: number;
  /** Tasks that ended longer ago may be purged, with all that was recorded of them. */
  readonly retentionDays: number;
  /** What drivers earn in an ordinary minute here, in cents: the reference of the acceptance model. */
  readonly usualPayCentsPerMin: number;
  /** 1: promises, and the costs that follow from them, go by what was learned of earlier ones. */
  readonly etaCorrection: number;
};

export const STARTING_SETTINGS: RegionSettings = {
  offerTtlS: 60,
  candidatesPerTask: 16,
  pickupLimitS: 1_800,
  positionMaxAgeS: 300,
  declineCoolDownS: 900,
  attemptsLimit: 20,
  documentCheckMaxAgeS: 365 * 86_400,
  carryLimitUnits: 40,
  carryLimitCents: 100_000,
  h3Resolution: 8,
  solveBudget: 2_000_000_000,
  retentionDays: 1_826,
  usualPayCentsPerMin: 40,
  etaCorrection: 0,
};

/** Inclusive bounds of each setting; 60 s is the floor of an offer's time by product rule. */
export const SETTING_LIMITS: Readonly<Record<keyof RegionSettings, readonly [number, number]>> = {
  offerTtlS: [60, 900],
  candidatesPerTask: [1, 64],
  pickupLimitS: [60, 7_200],
  positionMaxAgeS: [10, 3_600],
  declineCoolDownS: [0, 86_400],
  attemptsLimit: [1, 1_000],
  documentCheckMaxAgeS: [3_600, 5 * 365 * 86_400],
  carryLimitUnits: [1, 1_000],
  carryLimitCents: [1, 100_000_000],
  h3Resolution: [6, 10],
  solveBudget: [1_000, 1e12],
  retentionDays: [30, 36_500],
  usualPayCentsPerMin: [1, 10_000],
  etaCorrection: [0, 1],
};
