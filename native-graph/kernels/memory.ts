// Memory that kernels walk: one shared WebAssembly.Memory, whose buffer is the SharedArrayBuffer that TypeScript lays
// its views over. The byteOffset of a view is the address that a kernel is given.
//
// Columns follow one another in the order in which they are named, each at a multiple of 16 bytes, so that their sizes
// alone tell another thread where they lie. Behind them come rooms, for scratch of the threads. Memory only ever grows,
// so a room outlives whoever has it; its address is all that the next one needs to take over all that it has become.

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

/** A room is a list of chunks: each begins with how many pages it has and the address of the next, 0 for none. */
const HEADER_BYTES = ALIGNMENT;
const SMALLEST_CHUNK_PAGES = 16;

const headerOf = (memory: WebAssembly.Memory, chunk: number): Uint32Array => new Uint32Array(memory.buffer, chunk, 2);

const pagesFor = (bytes: number): number =>
  Math.max(Math.ceil((HEADER_BYTES + bytes) / PAGE_BYTES), SMALLEST_CHUNK_PAGES);

/** The address of a new chunk; undefined where the memory is full. */
function addChunk(memory: WebAssembly.Memory, pages: number): number | undefined {
  let chunk: number;
  try {
    chunk = memory.grow(pages) * PAGE_BYTES;
  } catch {
    return undefined;
  }
  headerOf(memory, chunk)[0] = pages;
  return chunk;
}

/**
 * The address of a new room, for one to have at a time: what it has grown to stays for those who come after. Up to
 * `bytes` can be taken without growth. Throws InputFailure `GRAPH_TOO_LARGE`.
 */
export function openRoom(memory: WebAssembly.Memory, bytes = 0): number {
  const room = addChunk(memory, pagesFor(bytes));
  if (room !== undefined) return room;
  throw new InputFailure(
    'GRAPH_TOO_LARGE',
    `its hierarchy leaves no room of ${bytes} bytes for one more who searches it, as an address reaches 4 GiB: ` +
      'take fewer threads, or the router dijkstra',
  );
}

/** How far into a room has been taken. */
export type Taken = {readonly chunk: number; readonly at: number};

/** What is taken of a room, piece by piece, and given back all at once. */
export class Scratch {
  readonly #memory: WebAssembly.Memory;
  readonly #chunks: {readonly start: number; readonly end: number}[] = [];
  #kept: Taken;
  #taken: Taken;

  /** A new room, or one whose pieces up to `kept` stay taken. Throws InputFailure `GRAPH_TOO_LARGE`. */
  constructor(memory: WebAssembly.Memory, room: number = openRoom(memory), kept: Taken = {chunk: 0, at: 0}) {
    this.#memory = memory;
    this.#kept = kept;
    this.#taken = kept;
    for (let start = room; start !== 0; ) {
      const [pages, next] = headerOf(memory, start);
      this.#chunks.push({start, end: start + pages * PAGE_BYTES});
      start = next;
    }
  }

  get taken(): Taken {
    return this.#taken;
  }

  /** The address of at least `bytes` bytes of junk. Throws InputFailure `MEMORY_FULL`. */
  take(bytes: number): number {
    // What was tried stands only if it fits, so that after a failure smaller takes go on from here.
    let {at} = this.#taken;
    for (let {chunk} = this.#taken; chunk < this.#chunks.length; chunk++, at = 0) {
      const {start, end} = this.#chunks[chunk];
      const from = Math.max(start + HEADER_BYTES, at);
      if (from + bytes > end) continue;
      this.#taken = {chunk, at: aligned(from + bytes)};
      return from;
    }
    this.#grow(bytes);
    return this.take(bytes);
  }

  /** By as much again as there is to be reset, so that slowly growing needs end within a few times the largest. */
  #grow(bytes: number): void {
    const needed = pagesFor(bytes);
    const held = this.#chunks
      .slice(this.#kept.chunk + 1)
      .reduce((sum, {start, end}) => sum + (end - start) / PAGE_BYTES, 0);
    // Where that is too much, no more than is needed may still fit.
    const chunk = addChunk(this.#memory, Math.max(needed, held)) ?? addChunk(this.#memory, needed);
    if (chunk === undefined) {
      throw new InputFailure('MEMORY_FULL', `${bytes} more bytes of scratch do not fit a memory of 4 GiB`);
    }
    headerOf(this.#memory, this.#chunks[this.#chunks.length - 1].start)[1] = chunk;
    const [pages] = headerOf(this.#memory, chunk);
    this.#chunks.push({start: chunk, end: chunk + pages * PAGE_BYTES});
  }

  /** What has been taken so far stays taken. */
  keep(): void {
    this.#kept = this.#taken;
  }

  /** Everything taken since is junk from now on, and may be handed out again. */
  reset(): void {
    this.#taken = this.#kept;
  }
}
