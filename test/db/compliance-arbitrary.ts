// Markets at the edge of what the rules allow, and what may happen to them: instants fall before, on and after the
// ones that rules ask about, drops lie in, on the edge of and outside areas.

import fc from 'fast-check';
import {DOCUMENT_KINDS, DOCUMENT_USES} from '../../src/domain/document.ts';
import type {DriverDocument, DriverProfile} from '../../src/domain/driver.ts';
import type {RegionSettings} from '../../src/domain/region.ts';
import {type Area, type Position, type RulePredicate, STARTING_RULE_CODES} from '../../src/domain/rule.ts';
import type {WeeklyHours} from '../../src/domain/store.ts';
import type {StoreChange} from './market.ts';
import {DAY_MS, HOUR_MS, MINUTE_MS, NOW_MS} from './market.ts';

const PAIRS = 4;
const CATEGORIES = ['vape', 'hemp'];
const DROP_MS = NOW_MS + 40 * MINUTE_MS;
const FAR_MS = NOW_MS + 300 * DAY_MS;
const BACK_MS = NOW_MS + 70 * MINUTE_MS;

/** So many times as it should be, then once otherwise. */
const mostly = <T>(right: T, wrong: fc.Arbitrary<T>, weight: number): fc.Arbitrary<T> =>
  fc.oneof({weight, arbitrary: fc.constant(right)}, {weight: 1, arbitrary: wrong});

/** Around the instants that rules ask about. */
const edge = fc
  .tuple(fc.constantFrom(NOW_MS, DROP_MS, BACK_MS, NOW_MS + 3 * HOUR_MS), fc.integer({min: -1, max: 1}))
  .map(([ms, off]) => ms + off);
/** Figures that overlap in a driver's hands. */
const goods = fc.record({
  category: fc.constantFrom(...CATEGORIES),
  units: fc.constantFrom(1, 2, 20, 38, 39, 40, 41),
  valueCents: fc.constantFrom(100, 50_000, 99_900, 100_000, 100_001),
});

const document = fc.record({
  kind: fc.constantFrom(...DOCUMENT_KINDS),
  use: fc.constantFrom(...DOCUMENT_USES),
  validFromMs: fc.constantFrom(NOW_MS - DAY_MS, NOW_MS - 2 * DAY_MS, NOW_MS, NOW_MS + 1),
  validUntilMs: edge.map((ms) => Math.max(ms, NOW_MS + 2)),
  checkedAtMs: fc.oneof(
    fc.constant(NOW_MS - DAY_MS),
    edge.map((ms) => ms - 365 * DAY_MS),
    edge.map((ms) => ms - 30 * DAY_MS),
  ),
  revoked: fc.boolean(),
}) satisfies fc.Arbitrary<Omit<DriverDocument, 'driverId'>>;

const profile: fc.Arbitrary<Partial<DriverProfile>> = fc.record({
  optedIn: fc.boolean(),
  // The day of NOW_MS in Chicago and its neighbours, 21 and 25 years ago.
  bornOn: fc.constantFrom('2005-05-31', '2005-06-01', '2005-06-02', '2001-06-01', '2001-06-02'),
});

/** Windows of whole five minutes around NOW_MS: 13:00 on a Monday in Chicago, 14:00 in New York. */
const window = fc
  .tuple(fc.constantFrom(0, 780, 785, 820, 825, 850), fc.constantFrom(5, 35, 40, 65, 70, 1_500))
  .map(([open, minutes]): [number, number] => [open, Math.min(2_880, open + minutes)]);
const hours: fc.Arbitrary<WeeklyHours> = fc
  .array(window, {maxLength: 2})
  .map((today) => Array.from({length: 7}, () => today));

export const EVERYWHERE: Area = {
  type: 'Polygon',
  coordinates: [
    [
      [-180, -90],
      [180, -90],
      [180, 90],
      [-180, 90],
      [-180, -90],
    ],
  ],
};

/** A grid of a thousandth of a degree: drops and corners meet. */
const grid = fc.integer({min: 0, max: 4});
const at = (x: number, y: number): Position => [-97.8 + x / 1_000, 30.3 + y / 1_000];
const ring = fc.array(fc.tuple(grid, grid), {minLength: 3, maxLength: 6}).map((corners) => {
  const points = corners.map(([x, y]) => at(x, y));
  return [...points, points[0]];
});
const rings = fc.array(ring, {minLength: 1, maxLength: 2});
const area: fc.Arbitrary<Area> = fc.oneof(
  rings.map((coordinates): Area => ({type: 'Polygon', coordinates})),
  fc.array(rings, {minLength: 1, maxLength: 2}).map((coordinates): Area => ({type: 'MultiPolygon', coordinates})),
);
const drop = fc.tuple(grid, grid).map(([x, y]) => {
  const [lon, lat] = at(x, y);
  return {dropLonE7: Math.round(lon * 1e7), dropLatE7: Math.round(lat * 1e7)};
});

