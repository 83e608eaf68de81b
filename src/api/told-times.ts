// Instants and spans for people.

import {toIso} from './wire.ts';

/** An instant for people, of epoch milliseconds; null is none, NaN one that cannot be read. */
export type Told = (ms: number | null) => string;

const UNREADABLE = 'at no readable time';
const DAY = {weekday: 'short', day: 'numeric', month: 'short', year: 'numeric'} as const;
const MINUTE = {hour: '2-digit', minute: '2-digit'} as const;
const TIME = {...MINUTE, second: '2-digit'} as const;

/** The zone that a region's times are told in. Postgres knows names of zones that Intl does not: of these it is UTC. */
export function toldZone(timeZone: string): string {
  try {
    new Intl.DateTimeFormat('en-GB', {timeZone});
    return timeZone;
  } catch {
    return 'UTC';
  }
}

const formatOf = (timeZone: string, options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat('en-GB', {timeZone: toldZone(timeZone), ...options});

/** In the region's time and in UTC; of a zone that Intl does not know in UTC alone. */
export function clockOf(timeZone: string): Told {
  const local = formatOf(timeZone, {...DAY, ...TIME, timeZoneName: 'short'});
  return (ms) => {
    if (ms === null) return '–';
    if (Number.isNaN(ms)) return UNREADABLE;
    return toldZone(timeZone) === 'UTC' ? toIso(ms) : `${local.format(ms)} (${toIso(ms)})`;
  };
}

/** Of instants that can be read. A time has its offset where that is not the one of the zone's label. */
export type LocalTimes = {
  /** What the times are of, and by which offset: `America/Chicago (GMT-5)`. */
  readonly zone: string;
  /** `Mon, 1 Jun 2026` */
  readonly dayOf: (ms: number) => string;
  /** `13:00:05`; in the hour after the autumn change, on its day, `01:30:00 GMT-6`. */
  readonly timeOf: (ms: number) => string;
  /** `13:00` */
  readonly minuteOf: (ms: number) => string;
  /** The time, with its day where that is not the one given. */
  readonly told: Told;
};

/** Short times of the region, for what mostly lies within the day of `dayMs`. */
export function localTimes(timeZone: string, dayMs: number): LocalTimes {
  const zone = toldZone(timeZone);
  const [day, time, minute] = [DAY, TIME, MINUTE].map((options) => formatOf(zone, options));
  const offset = formatOf(zone, {timeZoneName: 'shortOffset'});
  const offsetOf = (ms: number) => offset.formatToParts(ms).find(({type}) => type === 'timeZoneName')!.value;
  const usual = offsetOf(dayMs);
  const withOffset = (format: Intl.DateTimeFormat) => (ms: number) =>
    offsetOf(ms) === usual ? format.format(ms) : `${format.format(ms)} ${offsetOf(ms)}`;
  const timeOf = withOffset(time);
  const today = day.format(dayMs);
  return {
    zone: zone === 'UTC' ? zone : `${zone} (${usual})`,
    dayOf: (ms) => day.format(ms),
    timeOf,
    minuteOf: withOffset(minute),
    told: (ms) => {
      if (ms === null) return '–';
      if (Number.isNaN(ms)) return UNREADABLE;
      return day.format(ms) === today ? timeOf(ms) : `${day.format(ms)}, ${timeOf(ms)}`;
    },
  };
}

/** ISO 8601 in UTC; null where there is no instant, or none that can be read. */
export const isoOf = (ms: number | null): string | null => (ms === null || Number.isNaN(ms) ? null : toIso(ms));

/** 45 s, 3 min 12 s, 1 h 5 min, 2 d 3 h: to the second below an hour. */
export function spanOf(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  const parts: readonly (readonly [count: number, unit: string])[] =
    seconds < 3_600
      ? [
          [Math.floor(seconds / 60), 'min'],
          [seconds % 60, 's'],
        ]
      : seconds < 86_400
        ? [
            [Math.floor(seconds / 3_600), 'h'],
            [Math.floor((seconds % 3_600) / 60), 'min'],
          ]
        : [
            [Math.floor(seconds / 86_400), 'd'],
            [Math.floor((seconds % 86_400) / 3_600), 'h'],
          ];
  return (
    parts
      .filter(([count]) => count > 0)
      .map((part) => part.join(' '))
      .join(' ') || '0 s'
  );
}

/** How far behind a time: `2 min 5 s late`, `40 s early`, `on time` to the second. */
export function latenessOf(lateMs: number): string {
  const span = spanOf(Math.abs(lateMs));
  return span === '0 s' ? 'on time' : `${span} ${lateMs > 0 ? 'late' : 'early'}`;
}

/** `+30 s`, `−2 min`; `nothing` to the second. */
export function signedSpan(ms: number): string {
  const span = spanOf(Math.abs(ms));
  return span === '0 s' ? 'nothing' : `${ms > 0 ? '+' : '−'}${span}`;
}
