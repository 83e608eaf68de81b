// Memory that kernels walk: one shared WebAssembly.Memory, whose buffer is the SharedArrayBuffer that TypeScript lays
// its views over. The byteOffset of a view is the address that a kernel is given.
//
// Columns follow one another in the order in which they are named, each at a multiple of 16 bytes, so that their sizes
// alone tell another thread where they lie. Scratch of the threads comes behind them: memory only ever grows.

import {InputFailure} from '../failure.ts';

/** Nothing lies below: 0 is no address, and a module may keep constants here. */
const RESERVED_BYTES = 4_096;
const PAGE_BYTES = 65_536;
/** What an address of 32 bits reaches: 4 GiB. */
const PAGES_LIMIT = 65_536;
/** One SIMD register. */
const ALIGNMENT = 16;

type Column = Uint32Array | Int32Array | Uint8Array;
type ColumnType = {
  new (bytes: SharedArrayBuffer, byteOffset: number, length: number): Column;
  readonly BYTES_PER_ELEMENT: number;
};
/** By name: the type and the number of entries. */
type Columns = Readonly<Record<string, readonly [type: ColumnType, length: number]>>;
type Views<C extends Columns> = {readonly [K in keyof C]: InstanceType<C[K][0]>};

/** A new memory with these columns, all zero. Throws InputFailure `GRAPH_TOO_LARGE`. */
export function allocate<const C extends Columns>(columns: C): Views<C> & {readonly memory: WebAssembly.Memory} {
  const memory = memoryOf(endOf(columns));
  return {memory, ...overlay(memory, columns)};
}

/** A new memory of at least so many bytes, all zero. Throws InputFailure `GRAPH_TOO_LARGE`. */
export function memoryOf(bytes: number): WebAssembly.Memory {
  const pages = Math.ceil(bytes / PAGE_BYTES);
  if (pages > PAGES_LIMIT) {
    throw new InputFailure(
      'GRAPH_TOO_LARGE',
      `its hierarchy takes ${bytes} bytes, and an address reaches 4 GiB: take the router dijkstra`,
    );
  }
  return new WebAssembly.Memory({initial: pages, maximum: PAGES_LIMIT, shared: true});
}

/** Views over the columns that `allocate` has laid out, or over more of them from where others end. */
export function overlay<const C extends Columns>(
  memory: WebAssembly.Memory,
  columns: C,
  from: number = RESERVED_BYTES,
): Views<C> {
  const {buffer} = memory;
  let at = from;
  const views = Object.entries(columns).map(([name, [type, length]]) => {
    const view = new type(buffer, at, length);
    at = aligned(at + view.byteLength);
    return [name, view];
  });
  return Object.fromEntries(views);
}

/** The address behind such columns. */
export function endOf(columns: Columns, from: number = RESERVED_BYTES): number {
  return Object.values(columns).reduce((at, [type, length]) => aligned(at + length * type.BYTES_PER_ELEMENT), from);
}

// Rounding by bits would wrap at 2 GiB.
const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/** Memory of one thread behind the columns, taken piece by piece and given back all at once. */
export class Scratch {
  readonly #memory: WebAssembly.Memory;
  /** Chunks that are ours alone; growth by other threads lies between them. */
  readonly #chunks: {readonly start: number; readonly end: number}[] = [];
  #chunk = 0;
  #at = 0;

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
  }

  /** The address of at least `bytes` bytes of junk (zeros when first taken). Throws InputFailure `MEMORY_FULL`. */
  take(bytes: number): number {
    // What was tried stands only if it fits, so that after a failure smaller takes go on from here.
    let at = this.#at;
    for (let chunk = this.#chunk; chunk < this.#chunks.length; chunk++, at = 0) {
      const {start, end} = this.#chunks[chunk];
      const from = Math.max(start, at);
      if (from + bytes > end) continue;
      this.#chunk = chunk;
      this.#at = aligned(from + bytes);
      return from;
    }
    this.#grow(bytes);
    return this.take(bytes);
  }

  /** By as much again as there is, so that slowly growing needs end within a constant factor of the largest. */
  #grow(bytes: number): void {
    const needed = Math.max(Math.ceil(bytes / PAGE_BYTES), SMALLEST_CHUNK_PAGES);
    const held = this.#chunks.reduce((sum, {start, end}) => sum + (end - start) / PAGE_BYTES, 0);
    for (const pages of new Set([Math.max(needed, held), needed])) {
      try {
        const start = this.#memory.grow(pages) * PAGE_BYTES;
        this.#chunks.push({start, end: start + pages * PAGE_BYTES});
        return;
      } catch {
        // Too much: with no more than is needed it may still fit.
      }
    }
    throw new InputFailure('MEMORY_FULL', `${bytes} more bytes of scratch do not fit a memory of 4 GiB`);
  }

  /** Everything taken is junk from now on, and may be handed out again. */
  reset(): void {
    this.#chunk = 0;
    this.#at = 0;
  }
}

const SMALLEST_CHUNK_PAGES = 16;
