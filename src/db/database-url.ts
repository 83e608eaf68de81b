// What a database address must look like, and how to speak of one without its password.

import {InputFailure} from '../domain/failure.ts';

/** `host:port/name` of a valid address. InputFailure DATABASE_URL_INVALID never repeats what was given. */
export function addressOf(url: string): string {
  try {
    const {protocol, hostname, port, pathname, username, password} = new URL(url);
    // The drivers decode these later, outside any call of ours.
    for (const part of [username, password, pathname]) decodeURIComponent(part);
    if (/^postgres(ql)?:$/.test(protocol) && hostname !== '' && pathname.length > 1)
      return `${hostname}:${port || 5432}${decodeURIComponent(pathname)}`;
  } catch {
    // Not a URL at all; the same answer as for one of another kind.
  }
  throw new InputFailure(
    'DATABASE_URL_INVALID',
    'a database address looks like postgres://user:password@host:5432/name',
  );
}

/** One line for the person who set the address; `error` is what a driver reported while it connected. */
export function unreachable(address: string, error: unknown): InputFailure {
  const {message, code} = error as {message?: string; code?: string};
  // Node reports a host with several addresses, none of which answered, with a code alone.
  return new InputFailure('DATABASE_UNREACHABLE', `cannot use the database ${address}: ${message || code}`);
}
