// Chance as a parameter: a seeded stream of numbers, and independent streams split from one seed.

import {uniformFloat64} from 'pure-rand/distribution/uniformFloat64';
import {xoroshiro128plus} from 'pure-rand/generator/xoroshiro128plus';

/** Uniform in [0, 1). */
export type Random = () => number;

/** The same seed and name give the same stream for ever; different names give independent ones. */
export function randomStream(seed: number, name: string): Random {
  let hash = seed | 0;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x9e37_79b1) ^ (hash >>> 15);
  const generator = xoroshiro128plus(hash);
  return () => uniformFloat64(generator);
}
