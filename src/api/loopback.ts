// What a server without tokens owes its machine: a web page must not reach it by a name that resolves to loopback (DNS
// rebinding), nor change anything by a cross-site post. The Host header must be ours; a foreign Origin may only read
// what any program on the machine may, and browsers keep even that from it, as no CORS header is ever sent.

import type {FastifyInstance, FastifyRequest} from 'fastify';
import {refuse} from './failures.ts';

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);
const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Refuses requests by Host and Origin before anything else looks at them. */
export function guardLoopback(app: FastifyInstance, allowedHosts: readonly string[]): void {
  app.addHook('onRequest', async (request, reply) => {
    if (!hostIsOurs(request, allowedHosts)) return reply.send(refuse(reply, {kind: 'host-refused'}));
    if (!READS.has(request.method) && !originIsOurs(request)) {
      return reply.send(refuse(reply, {kind: 'origin-refused'}));
    }
  });
}

function hostIsOurs({headers, server}: FastifyRequest, allowedHosts: readonly string[]): boolean {
  const host = headers.host?.toLowerCase();
  if (host === undefined) return false;
  if (allowedHosts.includes(host)) return true;
  const [, name, port = '80'] = /^(\[[0-9a-f:.]+\]|[^:]*)(?::(\d+))?$/.exec(host) ?? [];
  if (name === undefined) return false;
  const address = server.server.address();
  // Requests that are injected, not received, find no port to compare.
  if (address === null || typeof address === 'string') return LOOPBACK_NAMES.has(name);
  const bound = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return Number(port) === address.port && (LOOPBACK_NAMES.has(name) || name === bound);
}

/** Programs send no Origin; a browser does with every request that may change something. `null` is a foreign one. */
function originIsOurs({headers}: FastifyRequest): boolean {
  const {origin, host} = headers;
  return origin === undefined || origin === `http://${host}` || origin === `https://${host}`;
}
