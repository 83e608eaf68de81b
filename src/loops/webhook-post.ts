// One POST of a webhook: to the addresses that were checked, once, no redirect followed, bounded in time and bytes.

import {request as requestHttp} from 'node:http';
import {request as requestHttps} from 'node:https';
import type {LookupFunction} from 'node:net';
import type {SignedHeaders} from '../domain/signature.ts';
import type {Address, Target} from './webhook-target.ts';

/** From the first packet to the status line. */
export const WEBHOOK_TIMEOUT_LIMIT_MS = 10_000;
/** Of the answer, which is not looked at. */
export const WEBHOOK_ANSWER_LIMIT_BYTES = 65_536;

export type Posted =
  | {readonly kind: 'delivered'}
  /** `error` is a code such as HTTP_500, TIMEOUT, ECONNREFUSED; nothing that the receiver wrote. */
  | {readonly kind: 'failed'; readonly error: string};

/** Delivered is any status from 200 to 299. */
export function postWebhook(
  {url, addresses}: Extract<Target, {kind: 'allowed'}>,
  headers: SignedHeaders,
  body: string,
  timeoutMs = WEBHOOK_TIMEOUT_LIMIT_MS,
): Promise<Posted> {
  const {promise, resolve} = Promise.withResolvers<Posted>();
  const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
    method: 'POST',
    headers: {
      ...headers,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'cloudrun-webhooks',
    },
    // A connection of its own, so that no other address than the checked ones is ever reused.
    agent: false,
    lookup: pinnedTo(addresses),
    signal: AbortSignal.timeout(timeoutMs),
  });
  request.on('response', (response) => {
    const status = response.statusCode ?? 0;
    resolve(status >= 200 && status < 300 ? {kind: 'delivered'} : {kind: 'failed', error: `HTTP_${status}`});
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > WEBHOOK_ANSWER_LIMIT_BYTES) request.destroy();
    });
    response.on('error', () => {});
  });
  request.on('error', (error: NodeJS.ErrnoException) => {
    const code = error.name === 'AbortError' || error.name === 'TimeoutError' ? 'TIMEOUT' : (error.code ?? 'UNSENT');
    resolve({kind: 'failed', error: code});
  });
  request.end(body);
  return promise;
}

/** Answers every look-up with the addresses that were checked. */
function pinnedTo(addresses: readonly Address[]): LookupFunction {
  return (_hostname, {all}, done) => {
    if (all) done(null, [...addresses]);
    else done(null, addresses[0].address, addresses[0].family);
  };
}
