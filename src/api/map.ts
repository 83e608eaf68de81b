// /internal/map/live: what of a region moves on the map, each second.

import {promisify} from 'node:util';
import {gzip} from 'node:zlib';
import type {FastifyPluginAsyncTypebox} from '@fastify/type-provider-typebox';
import {type Static, Type} from 'typebox';
import {readLiveMap} from '../db/live-map.ts';
import {DRIVER_STATUSES, TASK_STATES} from '../domain/state.ts';
import {fromE7} from '../domain/units.ts';
import {refuse} from './failures.ts';
import {LIVE_FRESH_MS, MAP_LIMIT} from './limits.ts';
import {problems} from './problems.ts';
import {ownRegion} from './region.ts';
import {sharedReading} from './shared-reading.ts';
import * as wire from './wire.ts';
import type {World} from './world.ts';

const index = Type.Integer({minimum: -1});
const seconds = Type.Integer();
const left = Type.Integer({minimum: -1});

const live = wire.named(
  'LiveMap',
  Type.Object({
    at: wire.instant,
    limit: Type.Integer({description: 'At most this many of each are told.'}),
    statuses: Type.Array(Type.Enum([...DRIVER_STATUSES])),
    states: Type.Array(Type.Enum([...TASK_STATES])),
    drivers: Type.Array(Type.Tuple([wire.uuid, wire.lon, wire.lat, index]), {
      description: 'Drivers on shift with a position: id, lon, lat, index into statuses.',
    }),
    stores: Type.Array(Type.Tuple([Type.String(), wire.lon, wire.lat]), {description: 'Name, lon, lat.'}),
    tasks: Type.Array(Type.Tuple([wire.uuid, wire.lon, wire.lat, index, index, index, seconds, left, left]), {
      description:
        'Open tasks: id, lon and lat of the drop, indices into states, stores and drivers, -1: not told; seconds ' +
        'since it was ready; of an open offer, which the driver is asked for, seconds left and in all, else -1.',
    }),
  }),
);

export const mapShapes = [live.shape];

const inS = (ms: number): number => Math.round(ms / 1_000);

async function readLive({db}: World, regionId: string): Promise<Static<typeof live.shape>> {
  const {nowMs, drivers, stores, tasks} = await readLiveMap(db, regionId, MAP_LIMIT);
  const driverIndex = new Map(drivers.map(([id], i) => [id, i]));
  const storeIndex = new Map(stores.map(([id], i) => [id, i]));
  return {
    at: wire.toIso(nowMs),
    limit: MAP_LIMIT,
    statuses: [...DRIVER_STATUSES],
    states: [...TASK_STATES],
    drivers: drivers.map(([id, lon, lat, status]) => [id, fromE7(lon), fromE7(lat), DRIVER_STATUSES.indexOf(status)]),
    stores: stores.map(([, name, lon, lat]) => [name, fromE7(lon), fromE7(lat)]),
    tasks: tasks.map(([id, lon, lat, state, storeId, driverId, readyAtMs, offeredAtMs, expiresAtMs]) => [
      id,
      fromE7(lon),
      fromE7(lat),
      TASK_STATES.indexOf(state),
      storeIndex.get(storeId) ?? -1,
      (driverId === null ? undefined : driverIndex.get(driverId)) ?? -1,
      inS(nowMs - readyAtMs),
      expiresAtMs === null ? -1 : Math.max(0, inS(expiresAtMs - nowMs)),
      expiresAtMs === null || offeredAtMs === null ? -1 : inS(expiresAtMs - offeredAtMs),
    ]),
  };
}

const compress = promisify(gzip);

/** The reading as it is sent: of 10,000 drivers it is written and packed once, whoever looks. */
async function packedLive(world: World, regionId: string): Promise<{readonly json: Buffer; readonly gzipped: Buffer}> {
  const json = Buffer.from(JSON.stringify(await readLive(world, regionId)));
  return {json, gzipped: await compress(json, {level: 1})};
}

export const map =
  (world: World): FastifyPluginAsyncTypebox =>
  async (app) => {
    const tags = ['map'];
    const querystring = wire.inRegion;
    const liveOf = sharedReading(world.clock, LIVE_FRESH_MS, (regionId) => packedLive(world, regionId));

    app.get(
      '/internal/map/live',
      {
        config: {scopes: ['ops', 'read']},
        schema: {
          tags,
          operationId: 'liveMap',
          summary: 'Drivers, stores and open tasks',
          querystring,
          response: {200: live.ref, ...problems(404)},
        },
      },
      async (request, reply) => {
        const region = ownRegion(world, request.query.regionId);
        if (region.kind !== 'region') return refuse(reply, region);
        const {json, gzipped} = await liveOf(region.id);
        const packed = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
        if (packed) reply.header('content-encoding', 'gzip');
        reply.header('vary', 'accept-encoding').header('cache-control', 'no-store');
        // A text that is ready; the schema above documents it.
        return reply.type('application/json; charset=utf-8').send((packed ? gzipped : json) as never);
      },
    );
  };
