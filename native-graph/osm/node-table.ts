// Where the nodes are that roads refer to: sorted ids and, beside them, coordinates, which are filled in as the nodes
// come by in any order. 18 bytes a node; the other nodes of the file leave no trace.

import type {Left, MapVisitor, Tags, Wanted} from './elements.ts';

/** Stands in latE7 until the node has been seen. */
export const ABSENT_E7 = 0x7fff_ffff;

export type NodeTable = {
  /** Ascending, each once; on shared memory, so that every thread can tell which nodes are wanted. */
  readonly ids: Float64Array;
  /** By node: WGS84 degrees times 1e7, latE7 = ABSENT_E7 for a node that the file does not hold. */
  readonly latE7: Int32Array;
  readonly lonE7: Int32Array;
  /** By node: 1 where a barrier stops cars. */
  readonly blocked: Uint8Array;
  /** By node: what delays cars there, as the profile codes it; 0 for nothing. */
  readonly control: Uint8Array;
};

/** A table for the ids in `refs`, in which every node is absent. O(n log n). */
export function createNodeTable(refs: Float64Array): NodeTable {
  const sorted = refs.slice().sort();
  let count = 0;
  for (let i = 0; i < sorted.length; i++) {
    if (i === 0 || sorted[i] !== sorted[i - 1]) sorted[count++] = sorted[i];
  }
  return {
    ids: shared(sorted.subarray(0, count)),
    latE7: new Int32Array(count).fill(ABSENT_E7),
    lonE7: new Int32Array(count),
    blocked: new Uint8Array(count),
    control: new Uint8Array(count),
  };
}

function shared(values: Float64Array): Float64Array {
  const copy = new Float64Array(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}

/**
 * The place of the last of ascending `ids` that is not above `id`, or 0. The search gallops away from `near`, the place
 * found last, so a run of neighbouring ids costs O(1) each and a jump O(log n).
 */
export function placeOf(ids: Float64Array, id: number, near: number): number {
  let low = near;
  let high = near;
  if (ids[near] <= id) {
    for (let step = 1; high < ids.length && ids[high] <= id; step *= 2) {
      low = high;
      high += step;
    }
    high = Math.min(high, ids.length);
  } else {
    for (let step = 1; low > 0 && ids[low] > id; step *= 2) {
      high = low;
      low = Math.max(0, low - step);
    }
  }
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (ids[middle] <= id) low = middle;
    else high = middle;
  }
  return low;
}

/** Fills a table from the nodes of a map. Of a node given twice the last counts. */
export class NodePlacer implements MapVisitor {
  /** Nodes that came by, whether roads refer to them or not. */
  nodes = 0;
  /** Nodes given again, at another place. */
  moved = 0;
  readonly wanted: Wanted;
  readonly #table: NodeTable;
  readonly #isBlocked: (tags: Tags) => boolean;
  readonly #controlOf: (tags: Tags) => number;
  #near = 0;

  constructor(table: NodeTable, isBlocked: (tags: Tags) => boolean, controlOf: (tags: Tags) => number = () => 0) {
    this.#table = table;
    this.#isBlocked = isBlocked;
    this.wanted = {nodeIds: table.ids};
    this.#controlOf = controlOf;
  }

  left({node}: Left): void {
    this.nodes += node;
  }

  node(id: number, latE7: number, lonE7: number, tags: Tags): void {
    this.nodes++;
    const table = this.#table;
    const place = (this.#near = placeOf(table.ids, id, this.#near));
    if (table.ids[place] !== id) return;
    const again = table.latE7[place] !== ABSENT_E7;
    if (again && (table.latE7[place] !== latE7 || table.lonE7[place] !== lonE7)) this.moved++;
    table.latE7[place] = latE7;
    table.lonE7[place] = lonE7;
    if (this.#isBlocked(tags)) table.blocked[place] = 1;
    table.control[place] = this.#controlOf(tags);
  }
}
