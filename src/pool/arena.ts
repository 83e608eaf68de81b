// Reusable shared memory for the arrays of a job: written by the caller, read and answered in place by the threads. A
// SharedArrayBuffer of its own per job would be zeroed, mapped and collected per job.
//
// Invariant: the bytes of all blocks, lent and spare, never exceed the limit; a block is lent to one job at a time.

import {PoolFailure} from './threads.ts';

/** The smallest block; sizes are powers of two, so that few sizes serve all jobs. */
const SMALLEST_BYTES = 1 << 16;

export type Arena = {
  /** Lends a block of at least `byteLength` bytes of junk. Throws PoolFailure when the limit leaves no room for it. */
  take(byteLength: number): SharedArrayBuffer;
  /** Takes a block back for reuse. Every thread must be done with it. */
  giveBack(block: SharedArrayBuffer): void;
  readonly bytes: number;
};

export function createArena(limitBytes: number): Arena {
  const spare = new Map<number, SharedArrayBuffer[]>();
  let lentBytes = 0;
  let spareBytes = 0;

  return {
    take(byteLength) {
      let size = SMALLEST_BYTES;
      while (size < byteLength) size *= 2;
      if (size > limitBytes) {
        throw new PoolFailure(
          'POOL_TOO_LARGE',
          `a job of ${byteLength} bytes exceeds the pool's limit of ${limitBytes} bytes`,
        );
      }
      const reused = spare.get(size)?.pop();
      if (reused) {
        spareBytes -= size;
      } else if (lentBytes + size > limitBytes) {
        throw new PoolFailure(
          'POOL_BUSY',
          `no room for a job of ${byteLength} bytes: ${lentBytes} of ${limitBytes} are in use`,
        );
      } else if (lentBytes + spareBytes + size > limitBytes) {
        spare.clear();
        spareBytes = 0;
      }
      lentBytes += size;
      return reused ?? new SharedArrayBuffer(size);
    },

    giveBack(block) {
      lentBytes -= block.byteLength;
      spareBytes += block.byteLength;
      const blocks = spare.get(block.byteLength);
      if (blocks) blocks.push(block);
      else spare.set(block.byteLength, [block]);
    },

    get bytes() {
      return lentBytes + spareBytes;
    },
  };
}