const some = {categories: fc.subarray(CATEGORIES, {minLength: 1})};
export const predicate: fc.Arbitrary<RulePredicate> = fc.oneof(
  fc.record({kind: fc.constant('min-age' as const), years: fc.constantFrom(18, 21, 25)}),
  fc.record(
    {
      kind: fc.constant('document' as const),
      document: fc.constantFrom(...DOCUMENT_KINDS),
      use: fc.constant('delivery' as const),
      maxAgeDays: fc.constantFrom(1, 30, 365),
    },
    {requiredKeys: ['kind', 'document']},
  ),
  fc.record(
    {
      kind: fc.constant('possession' as const),
      units: fc.constantFrom(2, 40, 41),
      valueCents: fc.constantFrom(50_100, 100_000),
      oneStoreAtATime: fc.boolean(),
    },
    {requiredKeys: ['kind']},
  ),
  fc.record({kind: fc.constant('sale-hours' as const), hours, ...some, area}, {requiredKeys: ['kind', 'hours']}),
  fc.record({kind: fc.constant('no-sale-area' as const), area, ...some}, {requiredKeys: ['kind', 'area']}),
  fc.constantFrom<RulePredicate>(
    {kind: 'opted-in'},
    {kind: 'age-check'},
    {kind: 'kill-switch'},
    {kind: 'store-permit'},
    {kind: 'store-open-through-return'},
  ),
);

const ageCheckUntilMs = fc.oneof(edge, fc.constant(null));
const store: fc.Arbitrary<StoreChange> = fc.record({
  hours: fc.oneof(hours, fc.constant(null)),
  permitUntilMs: fc.oneof(edge, fc.constant(null)),
});
const which = fc.nat(PAIRS - 1);
const SMALL = {category: 'vape', units: 1, valueCents: 100};

/**
 * Pairs that want to be offered. Of every so many figures one is other than it should be, and so many rules at most
 * stand besides those that every region starts with.
 */
export const given = (right: number, extraRules: number) =>
  fc.record({
    drivers: fc.array(
      fc.record({
        profile: mostly({}, profile, right),
        documents: mostly([], fc.array(document, {minLength: 1, maxLength: 3}), right),
      }),
      {minLength: PAIRS, maxLength: PAIRS},
    ),
    tasks: fc.array(
      fc
        .tuple(mostly(SMALL, goods, right), fc.nat(1), drop, mostly<number | null>(FAR_MS, ageCheckUntilMs, right))
        .map(([of, storeOf, where, until]) => ({
          ...of,
          ...where,
          store: storeOf,
          ageCheckUntilMs: until,
          dropAtMs: DROP_MS,
          neededUntilMs: BACK_MS,
        })),
      {minLength: PAIRS, maxLength: PAIRS},
    ),
    /** In whose hands there are goods already. */
    held: mostly(
      [],
      fc.array(fc.record({driver: which, units: fc.constantFrom(1, 2, 38), store: fc.nat(1)}), {maxLength: 2}),
      1,
    ),
    killed: mostly<string | null>(null, fc.constantFrom(...CATEGORIES, '*'), right),
    rules: fc.array(predicate, {maxLength: extraRules}),
    stores: fc.array(mostly<StoreChange>({hours: null, permitUntilMs: FAR_MS}, store, right), {
      minLength: 2,
      maxLength: 2,
    }),
  });
export type Given = ReturnType<typeof given> extends fc.Arbitrary<infer G> ? G : never;

export const happening = fc.oneof(
  fc.record({
    kind: fc.constant('clock' as const),
    ms: fc.constantFrom(1, 1_000, 40 * MINUTE_MS, 40 * MINUTE_MS + 1, HOUR_MS),
  }),
  fc.record({kind: fc.constant('document' as const), driver: which, document}),
  fc.record({kind: fc.constant('profile' as const), driver: which, profile}),
  fc.record({kind: fc.constant('store' as const), store: fc.nat(1), change: store}),
  fc.record({kind: fc.constant('switch' as const), category: fc.constantFrom(...CATEGORIES, '*')}),
  fc.record({kind: fc.constant('rule' as const), n: fc.nat(3), predicate}),
  fc.record({kind: fc.constant('end' as const), n: fc.nat(STARTING_RULE_CODES.length - 1)}),
  fc.record({kind: fc.constant('age-check' as const), task: which, untilMs: edge}),
  fc.record({
    kind: fc.constant('accepts' as const),
    driver: which,
    goods: fc.record({units: fc.constantFrom(1, 38, 40), valueCents: fc.constantFrom(100, 50_100)}),
  }),
  fc.record({
    kind: fc.constant('region' as const),
    change: fc.record({timeZone: fc.constantFrom('America/Chicago', 'America/New_York', 'America/Denver')}),
    settings: fc.constantFrom<Partial<RegionSettings>>(
      {},
      {carryLimitUnits: 20},
      {carryLimitCents: 60_000},
      {documentCheckMaxAgeS: 43_200},
    ),
  }),
);
export type Happening = typeof happening extends fc.Arbitrary<infer H> ? H : never;
