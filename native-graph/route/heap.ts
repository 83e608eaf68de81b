// A 4-ary min-heap of (key, item) in two parallel arrays, without decrease-key: a search pushes an item again when its
// key falls, and skips the stale entry when it comes up. Four children share a cache line, and the tree is half as
// deep.
//
// D. B. Johnson, "Priority queues with update and finding minimum spanning trees", Inf. Process. Lett. 4 (1975), 53-57.

export type Heap = {
  /** The first `size` entries are in use; no key is below its parent's, at (i - 1) >> 2. */
  keys: Int32Array;
  items: Uint32Array;
  size: number;
};

export const createHeap = (): Heap => ({keys: new Int32Array(1024), items: new Uint32Array(1024), size: 0});

/** O(log size); allocates only when it has to double. */
export function push(heap: Heap, key: number, item: number): void {
  if (heap.size === heap.keys.length) grow(heap);
  const {keys, items} = heap;
  let i = heap.size++;
  while (i > 0) {
    const parent = (i - 1) >> 2;
    if (keys[parent] <= key) break;
    keys[i] = keys[parent];
    items[i] = items[parent];
    i = parent;
  }
  keys[i] = key;
  items[i] = item;
}

/** Removes the entry at index 0, which has the least key. The heap must not be empty. */
export function popMin(heap: Heap): void {
  const {keys, items} = heap;
  const last = --heap.size;
  const key = keys[last];
  let i = 0;
  for (;;) {
    const first = 4 * i + 1;
    if (first >= last) break;
    const end = Math.min(first + 4, last);
    let least = first;
    for (let child = first + 1; child < end; child++) if (keys[child] < keys[least]) least = child;
    if (keys[least] >= key) break;
    keys[i] = keys[least];
    items[i] = items[least];
    i = least;
  }
  keys[i] = key;
  items[i] = items[last];
}

function grow(heap: Heap): void {
  const keys = new Int32Array(heap.keys.length * 2);
  const items = new Uint32Array(heap.keys.length * 2);
  keys.set(heap.keys);
  items.set(heap.items);
  heap.keys = keys;
  heap.items = items;
}
