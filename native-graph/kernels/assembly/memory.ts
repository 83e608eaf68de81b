// Entries of int32 and int64 arrays by address and index. The optimizer inlines them.

/** The time that no way takes; layout.ts of the road graph has the same. */
export const UNREACHABLE_MS: i32 = 0x3fffffff;

export function get(array: usize, i: i32): i32 {
  return load<i32>(array + ((<usize>i) << 2));
}

export function put(array: usize, i: i32, value: i32): void {
  store<i32>(array + ((<usize>i) << 2), value);
}

export function getLong(array: usize, i: i32): i64 {
  return load<i64>(array + ((<usize>i) << 3));
}

export function putLong(array: usize, i: i32, value: i64): void {
  store<i64>(array + ((<usize>i) << 3), value);
}

/** The second half of an arc: its milliseconds, beside `get(arcs, 2 * arc)`, its end. */
export function msOf(arcs: usize, arc: i32): i32 {
  return load<i32>(arcs + ((<usize>arc) << 3), 4);
}

export function endOf(arcs: usize, arc: i32): i32 {
  return load<i32>(arcs + ((<usize>arc) << 3));
}
