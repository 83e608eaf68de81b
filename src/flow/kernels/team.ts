// Threads that share the parts of a step. One leads: it runs the solve, and hands out what is in parts; whoever else is
// there takes some, and where nobody is, the leader does all by itself. So no solve waits for a thread, and as parts
// have nothing in common, the answer is the same whoever does them.
//
// The ticket holds the number of the step and the next part of it. Who moves it on has that part; a helper that read
// the step before it changed cannot, so it never runs a kernel on another step's part.
//
// Invariant: the leader goes on only when all parts are done, so no helper works while it does.

import {type Exports, KERNEL_NAMES, type KernelName} from './exports.ts';

// Words of int32 at the start of the memory.
const WORDS = 16;
const TICKET = 0;
const KERNEL = 1;
const PART_COUNT = 2;
const FIRST_STATE = 3;
const STATE_BYTES = 4;
const DONE = 5;
const IS_OVER = 6;
const PRESENT = 7;

const PART_BITS = 8;
const PART_MASK = 2 ** PART_BITS - 1;
/** Steps are told apart by this many numbers: a helper would have to sleep through them all to mistake one. */
const STEPS = 2 ** 23;

/** A helper looks up this often, should it have slept through a call. */
const IDLE_MS = 20;

export type Team = {
  /** Runs a kernel on so many states, which follow one another. */
  run(kernel: KernelName, firstState: number, stateBytes: number, partCount: number): void;
};

const wordsOf = (memory: WebAssembly.Memory): Int32Array => new Int32Array(memory.buffer, 0, WORDS);

export function teamOf(memory: WebAssembly.Memory, exports: Exports): Team {
  const words = wordsOf(memory);
  return {
    run(kernel, firstState, stateBytes, partCount) {
      const step = ((Atomics.load(words, TICKET) >>> PART_BITS) + 1) % STEPS;
      // Nobody takes a part between these: there is none.
      Atomics.store(words, PART_COUNT, 0);
      Atomics.store(words, KERNEL, KERNEL_NAMES.indexOf(kernel));
      Atomics.store(words, FIRST_STATE, firstState);
      Atomics.store(words, STATE_BYTES, stateBytes);
      Atomics.store(words, DONE, 0);
      Atomics.store(words, TICKET, step << PART_BITS);
      Atomics.store(words, PART_COUNT, partCount);
      Atomics.notify(words, TICKET);
      while (takePart(words, exports));
      for (;;) {
        const done = Atomics.load(words, DONE);
        if (done === partCount) return;
        Atomics.wait(words, DONE, done);
      }
    },
  };
}

/** Does one part of the step at hand; false when all are taken. */
function takePart(words: Int32Array, exports: Exports): boolean {
  const ticket = Atomics.load(words, TICKET);
  const part = ticket & PART_MASK;
  if (part >= Atomics.load(words, PART_COUNT)) return false;
  const kernel = KERNEL_NAMES[Atomics.load(words, KERNEL)];
  const state = Atomics.load(words, FIRST_STATE) + part * Atomics.load(words, STATE_BYTES);
  if (Atomics.compareExchange(words, TICKET, ticket, ticket + 1) !== ticket) return true;
  exports[kernel](state);
  Atomics.add(words, DONE, 1);
  Atomics.notify(words, DONE);
  return true;
}

/** Before the leader and its helpers start. */
export function assemble(memory: WebAssembly.Memory): void {
  for (const word of [IS_OVER, PART_COUNT, PRESENT]) Atomics.store(wordsOf(memory), word, 0);
}

/** Waits until so many help. */
export async function gathered(memory: WebAssembly.Memory, helperCount: number): Promise<void> {
  const words = wordsOf(memory);
  for (;;) {
    const present = Atomics.load(words, PRESENT);
    if (present >= helperCount) return;
    await Atomics.waitAsync(words, PRESENT, present).value;
  }
}

/** The leader needs nobody any more. */
export function dismiss(memory: WebAssembly.Memory): void {
  const words = wordsOf(memory);
  Atomics.store(words, IS_OVER, 1);
  Atomics.notify(words, TICKET);
}

/** Helps the leader, until it says that it is over. */
export function help(memory: WebAssembly.Memory, exports: Exports): void {
  const words = wordsOf(memory);
  Atomics.add(words, PRESENT, 1);
  Atomics.notify(words, PRESENT);
  for (;;) {
    const ticket = Atomics.load(words, TICKET);
    if (takePart(words, exports)) continue;
    if (Atomics.load(words, IS_OVER) === 1) return;
    Atomics.wait(words, TICKET, ticket, IDLE_MS);
  }
}
