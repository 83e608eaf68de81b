// twin/descend.ts tells what happens here, and why.

import {get, put, UNREACHABLE_MS} from './memory';

export function descend(
  nodeCount: i32,
  first: usize,
  arcs: usize,
  labelFirst: usize,
  labelNode: usize,
  labelMs: usize,
  limitMs: i32,
  out: usize,
): void {
  for (let v = 0; v < nodeCount; v++) put(out, v, UNREACHABLE_MS);
  for (let i = get(labelFirst, 0), end = get(labelFirst, 1); i < end; i++) put(out, get(labelNode, i), get(labelMs, i));
  // From the last arc to the first, so that one address runs through all of them.
  let arc = arcs + ((<usize>get(first, nodeCount)) << 3);
  for (let v = nodeCount - 1; v >= 0; v--) {
    let best = get(out, v);
    for (const begin = arcs + ((<usize>get(first, v)) << 3); arc > begin; ) {
      arc -= 8;
      best = min(best, get(out, load<i32>(arc)) + load<i32>(arc, 4));
    }
    put(out, v, best <= limitMs ? best : UNREACHABLE_MS);
  }
}
