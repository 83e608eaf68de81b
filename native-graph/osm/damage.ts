// How a reader says that a file cannot be used: one line with the file, the place in it, and what is wrong there.

import {InputFailure} from '../failure.ts';

/** `what` may quote the file; it is cut to one line of bounded length. */
export function damage(code: string, path: string, place: string, what: string): InputFailure {
  return new InputFailure(code, `${path}: damaged ${place}: ${what.replace(/[\s\p{Cc}]+/gu, ' ').slice(0, 200)}`);
}
