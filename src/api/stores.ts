// /v1/stores: upsert and list.

import type {FastifyPluginAsyncTypebox} from '@fastify/type-provider-typebox';
import {type Static, Type} from 'typebox';
import {listStores, upsertStores} from '../db/stores.ts';
import type {Store} from '../domain/store.ts';
import {type FieldError, refuse} from './failures.ts';
import {BATCH_BODY_LIMIT_BYTES, STORES_PER_CALL} from './limits.ts';
import {problems} from './problems.ts';
import {regionOf, regionOfRows} from './region.ts';
import * as wire from './wire.ts';
import type {World} from './world.ts';

const opening = Type.Tuple([Type.Integer({minimum: 0, maximum: 1_440}), Type.Integer({minimum: 1, maximum: 2_880})], {
  description: '[open, close] in minutes of the local day; a close past 1440 is on the next one.',
});
/** By weekday from Sunday. */
export const weeklyHours = Type.Array(Type.Array(opening, {maxItems: 8}), {minItems: 7, maxItems: 7});
const hours = Type.Union([weeklyHours, Type.Null()], {
  description: 'By weekday from Sunday, the openings of that day; null: never closes.',
});
const permitUntil = Type.Union([wire.instant, Type.Null()], {
  description: "Until when the retailer's permit holds; null: no permit.",
});

const storeIn = wire.record({
  id: wire.uuid,
  regionId: Type.Optional(wire.regionId),
  name: wire.text(200),
  at: wire.lonLat,
  hours: Type.Optional(hours),
  permitUntil: Type.Optional(permitUntil),
});

const store = wire.named(
  'Store',
  Type.Object({
    id: wire.uuid,
    regionId: wire.regionId,
    name: Type.String(),
    at: wire.lonLat,
    hours,
    permitUntil,
  }),
);

const storePage = wire.named('StorePage', Type.Object({stores: Type.Array(store.ref), nextCursor: wire.nextCursor}));

export const storeShapes = [store.shape, storePage.shape];

const toWire = (s: Store): Static<typeof store.shape> => ({
  id: s.id,
  regionId: s.regionId,
  name: s.name,
  at: wire.toLonLat(s.lonE7, s.latE7),
  hours: s.hours === null ? null : s.hours.map((day) => day.map(([open, close]) => [open, close])),
  permitUntil: wire.toIsoOrNull(s.permitUntilMs),
});

const fromWire = (body: Static<typeof storeIn>, regionId: string): Store => ({
  id: body.id.toLowerCase(),
  regionId,
  name: body.name,
  ...wire.toE7s(body.at),
  hours: body.hours ?? null,
  permitUntilMs: typeof body.permitUntil === 'string' ? wire.toMs(body.permitUntil) : null,
});

/** Openings that end before they begin, by field of the body. */
function contradictions(given: readonly Static<typeof storeIn>[], single: boolean): FieldError[] {
  return given.flatMap(({hours: days}, i) =>
    (days ?? []).flatMap((spans, day) =>
      spans.flatMap(([open, close], span) => {
        const field = `${single ? '' : `${i}.`}hours.${day}.${span}`;
        return close > open ? [] : [{field, message: 'must close after it opens'}];
      }),
    ),
  );
}

export const stores =
  (world: World): FastifyPluginAsyncTypebox =>
  async (app) => {
    const {db} = world;
    const tags = ['stores'];

    app.post(
      '/v1/stores',
      {
        bodyLimit: BATCH_BODY_LIMIT_BYTES,
        config: {scopes: ['ops', 'services']},
        schema: {
          tags,
          operationId: 'upsertStores',
          summary: `Create or replace stores of a region, one or up to ${STORES_PER_CALL}`,
          body: wire.oneOrMany(storeIn, STORES_PER_CALL),
          response: {200: wire.upserted, ...problems(404, 422)},
        },
      },
      async (request, reply) => {
        const given = wire.asMany(request.body);
        const region = await regionOfRows(world, given);
        if (region.kind !== 'region') return refuse(reply, region);
        const errors = contradictions(given, !Array.isArray(request.body));
        if (errors.length > 0) return refuse(reply, {kind: 'invalid', errors});
        await upsertStores(
          db,
          given.map((body) => fromWire(body, region.id)),
        );
        return {upserted: given.length};
      },
    );

    app.get(
      '/v1/stores',
      {
        config: {scopes: ['ops', 'services', 'read']},
        schema: {
          tags,
          operationId: 'listStores',
          summary: 'List stores by id',
          querystring: wire.record(wire.page),
          response: {200: storePage.ref, ...problems(404)},
        },
      },
      async (request, reply) => {
        const {query} = request;
        const region = await regionOf(world, query.regionId);
        if (region.kind !== 'region') return refuse(reply, region);
        const {rows, nextCursor} = await wire.pageOf(query, (slice) => listStores(db, region.id, slice));
        return {stores: rows.map(toWire), nextCursor};
      },
    );
  };
