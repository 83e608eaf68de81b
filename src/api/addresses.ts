// /v1/addresses: customers' addresses, upsert and read. Personal data: nothing here is listed or logged, and every
// other answer of this side names an address by its id.

import type {FastifyPluginAsyncTypebox} from '@fastify/type-provider-typebox';
import {Type} from 'typebox';
import {readAddress, upsertAddresses} from '../db/addresses.ts';
import {refuse} from './failures.ts';
import {ADDRESSES_PER_CALL, BATCH_BODY_LIMIT_BYTES} from './limits.ts';
import {problems} from './problems.ts';
import {regionOf, regionOfRows} from './region.ts';
import * as wire from './wire.ts';
import type {World} from './world.ts';

const contents = {
  id: wire.uuid,
  customerId: wire.uuid,
  address: Type.String({...wire.text(500), description: 'As the driver reads it.'}),
  at: wire.lonLat,
};
const addressIn = wire.record({...contents, regionId: Type.Optional(wire.regionId)});
const address = wire.named('CustomerAddress', Type.Object({...contents, regionId: wire.regionId}));

export const addressShapes = [address.shape];

export const addresses =
  (world: World): FastifyPluginAsyncTypebox =>
  async (app) => {
    const {db} = world;
    const tags = ['addresses'];

    app.post(
      '/v1/addresses',
      {
        config: {scopes: ['ops', 'services']},
        bodyLimit: BATCH_BODY_LIMIT_BYTES,
        schema: {
          tags,
          operationId: 'upsertAddresses',
          summary: `Create or replace customers' addresses of a region, one or up to ${ADDRESSES_PER_CALL}`,
          description: 'A correction moves no task: each keeps the position that its address had when it was created.',
          body: wire.oneOrMany(addressIn, ADDRESSES_PER_CALL),
          response: {200: wire.upserted, ...problems(404, 422)},
        },
      },
      async (request, reply) => {
        const given = wire.asMany(request.body);
        const region = await regionOfRows(world, given);
        if (region.kind !== 'region') return refuse(reply, region);
        await upsertAddresses(
          db,
          given.map(({at, ...body}) => ({
            ...body,
            id: body.id.toLowerCase(),
            customerId: body.customerId.toLowerCase(),
            regionId: region.id,
            ...wire.toE7s(at),
          })),
        );
        return {upserted: given.length};
      },
    );

    app.get(
      '/v1/addresses/:id',
      {
        config: {scopes: ['ops', 'services']},
        schema: {
          tags,
          operationId: 'getAddress',
          summary: "Read a customer's address",
          params: wire.byId,
          querystring: wire.inRegion,
          response: {200: address.ref, ...problems(404)},
        },
      },
      async (request, reply) => {
        const region = await regionOf(world, request.query.regionId);
        if (region.kind !== 'region') return refuse(reply, region);
        const {id} = request.params;
        const found = await readAddress(db, region.id, id);
        if (!found) return refuse(reply, {kind: 'address-not-found', id});
        const {latE7, lonE7, ...rest} = found;
        return {...rest, at: wire.toLonLat(lonE7, latE7)};
      },
    );
  };
