// /internal/map/demand: where tasks wait and what serving them costs, by hexagon, for the map.

import type {FastifyPluginAsyncTypebox} from '@fastify/type-provider-typebox';
import {cellToBoundary, latLngToCell} from 'h3-js';
import {type Static, Type} from 'typebox';
import {readLiveMap} from '../db/live-map.ts';
import {fromE7} from '../domain/units.ts';
import {refuse} from './failures.ts';
import {LIVE_FRESH_MS, MAP_LIMIT} from './limits.ts';
import {problems} from './problems.ts';
import {ownRegion} from './region.ts';
import {sharedReading} from './shared-reading.ts';
import * as wire from './wire.ts';
import type {World} from './world.ts';

/** Hexagons of about 0.7 km², as wide as a few blocks. */
const RESOLUTION = 8;

const demandShape = wire.named(
  'Demand',
  Type.Object({
    at: wire.instant,
    resolution: Type.Integer({description: 'Of H3.'}),
    cells: Type.Array(
      Type.Object({
        cell: Type.String({description: 'H3 index.'}),
        ring: Type.Array(Type.Tuple([wire.lon, wire.lat]), {description: 'Its boundary, closed.'}),
        waiting: Type.Integer({minimum: 0, description: 'Tasks that wait at stores there, offered ones left out.'}),
        oldestS: Type.Integer({description: 'Seconds since the first of them was ready.'}),
        priceMs: Type.Union([Type.Integer(), Type.Null()], {
          description:
            'The highest shadow price of a task there at the last tick: what one more would cost. null: not known ' +
            'to this daemon.',
        }),
      }),
    ),
  }),
);

export const demandShapes = [demandShape.shape];

type Cell = {waiting: number; oldestMs: number; priceMs: number | null};

async function readDemand({db, dispatch}: World, regionId: string): Promise<Static<typeof demandShape.shape>> {
  const {nowMs, stores, tasks} = await readLiveMap(db, regionId, MAP_LIMIT);
  const prices = dispatch.taskPrices(regionId);
  const cellOf = new Map(stores.map(([id, , lon, lat]) => [id, latLngToCell(fromE7(lat), fromE7(lon), RESOLUTION)]));
  const cells = new Map<string, Cell>();
  for (const [id, , , state, storeId, , readyAtMs] of tasks) {
    const index = cellOf.get(storeId);
    const priceMs = prices?.get(id) ?? null;
    const waits = state === 'PENDING' || state === 'EXPIRED';
    if (index === undefined || (!waits && priceMs === null)) continue;
    const cell = cells.get(index) ?? {waiting: 0, oldestMs: 0, priceMs: null};
    cells.set(index, cell);
    if (priceMs !== null) cell.priceMs = Math.max(cell.priceMs ?? 0, priceMs);
    if (!waits) continue;
    cell.waiting++;
    cell.oldestMs = Math.max(cell.oldestMs, nowMs - readyAtMs);
  }
  return {
    at: wire.toIso(nowMs),
    resolution: RESOLUTION,
    cells: Array.from(cells, ([cell, {waiting, oldestMs, priceMs}]) => {
      const ring = cellToBoundary(cell, true) as [number, number][];
      return {cell, ring, waiting, oldestS: Math.round(oldestMs / 1_000), priceMs};
    }),
  };
}

export const demand =
  (world: World): FastifyPluginAsyncTypebox =>
  async (app) => {
    const demandOf = sharedReading(world.clock, LIVE_FRESH_MS, (regionId) => readDemand(world, regionId));
    app.get(
      '/internal/map/demand',
      {
        config: {scopes: ['ops', 'read']},
        schema: {
          tags: ['map'],
          operationId: 'demand',
          summary: 'Waiting tasks and their shadow prices by hexagon',
          querystring: wire.inRegion,
          response: {200: demandShape.ref, ...problems(404)},
        },
      },
      async (request, reply) => {
        const region = ownRegion(world, request.query.regionId);
        if (region.kind !== 'region') return refuse(reply, region);
        return demandOf(region.id);
      },
    );
  };
