// What the live layer draws, as numbers: dots and legs with where they were and where they are, so that the graphics
// processor moves them and a reading costs the page one pass.
//
// Places are in Web Mercator, counted from an origin in the region: a float has 24 bits, which over the whole world
// would be two metres and here are less than a centimetre.

import type {LiveMap} from '../wire.ts';
import {type Leg, legsOf, type Stills, type WayLeft} from './live-legs.ts';
import {worldX, worldY} from './mercator.ts';

/** Entries of a dot: from x, y; to x, y; tone; shape; turn or share; steps of the share a second; age or -1. */
export const DOT_FLOATS = 9;
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

/** Tasks that nobody has taken yet: their age is drawn, and the queue lists them. */
export const WAITING: ReadonlySet<string> = new Set(['PENDING', 'EXPIRED', 'OFFERED']);
const OLD_S = 15 * 60;
/** 0 .. 1: how old what waits looks, from when it is ready. */
export const ageOf = (waitedS: number): number => Math.min(1, Math.max(0, waitedS / OLD_S));

export type Place = readonly [x: number, y: number];

/** The way along the roads of a task's driver, given where the driver is; undefined: not known. */
export type WayOf = (taskId: string, driver: Place) => WayLeft | 'elsewhere' | undefined;

export type Picture = {
  readonly live: LiveMap;
  readonly origin: Place;
  readonly dots: Float32Array;
  /** Dots stand in this order: tasks, stores, drivers. */
  readonly dotCount: number;
  /** The next picture is written over it. */
  readonly legs: Float32Array;
  readonly stills: Stills;
  readonly legCount: number;
  readonly hasOffers: boolean;
  /** By driver, task and store: where they are now, in world coordinates. */
  readonly drivers: readonly Place[];
  readonly tasks: readonly Place[];
  readonly stores: readonly Place[];
  /** By driver: which way it faces, in radians clockwise from north; NaN: not known. */
  readonly turns: Float32Array;
};

const STILL_WORLD = 2e-8; // under a metre

/** `shownOf` tells where a driver of the last picture, by its index there, is shown just now. */
export function pictureOf(
  live: LiveMap,
  timeScale: number,
  last: Picture | undefined,
  shownOf: (index: number) => Place,
  wayOf: WayOf,
): Picture {
  const place = (lon: number, lat: number): Place => [worldX(lon), worldY(lat)];
  const drivers = live.drivers.map(([, lon, lat]) => place(lon, lat));
  const tasks = live.tasks.map(([, lon, lat]) => place(lon, lat));
  const stores = live.stores.map(([, lon, lat]) => place(lon, lat));
  const origin = last?.origin ?? drivers[0] ?? stores[0] ?? tasks[0] ?? [0.5, 0.5];

  const dots = new Float32Array((drivers.length + tasks.length + stores.length) * DOT_FLOATS);
  let at = 0;
  const dot = (from: Place, to: Place, tone: number, shape: number, value: number, step: number, age: number) => {
    dots[at++] = from[0] - origin[0];
    dots[at++] = from[1] - origin[1];
    dots[at++] = to[0] - origin[0];
    dots[at++] = to[1] - origin[1];
    dots[at++] = tone;
    dots[at++] = shape;
    dots[at++] = value;
    dots[at++] = step;
    dots[at++] = age;
  };

  const known = indicesIn(last, live);
  const starts = drivers.map((to, i) => (known(i) === undefined ? to : shownOf(known(i)!)));
  const legs: Leg[] = [];
  let hasOffers = false;
  for (const [i, task] of live.tasks.entries()) {
    const [id, , , stateIndex, storeIndex, driverIndex, waitedS, leftS, wholeS] = task;
    const state = live.states[stateIndex] ?? '';
    const tone = toneIndex(state);
    const to = tasks[i]!;
    const isOffer = leftS >= 0 && wholeS > 0;
    hasOffers ||= isOffer;
    const age = WAITING.has(state) ? ageOf(waitedS) : -1;
    dot(to, to, tone, SHAPES.ring, isOffer ? leftS / wholeS : 1, isOffer ? -timeScale / wholeS : 0, age);
    const stop = NEXT_STOP[state] === 'store' ? stores[storeIndex] : to;
    const driver = drivers[driverIndex];
    if (!NEXT_STOP[state] || !stop || !driver) continue;
    const way = wayOf(id, driver);
    if (way === 'elsewhere') continue;
    legs.push(way ? {tone, way} : {tone, way, from: starts[driverIndex]!, to: driver, stop});
  }
  for (const store of stores) dot(store, store, TONES.indexOf('store'), SHAPES.square, 0, 0, -1);
  const turns = new Float32Array(drivers.length);
  for (const [i, [, , , statusIndex]] of live.drivers.entries()) {
    const to = drivers[i]!;
    const index = known(i);
    const before = index === undefined ? undefined : last?.drivers[index];
    const [dx, dy] = before ? [to[0] - before[0], to[1] - before[1]] : [0, 0];
    const stands = Math.hypot(dx, dy) <= STILL_WORLD;
    const turn = stands ? (last?.turns[index ?? -1] ?? Number.NaN) : Math.atan2(dx, -dy);
    turns[i] = turn;
    const value = Number.isNaN(turn) ? -9 : turn;
    dot(starts[i]!, to, toneIndex(live.statuses[statusIndex] ?? ''), SHAPES.driver, value, 0, -1);
  }
  const stills: Stills = last?.stills ?? new WeakMap();
  return {
    live,
    origin,
    dots,
    dotCount: at / DOT_FLOATS,
    ...legsOf(legs, origin, stills, last?.legs),
    stills,
    hasOffers,
    drivers,
    tasks,
    stores,
    turns,
  };
}

/** Which driver of the last picture each driver is. Most are where they were in the list: others are looked up. */
function indicesIn(last: Picture | undefined, {drivers}: LiveMap): (i: number) => number | undefined {
  let byId: Map<string, number> | undefined;
  return (i) => {
    const id = drivers[i]![0];
    if (!last || last.live.drivers[i]?.[0] === id) return last && i;
    byId ??= new Map(last.live.drivers.map(([each], index) => [each, index]));
    return byId.get(id);
  };
}
