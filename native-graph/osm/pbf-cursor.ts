// A cursor is a PbfReader set on one protobuf message or packed column: it reads [pos, length) of the bytes of all.
//
// Every message is read by the same loop: while pos < length, read a tag, then its value or skip it; then checkEnd.
// Each turn moves forward by at least one byte, so damaged bytes cannot hold a reader up.

import type {PbfReader} from 'pbf';

const LENGTH_DELIMITED = 2;

/** Sets `inner` on the field whose tag `outer` has just read, and steps `outer` over it. */
export function enter(inner: PbfReader, outer: PbfReader, tag: number): PbfReader {
  if ((tag & 7) !== LENGTH_DELIMITED) throw new Error('a field is of another type than the format says');
  const bytes = outer.readVarint();
  if (bytes > outer.length - outer.pos) throw new Error('a field runs over the end of its message');
  inner.pos = outer.pos;
  inner.length = outer.pos += bytes;
  return inner;
}

/** A cursor that read too far, or a column that is longer than those beside it, is not at its end. */
export function checkEnd(cursor: PbfReader): void {
  if (cursor.pos !== cursor.length) throw new Error('a message or a column does not end where the format says');
}
