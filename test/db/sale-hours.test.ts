// Sale hours by the clock on the wall, against Temporal: thousands of instants around changes of clocks, in zones that
// shift by an hour, by half an hour, by two, and over the date line.

import fc from 'fast-check';
import {afterAll, beforeAll, expect, test} from 'vitest';
import type {WeeklyHours} from '../../src/domain/store.ts';
import {createDatabase, type TestDatabase} from '../support/database.ts';
import {isOpen} from '../support/local-time.ts';
import {DAY_MS, HOUR_MS, MINUTE_MS, rows} from './market.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database?.drop());

/** Zones, each with an instant near which its clocks change. */
const CHANGES: readonly [zone: string, nearMs: number][] = [
  ['America/Chicago', Date.UTC(2026, 2, 8, 8)],
  ['America/Chicago', Date.UTC(2026, 10, 1, 7)],
  ['Australia/Lord_Howe', Date.UTC(2026, 3, 4, 15)],
  ['Australia/Lord_Howe', Date.UTC(2026, 9, 3, 15, 30)],
  ['Antarctica/Troll', Date.UTC(2026, 2, 29, 1)],
  ['Antarctica/Troll', Date.UTC(2026, 9, 25, 1)],
  ['America/Havana', Date.UTC(2026, 10, 1, 5)],
  ['Europe/Dublin', Date.UTC(2026, 9, 25, 1)],
  ['Asia/Kolkata', Date.UTC(2026, 5, 1)],
];

const window = fc
  .tuple(fc.oneof(fc.integer({min: 0, max: 1_439}), fc.integer({min: 0, max: 240})), fc.integer({min: 1, max: 1_500}))
  .map(([open, minutes]): [number, number] => [open, Math.min(2_880, open + minutes)]);
const weeklyHours: fc.Arbitrary<WeeklyHours> = fc.array(fc.array(window, {maxLength: 3}), {
  minLength: 7,
  maxLength: 7,
});

test('hours hold at the same instants as by Temporal, also in the nights clocks are changed', async () => {
  const instants = fc.array(
    fc.oneof(fc.integer({min: -6 * 60, max: 6 * 60}), fc.integer({min: -3 * 1_440, max: 4 * 1_440})),
    {minLength: 40, maxLength: 40},
  );
  const property = fc.asyncProperty(
    fc.constantFrom(...CHANGES),
    weeklyHours,
    instants,
    async ([zone, nearMs], hours, minutes) => {
      const atMs = minutes.map((minute) => nearMs + minute * MINUTE_MS);
      const [{told}] = await rows<{told: boolean[]}>(
        database.db,
        `select to_json(array(
           select open_spans($1::jsonb, $2, from_epoch_ms($4), from_epoch_ms($5)) @> from_epoch_ms(at::bigint)
           from json_array_elements_text($3::json) with ordinality as given (at, nth) order by nth)) as told`,
        [JSON.stringify(hours), zone, JSON.stringify(atMs), nearMs - 3 * DAY_MS, nearMs + 5 * DAY_MS],
      );
      expect(told).toEqual(atMs.map((ms) => isOpen(hours, zone, ms)));
    },
  );
  await fc.assert(property, {numRuns: 150});
});

test('a store closes at the same instant as by Temporal', async () => {
  const property = fc.asyncProperty(
    fc.constantFrom(...CHANGES),
    weeklyHours,
    fc.integer({min: -3 * 1_440, max: 3 * 1_440}),
    async ([zone, nearMs], hours, minute) => {
      const atMs = nearMs + minute * MINUTE_MS;
      const [{closes}] = await rows<{closes: string}>(
        database.db,
        `select case when at in ('infinity', '-infinity') then at::text else epoch_ms(at)::text end as closes
         from closes_at($1::jsonb, $2, from_epoch_ms($3)) at`,
        [JSON.stringify(hours), zone, atMs],
      );
      if (closes === '-infinity') expect(isOpen(hours, zone, atMs)).toBe(false);
      else if (closes !== 'infinity') {
        expect(isOpen(hours, zone, Number(closes))).toBe(false);
        for (let ms = atMs; ms < Number(closes); ms += 10 * MINUTE_MS) expect(isOpen(hours, zone, ms)).toBe(true);
      }
    },
  );
  await fc.assert(property, {numRuns: 150});
});

test('what is known of sale hours ends after eight days', async () => {
  const always = JSON.stringify(Array.from({length: 7}, () => [[0, 1_440]]));
  const [{spans}] = await rows<{spans: string}>(
    database.db,
    `select open_spans($1::jsonb, 'America/Chicago', from_epoch_ms($2), from_epoch_ms($3))::text as spans`,
    [always, Date.UTC(2026, 9, 30), Date.UTC(2026, 9, 30) + 192 * HOUR_MS],
  );
  expect(spans).toBe('{["2026-10-30 00:00:00+00","2026-11-07 00:00:00+00")}');
});
