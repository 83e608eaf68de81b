// Legs between drivers and their next stops, as numbers: straight lines, and ways along the roads, cut behind their
// drivers. Of a way of hundreds of places a reading changes the few that its driver passed: the others are written once
// and copied.

import type {Place} from './live-picture.ts';

/**
 * Entries of a stretch of a leg: its start, from x, y to x, y; its end x, y; tone; 1 where it is no road; between which
 * shares of the glide its start moves.
 */
export const LEG_FLOATS = 10;
const TONE_AT = 6;
/** No share of a glide: it stays. */
const NEVER = 2;
const LEAST_SHARE = 1e-6;

/** A place of a way, on the stretch that ends with the way's place of index `next`. */
export type Foot = {readonly at: Place; readonly next: number};
/** A way, and where on it its driver was at the last reading and is at this one. */
export type WayLeft = {
  /** The whole of it: the same array as long as it is the same way. */
  readonly places: readonly Place[];
  readonly from: Foot;
  readonly to: Foot;
};
export type Leg =
  | {readonly tone: number; readonly way: WayLeft}
  | {readonly tone: number; readonly way: undefined; readonly from: Place; readonly to: Place; readonly stop: Place};

/** What is kept of ways from reading to reading, of one origin: by its places, all stretches of a way as they stay. */
export type Stills = WeakMap<readonly Place[], Float32Array>;

const countOf = ({way}: Leg): number => (way ? way.places.length - way.from.next + 1 : 1);

/** Written over `last` where they fit; there may be room left behind them. */
export function legsOf(
  legs: readonly Leg[],
  [x0, y0]: Place,
  stills: Stills,
  last: Float32Array | undefined,
): {readonly legs: Float32Array; readonly legCount: number} {
  const legCount = legs.reduce((sum, leg) => sum + countOf(leg), 0);
  const needed = legCount * LEG_FLOATS;
  // A quarter of room, so that a few stretches more do not need another one.
  const floats = last && last.length >= needed ? last : new Float32Array(Math.ceil(needed * 1.25));
  let at = 0;

  /** From a to b its start moves, between these shares. */
  function write(into: Float32Array, a: Place, b: Place, end: Place, tone: number, straight: number, share: number) {
    into[at++] = a[0] - x0;
    into[at++] = a[1] - y0;
    into[at++] = b[0] - x0;
    into[at++] = b[1] - y0;
    into[at++] = end[0] - x0;
    into[at++] = end[1] - y0;
    into[at++] = tone;
    into[at++] = straight;
    into[at++] = share;
  }

  function stillOf(places: readonly Place[], tone: number): Float32Array {
    const kept = stills.get(places);
    if (kept?.[TONE_AT] === tone) return kept;
    const still = new Float32Array((places.length - 1) * LEG_FLOATS);
    const before = at;
    at = 0;
    for (let i = 1; i < places.length; i++) {
      write(still, places[i - 1]!, places[i - 1]!, places[i]!, tone, 0, NEVER);
      still[at++] = NEVER + 1;
    }
    at = before;
    stills.set(places, still);
    return still;
  }

  /** Cut behind the driver as it glides, by length. */
  function writeWay({places, from, to}: WayLeft, tone: number): void {
    const passed = [from.at, ...places.slice(from.next, to.next), to.at];
    const lengths = passed.slice(1).map(([x, y], i) => Math.hypot(x - passed[i]![0], y - passed[i]![1]));
    const whole = lengths.reduce((sum, length) => sum + length, 0) || 1;
    let done = 0;
    for (const [i, length] of lengths.entries()) {
      const end = passed[i + 1]!;
      write(floats, passed[i]!, end, end, tone, 0, done);
      const next = done + length / whole;
      floats[at++] = Math.max(next, done + LEAST_SHARE);
      done = next;
    }
    write(floats, to.at, to.at, places[to.next]!, tone, 0, NEVER);
    floats[at++] = NEVER + 1;
    const still = stillOf(places, tone);
    floats.set(still.subarray(to.next * LEG_FLOATS), at);
    at += still.length - to.next * LEG_FLOATS;
  }

  for (const leg of legs) {
    if (leg.way) writeWay(leg.way, leg.tone);
    else {
      write(floats, leg.from, leg.to, leg.stop, leg.tone, 1, 0);
      floats[at++] = 1;
    }
  }
  return {legs: floats, legCount};
}
