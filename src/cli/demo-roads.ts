// Places and trips of the demo's people, on the real road graph.

import type {RoadGraph} from '../../native-graph/layout.ts';
import {pointAfter} from '../../native-graph/route/path.ts';
import {toE7} from '../domain/units.ts';
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
