// /v1/regions: the regions of a daemon by name, and how they are drawn.

import type {FastifyPluginAsyncTypebox} from '@fastify/type-provider-typebox';
import {Type} from 'typebox';
import {readRegionArea} from '../db/regions.ts';
import {area} from './rule-shapes.ts';
import * as wire from './wire.ts';
import type {World} from './world.ts';

const regionList = wire.named(
  'RegionList',
  Type.Object({
    regions: Type.Array(
      Type.Object({
        id: wire.regionId,
        name: Type.String(),
        area: wire.nullable(Type.Unsafe<object>(area)),
      }),
      {description: 'Those that this daemon can dispatch, ascending by id; the area is null where none is drawn.'},
    ),
  }),
);

export const regionShapes = [regionList.shape];

export const regions =
  (world: World): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/v1/regions',
      {
        config: {scopes: ['ops', 'services', 'read']},
        schema: {
          tags: ['map'],
          operationId: 'listRegions',
          summary: 'The regions of this daemon, by name and area',
          response: {200: regionList.ref},
        },
      },
      async () => {
        const found = await Promise.all(world.dispatch.regions.map((id) => readRegionArea(world.db, id)));
        return {regions: found.filter((region) => region !== undefined)};
      },
    );
  };
