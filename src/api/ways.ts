// /internal/map/ways: ways along the roads between many pairs of places, for the map: their lines and nothing else.
//
// They are searched off the event loop, a request at a time; their lines are written on it, so that a request holds
// few. What the page holds it does not ask for again while the driver keeps to it.

import type {FastifyPluginAsyncTypebox} from '@fastify/type-provider-typebox';
import {Type} from 'typebox';
import type {Position} from '../../native-graph/position.ts';
import {SNAP_LIMIT_M} from '../router/router.ts';
import {type Failure, refuse} from './failures.ts';
import {WAYS_AT_ONCE, WAYS_PER_CALL, WAYS_WAITING_LIMIT} from './limits.ts';
import {legOf} from './osrm/legs.ts';
import {lineOf} from './osrm/line.ts';
import {encodePolyline} from './osrm/polyline.ts';
import type {Roads, WithRoads} from './osrm/roads.ts';
import {problems} from './problems.ts';
import {createTurns} from './turns.ts';
import * as wire from './wire.ts';

const NUMBER = '-?\\d{1,3}(\\.\\d{1,9})?';
const PAIR = `${NUMBER},${NUMBER},${NUMBER},${NUMBER}`;
/** Characters of a pair, and what parts it from the next. */
const PAIR_LENGTH = 4 * 14 + 4;

const waysShape = wire.named(
  'Ways',
  Type.Object({
    ways: Type.Array(wire.nullable(Type.String()), {
      description:
        'By pair: the fastest way from the one to the other, as an encoded polyline of precision 6; null where there ' +
        `is none, or where no road lies within ${SNAP_LIMIT_M} m.`,
    }),
  }),
);

export const wayShapes = [waysShape.shape];

type Pair = readonly [lon: number, lat: number, toLon: number, toLat: number];

/** In the order of the pairs. */
async function linesOf(roads: Roads, pairs: readonly Pair[]): Promise<(string | null)[]> {
  const at = (lon: number, lat: number): Position | undefined =>
    roads.nearest(
      {...wire.toE7s({lon, lat}), radiusM: SNAP_LIMIT_M, approach: 'unrestricted', bearing: null, anyRoad: false},
      1,
    )[0];
  const snapped = pairs.flatMap(([lon, lat, toLon, toLat], i) => {
    const [from, to] = [at(lon, lat), at(toLon, toLat)];
    return from && to ? [{i, from, to}] : [];
  });
  const found = await roads.ways(snapped.map(({from, to}) => [from, to] as const));
  const lines: (string | null)[] = pairs.map(() => null);
  for (const [n, {i, from, to}] of snapped.entries()) {
    const way = found[n];
    if (!way) continue;
    const {latE6, lonE6} = lineOf(roads.graph, legOf(roads.graph, way, from, to));
    lines[i] = encodePolyline(latE6, lonE6, 6);
  }
  return lines;
}

export const ways =
  (roadsOf: (regionId: string | undefined) => WithRoads | Failure): FastifyPluginAsyncTypebox =>
  async (app) => {
    const turns = createTurns(WAYS_AT_ONCE, WAYS_WAITING_LIMIT);
    app.get(
      '/internal/map/ways',
      {
        config: {scopes: ['ops', 'read']},
        schema: {
          tags: ['map'],
          operationId: 'ways',
          summary: 'Ways along the roads between pairs of places, as lines',
          querystring: wire.record({
            regionId: Type.Optional(wire.regionId),
            pairs: Type.String({
              pattern: `^${PAIR}(;${PAIR}){0,${WAYS_PER_CALL - 1}}$`,
              maxLength: WAYS_PER_CALL * PAIR_LENGTH,
              title: `lon,lat,lon,lat of 1 to ${WAYS_PER_CALL} pairs, parted by semicolons`,
              examples: ['11.9746,57.7089,11.9865,57.6967'],
            }),
          }),
          response: {200: waysShape.ref, ...problems(404)},
        },
      },
      async (request, reply) => {
        const {pairs: text, regionId} = request.query;
        const pairs = text.split(';').map((pair) => pair.split(',').map(Number) as unknown as Pair);
        const beyond = pairs.some(([lon, lat, toLon, toLat]) => {
          return Math.max(Math.abs(lon), Math.abs(toLon)) > 180 || Math.max(Math.abs(lat), Math.abs(toLat)) > 90;
        });
        if (beyond) {
          const message = 'must be of longitudes up to 180 and latitudes up to 90';
          return refuse(reply, {kind: 'invalid', errors: [{field: 'query.pairs', message}]});
        }
        const withRoads = roadsOf(regionId);
        if (typeof withRoads !== 'function') return refuse(reply, withRoads);
        const turn = await turns.wait(request.signal);
        if (turn.kind === 'full') return refuse(reply, {kind: 'overloaded'});
        // Nobody hears it, or the time-out has been told.
        if (turn.kind === 'gone') return refuse(reply, {kind: 'too-slow'});
        try {
          return await withRoads(async (roads) => ({ways: await linesOf(roads, pairs)}));
        } finally {
          turn.end();
        }
      },
    );
  };
