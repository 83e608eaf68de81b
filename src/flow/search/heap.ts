// A 4-ary min-heap of float64 keys. A key packs a distance and an id, so that ties leave in the order of ids and the
// order of a search never depends on the order of insertion.

const ID_SPAN = 2 ** 22;

export type Heap = {
  keys: Float64Array;
  size: number;
};

export const createHeap = (): Heap => ({keys: new Float64Array(1024), size: 0});

/** Exact for distances below 2^31 and ids below 2^22. */
export const keyOf = (distMs: number, id: number): number => distMs * ID_SPAN + id;
export const distOf = (key: number): number => Math.floor(key / ID_SPAN);
export const idOf = (key: number, distMs: number): number => key - distMs * ID_SPAN;

export function push(heap: Heap, key: number): void {
  if (heap.size === heap.keys.length) {
    const wider = new Float64Array(2 * heap.size);
    wider.set(heap.keys);
    heap.keys = wider;
  }
  const {keys} = heap;
  let at = heap.size++;
  while (at > 0) {
    const parent = (at - 1) >> 2;
    if (keys[parent] <= key) break;
    keys[at] = keys[parent];
    at = parent;
  }
  keys[at] = key;
}

/** Removes and returns the least key; the heap must not be empty. */
export function pop(heap: Heap): number {
  const {keys} = heap;
  const least = keys[0];
  const size = --heap.size;
  const key = keys[size];
  let at = 0;
  for (;;) {
    const first = 4 * at + 1;
    if (first >= size) break;
    const end = Math.min(first + 4, size);
    let child = first;
    for (let i = first + 1; i < end; i++) if (keys[i] < keys[child]) child = i;
    if (keys[child] >= key) break;
    keys[at] = keys[child];
    at = child;
  }
  keys[at] = key;
  return least;
}
