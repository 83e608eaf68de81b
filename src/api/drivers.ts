// /v1/drivers: upsert, read and list, documents.

import type {FastifyPluginAsyncTypebox} from '@fastify/type-provider-typebox';
import {type Static, Type} from 'typebox';
import {listDrivers, putDocuments, readDriver, upsertDrivers} from '../db/drivers.ts';
import {DOCUMENT_KINDS, DOCUMENT_USES} from '../domain/document.ts';
import type {Driver, DriverDocument, DriverProfile} from '../domain/driver.ts';
import {DRIVER_STATUSES} from '../domain/state.ts';
import {refuse} from './failures.ts';
import {BATCH_BODY_LIMIT_BYTES, DOCUMENTS_PER_CALL, DRIVERS_PER_CALL} from './limits.ts';
import {problems} from './problems.ts';
import {regionOf, regionOfRows} from './region.ts';
import * as wire from './wire.ts';
import type {World} from './world.ts';

const capacity = Type.Integer({
  minimum: 1,
  maximum: 100,
  description: 'Open offers and active tasks at once, at most.',
});

const driverIn = wire.record({
  id: wire.uuid,
  regionId: Type.Optional(wire.regionId),
  name: wire.text(200),
  bornOn: wire.isoDate,
  optedIn: Type.Boolean({description: 'Agreed to carry age-restricted goods.'}),
  capacity,
  shiftOn: Type.Boolean(),
});

const driver = wire.named(
  'Driver',
  Type.Object({
    id: wire.uuid,
    regionId: wire.regionId,
    name: Type.String(),
    bornOn: wire.isoDate,
    optedIn: Type.Boolean(),
    capacity,
    shiftOn: Type.Boolean(),
    status: Type.Enum([...DRIVER_STATUSES]),
    openOffers: Type.Integer(),
    activeTasks: Type.Integer(),
    position: wire.nullable(wire.record({lon: wire.lon, lat: wire.lat, recordedAt: wire.instant})),
  }),
);

const driverPage = wire.named(
  'DriverPage',
  Type.Object({drivers: Type.Array(driver.ref), nextCursor: wire.nextCursor}),
);

export const driverShapes = [driver.shape, driverPage.shape];

const documentIn = wire.record({
  kind: Type.Enum([...DOCUMENT_KINDS]),
  use: Type.Optional(
    Type.Enum([...DOCUMENT_USES], {
      description: 'Of an insurance: what it covers. Left out: what the newest one covers, else personal.',
    }),
  ),
  validFrom: wire.instant,
  validUntil: wire.instant,
  checkedAt: wire.instant,
  revoked: Type.Optional(Type.Boolean({default: false})),
});

const toWire = ({latE7, lonE7, recordedAtMs, ...d}: Driver): Static<typeof driver.shape> => ({
  ...d,
  position:
    latE7 === null || lonE7 === null || recordedAtMs === null
      ? null
      : {...wire.toLonLat(lonE7, latE7), recordedAt: wire.toIso(recordedAtMs)},
});

const profileFromWire = (body: Static<typeof driverIn>, regionId: string): DriverProfile => ({
  ...body,
  id: body.id.toLowerCase(),
  regionId,
});

const documentFromWire = (body: Static<typeof documentIn>, driverId: string): DriverDocument => ({
  driverId,
  kind: body.kind,
  ...(body.use && {use: body.use}),
  validFromMs: wire.toMs(body.validFrom),
  validUntilMs: wire.toMs(body.validUntil),
  checkedAtMs: wire.toMs(body.checkedAt),
  revoked: body.revoked ?? false,
});

export const drivers =
  (world: World): FastifyPluginAsyncTypebox =>
  async (app) => {
    const {db} = world;
    const tags = ['drivers'];

    app.post(
      '/v1/drivers',
      {
        bodyLimit: BATCH_BODY_LIMIT_BYTES,
        config: {scopes: ['ops', 'services']},
        schema: {
          tags,
          operationId: 'upsertDrivers',
          summary: `Create or replace drivers of a region, one or up to ${DRIVERS_PER_CALL}`,
          description: 'Drivers of another region leave it, if they have no open work there: apart from others.',
          body: wire.oneOrMany(driverIn, DRIVERS_PER_CALL),
          response: {200: wire.upserted, ...problems(404, 409, 422)},
        },
      },
      async (request, reply) => {
        const given = wire.asMany(request.body);
        const region = await regionOfRows(world, given);
        if (region.kind !== 'region') return refuse(reply, region);
        const profiles = given.map((body) => profileFromWire(body, region.id));
        await upsertDrivers(db, profiles);
        return {upserted: given.length};
      },
    );

    app.get(
      '/v1/drivers',
      {
        config: {scopes: ['ops', 'services']},
        schema: {
          tags,
          operationId: 'listDrivers',
          summary: 'List drivers by id',
          querystring: wire.record({
            ...wire.page,
            status: Type.Optional(Type.Array(Type.Enum([...DRIVER_STATUSES]), {maxItems: DRIVER_STATUSES.length})),
          }),
          response: {200: driverPage.ref, ...problems(404)},
        },
      },
      async (request, reply) => {
        const {query} = request;
        const region = await regionOf(world, query.regionId);
        if (region.kind !== 'region') return refuse(reply, region);
        const filter = query.status && {statuses: query.status};
        const {rows, nextCursor} = await wire.pageOf(query, (slice) =>
          listDrivers(db, region.id, {...filter, ...slice}),
        );
        return {drivers: rows.map(toWire), nextCursor};
      },
    );

    app.get(
      '/v1/drivers/:id',
      {
        config: {scopes: ['ops', 'services', 'driver'], own: 'driver'},
        schema: {
          tags,
          operationId: 'getDriver',
          summary: 'Read a driver',
          params: wire.byId,
          querystring: wire.inRegion,
          response: {200: driver.ref, ...problems(404)},
        },
      },
      async (request, reply) => {
        const region = await regionOf(world, request.query.regionId);
        if (region.kind !== 'region') return refuse(reply, region);
        const {id} = request.params;
        const found = await readDriver(db, region.id, id);
        return found ? toWire(found) : refuse(reply, {kind: 'driver-not-found', id});
      },
    );

    app.put(
      '/v1/drivers/:id/documents',
      {
        config: {scopes: ['ops', 'services']},
        schema: {
          tags,
          operationId: 'putDocuments',
          summary: "Put a driver's documents; one of the same kind and start is replaced",
          params: wire.byId,
          querystring: wire.inRegion,
          body: wire.record({documents: Type.Array(documentIn, {minItems: 1, maxItems: DOCUMENTS_PER_CALL})}),
          response: {200: wire.upserted, ...problems(404, 422)},
        },
      },
      async (request, reply) => {
        const region = await regionOf(world, request.query.regionId);
        if (region.kind !== 'region') return refuse(reply, region);
        const id = request.params.id.toLowerCase();
        const documents = request.body.documents.map((body) => documentFromWire(body, id));
        const backwards = documents.findIndex((d) => d.validUntilMs <= d.validFromMs);
        if (backwards >= 0) {
          const field = `documents.${backwards}.validUntil`;
          return refuse(reply, {kind: 'invalid', errors: [{field, message: 'must be after validFrom'}]});
        }
        await putDocuments(db, region.id, documents);
        return {upserted: documents.length};
      },
    );
  };
