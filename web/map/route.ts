// The way along the roads of what is selected: of a driver to its next stops, of a task from its driver over its store
// to the drop. Asked of the daemon again while it stays selected, since drivers move.

import {getSlowly, withQuery} from '../daemon.ts';
import type {LiveMap} from '../wire.ts';
import type {BaseMap} from './base-map.ts';
import {toneOf} from './base-style.ts';
import {NEXT_STOP} from './live-picture.ts';

const AGAIN_MS = 4_000;
/** Of a driver with a stack of tasks: more are not drawn. */
const ROUTES_LIMIT = 4;

type Line = {readonly type: 'LineString'; readonly coordinates: [number, number][]};
type Route = {readonly routes: readonly {readonly geometry: Line; readonly duration: number}[]};
export type Selected = {readonly kind: 'driver' | 'task'; readonly id: string};
type Leg = {readonly points: readonly (readonly [number, number])[]; readonly tone: string; readonly opacity: number};

const NOTHING = {type: 'FeatureCollection', features: []} as const;

export function startRoute(
  map: BaseMap,
  regionOf: () => string | undefined,
  onTime: (seconds: number | undefined) => void,
) {
  let selected: Selected | undefined;
  let asking = new AbortController();
  let lastMs = Number.NEGATIVE_INFINITY;

  function select(next: Selected | undefined): void {
    asking.abort();
    selected = next;
    lastMs = Number.NEGATIVE_INFINITY;
    map.draw('route', NOTHING as never);
  }

  /** Called with each reading. */
  async function refresh(live: LiveMap): Promise<void> {
    if (!selected || performance.now() - lastMs < AGAIN_MS) return;
    lastMs = performance.now();
    asking.abort();
    asking = new AbortController();
    const {signal} = asking;
    const legs = legsOf(live, selected).slice(0, ROUTES_LIMIT);
    try {
      const found = await Promise.all(legs.map(async (leg) => ({leg, route: await ask(leg, signal)})));
      if (signal.aborted) return;
      onTime(found.length > 0 ? found.reduce((sum, {route}) => sum + (route?.duration ?? 0), 0) : undefined);
      map.draw('route', {
        type: 'FeatureCollection',
        features: found.flatMap(({leg: {tone, opacity}, route}) =>
          route
            ? [{type: 'Feature' as const, properties: {tone: toneOf(tone), opacity}, geometry: route.geometry as never}]
            : [],
        ),
      });
    } catch {
      // Asked again in a while; the status reading tells that nobody answers.
    }
  }

  async function ask({points}: Leg, signal: AbortSignal) {
    const path = points.map((at) => at.map((degrees) => degrees.toFixed(6)).join()).join(';');
    const url = withQuery(`/route/v1/driving/${path}`, {overview: 'full', geometries: 'geojson', region: regionOf()});
    return (await getSlowly<Route>(url, signal)).routes[0];
  }

  return {select, refresh};
}

function legsOf(live: LiveMap, {kind, id}: Selected): Leg[] {
  return live.tasks.flatMap(([taskId, lon, lat, stateIndex, storeIndex, driverIndex]): Leg[] => {
    const driver = live.drivers[driverIndex];
    if (kind === 'task' ? taskId !== id : driver?.[0] !== id) return [];
    const state = live.states[stateIndex] ?? '';
    const store = live.stores[storeIndex];
    const drop = [lon, lat] as const;
    const pickup = store && ([store[1], store[2]] as const);
    const from = driver && ([driver[1], driver[2]] as const);
    const rest: Leg[] =
      pickup && NEXT_STOP[state] !== 'drop' && state !== 'RETURNING'
        ? [{points: [pickup, drop], tone: 'carrying', opacity: 0.55}]
        : [];
    if (!from || !NEXT_STOP[state]) return rest;
    const stop = NEXT_STOP[state] === 'store' ? pickup : drop;
    const tone =
      state === 'OFFERED'
        ? 'offered'
        : state === 'ASSIGNED'
          ? 'en-route'
          : state === 'RETURNING'
            ? 'returning'
            : 'carrying';
    return stop ? [{points: [from, stop], tone, opacity: 0.9}, ...rest] : rest;
  });
}
