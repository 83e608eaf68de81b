// Places and trips of the demo's people, on the real road graph.

import type {RoadGraph} from '../../native-graph/layout.ts';
import {pointAfter} from '../../native-graph/route/path.ts';
import type {Area, Position} from '../domain/rule.ts';
import {fromE7, toE7} from '../domain/units.ts';
import type {Router} from '../router/router.ts';
import type {Place, Point} from '../sim/city.ts';
import type {Trip} from '../sim/drivers.ts';

/** A junction at the end of a segment drawn by chance: busy quarters have more of them. */
export function placesOn({segmentCount, headJunction, junctionLatE7, junctionLonE7}: RoadGraph): Place {
  return (random) => {
    const junction = headJunction[Math.floor(random() * segmentCount)];
    return {latE7: junctionLatE7[junction], lonE7: junctionLonE7[junction]};
  };
}

/** The exact route, driven at the times that stand when it is begun. */
export function tripsOn(standing: () => Router): (from: Point, to: Point) => Promise<Trip | undefined> {
  return async (from, to) => {
    const router = standing();
    const origin = router.snap(from.lonE7, from.latE7);
    const destination = router.snap(to.lonE7, to.latE7);
    const route = origin && destination && router.route(origin, destination);
    if (!route) return undefined;
    return {
      durationMs: route.durationMs,
      at(elapsedMs) {
        const [lon, lat] = pointAfter(route, elapsedMs);
        return {lonE7: toE7(lon), latE7: toE7(lat)};
      },
    };
  };
}

/** The convex hull of all junctions: A. M. Andrew, Information Processing Letters 9 (1979), 216-219. */
export function outlineOf({junctionLonE7, junctionLatE7}: RoadGraph): Area {
  const points = Array.from(junctionLonE7, (lon, i): Position => [fromE7(lon), fromE7(junctionLatE7[i])]);
  points.sort(([ax, ay], [bx, by]) => ax - bx || ay - by);
  const halfOf = (sorted: readonly Position[]): Position[] => {
    const hull: Position[] = [];
    for (const [x, y] of sorted) {
      for (;;) {
        const [[ax, ay], [bx, by]] = [hull.at(-2) ?? [], hull.at(-1) ?? []];
        const turnsLeft = ax === undefined || ay === undefined || (bx! - ax) * (y - ay) - (by! - ay) * (x - ax) > 0;
        if (turnsLeft) break;
        hull.pop();
      }
      hull.push([x, y]);
    }
    return hull.slice(0, -1);
  };
  const ring = [...halfOf(points), ...halfOf(points.toReversed())];
  return {type: 'Polygon', coordinates: [[...ring, ring[0]]]};
}
