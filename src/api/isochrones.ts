// /v1/isochrones: how far one gets from a place, or from how far away one gets there, within some minutes.

import type {FastifyPluginAsyncTypebox} from '@fastify/type-provider-typebox';
import {Type} from 'typebox';
import {SNAP_LIMIT_M} from '../router/router.ts';
import {type Failure, refuse} from './failures.ts';
import {featureCollection, parseMinutes} from './isochrone-json.ts';
import {
  ISOCHRONE_MINUTES_DEFAULT,
  ISOCHRONE_MINUTES_LIMIT,
  ISOCHRONES_LIMIT,
  ISOCHRONES_WAITING_LIMIT,
} from './limits.ts';
import type {WithRoads} from './osrm/roads.ts';
import {problems} from './problems.ts';
import {ownRegion} from './region.ts';
import {createTurns} from './turns.ts';
import * as wire from './wire.ts';
import type {World} from './world.ts';

const MEDIA_TYPE = 'application/geo+json';
const MS_PER_MINUTE = 60_000;

const query = wire.record({
  lon: wire.lon,
  lat: wire.lat,
  minutes: Type.Optional(
    Type.String({
      description: `At most ${ISOCHRONES_LIMIT} limits in whole minutes, ascending, up to ${ISOCHRONE_MINUTES_LIMIT}.`,
      maxLength: 40,
      default: ISOCHRONE_MINUTES_DEFAULT,
      examples: ['5,10,15'],
    }),
  ),
  direction: Type.Optional(
    Type.Enum(['from', 'to'], {
      description: 'from: where one gets to from the place. to: from where one gets to the place.',
      default: 'from',
    }),
  ),
  regionId: Type.Optional(wire.regionId),
});

const position = Type.Tuple([Type.Number(), Type.Number()], {description: 'Longitude, latitude.'});

const isochrones200 = wire.named(
  'Isochrones',
  Type.Object(
    {
      type: Type.Literal('FeatureCollection'),
      place: Type.Object(
        {lon: wire.lon, lat: wire.lat, distanceM: Type.Number()},
        {description: 'Where on the road the point was put, and how far from it.'},
      ),
      h3Resolution: Type.Integer({description: 'Of the hexagons that areas are made of.'}),
      features: Type.Array(
        Type.Object({
          type: Type.Literal('Feature'),
          properties: Type.Object({
            minutes: Type.Integer(),
            direction: Type.Enum(['from', 'to']),
            epoch: Type.Optional(Type.Integer({description: 'Of the live speeds that the times are of.'})),
            segments: Type.Integer({description: 'Drivable directions of roads of which a part is reached.'}),
          }),
          geometry: Type.Object({
            type: Type.Literal('MultiPolygon'),
            coordinates: Type.Array(Type.Array(Type.Array(position))),
          }),
        }),
      ),
    },
    {
      description:
        'GeoJSON, a feature a limit. Every road that is reached within the limit lies inside, but for a decimetre, ' +
        'up to the point where the limit is reached; so does what is around it in the same hexagon. Longer limits ' +
        'hold the shorter ones. Across the antimeridian longitudes run on.',
    },
  ),
);

export const isochroneShapes = [isochrones200.shape];

/** `atOnce` are searched at a time; a few more wait, and whose client goes meanwhile is not searched at all. */
export const isochrones =
  (roadsOf: (regionId: string | undefined) => WithRoads | Failure, atOnce: number): FastifyPluginAsyncTypebox =>
  async (app) => {
    const turns = createTurns(atOnce, ISOCHRONES_WAITING_LIMIT);
    app.get(
      '/v1/isochrones',
      {
        config: {scopes: ['ops', 'services', 'read']},
        schema: {
          tags: ['map'],
          operationId: 'isochrones',
          summary: 'What is within some minutes of a place by road',
          querystring: query,
          response: {
            200: {description: 'GeoJSON.', content: {[MEDIA_TYPE]: {schema: isochrones200.ref}}},
            ...problems(404, 422),
          },
        },
      },
      async (request, reply) => {
        const {lon, lat, direction = 'from', regionId} = request.query;
        const text = request.query.minutes ?? ISOCHRONE_MINUTES_DEFAULT;
        const minutes = parseMinutes(text, ISOCHRONE_MINUTES_LIMIT, ISOCHRONES_LIMIT);
        if (typeof minutes === 'string') {
          return refuse(reply, {kind: 'invalid', errors: [{field: 'query.minutes', message: minutes}]});
        }
        const withRoads = roadsOf(regionId);
        if (typeof withRoads !== 'function') return refuse(reply, withRoads);
        const turn = await turns.wait(request.signal);
        if (turn.kind === 'full') return refuse(reply, {kind: 'overloaded'});
        // Nobody hears it, or the time-out has been told.
        if (turn.kind === 'gone') return refuse(reply, {kind: 'too-slow'});
        try {
          return await withRoads(async ({nearest, areas, epoch}) => {
            const place = {...wire.toE7s({lon, lat}), radiusM: SNAP_LIMIT_M};
            const [at] = nearest({...place, approach: 'unrestricted', bearing: null, anyRoad: false}, 1);
            if (!at) {
              const detail = `No road lies within ${SNAP_LIMIT_M} m of this point.`;
              return refuse(reply, {kind: 'refused', code: 'NO_SEGMENT', detail});
            }
            const limitsMs = minutes.map((each) => each * MS_PER_MINUTE);
            const found = await areas(at, direction, limitsMs);
            // A text that is ready; the schema above documents it.
            return reply.type(MEDIA_TYPE).send(featureCollection(found, {at, direction, epoch}) as never);
          });
        } finally {
          turn.end();
        }
      },
    );
  };

/** The roads of the region that a request names, or of the only one. */
export function roadsIn(world: World, asked: string | undefined): WithRoads | Failure {
  const region = ownRegion(world, asked);
  if (region.kind !== 'region') return region;
  return world.routing(region.id) ?? {kind: 'loading', regionId: region.id};
}
