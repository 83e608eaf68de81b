// What a compiled kernel is told of a part, and what it tells: a few numbers and the addresses of arrays, in words of
// int32. assembly/state.ts names the same words.

import type {Part} from '../search/part.ts';
import type {Workspace} from '../search/workspace.ts';

/** A multiple of 16 bytes. */
export const STATE_WORDS = 64;

/** Counts that may exceed an int32 are float64 and come first. */
const COUNTS = 5;
const NUMBERS_FROM = 10;
const WAITING_COUNT = 17;
const ROUND = 18;
const AUGMENTATIONS = 19;
const ADDRESSES_FROM = 22;
const IS_DONE = 45;

/** What only the kernels of the layout are told. */
export const ORDER_FROM = 46;
export const SCRATCH = 52;
export const ROWS_FROM = 53;
const BORDER_PRICE = 56;
const PATIENCE_SLOPE = 58;

/** Views of other memory are told too, but no kernel that gets them looks there. */
export const addressOf = (array: Int32Array | undefined): number => array?.byteOffset ?? 0;

export function tell(state: Int32Array, {rows, columns, w}: Part): void {
  const counts = new Float64Array(state.buffer, state.byteOffset, COUNTS);
  counts.set([w.work, w.budget, w.bidLimit, w.patience.base, w.patience.rise]);
  new Float64Array(state.buffer, state.byteOffset, STATE_WORDS / 2)[PATIENCE_SLOPE / 2] = w.patience.slope;
  const numbers = [
    ...[rows.driverCount, rows.taskCount, rows.arcCount, w.firstTask, w.endTask, w.firstDriver, w.endDriver],
    ...[w.waitingCount, w.round, w.augmentations, w.epsilonMs, w.heapRoom],
  ];
  const arrays = [
    ...[rows.firstArc, rows.driver, rows.costMs, rows.penaltyMs, rows.places],
    ...[columns?.firstArc, columns?.task, columns?.costMs],
    ...[w.taskPriceMs, w.driverOf, w.waiting, w.driverPriceMs, w.used, w.firstPlace, w.placeTask, w.placePriceMs],
    ...[w.distMs, w.viaTask, w.viaDriver, w.reached, w.tree, w.level, w.heapKeys],
  ];
  state.set(numbers, NUMBERS_FROM);
  state.set(arrays.map(addressOf), ADDRESSES_FROM);
  state[BORDER_PRICE] = addressOf(w.borderPriceMs);
}

export function learn(state: Int32Array, w: Workspace): void {
  w.work = new Float64Array(state.buffer, state.byteOffset, COUNTS)[0];
  w.waitingCount = state[WAITING_COUNT];
  w.round = state[ROUND];
  w.augmentations = state[AUGMENTATIONS];
  w.isDone = state[IS_DONE] === 1;
}
