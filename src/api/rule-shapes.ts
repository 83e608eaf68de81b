// Rules, their predicates and kill switches as they cross the wire. What a schema cannot state (a ring that is not
// closed, hours that end before they begin) the database refuses: PREDICATE_INVALID.

import {type Static, Type} from 'typebox';
import {DOCUMENT_KINDS} from '../domain/document.ts';
import type {KillSwitch} from '../domain/kill-switch.ts';
import {AREA_POINTS_LIMIT, RULE_SCOPES, type RulePredicate, type RuleVersion} from '../domain/rule.ts';
import {weeklyHours} from './stores.ts';
import * as wire from './wire.ts';

const position = Type.Tuple([wire.lon, wire.lat]);
const ring = Type.Array(position, {
  minItems: 4,
  maxItems: AREA_POINTS_LIMIT,
  description: 'Closed: its end is its start.',
});
const polygon = Type.Array(ring, {minItems: 1, maxItems: AREA_POINTS_LIMIT});
export const area = Type.Union(
  [
    wire.record({type: Type.Literal('Polygon'), coordinates: polygon}),
    wire.record({
      type: Type.Literal('MultiPolygon'),
      coordinates: Type.Array(polygon, {minItems: 1, maxItems: AREA_POINTS_LIMIT}),
    }),
  ],
  {description: `GeoJSON of at most ${AREA_POINTS_LIMIT} points; edges belong to it.`},
);

export const category = Type.String({
  pattern: '^[a-z0-9][a-z0-9_-]{0,63}$',
  maxLength: 64,
  title: 'a category such as vape',
});
const goods = {
  categories: Type.Optional(
    Type.Array(category, {minItems: 1, maxItems: 50, description: 'Left out: of every category.'}),
  ),
};

const kind = <K extends RulePredicate['kind']>(name: K) => ({kind: Type.Literal(name)});
export const predicate = wire.named(
  'RulePredicate',
  Type.Union(
    [
      wire.record(kind('opted-in')),
      wire.record({...kind('min-age'), years: Type.Integer({minimum: 18, maximum: 99})}),
      wire.record({
        ...kind('document'),
        document: Type.Enum([...DOCUMENT_KINDS]),
        use: Type.Optional(Type.Literal('delivery')),
        maxAgeDays: Type.Optional(
          Type.Integer({minimum: 1, maximum: 3_650, description: "Left out: the region's documentCheckMaxAgeS."}),
        ),
      }),
      wire.record(kind('age-check')),
      wire.record(kind('kill-switch')),
      wire.record(kind('store-permit')),
      wire.record(kind('store-open-through-return')),
      wire.record({
        ...kind('possession'),
        units: Type.Optional(
          Type.Integer({minimum: 1, maximum: 1_000, description: "Left out: the region's carryLimitUnits."}),
        ),
        valueCents: Type.Optional(
          Type.Integer({minimum: 1, maximum: 100_000_000, description: "Left out: the region's carryLimitCents."}),
        ),
        oneStoreAtATime: Type.Optional(Type.Boolean({default: false})),
      }),
      wire.record({...kind('sale-hours'), ...goods, hours: weeklyHours, area: Type.Optional(area)}),
      wire.record({...kind('no-sale-area'), ...goods, area}),
    ],
    {description: 'docs/COMPLIANCE.md says what each kind asks for.'},
  ),
);

/** What the schema takes is what the domain knows, and the other way round. */
export const predicateFromWire = (given: Static<typeof predicate.shape>): RulePredicate => given;

export const code = Type.String({
  pattern: '^[A-Z0-9_]{1,60}$',
  maxLength: 60,
  title: 'a code: up to 60 capitals, digits and underscores',
  examples: ['QUIET_SUNDAY'],
});

/** Who asks for a change, for the record. */
export const actor = Type.Optional(wire.text(100));
export const ACTOR_DEFAULT = 'operator';

export const ruleIn = wire.record({
  regionId: Type.Optional(wire.regionId),
  sentence: wire.text(300),
  source: wire.text(300),
  predicate: predicate.shape,
  validFrom: Type.Optional(wire.instant),
  actor,
});

const rule = wire.named(
  'Rule',
  Type.Object({
    code: Type.String(),
    sentence: Type.String({description: 'What is wrong where it is broken.'}),
    source: Type.String(),
    scope: Type.Enum([...RULE_SCOPES], {description: 'What it is about; it follows from the kind.'}),
    predicate: Type.Unsafe<RulePredicate>(predicate.ref),
    validFrom: wire.instant,
    validUntil: wire.nullable(wire.instant),
    putBy: Type.String(),
    endedBy: wire.nullable(Type.String()),
  }),
);
export const ruleList = wire.named('RuleList', Type.Object({regionId: wire.regionId, rules: Type.Array(rule.ref)}));

const killSwitch = wire.named(
  'KillSwitch',
  Type.Object({
    category: Type.String({description: "A category, or '*' for the whole region."}),
    since: wire.instant,
    until: Type.Union([wire.instant, Type.Null()], {description: 'null: it stands.'}),
    reason: Type.String(),
    setBy: wire.nullable(Type.String()),
    clearedBy: wire.nullable(Type.String()),
    clearedReason: wire.nullable(Type.String()),
  }),
);
export const killSwitchList = wire.named(
  'KillSwitchList',
  Type.Object({regionId: wire.regionId, killSwitches: Type.Array(killSwitch.ref)}),
);

export const ruleShapes = [predicate.shape, rule.shape, ruleList.shape, killSwitch.shape, killSwitchList.shape];

export const ruleToWire = ({validFromMs, validUntilMs, ...rest}: RuleVersion): Static<typeof rule.shape> => ({
  ...rest,
  validFrom: wire.toIso(validFromMs),
  validUntil: wire.toIsoOrNull(validUntilMs),
});

export const killSwitchToWire = ({sinceMs, untilMs, ...rest}: KillSwitch): Static<typeof killSwitch.shape> => ({
  ...rest,
  since: wire.toIso(sinceMs),
  until: wire.toIsoOrNull(untilMs),
});
