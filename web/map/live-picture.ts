// What the live layer draws, as numbers: dots and legs with where they were and where they are, so that the graphics
// processor moves them and a reading costs the page one pass.
//
// Places are in Web Mercator, counted from an origin in the region: a float has 24 bits, which over the whole world
// would be two metres and here are less than a centimetre.

import type {LiveMap} from '../wire.ts';
import {worldX, worldY} from './mercator.ts';

/** Entries of a dot: from x, y; to x, y; tone; shape; turn or share; steps of the share a second. */
export const DOT_FLOATS = 8;
/** Entries of an end of a leg: from x, y; to x, y; tone. */
export const LEG_FLOATS = 5;
const SHAPES = {ring: 0, square: 1, driver: 2} as const;
/** Names of custom properties of the style sheet; a dot's tone is an index here. */
export const TONES = [
  'off',
  'available',
  'offered',
  'en-route',
  'carrying',
  'returning',
  'dim',
  'store',
  'failed',
] as const;
type Tone = (typeof TONES)[number];

const TONE_OF: Readonly<Record<string, Tone>> = {
  OFF: 'off',
  AVAILABLE: 'available',
  OFFERED: 'offered',
  EN_ROUTE: 'en-route',
  CARRYING: 'carrying',
  RETURNING: 'returning',
  PENDING: 'dim',
  EXPIRED: 'failed',
  ASSIGNED: 'en-route',
  PICKED_UP: 'carrying',
};
const toneIndex = (name: string): number => TONES.indexOf(TONE_OF[name] ?? 'dim');

/** Where a driver with a task in this state goes next. */
export const NEXT_STOP: Readonly<Record<string, 'store' | 'drop'>> = {
  OFFERED: 'store',
  ASSIGNED: 'store',
  PICKED_UP: 'drop',
  RETURNING: 'store',
};

export type Place = readonly [x: number, y: number];

export type Picture = {
  readonly live: LiveMap;
  readonly origin: Place;
  readonly dots: Float32Array;
  /** Dots stand in this order: tasks, stores, drivers. */
  readonly dotCount: number;
  readonly legs: Float32Array;
  readonly legEnds: number;
  readonly hasOffers: boolean;
  /** By driver, task and store: where they are now, in world coordinates. */
  readonly drivers: readonly Place[];
  readonly tasks: readonly Place[];
  readonly stores: readonly Place[];
  /** By driver id: what the next picture starts from. */
  readonly seen: ReadonlyMap<string, Seen>;
};

/** Where a driver is shown and which way it faces, in radians clockwise from north; NaN: not known. */
type Seen = {readonly at: Place; readonly turn: number};

const STILL_WORLD = 2e-8; // under a metre

/** `shownOf` tells where a driver of the last picture is shown just now. */
export function pictureOf(
  live: LiveMap,
  timeScale: number,
  last: Picture | undefined,
  shownOf: (at: Place, id: string) => Place,
): Picture {
  const place = (lon: number, lat: number): Place => [worldX(lon), worldY(lat)];
  const drivers = live.drivers.map(([, lon, lat]) => place(lon, lat));
  const tasks = live.tasks.map(([, lon, lat]) => place(lon, lat));
  const stores = live.stores.map(([, lon, lat]) => place(lon, lat));
  const origin = last?.origin ?? drivers[0] ?? stores[0] ?? tasks[0] ?? [0.5, 0.5];

  const dots = new Float32Array((drivers.length + tasks.length + stores.length) * DOT_FLOATS);
  let at = 0;
  const dot = (from: Place, to: Place, tone: number, shape: number, value: number, step: number) => {
    dots[at++] = from[0] - origin[0];
    dots[at++] = from[1] - origin[1];
    dots[at++] = to[0] - origin[0];
    dots[at++] = to[1] - origin[1];
    dots[at++] = tone;
    dots[at++] = shape;
    dots[at++] = value;
    dots[at++] = step;
  };

  const legs: number[] = [];
  const starts = drivers.map((to, i) => {
    const id = live.drivers[i]![0];
    const known = last?.seen.get(id);
    return known ? shownOf(known.at, id) : to;
  });
  let hasOffers = false;
  for (const [i, task] of live.tasks.entries()) {
    const [, , , stateIndex, storeIndex, driverIndex, , leftS, wholeS] = task;
    const state = live.states[stateIndex] ?? '';
    const tone = toneIndex(state);
    const to = tasks[i]!;
    const isOffer = leftS >= 0 && wholeS > 0;
    hasOffers ||= isOffer;
    dot(to, to, tone, SHAPES.ring, isOffer ? leftS / wholeS : 1, isOffer ? -timeScale / wholeS : 0);
    const stop = NEXT_STOP[state] === 'store' ? stores[storeIndex] : to;
    const driver = drivers[driverIndex];
    if (!NEXT_STOP[state] || !stop || !driver) continue;
    const start = starts[driverIndex]!;
    for (const [from, end] of [
      [start, driver],
      [stop, stop],
    ] as const) {
      legs.push(from[0] - origin[0], from[1] - origin[1], end[0] - origin[0], end[1] - origin[1], tone);
    }
  }
  for (const store of stores) dot(store, store, TONES.indexOf('store'), SHAPES.square, 0, 0);
  const seen = new Map<string, Seen>();
  for (const [i, [id, , , statusIndex]] of live.drivers.entries()) {
    const to = drivers[i]!;
    const before = last?.seen.get(id);
    const [dx, dy] = before ? [to[0] - before.at[0], to[1] - before.at[1]] : [0, 0];
    const turn = Math.hypot(dx, dy) > STILL_WORLD ? Math.atan2(dx, -dy) : (before?.turn ?? Number.NaN);
    seen.set(id, {at: to, turn});
    dot(starts[i]!, to, toneIndex(live.statuses[statusIndex] ?? ''), SHAPES.driver, Number.isNaN(turn) ? -9 : turn, 0);
  }
  return {
    live,
    origin,
    dots,
    dotCount: at / DOT_FLOATS,
    legs: Float32Array.from(legs),
    legEnds: legs.length / LEG_FLOATS,
    hasOffers,
    drivers,
    tasks,
    stores,
    seen,
  };
}
