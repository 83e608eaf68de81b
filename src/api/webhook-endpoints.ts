// /v1/webhook-endpoints: who is told of events over HTTP. docs/EVENTS.md

import type {FastifyPluginAsyncTypebox} from '@fastify/type-provider-typebox';
import type {FastifyContextConfig} from 'fastify';
import {type Static, Type} from 'typebox';
import {v7 as uuidv7} from 'uuid';
import {
  createWebhookEndpoint,
  deleteWebhookEndpoint,
  listWebhookEndpoints,
  pauseWebhookEndpoint,
  REVIVE_LIMIT,
  readWebhookEndpoint,
  reviveDeliveries,
  rewindWebhookEndpoint,
  rotateWebhookSecret,
  type SealedEndpoint,
} from '../db/webhooks.ts';
import {formatCursor} from '../domain/event.ts';
import {newSecret, sign} from '../domain/signature.ts';
import {endpointContext} from '../domain/webhook.ts';
import {postWebhook} from '../loops/webhook-post.ts';
import {TARGET_REFUSALS, type TargetRefusal} from '../loops/webhook-target.ts';
import {cursor, cursorOf, kind} from './events.ts';
import {type Failure, refuse} from './failures.ts';
import {KINDS_LIMIT, ROTATION_OVERLAP_DEFAULT_S, ROTATION_OVERLAP_LIMIT_S} from './limits.ts';
import {problems} from './problems.ts';
import {regionOf} from './region.ts';
import * as wire from './wire.ts';
import type {World} from './world.ts';

const endpoint = wire.named(
  'WebhookEndpoint',
  Type.Object({
    id: wire.uuid,
    regionId: wire.regionId,
    url: Type.String(),
    kinds: wire.nullable(Type.Array(kind, {description: 'null: all kinds but legal holds.'})),
    paused: Type.Boolean(),
    createdAt: wire.instant,
    oldSecretUntil: wire.nullable(wire.instant),
    cursor: Type.String({description: 'The last event that was taken up.'}),
    waiting: Type.Integer({description: 'Deliveries that wait for an attempt.'}),
    dead: Type.Integer({description: 'Deliveries that were given up.'}),
    lastError: wire.nullable(Type.String({description: 'Of an attempt that failed and has not succeeded since.'})),
  }),
);

const secret = Type.String({description: 'Signs what is sent. It is shown this once.'});
const withSecret = wire.named('WebhookEndpointWithSecret', Type.Object({endpoint: endpoint.ref, secret}));

export const webhookEndpointShapes = [endpoint.shape, withSecret.shape];

const endpointIn = wire.record({
  regionId: Type.Optional(wire.regionId),
  url: Type.String({minLength: 1, maxLength: 2_000, description: 'https, with a public address.'}),
  kinds: Type.Optional(
    Type.Array(kind, {minItems: 1, maxItems: KINDS_LIMIT, description: 'Only these; without it all but legal holds.'}),
  ),
  after: Type.Optional({...cursor, description: 'The cursor to begin after; without one, now.'}),
});

const toWire = (row: SealedEndpoint): Static<typeof endpoint.shape> => ({
  id: row.id,
  regionId: row.regionId,
  url: row.url,
  kinds: row.kinds === null ? null : [...row.kinds],
  paused: row.paused,
  createdAt: wire.toIso(row.createdAtMs),
  oldSecretUntil: wire.toIsoOrNull(row.oldSecretUntilMs),
  cursor: formatCursor(row.cursor),
  waiting: row.waiting,
  dead: row.dead,
  lastError: row.lastError,
});

const unknown = (id: string): Failure => ({
  kind: 'absent',
  code: 'WEBHOOK_ENDPOINT_UNKNOWN',
  detail: `There is no webhook endpoint ${id} in this region.`,
});
const refusedTarget = (reason: TargetRefusal): Failure => ({
  kind: 'refused',
  code: `WEBHOOK_${reason}`,
  detail: `${TARGET_REFUSALS[reason]}.`.replace(/^./, (first) => first.toUpperCase()),
});
/** An answer that is kept for a repeated request would hold the secret as it is. */
const secretAnswer: FastifyContextConfig = {scopes: ['ops', 'services'], keyless: true};
const kept: FastifyContextConfig = {scopes: ['ops', 'services']};

