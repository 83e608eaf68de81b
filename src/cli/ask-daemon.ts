// Asks a running daemon over HTTP: its answer is the command's, a problem document is a negative verdict.

import {InputFailure} from '../domain/failure.ts';

const REPLY_LIMIT_MS = 60_000;

/** InputFailure: URL_INVALID, DAEMON_UNREACHABLE. */
export async function askDaemon(
  url: string,
  path: string,
  request: RequestInit,
): Promise<{readonly ok: boolean; readonly answer: unknown}> {
  const target = URL.parse(path, url);
  if (!target) throw new InputFailure('URL_INVALID', `${url} is not an address`);
  const signal = AbortSignal.timeout(REPLY_LIMIT_MS);
  const reply = await fetch(target, {...request, signal}).catch((error: Error) => {
    throw new InputFailure('DAEMON_UNREACHABLE', `${target.origin} does not answer: ${error.message}`);
  });
  const answer: unknown = await reply.json().catch(() => {
    throw new InputFailure('DAEMON_UNREACHABLE', `${target.origin} answered ${reply.status}, but is no daemon of ours`);
  });
  return {ok: reply.ok, answer};
}
