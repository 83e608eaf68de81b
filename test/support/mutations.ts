// Damage for files: bytes put in, dropped or repeated, a few at a time, so that most of the file stays right.

import fc from 'fast-check';

export type Mutation = {readonly at: number; readonly remove: number; readonly insert: Uint8Array};

export const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(),
  remove: fc.integer({min: 0, max: 4}),
  insert: fc.oneof(
    fc.uint8Array({maxLength: 4}),
    fc.constantFrom('"', '<', '{', ']', '\n', '1e999', '-', '&#0;').map((text) => Buffer.from(text)),
    fc.constant(new Uint8Array(12).fill(0xff)),
  ),
});

export function mutate(bytes: Buffer, mutations: readonly Mutation[]): Buffer {
  let result = bytes;
  for (const {at, remove, insert} of mutations) {
    const place = at % (result.length + 1);
    result = Buffer.concat([result.subarray(0, place), insert, result.subarray(place + remove)]);
  }
  return result;
}