/** Without a key a secret could only be kept for everybody to read who reads the database. */
export const SEALING_KEY_MISSING: Failure = {
  kind: 'refused',
  code: 'SEALING_KEY_MISSING',
  detail: 'Secrets are kept only under a key: set CLOUDRUN_SEALING_KEY.',
};

export const webhookEndpoints =
  (world: World): FastifyPluginAsyncTypebox =>
  async (app) => {
    const {db, sealing, checkTarget, clock} = world;
    const tags = ['events'];
    const path = '/v1/webhook-endpoints';
    const one = {tags, params: wire.byId, querystring: wire.inRegion};

    app.post(
      path,
      {
        config: secretAnswer,
        schema: {
          tags,
          operationId: 'createWebhookEndpoint',
          summary: 'Have events posted to a URL; answers the secret that signs them, once',
          body: endpointIn,
          response: {200: withSecret.ref, ...problems(404, 422)},
        },
      },
      async (request, reply) => {
        const {regionId, url, kinds = null, after} = request.body;
        const region = await regionOf(world, regionId);
        if (region.kind !== 'region') return refuse(reply, region);
        if (!sealing) return refuse(reply, SEALING_KEY_MISSING);
        const target = await checkTarget(url);
        if (target.kind === 'refused') return refuse(reply, refusedTarget(target.reason));
        const from = await cursorOf(world, after, 'after');
        if (from.kind !== 'cursor') return refuse(reply, from);
        const [id, plain] = [uuidv7(), newSecret()];
        const sealed = sealing.seal(plain, endpointContext(region.id, id));
        const made = {id, url: target.url.href, secret: sealed, kinds, cursor: from.cursor};
        await createWebhookEndpoint(db, region.id, made);
        const row = await readWebhookEndpoint(db, region.id, id);
        return row ? {endpoint: toWire(row), secret: plain} : refuse(reply, unknown(id));
      },
    );

    app.get(
      path,
      {
        config: kept,
        schema: {
          tags,
          operationId: 'listWebhookEndpoints',
          summary: 'List webhook endpoints by id, and how they fare',
          querystring: wire.inRegion,
          response: {200: Type.Object({endpoints: Type.Array(endpoint.ref)}), ...problems(404)},
        },
      },
      async (request, reply) => {
        const region = await regionOf(world, request.query.regionId);
        if (region.kind !== 'region') return refuse(reply, region);
        return {endpoints: (await listWebhookEndpoints(db, region.id)).map(toWire)};
      },
    );

    for (const [action, paused, summary] of [
      ['pause', true, 'Hand nothing more to an endpoint; events wait in the outbox'],
      ['resume', false, 'Go on where an endpoint was paused'],
    ] as const) {
      app.post(
        `${path}/:id/${action}`,
        {
          config: kept,
          schema: {...one, operationId: `${action}Webhook`, summary, response: {200: endpoint.ref, ...problems(404)}},
        },
        async (request, reply) => {
          const region = await regionOf(world, request.query.regionId);
          if (region.kind !== 'region') return refuse(reply, region);
          const {id} = request.params;
          await pauseWebhookEndpoint(db, region.id, id, paused);
          const row = await readWebhookEndpoint(db, region.id, id);
          return row ? toWire(row) : refuse(reply, unknown(id));
        },
      );
    }

    app.post(
      `${path}/:id/rotate-secret`,
      {
        config: secretAnswer,
        schema: {
          ...one,
          operationId: 'rotateWebhookSecret',
          summary: 'Another secret; for a while both sign',
          body: wire.record({
            overlapS: Type.Optional(
              Type.Integer({minimum: 0, maximum: ROTATION_OVERLAP_LIMIT_S, default: ROTATION_OVERLAP_DEFAULT_S}),
            ),
          }),
          response: {200: withSecret.ref, ...problems(404, 422)},
        },
      },
      async (request, reply) => {
        const region = await regionOf(world, request.query.regionId);
        if (region.kind !== 'region') return refuse(reply, region);
        if (!sealing) return refuse(reply, SEALING_KEY_MISSING);
        const id = request.params.id.toLowerCase();
        const plain = newSecret();
        const sealed = sealing.seal(plain, endpointContext(region.id, id));
        await rotateWebhookSecret(db, region.id, id, sealed, request.body.overlapS ?? ROTATION_OVERLAP_DEFAULT_S);
        const row = await readWebhookEndpoint(db, region.id, id);
        return row ? {endpoint: toWire(row), secret: plain} : refuse(reply, unknown(id));
      },
    );

    app.post(
      `${path}/:id/replay`,
      {
        config: kept,
        schema: {
          ...one,
          operationId: 'replayWebhook',
          summary: 'Deliver again: what failed, or everything after a cursor',
          description: `After a cursor, everything; without one, up to ${REVIVE_LIMIT} that failed, dead or not.`,
          body: wire.record({after: Type.Optional(cursor)}),
          response: {
            200: Type.Object({
              revived: Type.Integer({description: 'Deliveries that go out at once; after a cursor they follow.'}),
            }),
            ...problems(404, 422),
          },
        },
      },
      async (request, reply) => {
        const region = await regionOf(world, request.query.regionId);
        if (region.kind !== 'region') return refuse(reply, region);
        const {id} = request.params;
        const {after} = request.body;
        if (!(await readWebhookEndpoint(db, region.id, id))) return refuse(reply, unknown(id));
        if (after === undefined) return {revived: await reviveDeliveries(db, region.id, id)};
        const to = await cursorOf(world, after, 'after');
        if (to.kind !== 'cursor') return refuse(reply, to);
        await rewindWebhookEndpoint(db, region.id, id, to.cursor);
        return {revived: 0};
      },
    );

    app.post(
      `${path}/:id/ping`,
      {
        config: kept,
        schema: {
          ...one,
          operationId: 'pingWebhook',
          summary: 'Post a message of type ping now, and tell what became of it',
          response: {
            200: Type.Object({delivered: Type.Boolean(), error: wire.nullable(Type.String())}),
            ...problems(404, 422),
          },
        },
      },
      async (request, reply) => {
        const region = await regionOf(world, request.query.regionId);
        if (region.kind !== 'region') return refuse(reply, region);
        if (!sealing) return refuse(reply, SEALING_KEY_MISSING);
        const row = await readWebhookEndpoint(db, region.id, request.params.id);
        if (!row) return refuse(reply, unknown(request.params.id));
        const target = await checkTarget(row.url);
        if (target.kind === 'refused') return refuse(reply, refusedTarget(target.reason));
        const plain = sealing.open(row.secret, endpointContext(region.id, row.id));
        const timestamp = wire.toIso(clock.wallMs());
        const body = JSON.stringify({type: 'ping', timestamp, data: {regionId: region.id, endpointId: row.id}});
        const posted = await postWebhook(target, sign([plain], `ping-${uuidv7()}`, clock.wallMs(), body), body);
        return {delivered: posted.kind === 'delivered', error: posted.kind === 'failed' ? posted.error : null};
      },
    );

    app.delete(
      `${path}/:id`,
      {
        config: kept,
        schema: {
          ...one,
          operationId: 'deleteWebhookEndpoint',
          summary: 'Forget an endpoint and its deliveries; the events themselves stay',
          response: {200: Type.Object({deleted: Type.Boolean()}), ...problems(404)},
        },
      },
      async (request, reply) => {
        const region = await regionOf(world, request.query.regionId);
        if (region.kind !== 'region') return refuse(reply, region);
        const {id} = request.params;
        return (await deleteWebhookEndpoint(db, region.id, id)) ? {deleted: true} : refuse(reply, unknown(id));
      },
    );
  };
