// The cookie of a page's session, and the word that its writes carry. A page of another site can make a browser send
// the cookie at most, never read it or the word.

import {createHash} from 'node:crypto';
import type {CookieSerializeOptions} from '@fastify/cookie';
import type {FastifyReply, FastifyRequest} from 'fastify';
import {sameHash} from '../../domain/access.ts';

/** Browsers take a name that begins so only from this very host, over TLS. */
const SECURE_NAME = '__Host-cloudrun_session';
const PLAIN_NAME = 'cloudrun_session';
const CSRF_HEADER = 'x-csrf-token';

/** TLS here, or as a trusted proxy says. */
const isSecure = ({protocol}: FastifyRequest): boolean => protocol === 'https';
const nameFor = (request: FastifyRequest): string => (isSecure(request) ? SECURE_NAME : PLAIN_NAME);

export const sessionIn = (request: FastifyRequest): string | undefined => request.cookies[nameFor(request)];

export function keepSession(request: FastifyRequest, reply: FastifyReply, secret: string, lifetimeS: number): void {
  reply.setCookie(nameFor(request), secret, {...optionsFor(request), maxAge: lifetimeS});
}

export function dropSession(request: FastifyRequest, reply: FastifyReply): void {
  reply.clearCookie(nameFor(request), optionsFor(request));
}

const optionsFor = (request: FastifyRequest): CookieSerializeOptions => ({
  path: '/',
  httpOnly: true,
  sameSite: 'strict',
  secure: isSecure(request),
});

/** Follows from the cookie alone, so it need not be stored. */
export const csrfTokenOf = (secret: string): string =>
  createHash('sha256').update(`csrf ${secret}`).digest('base64url');

export function csrfHolds(request: FastifyRequest): boolean {
  const given = request.headers[CSRF_HEADER];
  const secret = sessionIn(request);
  if (typeof given !== 'string' || secret === undefined) return false;
  return sameHash(Buffer.from(given), Buffer.from(csrfTokenOf(secret)));
}
