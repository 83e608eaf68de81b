// Asks a running daemon over HTTP: its answer is the command's, a problem document is a negative verdict.

import {tokenFromEnvironment} from '../config.ts';
import {InputFailure} from '../domain/failure.ts';

export type AskedDaemon = {readonly url: string; readonly token?: string | undefined};

const REPLY_LIMIT_MS = 60_000;

/** `token`: else CLOUDRUN_TOKEN, which no list of processes shows. InputFailure: URL_INVALID, DAEMON_UNREACHABLE. */
export async function askDaemon(
  {url, token = tokenFromEnvironment()}: AskedDaemon,
  path: string,
  request: RequestInit,
): Promise<{readonly ok: boolean; readonly answer: unknown}> {
  const target = URL.parse(path, url);
  if (!target) throw new InputFailure('URL_INVALID', `${url} is not an address`);
  const signal = AbortSignal.timeout(REPLY_LIMIT_MS);
  const headers = new Headers(request.headers);
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  const reply = await fetch(target, {...request, headers, signal}).catch((error: Error) => {
    throw new InputFailure('DAEMON_UNREACHABLE', `${target.origin} does not answer: ${error.message}`);
  });
  const answer: unknown = await reply.json().catch(() => {
    throw new InputFailure('DAEMON_UNREACHABLE', `${target.origin} answered ${reply.status}, but is no daemon of ours`);
  });
  return {ok: reply.ok, answer};
}
