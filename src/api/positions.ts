// Where drivers are: /v1/drivers/positions in batches, /v1/drivers/:id/position one at a
// time; /v1/drivers/nearby.

import type {FastifyPluginAsyncTypebox} from '@fastify/type-provider-typebox';
import {Type} from 'typebox';
import {readDriver} from '../db/drivers.ts';
import {readSnapshot} from '../db/snapshot.ts';
import {refuse} from './failures.ts';
import {
  BATCH_BODY_LIMIT_BYTES,
  LIVE_FRESH_MS,
  NEARBY_DEFAULT,
  NEARBY_LIMIT,
  NEARBY_RADIUS_LIMIT_M,
  POSITIONS_PER_CALL,
} from './limits.ts';
import {onePosition, positionBatch, positionFromWire} from './position-shapes.ts';
import {problems} from './problems.ts';
import {regionOf} from './region.ts';
import {sharedReading} from './shared-reading.ts';
import * as wire from './wire.ts';
import type {World} from './world.ts';

const nearDriver = wire.named(
  'NearDriver',
  Type.Object({
    id: wire.uuid,
    lon: wire.lon,
    lat: wire.lat,
    recordedAt: wire.instant,
    distanceM: Type.Number({description: 'As the crow flies.'}),
  }),
);
export const positionShapes = [nearDriver.shape];

const WRITTEN_WITHIN = 'It stands in memory at once and in the database within a second.';

export const positions =
  (world: World): FastifyPluginAsyncTypebox =>
  async (app) => {
    const {db} = world;
    const tags = ['drivers'];

    app.post(
      '/v1/drivers/positions',
      {
        bodyLimit: BATCH_BODY_LIMIT_BYTES,
        config: {scopes: ['ops', 'services', 'driver'], own: 'named', isBatch: true, keyless: true},
        schema: {
          tags,
          operationId: 'recordPositions',
          summary: `Record where drivers are, up to ${POSITIONS_PER_CALL} at once`,
          description:
            'A position older than the one that stands is ignored, so that batches may be repeated and reordered. ' +
            WRITTEN_WITHIN,
          body: positionBatch,
          response: {
            200: Type.Object({
              received: Type.Integer(),
              recorded: Type.Integer({
                description:
                  'Positions newer than what this daemon knew of their drivers. Of drivers who do not exist they are ' +
                  'forgotten when the database says so.',
              }),
            }),
            ...problems(404),
          },
        },
      },
      async (request, reply) => {
        const {regionId: asked, positions: given} = request.body;
        const region = await regionOf(world, asked);
        if (region.kind !== 'region') return refuse(reply, region);
        const {newer} = world.positions.hear(region.id, given.map(positionFromWire), 'http');
        return {received: given.length, recorded: newer};
      },
    );

    app.put(
      '/v1/drivers/:id/position',
      {
        config: {scopes: ['ops', 'services', 'driver'], own: 'driver', keyless: true},
        schema: {
          tags,
          operationId: 'putPosition',
          summary: 'Record where a driver is',
          description: `One older than what this daemon knows is ignored: recorded is false. ${WRITTEN_WITHIN}`,
          params: wire.byId,
          querystring: wire.inRegion,
          body: onePosition,
          response: {200: Type.Object({recorded: Type.Boolean()}), ...problems(404)},
        },
      },
      async (request, reply) => {
        const region = await regionOf(world, request.query.regionId);
        if (region.kind !== 'region') return refuse(reply, region);
        const id = request.params.id.toLowerCase();
        if (!world.positions.isKnown(region.id, id) && !(await readDriver(db, region.id, id))) {
          return refuse(reply, {kind: 'driver-not-found', id});
        }
        const position = positionFromWire({driverId: id, ...request.body});
        return {recorded: world.positions.hear(region.id, [position], 'http').newer === 1};
      },
    );

    // A daemon that does not dispatch the region, or has paused it, calls the roll for all who ask at the same time.
    const rolled = sharedReading(world.clock, LIVE_FRESH_MS, async (regionId) => {
      const snapshot = await readSnapshot(db, regionId);
      if (snapshot) world.positions.callRoll(snapshot);
    });

    app.get(
      '/v1/drivers/nearby',
      {
        config: {scopes: ['ops', 'services', 'read']},
        schema: {
          tags,
          operationId: 'nearbyDrivers',
          summary: 'Drivers on shift around a place, the nearest first',
          description: 'By their newest positions, however old. Who came near within the last second may be missing.',
          querystring: wire.record({
            regionId: Type.Optional(wire.regionId),
            lon: wire.lon,
            lat: wire.lat,
            radiusM: Type.Integer({minimum: 1, maximum: NEARBY_RADIUS_LIMIT_M}),
            limit: Type.Optional(Type.Integer({minimum: 1, maximum: NEARBY_LIMIT, default: NEARBY_DEFAULT})),
          }),
          response: {200: Type.Object({drivers: Type.Array(nearDriver.ref)}), ...problems(404)},
        },
      },
      async (request, reply) => {
        const {regionId: asked, radiusM, limit = NEARBY_DEFAULT, ...at} = request.query;
        const region = await regionOf(world, asked);
        if (region.kind !== 'region') return refuse(reply, region);
        const circle = {...wire.toE7s(at), radiusM};
        let near = world.positions.nearby(region.id, circle, limit);
        if (!near) {
          await rolled(region.id);
          near = world.positions.nearby(region.id, circle, limit) ?? [];
        }
        const drivers = near.map(({id, lonE7, latE7, recordedAtMs, distanceM}) => ({
          id,
          ...wire.toLonLat(lonE7, latE7),
          recordedAt: wire.toIso(recordedAtMs),
          distanceM: Math.round(distanceM * 10) / 10,
        }));
        return {drivers};
      },
    );
  };
