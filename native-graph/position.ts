// A place on the road: an edge's point with the segments that pass it. Kernels take many of them as a struct of arrays
// over shared memory, so that a worker reads what the main thread snapped.

/** Where a point was snapped to: up to two segments pass it, one in each direction. */
export type Position = {
  /** The segment along the edge's drawing, or -1. */
  readonly forward: number;
  /** The segment against it, or -1. Not both are -1. */
  readonly backward: number;
  /** How far along the drawing the place lies, 0 .. 1; the backward segment stands at 1 - fraction. */
  readonly fraction: number;
  readonly latE7: number;
  readonly lonE7: number;
  /** From the point that was snapped. */
  readonly distanceM: number;
};

/** Arrays by position; the fields of `Position`. Both segments -1 mark a point that no road is near. */
export type Positions = {
  readonly count: number;
  readonly fraction: Float64Array;
  readonly distanceM: Float64Array;
  readonly forward: Int32Array;
  readonly backward: Int32Array;
  readonly latE7: Int32Array;
  readonly lonE7: Int32Array;
};

/** Bytes of shared memory that one position takes. */
export const POSITION_BYTES = 32;

/** Views over count * POSITION_BYTES bytes from `byteOffset`, a multiple of 8. What stands there stays. */
export function overlayPositions(bytes: SharedArrayBuffer, byteOffset: number, count: number): Positions {
  const ints = byteOffset + count * 16;
  return {
    count,
    fraction: new Float64Array(bytes, byteOffset, count),
    distanceM: new Float64Array(bytes, byteOffset + count * 8, count),
    forward: new Int32Array(bytes, ints, count),
    backward: new Int32Array(bytes, ints + count * 4, count),
    latE7: new Int32Array(bytes, ints + count * 8, count),
    lonE7: new Int32Array(bytes, ints + count * 12, count),
  };
}

/** Writes entry i; null marks a point that no road is near. */
export function putPosition(positions: Positions, i: number, position: Position | null): void {
  positions.forward[i] = position?.forward ?? -1;
  positions.backward[i] = position?.backward ?? -1;
  positions.fraction[i] = position?.fraction ?? 0;
  positions.latE7[i] = position?.latE7 ?? 0;
  positions.lonE7[i] = position?.lonE7 ?? 0;
  positions.distanceM[i] = position?.distanceM ?? 0;
}

export function positionsOf(list: readonly (Position | null)[]): Positions {
  const positions = overlayPositions(new SharedArrayBuffer(list.length * POSITION_BYTES), 0, list.length);
  list.forEach((position, i) => {
    putPosition(positions, i, position);
  });
  return positions;
}

/** The shared block of positions that `positionsOf` has made. */
export const bytesOf = (positions: Positions): SharedArrayBuffer => positions.fraction.buffer as SharedArrayBuffer;
