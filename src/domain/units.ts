// Units and the limits that keep sums of them exact. Names carry the unit last: travelMs, radiusM, latE7, offerTtlS.

/** A time that no route reaches. The sum of two still fits an int32. */
export const UNREACHABLE_MS = 0x3fff_ffff;

/** WGS84 degrees are stored as int32 tenths of microdegrees. */
const E7 = 10_000_000;

/** Marks an absent coordinate in an Int32Array of latE7 or lonE7. */
export const NO_COORDINATE_E7 = 0x7fff_ffff;

export const toE7 = (degrees: number): number => Math.round(degrees * E7);
export const fromE7 = (e7: number): number => e7 / E7;
