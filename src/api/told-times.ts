// Instants and spans for people.

import {toIso} from './wire.ts';

/** An instant for people, of epoch milliseconds; null is none. */
export type Told = (ms: number | null) => string;

const DAY = {weekday: 'short', day: 'numeric', month: 'short', year: 'numeric'} as const;
const TIME = {hour: '2-digit', minute: '2-digit', second: '2-digit'} as const;

/** In the region's time and in UTC. Postgres knows names of zones that Intl does not: then UTC alone. */
export function clockOf(timeZone: string): Told {
  const local = formatOf(timeZone, {...DAY, ...TIME, timeZoneName: 'short'});
  return (ms) => {
    if (ms === null) return '–';
    if (Number.isNaN(ms)) return 'at no readable time';
    return local && timeZone !== 'UTC' ? `${local.format(ms)} (${toIso(ms)})` : toIso(ms);
  };
}

export type LocalTimes = {
  /** `Mon, 1 Jun 2026` */
  readonly dayOf: (ms: number) => string;
  /** `13:00:05` */
  readonly timeOf: (ms: number) => string;
  /** The time, with its day where that is not the one given. */
  readonly told: Told;
};

/** Short times of the region, for what mostly lies within the day of `dayMs`. */
export function localTimes(timeZone: string, dayMs: number): LocalTimes {
  const day = formatOf(timeZone, DAY) ?? formatOf('UTC', DAY)!;
  const time = formatOf(timeZone, TIME) ?? formatOf('UTC', TIME)!;
  const today = day.format(dayMs);
  return {
    dayOf: (ms) => day.format(ms),
    timeOf: (ms) => time.format(ms),
    told: (ms) => {
      if (ms === null) return '–';
      return day.format(ms) === today ? time.format(ms) : `${day.format(ms)}, ${time.format(ms)}`;
    },
  };
}

function formatOf(timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-GB', {timeZone, ...options});
  } catch {
    return undefined;
  }
}

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
