// The services route and nearest: from a parsed query to the body of an answer, in OSRM's order of checks.

import {type RoadGraph, readMeta} from '../../../native-graph/layout.ts';
import {pointIds} from '../../../native-graph/point-ids.ts';
import type {Position} from '../../../native-graph/position.ts';
import {ALTERNATIVES_LIMIT, NEAREST_LIMIT, type OsrmLimits} from '../limits.ts';
import {joinLegs, planLegs} from './legs.ts';
import {pieceAt} from './nearest.ts';
import {areOnEarth, edgeOf, exclusionOf, flawOf, placesOf, snapAll, waypointOf} from './places.ts';
import type {Options, Query} from './query.ts';
import {isRefusal, type Refusal, refusal} from './refusal.ts';
import {ringsOf} from './ring.ts';
import type {Roads} from './roads.ts';
import {type Guide, routeJson} from './route-json.ts';

/** A set of roads with what is kept for it. */
export type Served = Guide & {
  readonly roads: Roads;
  readonly limits: OsrmLimits;
  readonly dataVersion: string | undefined;
};

export function serve(roads: Roads, limits: OsrmLimits): Served {
  const {source} = readMeta(roads.graph);
  const drivingSide = source.drivingSide ?? 'right';
  const rings = ringsOf(roads.graph, drivingSide);
  return {roads, limits, graph: roads.graph, rings, drivingSide, dataVersion: source.state?.timestamp};
}

/** The members that every answer begins with. */
export const headOf = ({dataVersion}: Served) => ({code: 'Ok', ...(dataVersion && {data_version: dataVersion})});

export async function answerRoute(served: Served, {coordinates, options}: Query<'route'>): Promise<object | Refusal> {
  const {roads, graph} = served;
  const flaw = routeFlaw(coordinates, options, served.limits) ?? exclusionOf(options);
  if (flaw) return flaw;
  const places = placesOf(coordinates, options);
  const positions = snapAll(roads, places);
  if (isRefusal(positions)) return positions;
  const legs = await planLegs(roads, positions, options.continue_straight === 'false');
  if (legs === undefined) return refusal('NoRoute', noRouteMessage(graph, positions));

  // Legs meet at waypoints; the places between are driven through.
  const stops = options.waypoints ? [...new Set(options.waypoints)].sort((a, b) => a - b) : [...positions.keys()];
  const joined = stops.slice(1).map((stop, i) => joinLegs(graph, legs.slice(stops[i], stop)));
  const asked = stops.map((stop) => places[stop]);
  return {
    ...headOf(served),
    routes: [routeJson(served, joined, asked, options)],
    ...(!options.skip_waypoints && {
      waypoints: positions.map((at, i) => waypointOf(graph, at, places[i], options)),
    }),
  };
}

function routeFlaw(
  coordinates: Query<'route'>['coordinates'],
  options: Options<'route'>,
  {routeCoordinates}: OsrmLimits,
): Refusal | undefined {
  const count = coordinates.length;
  const flaw = flawOf(coordinates, options);
  if (flaw) return flaw;
  if (count < 2) return refusal('InvalidOptions', 'Number of coordinates needs to be at least two.');
  const {waypoints, alternatives = 0} = options;
  const stray = waypoints?.find((index) => index >= count);
  if (stray !== undefined) return refusal('InvalidOptions', `Waypoint ${stray} is not one of ${count} coordinates`);
  if (count > routeCoordinates) {
    const limit = `is higher than current maximum (${routeCoordinates})`;
    return refusal('TooBig', `Number of entries ${count} ${limit}`);
  }
  if (Number(alternatives) > ALTERNATIVES_LIMIT) {
    const limit = `is higher than current maximum (${ALTERNATIVES_LIMIT})`;
    return refusal('TooBig', `Requested number of alternatives ${limit}`);
  }
  if (!areOnEarth(coordinates)) return refusal('InvalidValue', 'Invalid coordinate value.');
  if (waypoints && !(waypoints.includes(0) && waypoints.includes(count - 1))) {
    return refusal('InvalidValue', 'First and last coordinates must be specified as waypoints.');
  }
  return undefined;
}

function noRouteMessage(g: RoadGraph, positions: readonly Position[]): string {
  const components = new Set(positions.map(({forward, backward}) => g.component[Math.max(forward, backward)]));
  return components.size > 1 ? 'Impossible route between points' : 'No route found between points';
}

export function answerNearest(served: Served, {coordinates, options}: Query<'nearest'>): object | Refusal {
  const {roads, graph} = served;
  const {number = 1} = options;
  const flaw = flawOf(coordinates, options);
  if (flaw) return flaw;
  if (number < 1) return refusal('InvalidOptions', 'Number of results must be at least one');
  if (number > NEAREST_LIMIT) {
    return refusal('TooBig', `Number of results ${number} is higher than current maximum (${NEAREST_LIMIT})`);
  }
  if (!areOnEarth(coordinates)) return refusal('InvalidOptions', 'Coordinates are invalid');
  if (coordinates.length !== 1) return refusal('InvalidOptions', 'Only one input coordinate is supported');
  const exclusion = exclusionOf(options);
  if (exclusion) return exclusion;
  const [place] = placesOf(coordinates, options);
  const positions = roads.nearest(place, number);
  if (positions.length === 0) return refusal('NoSegment', 'Could not find a matching segments for coordinate');
  return {
    ...headOf(served),
    ...(!options.skip_waypoints && {
      waypoints: positions.map((at) => ({...waypointOf(graph, at, place, options), nodes: nodesAround(graph, at)})),
    }),
  };
}

/** The nodes before and behind a place, in a direction in which it may be passed. */
function nodesAround(g: RoadGraph, at: Position): [number, number] {
  const ids = pointIds(g, edgeOf(g, at));
  const piece = pieceAt(g, edgeOf(g, at), at.fraction);
  const [a, b] = [ids[piece], ids[piece + 1]];
  return at.forward >= 0 ? [a, b] : [b, a];
}
