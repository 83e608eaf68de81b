// How the OSRM services stand in the OpenAPI document. Requests are not checked against it: OSRM has a grammar of its
// own (query.ts), and codes of its own for what breaks it.

import {type TSchema, Type} from 'typebox';
import {problems} from '../problems.ts';
import type {Service} from './query.ts';
import {OSRM_CODES} from './refusal.ts';

const text = (description: string): TSchema => Type.Optional(Type.String({description}));

const GENERAL = {
  bearings: text('For each coordinate degrees,range: only roads that lead there.'),
  radiuses: text('For each coordinate metres or unlimited.'),
  hints: text('Accepted and not needed.'),
  approaches: text('For each coordinate unrestricted, curb or opposite.'),
  exclude: text('None is known: refused.'),
  generate_hints: text('true (default) or false.'),
  skip_waypoints: text('true or false (default).'),
  snapping: text('default: not to ferries; any.'),
  region: text('Of a daemon with several regions, whose roads.'),
};

const QUERIES: Readonly<Record<Service, Record<string, TSchema>>> = {
  route: {
    ...GENERAL,
    alternatives: text('Accepted; one route is answered.'),
    steps: text('true or false (default).'),
    annotations: text('true, false (default) or a list: duration, distance, speed, nodes, datasources, weight.'),
    geometries: text('polyline (default), polyline6 or geojson.'),
    overview: text('simplified (default), full, by_legs or false.'),
    continue_straight: text('default and true: no turning back at coordinates between the ends; false.'),
    waypoints: text('Indices of the coordinates where legs end; the others are driven through.'),
  },
  table: {
    ...GENERAL,
    sources: text('Indices, or all (default).'),
    destinations: text('Indices, or all (default).'),
    annotations: text('duration (default), distance, or duration,distance.'),
    fallback_speed: text('Metres per second, as the crow flies, where there is no way.'),
    fallback_coordinate: text('input (default) or snapped.'),
    scale_factor: text('What durations are multiplied by.'),
  },
  nearest: {...GENERAL, number: text('How many, 1 (default) or more.')},
};

const NUMBERS = Type.Array(Type.Number());
const waypoint = Type.Object({
  location: NUMBERS,
  name: Type.String(),
  distance: Type.Number(),
  hint: Type.Optional(Type.String()),
  nodes: Type.Optional(NUMBERS),
});
const waypoints = Type.Optional(Type.Array(waypoint));
const matrix = Type.Optional(
  Type.Array(Type.Array(Type.Union([Type.Number(), Type.Null()])), {description: 'By source, by destination.'}),
);

const code = Type.Literal('Ok');
const ANSWERS: Readonly<Record<Service, TSchema>> = {
  route: Type.Object({code, routes: Type.Array(Type.Any()), waypoints}),
  table: Type.Object({
    code,
    durations: matrix,
    distances: matrix,
    sources: waypoints,
    destinations: waypoints,
    fallback_speed_cells: Type.Optional(Type.Array(NUMBERS)),
  }),
  nearest: Type.Object({code, waypoints}),
};

const SUMMARIES: Readonly<Record<Service, string>> = {
  route: 'The fastest way through coordinates',
  table: 'Times between all pairs of coordinates',
  nearest: 'Places on the roads nearest to a coordinate',
};

const refused = Type.Object({code: Type.Enum([...OSRM_CODES]), message: Type.String()});
const refusalWhere = (description: string) => ({description, content: {'application/json': {schema: refused}}});

export const documentOf = (service: Service) => ({
  tags: ['osrm'],
  operationId: `osrm${service[0].toUpperCase()}${service.slice(1)}`,
  summary: SUMMARIES[service],
  description: 'The service of OSRM by that name: docs/OSRM.md says where it differs.',
  params: Type.Object({
    profile: Type.String({description: 'driving or car.'}),
    coordinates: Type.String({description: 'lon,lat;lon,lat…, or polyline(…), or polyline6(…).'}),
  }),
  querystring: Type.Object(QUERIES[service]),
  response: {
    200: {description: 'Found.', content: {'application/json': {schema: ANSWERS[service]}}},
    ...problems(),
    400: refusalWhere('The query cannot be read, is not allowed or has no answer; the code says which.'),
    500: refusalWhere('A defect of ours.'),
    503: refusalWhere('The graph is loading, or the server is too busy or stopping.'),
  },
});
