// twin/buckets.ts tells what happens here, and why.

import {get, put, UNREACHABLE_MS} from './memory';

export function group(
  nodeCount: i32,
  labelFirst: usize,
  labelNode: usize,
  labelMs: usize,
  labelCm: usize,
  placeCount: i32,
  bucketFirst: usize,
  bucketPlace: usize,
  bucketMs: usize,
  bucketCm: usize,
): void {
  memory.fill(bucketFirst, 0, (<usize>nodeCount + 1) << 2);
  const labelCount = get(labelFirst, placeCount);
  for (let i = 0; i < labelCount; i++) {
    const node = get(labelNode, i);
    put(bucketFirst, node, get(bucketFirst, node) + 1);
  }
  let end = 0;
  for (let node = 0; node <= nodeCount; node++) {
    end += get(bucketFirst, node);
    put(bucketFirst, node, end);
  }
  for (let place = placeCount - 1; place >= 0; place--) {
    for (let i = get(labelFirst, place + 1) - 1, begin = get(labelFirst, place); i >= begin; i--) {
      const at = get(bucketFirst, get(labelNode, i)) - 1;
      put(bucketFirst, get(labelNode, i), at);
      put(bucketPlace, at, place);
      put(bucketMs, at, get(labelMs, i));
      put(bucketCm, at, get(labelCm, i));
    }
  }
}

export function scan(
  labelFirst: usize,
  labelNode: usize,
  labelMs: usize,
  row: i32,
  bucketFirst: usize,
  bucketPlace: usize,
  bucketMs: usize,
  columnCount: i32,
  out: usize,
): void {
  for (let column = 0; column < columnCount; column++) put(out, column, UNREACHABLE_MS);
  for (let i = get(labelFirst, row), end = get(labelFirst, row + 1); i < end; i++) {
    const node = get(labelNode, i);
    const ms = get(labelMs, i);
    for (let at = get(bucketFirst, node), last = get(bucketFirst, node + 1); at < last; at++) {
      const column = get(bucketPlace, at);
      put(out, column, min(get(out, column), ms + get(bucketMs, at)));
    }
  }
}

export function scanLengths(
  labelFirst: usize,
  labelNode: usize,
  labelMs: usize,
  labelCm: usize,
  row: i32,
  bucketFirst: usize,
  bucketPlace: usize,
  bucketMs: usize,
  bucketCm: usize,
  columnCount: i32,
  out: usize,
  outCm: usize,
): void {
  for (let column = 0; column < columnCount; column++) {
    put(out, column, UNREACHABLE_MS);
    put(outCm, column, 0);
  }
  for (let i = get(labelFirst, row), end = get(labelFirst, row + 1); i < end; i++) {
    const node = get(labelNode, i);
    for (let at = get(bucketFirst, node), last = get(bucketFirst, node + 1); at < last; at++) {
      const column = get(bucketPlace, at);
      const ms = get(labelMs, i) + get(bucketMs, at);
      const cm = get(labelCm, i) + get(bucketCm, at);
      const best = get(out, column);
      if (ms > best || (ms == best && cm >= get(outCm, column))) continue;
      put(out, column, ms);
      put(outCm, column, cm);
    }
  }
}

export function meet(
  groupFirst: usize,
  groupNode: usize,
  groupMs: usize,
  row: i32,
  memberFirst: usize,
  memberNode: usize,
  memberMs: usize,
  member: usize,
  firstMember: i32,
  endMember: i32,
  noted: usize,
  out: usize,
): void {
  const begin = get(groupFirst, row);
  const end = get(groupFirst, row + 1);
  for (let i = begin; i < end; i++) put(noted, get(groupNode, i), get(groupMs, i));
  for (let m = firstMember; m < endMember; m++) {
    const place = get(member, m);
    let best = UNREACHABLE_MS;
    for (let i = get(memberFirst, place), last = get(memberFirst, place + 1); i < last; i++) {
      const ms = get(noted, get(memberNode, i));
      if (ms < UNREACHABLE_MS) best = min(best, ms + get(memberMs, i));
    }
    put(out, m, best);
  }
  for (let i = begin; i < end; i++) put(noted, get(groupNode, i), UNREACHABLE_MS);
}
