// Idempotency-Key on every write: the answer to a request is kept for a day, and the same request under the same key is
// answered with it. Reads never come here, nor writes that may be repeated as they are (`config: {keyless: true}`).
//
// Two statements of their own, before and after the handler. What happens if the process dies between them: the mark
// that the request runs outlives no handler, the next try claims it, and the change itself, which is idempotent, finds
// that it was made. So a key is a convenience of the answer; it is never what keeps a change from being made twice.

import {createHash} from 'node:crypto';
import type {FastifyInstance, FastifyReply, FastifyRequest, RouteOptions} from 'fastify';
import {Type} from 'typebox';
import {claimKey, freeKey, type KeyedRequest, storeResponse} from '../db/idempotency.ts';
import {writeCanonical} from '../domain/canonical-json.ts';
import {callerOf} from './access/caller.ts';
import {refuse} from './failures.ts';
import {HANDLER_TIMEOUT_MS, IDEMPOTENCY_KEEP_H} from './limits.ts';
import {regionOf} from './region.ts';
import type {World} from './world.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Repeating it changes nothing and answers alike, or its answer must not be kept: no Idempotency-Key counts. */
    keyless?: true;
  }
}

const WRITES = new Set(['POST', 'PUT', 'DELETE', 'PATCH']);

const keyHeader = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      pattern: '^[\\x21-\\x7e]{1,255}$',
      maxLength: 255,
      title: 'up to 255 visible ASCII characters',
      description:
        `For ${IDEMPOTENCY_KEEP_H} hours the same request under the same key gets the same answer, marked ` +
        'Idempotency-Replayed; another request under it is refused.',
    }),
  ),
});

export const keyOf = ({headers}: FastifyRequest): string | undefined => {
  const key = headers['idempotency-key'];
  return typeof key === 'string' ? key : undefined;
};

/** To be called before any route is added. */
export function honourKeys(app: FastifyInstance, world: World): void {
  const {db} = world;
  const running = new WeakMap<FastifyRequest, KeyedRequest>();

  async function claim(request: FastifyRequest, reply: FastifyReply) {
    const key = keyOf(request);
    if (key === undefined) return;
    const region = await regionOf(world, regionNamedIn(request));
    // The handler says so, and does nothing.
    if (region.kind !== 'region') return;
    const keyed = {regionId: region.id, caller: callerOf(request), key, hash: hashOf(request)};
    const limits = {
      runningMs: request.routeOptions.handlerTimeout ?? HANDLER_TIMEOUT_MS,
      keepHours: IDEMPOTENCY_KEEP_H,
    };
    const claimed = await claimKey(db, keyed, limits);
    switch (claimed.kind) {
      case 'claimed':
        running.set(request, keyed);
        return;
      case 'stored': {
        const {status, body, location} = claimed.response;
        if (location !== null) reply.header('location', location);
        const mediaType = status < 400 ? 'application/json' : 'application/problem+json';
        reply.code(status).header('content-type', `${mediaType}; charset=utf-8`);
        return reply.header('idempotency-replayed', 'true').send(body);
      }
      case 'running':
        return reply.send(refuse(reply, {kind: 'key-in-use', key}));
      case 'reused':
        return reply.send(refuse(reply, {kind: 'key-reused', key}));
      default:
        return claimed satisfies never;
    }
  }

  async function settle(request: FastifyRequest, reply: FastifyReply, payload: unknown) {
    const keyed = running.get(request);
    if (keyed === undefined) return;
    running.delete(request);
    const {statusCode: status} = reply;
    // What says "repeat it", here or at another daemon, or was our own trouble, is no answer to keep.
    const kept = status < 500 && status !== 421 && !reply.hasHeader('retry-after');
    const location = reply.getHeader('location');
    const settled =
      kept && typeof payload === 'string'
        ? storeResponse(db, keyed, {status, body: payload, location: typeof location === 'string' ? location : null})
        : freeKey(db, keyed);
    // The caller is owed the answer all the same. The round trip is counted as failed, and the mark runs out by itself.
    await settled.catch(() => {});
  }

  app.addHook('onRoute', (route) => {
    if (!isWrite(route) || route.config?.keyless) return;
    route.schema = {...route.schema, headers: keyHeader};
    route.preHandler = [claim, ...[route.preHandler ?? []].flat()];
    route.onSend = [...[route.onSend ?? []].flat(), settle];
  });
}

export const isWrite = ({method}: RouteOptions): boolean => [method].flat().some((each) => WRITES.has(each));

type Named = {readonly regionId?: string} | null | undefined;

/** The region whose shard holds the key: the one that is named, of several rows that of the first. */
function regionNamedIn({body, query, params, routeOptions}: FastifyRequest): string | undefined {
  if (routeOptions.url?.startsWith('/v1/regions/:id')) return (params as {readonly id: string}).id;
  const first = (Array.isArray(body) ? body[0] : body) as Named;
  return first?.regionId ?? (query as Named)?.regionId;
}

/** The same whatever the order of the body's keys. */
const hashOf = ({method, url, body}: FastifyRequest): Uint8Array =>
  createHash('sha256')
    .update(`${method} ${url}\n${body === undefined ? '' : writeCanonical(body)}`)
    .digest();
