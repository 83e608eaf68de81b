// Compliance rules as data. A rule is a row: code, sentence, source, validity, and a predicate of a small closed
// language. Each kind of predicate is judged twice, by one entry of src/dispatch/rules.ts before the solve and by one
// branch of judge_proposals (migrations/) inside the commit.

import type {DocumentKind} from './document.ts';
import type {WeeklyHours} from './store.ts';

export type Position = readonly [lon: number, lat: number];

/** GeoJSON, WGS84 degrees; edges are straight on the plane of longitude and latitude, and belong to the area. */
export type Area =
  | {readonly type: 'Polygon'; readonly coordinates: readonly (readonly Position[])[]}
  | {readonly type: 'MultiPolygon'; readonly coordinates: readonly (readonly (readonly Position[])[])[]};

/** Rules without categories are about all. */
type Goods = {readonly categories?: readonly string[]};

type PlainPredicate =
  | {readonly kind: 'opted-in'}
  | {readonly kind: 'min-age'; readonly years: number}
  /** Valid and freshly checked through the task and a possible return. Without maxAgeDays, the region's setting. */
  | {
      readonly kind: 'document';
      readonly document: DocumentKind;
      readonly use?: 'delivery';
      readonly maxAgeDays?: number;
    }
  | {readonly kind: 'age-check'}
  | {readonly kind: 'kill-switch'}
  | {readonly kind: 'store-permit'}
  | {readonly kind: 'store-open-through-return'};

/** What a rule asks for, as it is written. migrations/0029-rules.sql refuses anything else. */
export type RulePredicate =
  | PlainPredicate
  /** Of one driver at a time; a figure that is left out is the region's setting. */
  | {
      readonly kind: 'possession';
      readonly units?: number;
      readonly valueCents?: number;
      readonly oneStoreAtATime?: boolean;
    }
  /** Handed over within these hours only, by the clock where the region is; without an area, everywhere. */
  | (Goods & {readonly kind: 'sale-hours'; readonly hours: WeeklyHours; readonly area?: Area})
  /** Not handed over in this area at all. */
  | (Goods & {readonly kind: 'no-sale-area'; readonly area: Area});

/** Polygons, each its rings, each its closed line of [lonE7, latE7]. */
export type Polygons = [lonE7: number, latE7: number][][][];

/** The predicate as a snapshot holds it: nothing is left to a setting, a time zone or a rounding. */
export type ResolvedPredicate =
  | PlainPredicate
  | {
      readonly kind: 'possession';
      readonly units: number;
      readonly valueCents: number;
      readonly oneStoreAtATime: boolean;
    }
  | (Goods & {
      readonly kind: 'sale-hours';
      /** Epoch milliseconds, [from, until), ascending, for the next SALE_HOURS_KNOWN_H hours. */
      readonly openMs: readonly (readonly [fromMs: number, untilMs: number])[];
      /** null: everywhere. */
      readonly polygons: Polygons | null;
    })
  | (Goods & {readonly kind: 'no-sale-area'; readonly polygons: Polygons});

export const RULE_SCOPES = ['driver', 'task', 'store', 'pair'] as const;
/** What a rule is about; it follows from the kind of its predicate. */
export type RuleScope = (typeof RULE_SCOPES)[number];

/** A rule in force, in a snapshot. */
export type RuleInForce = {
  readonly code: string;
  /** What is wrong where it is broken, for a person. */
  readonly sentence: string;
  readonly source: string;
  readonly scope: RuleScope;
  readonly sinceMs: number;
  readonly predicate: ResolvedPredicate;
};

/** A version of a rule, as it is kept. */
export type RuleVersion = Omit<RuleInForce, 'sinceMs' | 'predicate'> & {
  readonly validFromMs: number;
  /** null: no end is set. */
  readonly validUntilMs: number | null;
  readonly predicate: RulePredicate;
  readonly putBy: string;
  readonly endedBy: string | null;
};

/** What a caller gives to put one. */
export type NewRule = {
  readonly code: string;
  readonly sentence: string;
  readonly source: string;
  readonly predicate: RulePredicate;
  /** null: at once. */
  readonly validFromMs: number | null;
};

/** Rules of a region that stand or are planned: with the checks that are no rules, they fill the mask of 64 bits. */
export const RULES_LIMIT = 58;
/** Points of one rule's area, all rings together. */
export const AREA_POINTS_LIMIT = 1_000;
/** Bytes of one predicate. */
export const PREDICATE_LIMIT_BYTES = 65_536;
/** So long ahead sale hours are told; a hand-over later than that is not known to be within them. */
export const SALE_HOURS_KNOWN_H = 192;

/** Codes of the rules that every region starts with. */
export const STARTING_RULE_CODES = [
  'CATEGORY_KILLED',
  'DRIVER_BACKGROUND_CHECK',
  'DRIVER_IDENTITY',
  'DRIVER_INSURANCE',
  'DRIVER_LICENCE',
  'DRIVER_NOT_OPTED_IN',
  'DRIVER_REGISTRATION',
  'DRIVER_UNDER_21',
  'STORE_CLOSED',
  'STORE_PERMIT',
  'TASK_AGE_CHECK',
  'TASK_OVER_CARRY_LIMIT',
] as const;
