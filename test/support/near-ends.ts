// What the times of near ends (`timesWithin`) say of any place: they are tested by what they are for.

import {type RoadGraph, UNREACHABLE_MS} from '../../native-graph/layout.ts';
import type {Positions} from '../../native-graph/position.ts';
import {restOf, segmentAt} from '../../native-graph/route/dijkstra.ts';

/** By position of `others`: the time between it and position `i` of `at`, UNREACHABLE_MS beyond the limit. */
export function timesByNearEnds(
  g: RoadGraph,
  direction: 'from' | 'to',
  at: Positions,
  i: number,
  nearMs: Int32Array,
  others: Positions,
  limitMs: number,
): number[] {
  return Array.from({length: others.count}, (_, j) => {
    let best = UNREACHABLE_MS;
    for (const against of [0, 1]) {
      const segment = segmentAt(others, j, against);
      if (segment < 0) continue;
      const restMs = restOf(g, true, others, j, against);
      const insideMs = direction === 'from' ? g.travelMs[segment] - restMs : restMs;
      if (nearMs[segment] < UNREACHABLE_MS) best = Math.min(best, nearMs[segment] + insideMs);
      if (segmentAt(at, i, against) !== segment) continue;
      const ownMs = restOf(g, true, at, i, against);
      const aheadMs = direction === 'from' ? ownMs - restMs : restMs - ownMs;
      if (aheadMs >= 0) best = Math.min(best, aheadMs);
    }
    return best <= limitMs ? best : UNREACHABLE_MS;
  });
}
