// What a server owes those who reach it by a browser: a web page must not come to it by a name that resolves here (DNS
// rebinding), nor change anything by a cross-site post. The Host header must be ours: loopback or the address that the
// connection came to, with our port, or a name that was stated. A foreign Origin may only read what it may anyhow, and
// browsers keep even that from it, as no CORS header is ever sent.

import type {FastifyInstance, FastifyRequest} from 'fastify';
import {isRead} from './access/rates.ts';
import {refuse} from './failures.ts';

const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Refuses requests by Host and Origin before anything else looks at them. */
export function guardHosts(app: FastifyInstance, allowedHosts: readonly string[]): void {
  app.addHook('onRequest', async (request, reply) => {
    if (!hostIsOurs(request, allowedHosts)) return reply.send(refuse(reply, {kind: 'host-refused'}));
    if (!isRead(request) && !originIsOurs(request)) return reply.send(refuse(reply, {kind: 'origin-refused'}));
  });
}

function hostIsOurs({headers, server, socket, protocol}: FastifyRequest, allowedHosts: readonly string[]): boolean {
  const host = headers.host?.toLowerCase();
  if (host === undefined) return false;
  if (allowedHosts.includes(host)) return true;
  const [, name, port = protocol === 'https' ? '443' : '80'] = /^(\[[0-9a-f:.]+\]|[^:]*)(?::(\d+))?$/.exec(host) ?? [];
  if (name === undefined) return false;
  const address = server.server.address();
  // Requests that are injected, not received, find no port to compare.
  if (address === null || typeof address === 'string') return LOOPBACK_NAMES.has(name);
  return Number(port) === address.port && (LOOPBACK_NAMES.has(name) || name === inUrl(socket.localAddress));
}

/** An address as it stands in a URL. A socket for both families tells IPv4 as ::ffff:10.0.0.7. */
function inUrl(address = ''): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '');
  return plain.includes(':') ? `[${plain}]` : plain;
}

/**
 * Programs send no Origin; a browser does with every request that may change something. `null` is a foreign one. Where
 * a proxy ends TLS unbeknown to us, its pages are https and we are not.
 */
function originIsOurs({headers, protocol}: FastifyRequest): boolean {
  const {origin, host} = headers;
  return origin === undefined || origin === `https://${host}` || (protocol === 'http' && origin === `http://${host}`);
}
