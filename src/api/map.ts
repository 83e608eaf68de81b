// /internal/map: what the status page draws. Roads once, drivers, stores and tasks each second.

import type {FastifyPluginAsyncTypebox} from '@fastify/type-provider-typebox';
import {type Static, Type} from 'typebox';
import {readDispatchClock} from '../db/clock.ts';
import {listDrivers} from '../db/drivers.ts';
import {listStores} from '../db/stores.ts';
import {listTasks} from '../db/tasks.ts';
import {DRIVER_STATUSES, TASK_STATES, type TaskState} from '../domain/state.ts';
import {fromE7} from '../domain/units.ts';
import {refuse} from './failures.ts';
import {LIVE_FRESH_MS, MAP_LIMIT} from './limits.ts';
import {problems} from './problems.ts';
import {ownRegion} from './region.ts';
import {encodedDrawing, type RoadDrawing} from './road-drawing.ts';
import {sharedReading} from './shared-reading.ts';
import * as wire from './wire.ts';
import type {RoadLines, World} from './world.ts';

const index = Type.Integer({minimum: -1});

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
    tasks: Type.Array(Type.Tuple([wire.uuid, wire.lon, wire.lat, index, index, index]), {
      description: 'Open tasks: id, lon and lat of the drop, indices into states, stores and drivers; -1: not told.',
    }),
  }),
);

export const mapShapes = [live.shape];

const OPEN_STATES: readonly TaskState[] = ['PENDING', 'OFFERED', 'EXPIRED', 'ASSIGNED', 'PICKED_UP', 'RETURNING'];
const ON_SHIFT = DRIVER_STATUSES.filter((status) => status !== 'OFF');

async function readLive({db}: World, regionId: string): Promise<Static<typeof live.shape>> {
  const [clock, drivers, stores, tasks] = await Promise.all([
    readDispatchClock(db),
    listDrivers(db, regionId, {statuses: ON_SHIFT, limit: MAP_LIMIT}),
    listStores(db, regionId, {limit: MAP_LIMIT}),
    listTasks(db, regionId, {states: OPEN_STATES, limit: MAP_LIMIT}),
  ]);
  const placed = drivers.filter(({lonE7}) => lonE7 !== null);
  const driverIndex = new Map(placed.map(({id}, i) => [id, i]));
  const storeIndex = new Map(stores.map(({id}, i) => [id, i]));
  return {
    at: wire.toIso(clock.nowMs),
    limit: MAP_LIMIT,
    statuses: [...DRIVER_STATUSES],
    states: [...TASK_STATES],
    drivers: placed.map((d) => [d.id, fromE7(d.lonE7!), fromE7(d.latE7!), DRIVER_STATUSES.indexOf(d.status)]),
    stores: stores.map((s) => [s.name, fromE7(s.lonE7), fromE7(s.latE7)]),
    tasks: tasks.map((t) => [
      t.id,
      fromE7(t.dropLonE7),
      fromE7(t.dropLatE7),
      TASK_STATES.indexOf(t.state),
      storeIndex.get(t.storeId) ?? -1,
      (t.driverId === null ? undefined : driverIndex.get(t.driverId)) ?? -1,
    ]),
  };
}

export const map =
  (world: World): FastifyPluginAsyncTypebox =>
  async (app) => {
    const tags = ['map'];
    const querystring = wire.inRegion;
    const liveOf = sharedReading(world.clock, LIVE_FRESH_MS, (regionId) => readLive(world, regionId));
    const drawings = new WeakMap<RoadLines, Promise<RoadDrawing>>();
    const drawingFor = (roads: RoadLines): Promise<RoadDrawing> => {
      const made = drawings.get(roads) ?? encodedDrawing(roads);
      drawings.set(roads, made);
      return made;
    };

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
        return liveOf(region.id);
      },
    );

    app.get(
      '/internal/map/roads',
      {
        config: {scopes: ['ops', 'read']},
        schema: {
          tags,
          operationId: 'roads',
          summary: 'The road network as polylines',
          querystring,
          response: {
            200: Type.Object({
              perDegree: Type.Number({description: 'Units per degree.'}),
              attribution: Type.String(),
              box: wire.nullable(Type.Array(Type.Integer(), {description: 'West, south, east, north in units.'})),
              lines: Type.Array(Type.Array(Type.Integer()), {
                description:
                  'Each [rank, lon, lat, dLon, dLat, …] in units; rank 0 is the widest of roads, 2 the least.',
              }),
            }),
            304: Type.Null({description: 'It is the drawing whose ETag was given in If-None-Match.'}),
            ...problems(404),
          },
        },
      },
      async (request, reply) => {
        const region = ownRegion(world, request.query.regionId);
        if (region.kind !== 'region') return refuse(reply, region);
        const roads = world.roads(region.id);
        if (!roads) return refuse(reply, {kind: 'loading', regionId: region.id});
        const {json, gzipped, etag} = await drawingFor(roads);
        reply.header('etag', etag).header('cache-control', 'no-cache').header('vary', 'accept-encoding');
        if (request.headers['if-none-match'] === etag) return reply.code(304).send(null);
        const packed = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
        if (packed) reply.header('content-encoding', 'gzip');
        reply.header('content-type', 'application/json; charset=utf-8');
        // Bytes that are ready; the schema above documents them.
        return reply.send((packed ? gzipped : json) as never);
      },
    );
  };
