// What is told by the clock on the wall, by Temporal: an oracle that shares nothing with Postgres, its time zones
// included.

import {Temporal} from 'temporal-polyfill';
import type {WeeklyHours} from '../../src/domain/store.ts';

const MINUTES_OF_DAY = 1_440;

/** The instant of a local time; of two the first, and one that is skipped by the offset of before. */
function instantOf(day: Temporal.PlainDate, minute: number, timeZone: string): number {
  const at = day.add({days: Math.floor(minute / MINUTES_OF_DAY)}).toPlainDateTime({
    hour: Math.floor((minute % MINUTES_OF_DAY) / 60),
    minute: minute % 60,
  });
  return at.toZonedDateTime(timeZone, {disambiguation: 'compatible'}).epochMilliseconds;
}

/** Whether a window holds that opened today, yesterday or the day before. */
export function isOpen(hours: WeeklyHours, timeZone: string, atMs: number): boolean {
  const today = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone).toPlainDate();
  return [0, 1, 2].some((ago) => {
    const day = today.subtract({days: ago});
    return hours[day.dayOfWeek % 7].some(
      ([open, close]) => instantOf(day, open, timeZone) <= atMs && atMs < instantOf(day, close, timeZone),
    );
  });
}

/** Midnight of the birthday where the region is; born on 29 February: on 1 March. */
export function ofAgeFromMs(bornOn: string, years: number, timeZone: string): number {
  const born = Temporal.PlainDate.from(bornOn);
  const month = Temporal.PlainDate.from({year: born.year + years, month: born.month, day: 1});
  return instantOf(month.add({days: born.day - 1}), 0, timeZone);
}
