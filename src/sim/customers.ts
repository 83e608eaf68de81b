// Customers: orders arrive as a Poisson process, minute by minute of dispatch time, each minute from a stream of its
// own. So the orders of a minute are the same however often the world was stopped and started in between.

import {type Random, randomStream} from '../domain/random.ts';
import type {Store} from '../domain/store.ts';
import type {NewTask} from '../domain/task.ts';
import {type Place, type Point, seededId} from './city.ts';

const MINUTE_MS = 60_000;
const CATEGORIES = ['vapes', 'liquids', 'accessories'];

/** Times of the public Meal Delivery Routing Problem: promised within 40 minutes, worthless after 90. */
const DUE_AFTER_MS = 40 * MINUTE_MS;
const LATEST_AFTER_MS = 90 * MINUTE_MS;

/** Customers order from a store within this distance, crow-fly; it shapes demand and is no travel time. */
const ORDER_RADIUS_M = 5_000;
const PLACE_TRIES = 24;
const METRES_PER_E7 = 0.011_132;

export type Order = {
  /** When the customer orders. */
  readonly atMs: number;
  readonly task: NewTask;
};

/** The orders whose minute begins at `minuteMs` (a whole minute of epoch time), ascending by instant. */
export function ordersOfMinute(
  seed: number,
  regionId: string,
  stores: readonly Store[],
  perMinute: number,
  place: Place,
  minuteMs: number,
): Order[] {
  const random = randomStream(seed, `orders ${minuteMs}`);
  return Array.from({length: poisson(random, perMinute)}, (_, i) => {
    // Squaring favours the first stores: some are popular.
    const store = stores[Math.floor(random() ** 2 * stores.length)];
    const drop = placeNear(random, place, store);
    const km = metresBetween(store, drop) / 1_000;
    const atMs = minuteMs + Math.floor(random() * MINUTE_MS);
    const units = 1 + Math.floor(random() * 4);
    const task = {
      id: seededId(seed, `order ${minuteMs} ${i}`),
      regionId,
      storeId: store.id,
      dropLatE7: drop.latE7,
      dropLonE7: drop.lonE7,
      readyAtMs: atMs + Math.floor((2 + random() * 8) * MINUTE_MS),
      dueAtMs: atMs + DUE_AFTER_MS,
      latestAtMs: atMs + LATEST_AFTER_MS,
      category: CATEGORIES[Math.floor(random() * CATEGORIES.length)],
      valueCents: units * (1_500 + Math.floor(random() * 2_000)),
      units,
      payCents: Math.round(350 + 90 * km + 200 * random()),
      ageCheckUntilMs: atMs + 24 * 60 * MINUTE_MS,
      purchaserHmac: seededHmac(seed, `purchaser ${minuteMs} ${i}`),
    };
    return {atMs, task};
  }).sort((a, b) => a.atMs - b.atMs);
}

/** Stands for the HMAC of an identity: as long, and of nobody. */
const seededHmac = (seed: number, about: string): string =>
  `${seededId(seed, about)}${seededId(seed, `${about} too`)}`.replaceAll('-', '');

/** Knuth's product of uniforms; fine for the tens of orders a minute that one city has. */
function poisson(random: Random, mean: number): number {
  const chunk = 30; // exp(-mean) must not underflow, so a large mean is a sum of small ones
  let count = 0;
  for (let rest = mean; rest > 0; rest -= chunk) {
    const floor = Math.exp(-Math.min(rest, chunk));
    for (let product = random(); product > floor; product *= random()) count++;
  }
  return count;
}

function placeNear(random: Random, place: Place, centre: Point): Point {
  let nearest = place(random);
  for (let i = 1; i < PLACE_TRIES && metresBetween(nearest, centre) > ORDER_RADIUS_M; i++) {
    const other = place(random);
    if (metresBetween(other, centre) < metresBetween(nearest, centre)) nearest = other;
  }
  return nearest;
}

function metresBetween(a: Point, b: Point): number {
  const cos = Math.cos((a.latE7 / 1e7) * (Math.PI / 180));
  return Math.hypot(a.latE7 - b.latE7, (a.lonE7 - b.lonE7) * cos) * METRES_PER_E7;
}
