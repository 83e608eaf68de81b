// The memory that the compiled kernels walk, as one solve after the other uses it: arrays follow one another, each at a
// multiple of 16 bytes, and are forgotten together. Memory only ever grows.

/** Nothing lies below: 0 is no address. The first bytes are for the team (team.ts). */
const RESERVED_BYTES = 4_096;
const PAGE_BYTES = 65_536;
/** What an address of 32 bits reaches: 4 GiB. */
const PAGES_LIMIT = 65_536;
/** One SIMD register. */
const ALIGNMENT = 16;

/** Memory that grew beyond this is not kept from solve to solve: about 5 million arcs. */
const KEPT_BYTES = 2 ** 27;

export type Room = {readonly memory: WebAssembly.Memory; usedBytes: number};

export const roomIn = (memory: WebAssembly.Memory): Room => ({memory, usedBytes: RESERVED_BYTES});

export const createRoom = (): Room => roomIn(new WebAssembly.Memory({initial: 1, maximum: PAGES_LIMIT, shared: true}));

/** Everything taken so far is forgotten. */
export function clear(room: Room): void {
  room.usedBytes = RESERVED_BYTES;
}

/** An array of junk. */
export function take(room: Room, length: number): Int32Array {
  const at = room.usedBytes;
  room.usedBytes = Math.ceil((at + 4 * length) / ALIGNMENT) * ALIGNMENT;
  const missing = room.usedBytes - room.memory.buffer.byteLength;
  if (missing > 0) room.memory.grow(Math.ceil(missing / PAGE_BYTES));
  return new Int32Array(room.memory.buffer, at, length);
}

export const isWorthKeeping = (memory: WebAssembly.Memory): boolean => memory.buffer.byteLength <= KEPT_BYTES;
