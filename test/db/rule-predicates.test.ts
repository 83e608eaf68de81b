// What may stand in the row of a rule, and which drops lie in its area.

import fc from 'fast-check';
import {Compile} from 'typebox/compile';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {predicate as predicateSchema} from '../../src/api/rule-shapes.ts';
import {bindRules} from '../../src/dispatch/rules.ts';
import {AREA_POINTS_LIMIT, type Area, type Position, PREDICATE_LIMIT_BYTES} from '../../src/domain/rule.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {covers} from '../support/law.ts';
import {market as snapshotOf} from '../support/snapshot.ts';
import {EVERYWHERE, predicate} from './compliance-arbitrary.ts';
import {openMarket, rows} from './market.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());
const predicateShape = Compile(predicateSchema.shape);

describe('what may stand in a row', () => {
  const isKnown = async (given: unknown) =>
    (await rows<{known: boolean}>(database.db, 'select is_rule_predicate($1) as known', [JSON.stringify(given)]))[0]
      .known;

  test('every predicate of the language is taken, and the schema of the API takes the same', async () => {
    const property = fc.asyncProperty(predicate, async (given) => {
      expect([await isKnown(given), predicateShape.Check(given)]).toEqual([true, true]);
    });
    await fc.assert(property, {numRuns: 150});
  });

  const hours = Array.from({length: 7}, () => [[0, 60]]);
  const ring = (EVERYWHERE.coordinates as Position[][])[0];
  const polygon = (...rings: unknown[]) => ({kind: 'no-sale-area', area: {type: 'Polygon', coordinates: rings}});
  const line = (count: number) => [...Array.from({length: count - 1}, (_, i) => [i / 1_000, 0]), [0, 0]];
  const wrong: [unknown, told?: 'by the database alone'][] = [
    [null],
    [7],
    [[]],
    [{}],
    [{kind: null}],
    [{kind: 'full-moon'}],
    [{kind: 'opted-in', years: 21}],
    [{kind: 'min-age'}],
    [{kind: 'min-age', years: 17}],
    [{kind: 'min-age', years: 20.5}],
    [{kind: 'min-age', years: '21'}],
    [{kind: 'document', document: 'passport'}],
    [{kind: 'document', document: ['licence']}],
    [{kind: 'document', document: 'licence', use: 'personal'}],
    [{kind: 'document', document: 'licence', maxAgeDays: 0}],
    [{kind: 'possession', units: 1_001}],
    [{kind: 'possession', oneStoreAtATime: 1}],
    [{kind: 'sale-hours'}],
    [{kind: 'sale-hours', hours: hours.slice(1)}],
    [{kind: 'sale-hours', hours: {...hours}}],
    [{kind: 'sale-hours', hours: [...hours.slice(1), [['0', '60']]]}],
    [{kind: 'sale-hours', hours: [...hours.slice(1), [[60, 60]]]}, 'by the database alone'],
    [{kind: 'sale-hours', hours, categories: []}],
    [{kind: 'sale-hours', hours, categories: ['*']}],
    [{kind: 'sale-hours', hours, categories: 'vape'}],
    [{kind: 'sale-hours', hours, area: null}],
    [{kind: 'no-sale-area'}],
    [{kind: 'no-sale-area', area: {type: 'Point', coordinates: [0, 0]}}],
    [{kind: 'no-sale-area', area: {...EVERYWHERE, bbox: []}}],
    [{kind: 'no-sale-area', area: {type: 'MultiPolygon', coordinates: EVERYWHERE.coordinates}}],
    [{kind: 'no-sale-area', area: {type: 'MultiPolygon', coordinates: []}}],
    [polygon()],
    [polygon(ring.slice(2))],
    [polygon(ring.slice(1)), 'by the database alone'],
    [polygon(ring, [])],
    [polygon([...ring.slice(1), [180, -90, 0]])],
    [
      polygon([
        [181, 0],
        [0, 1],
        [0, 0],
        [181, 0],
      ]),
    ],
    [
      polygon([
        ['0', 0],
        [0, 1],
        [1, 0],
        ['0', 0],
      ]),
    ],
    [polygon(line(600), line(401)), 'by the database alone'],
    [{kind: 'sale-hours', hours, categories: ['x'.repeat(PREDICATE_LIMIT_BYTES)]}],
  ];

  test('anything else is refused, and so is a row with it, whoever writes it', async () => {
    for (const [given, told] of wrong) {
      expect([given, await isKnown(given), predicateShape.Check(given)]).toEqual([given, false, told !== undefined]);
    }
    expect(await isKnown(polygon(line(600), line(AREA_POINTS_LIMIT - 600)))).toBe(true);
    const m = await openMarket(database.db, {drivers: 0, tasks: 0});
    for (const [predicate_, scope] of [
      ['{"kind": "full-moon"}', 'task'],
      ['{"kind": "opted-in"}', 'task'],
    ]) {
      const insert = `insert into rules (region_id, code, valid_from, scope, sentence, predicate, source, put_by)
        values ($1, 'X', now(), $2, 's', $3, 's', 't')`;
      await expect(rows(m.db, insert, [m.regionId, scope, predicate_])).rejects.toMatchObject({code: '23514'});
    }
  });
});

test('both sides find the same drops in an area, up to the last digit and on every edge', async () => {
  const e7 = (limit: number) =>
    fc.oneof(fc.integer({min: -limit, max: limit}), fc.integer({min: -3, max: 3}), fc.constantFrom(-limit, limit));
  const corner = fc.tuple(e7(1_800_000_000), e7(900_000_000));
  const ring = fc.array(corner, {minLength: 3, maxLength: 7}).map((corners) => [...corners, corners[0]]);
  const rings = fc.array(ring, {minLength: 1, maxLength: 3});
  const polygons = fc.array(rings, {minLength: 1, maxLength: 2});
  const property = fc.asyncProperty(polygons, fc.array(corner, {minLength: 8, maxLength: 8}), async (given, more) => {
    const drops = [
      ...more,
      ...given.flat(2),
      ...given.flat().flatMap((one) => one.slice(1).map((b, i) => middle(one[i], b))),
    ];
    const lon = drops.map(([x]) => x);
    const lat = drops.map(([, y]) => y);
    const inside = await rows<{drop: number}>(
      database.db,
      'select drop from drops_covered(array[$1::jsonb], $2::text::int[], $3::text::int[]) order by drop',
      [JSON.stringify(given), `{${lon}}`, `{${lat}}`],
    );
    const area: Area = {
      type: 'MultiPolygon',
      coordinates: given.map((one) => one.map((r) => r.map(([x, y]): Position => [x / 1e7, y / 1e7]))),
    };
    const byLaw = drops.map(([x, y]) => covers(area, x, y));
    expect(drops.map((_, i) => inside.some(({drop}) => drop === i + 1))).toEqual(byLaw);
    const snapshot = snapshotOf(1, {drivers: 0, stores: 1, tasks: drops.length});
    const placed = {
      ...snapshot,
      rules: [{...snapshot.rules[0], predicate: {kind: 'no-sale-area' as const, polygons: given}}],
      tasks: {...snapshot.tasks, dropLonE7: lon, dropLatE7: lat},
    };
    const [{task}] = bindRules(placed);
    expect(drops.map((_, i) => task!(i))).toEqual(byLaw);
  });
  await fc.assert(property, {numRuns: 300});
});

const middle = ([ax, ay]: readonly number[], [bx, by]: readonly number[]): [number, number] => [
  Math.trunc((ax + bx) / 2),
  Math.trunc((ay + by) / 2),
];
