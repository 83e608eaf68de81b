// POST /v1/providers/:provider/events: what a provider of checks reports of a driver becomes a document. Signed, and
// each event counts once. Nothing of the payload is kept or logged but what its mapping asks for. docs/EVENTS.md

import {createHash} from 'node:crypto';
import type {FastifyPluginAsyncTypebox} from '@fastify/type-provider-typebox';
import {Type} from 'typebox';
import {providerContext, readProvider, receiveProviderEvent} from '../db/providers.ts';
import {mapPayload, UNMAPPED_REASONS} from '../domain/provider.ts';
import {verify} from '../domain/signature.ts';
import {refuse} from './failures.ts';
import {PROVIDER_TOLERANCE_S} from './limits.ts';
import {problems} from './problems.ts';
import {regionOf} from './region.ts';
import {SEALING_KEY_MISSING} from './webhook-endpoints.ts';
import * as wire from './wire.ts';
import type {World} from './world.ts';

export const providerEvents =
  (world: World): FastifyPluginAsyncTypebox =>
  async (app) => {
    const {db, sealing, clock, metrics} = world;
    // The signature is of the bytes as they came: here a body is text, and JSON only once that holds.
    app.removeContentTypeParser('application/json');
    app.addContentTypeParser<string>('application/json', {parseAs: 'string'}, (_request, body, done) => {
      done(null, body);
    });

    app.post(
      '/v1/providers/:provider/events',
      {
        // Its signature says who sends it, and its own id makes it count once.
        config: {scopes: 'open', keyless: true},
        schema: {
          tags: ['providers'],
          operationId: 'receiveProviderEvent',
          summary: "Take up a provider's event, signed as Standard Webhooks has it",
          description:
            'JSON of any shape, which the mapping of the provider reads. An event that means nothing here is ' +
            'answered 200 too, with the reason: repeating it would change nothing.',
          params: wire.record({
            provider: Type.String({pattern: '^[a-z0-9-]{1,40}$', maxLength: 40, title: "a provider's id"}),
          }),
          querystring: wire.inRegion,
          response: {
            200: Type.Object({
              outcome: Type.Enum(['recorded', 'repeated']),
              reason: wire.nullable(
                Type.Enum([...UNMAPPED_REASONS], {description: 'Why it changed no document; null when it did.'}),
              ),
            }),
            ...problems(401, 404, 422),
          },
        },
      },
      async (request, reply) => {
        const region = await regionOf(world, request.query.regionId);
        if (region.kind !== 'region') return refuse(reply, region);
        if (!sealing) return refuse(reply, SEALING_KEY_MISSING);
        const {provider: id} = request.params;
        const provider = await readProvider(db, region.id, id);
        if (!provider) {
          const detail = `There is no provider ${id} in this region.`;
          return refuse(reply, {kind: 'absent', code: 'PROVIDER_UNKNOWN', detail});
        }
        const count = (outcome: 'mapped' | 'unmapped' | 'repeated' | 'refused') =>
          metrics.providerEvents.inc({region: region.id, outcome});
        const secret = sealing.open(provider.secret, providerContext(region.id, id));
        const body = typeof request.body === 'string' ? request.body : '';
        const verdict = verify(secret, request.headers, body, clock.wallMs(), PROVIDER_TOLERANCE_S);
        if (verdict.kind !== 'signed') {
          count('refused');
          return refuse(reply, {kind: 'signature-refused', verdict: verdict.kind});
        }
        const {outcome, reason} = await receiveProviderEvent(db, region.id, {
          provider: id,
          eventId: verdict.id,
          payloadHash: createHash('sha256').update(body).digest(),
          mapped: mapPayload(provider.mapping, body, verdict.atMs),
        });
        if (outcome === 'conflict') {
          count('refused');
          const detail = `Another payload came under the id ${verdict.id} before.`;
          return refuse(reply, {kind: 'refused', code: 'EVENT_ID_REUSED', detail});
        }
        count(outcome === 'repeated' ? 'repeated' : reason === null ? 'mapped' : 'unmapped');
        return {outcome, reason: reason as (typeof UNMAPPED_REASONS)[number] | null};
      },
    );
  };
