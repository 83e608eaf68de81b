// Chance as a function of place: the same seed and the same whole numbers give the same value, in whatever order they
// are asked for, so that a world of any size can be drawn street by street with nothing kept.
//
// The mixer is the 32-bit finalizer of MurmurHash3 (A. Appleby, 2011, public domain): integers only, so every machine
// agrees.

export type Chance = (kind: number, a: number, b: number) => number;

function mixed(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Values from 0 up to and not including 1, in steps of 2^-32. */
export function createChance(seed: number, stream: number): Chance {
  const start = mixed(mixed(seed + 0x9e37_79b9) ^ stream);
  return (kind, a, b) =>
    mixed(mixed(mixed(start ^ Math.imul(kind, 0x27d4_eb2f)) + Math.imul(a, 0x1656_67b1)) + b) / 2 ** 32;
}
