// Where drivers are: /v1/drivers/positions in batches, /v1/drivers/:id/position one at a time.

import type {FastifyPluginAsyncTypebox} from '@fastify/type-provider-typebox';
import {Type} from 'typebox';
import {readDriver} from '../db/drivers.ts';
import {refuse} from './failures.ts';
import {BATCH_BODY_LIMIT_BYTES, POSITIONS_PER_CALL} from './limits.ts';
import {onePosition, positionBatch, positionFromWire} from './position-shapes.ts';
import {problems} from './problems.ts';
import {regionOf} from './region.ts';
import * as wire from './wire.ts';
import type {World} from './world.ts';

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
  };
