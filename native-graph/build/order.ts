// An order of junctions in which neighbours on the map are mostly neighbours in memory, so that a search walks few
// pages.
//
// D. Hilbert, "Ueber die stetige Abbildung einer Linie auf ein Flaechenstueck", Math. Ann. 38 (1891), 459-460, on a
// grid of 65,536 by 65,536 over the network's box. The sort is stable: junctions in one cell keep the order they were
// read in.

const BITS = 16;
const CELLS = 1 << BITS;

/** Junction ids in Hilbert order. O(n); allocates four arrays of n. */
export function hilbertOrder(latE7: Int32Array, lonE7: Int32Array): Uint32Array {
  const [south, north] = range(latE7);
  const [west, east] = range(lonE7);
  const keys = new Uint32Array(latE7.length);
  for (let j = 0; j < keys.length; j++) {
    keys[j] = hilbert(cell(lonE7[j], west, east), cell(latE7[j], south, north));
  }
  return radixOrder(keys);
}

function range(values: Int32Array): [number, number] {
  let low = values[0];
  let high = values[0];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

const cell = (value: number, low: number, high: number): number =>
  Math.floor(((value - low) / (high - low + 1)) * CELLS);

/** How far along the curve the cell (x, y) lies. */
function hilbert(x: number, y: number): number {
  let distance = 0;
  for (let side = CELLS >> 1; side > 0; side >>= 1) {
    const right = (x & side) > 0 ? 1 : 0;
    const upper = (y & side) > 0 ? 1 : 0;
    distance = distance * 4 + ((3 * right) ^ upper);
    if (upper === 1) continue;
    // The lower quarters of the curve are turned; the lower right one is mirrored as well.
    const turned = right === 1 ? CELLS - 1 - y : y;
    y = right === 1 ? CELLS - 1 - x : x;
    x = turned;
  }
  return distance;
}

/** Indices of `keys` by ascending key, equal keys in ascending index. Two counting passes of 16 bits. */
function radixOrder(keys: Uint32Array): Uint32Array {
  let order = Uint32Array.from(keys, (_, i) => i);
  for (const shift of [0, 16]) {
    const first = new Uint32Array((1 << 16) + 1);
    for (const key of keys) first[((key >>> shift) & 0xffff) + 1]++;
    for (let digit = 0; digit < 1 << 16; digit++) first[digit + 1] += first[digit];
    const sorted = new Uint32Array(keys.length);
    for (const i of order) sorted[first[(keys[i] >>> shift) & 0xffff]++] = i;
    order = sorted;
  }
  return order;
}
