// The state of a solve or of one of its tiles, as ../state.ts writes it: words of int32, most of them addresses.

/** Entries of int32 and int64 arrays by address and index. The optimizer inlines them. */
export function get(array: usize, i: i32): i32 {
  return load<i32>(array + ((<usize>i) << 2));
}

export function put(array: usize, i: i32, value: i32): void {
  store<i32>(array + ((<usize>i) << 2), value);
}

export function add(array: usize, i: i32, value: i32): void {
  put(array, i, get(array, i) + value);
}

export function getLong(array: usize, i: i32): i64 {
  return load<i64>(array + ((<usize>i) << 3));
}

export function putLong(array: usize, i: i32, value: i64): void {
  store<i64>(array + ((<usize>i) << 3), value);
}

export function addressAt(state: usize, word: i32): usize {
  return <usize>load<u32>(state + ((<usize>word) << 2));
}

/** Counts that may exceed an int32 are float64, as they are in TypeScript. */
export function countAt(state: usize, word: i32): f64 {
  return load<f64>(state + ((<usize>word) << 2));
}

export function setCount(state: usize, word: i32, value: f64): void {
  store<f64>(state + ((<usize>word) << 2), value);
}

export const UNASSIGNED: i32 = -1;
export const WAITING: i32 = -2;
export const INFINITE_MS: i32 = 0x7fffffff;

// Words, in the order of ../state.ts.
export const WORK = 0;
export const BUDGET = 2;
export const MOST_BIDS = 4;
export const PATIENCE = 6;
export const IMPATIENCE = 8;
export const DRIVER_COUNT = 10;
export const TASK_COUNT = 11;
export const ARC_COUNT = 12;
export const FIRST_TASK = 13;
export const END_TASK = 14;
export const FIRST_DRIVER = 15;
export const END_DRIVER = 16;
export const LIST_SIZE = 17;
export const ROUND = 18;
export const AUGMENTATIONS = 19;
export const EPSILON_MS = 20;
export const HEAP_ROOM = 21;
export const ROW_FIRST = 22;
export const ROW_DRIVER = 23;
export const ROW_COST = 24;
export const PENALTY = 25;
export const PLACES = 26;
export const COLUMN_FIRST = 27;
export const COLUMN_TASK = 28;
export const COLUMN_COST = 29;
export const TASK_PRICE = 30;
export const DRIVER_OF = 31;
export const LIST = 32;
export const DRIVER_PRICE = 33;
export const USED = 34;
export const FIRST_PLACE = 35;
export const PLACE_TASK = 36;
export const PLACE_PRICE = 37;
export const DIST = 38;
export const VIA_TASK = 39;
export const VIA_DRIVER = 40;
export const REACHED = 41;
export const TREE = 42;
export const LEVEL = 43;
export const HEAP = 44;
export const OUTCOME = 45;
export const TASK_AT = 46;
export const DRIVER_AT = 47;
export const DRIVER_IS = 48;
export const OUT_FIRST = 49;
export const OUT_DRIVER = 50;
export const OUT_COST = 51;
export const SCRATCH = 52;
export const KEPT = 53;
export const PAIR_FIRST = 54;
export const CAPACITY = 55;
export const BORDER_PRICE = 56;
export const SLOPE = 58;
