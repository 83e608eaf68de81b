// What /internal/etas answers. The OpenAPI document at /docs/json says what each part means.

type Summary = {
  readonly deliveries: number;
  readonly meanMs: number;
  readonly meanAbsMs: number;
  readonly p10Ms: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
};

/** Errors of promises: late is positive. */
export type Group = Summary & {
  readonly name: string;
  readonly onTime: number;
  readonly promisedMs: number;
  readonly uncorrected: Summary | null;
};

export type LegName = 'pickup' | 'drop';

export type LegReport = {
  readonly all: Group;
  readonly corrected: number;
  readonly byHour: readonly Group[];
  readonly byTrip: readonly Group[];
  readonly byPromise: readonly Group[];
  readonly byCategory: readonly Group[];
  readonly byRoad: readonly Group[];
  readonly byDistance: readonly Group[];
  readonly points: readonly (readonly [promisedMs: number, errorMs: number])[];
};

export type Report = Readonly<Record<LegName, LegReport>> & {
  readonly timeZone: string;
  readonly since: string;
  readonly until: string;
  readonly deliveries: number;
  readonly cut: boolean;
  readonly onRoads: number;
};
