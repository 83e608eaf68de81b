import {type RoadGraph, UNREACHABLE_MS} from '../../native-graph/layout.ts';
import type {Random} from '../../src/domain/random.ts';
import {below} from './random-network.ts';

/** The same roads where some segments take another time: longer, shorter, closed, or open again as in `file`. */
export function someOtherTimes(file: RoadGraph, last: RoadGraph, count: number, random: Random): RoadGraph {
  const arcMs = last.arcMs.slice();
  for (let i = 0; i < count; i++) {
    const segment = below(random, file.segmentCount);
    const change = below(random, 4);
    const byMs = below(random, 3_000) - 1_500;
    for (let turn = 0; turn < arcMs.length; turn++) {
      if (file.head[turn] !== segment) continue;
      const ms = file.arcMs[turn];
      arcMs[turn] = change === 0 ? UNREACHABLE_MS : change === 1 ? ms : Math.max(1, Math.min(ms, 1_000_000) + byMs);
    }
  }
  return {...last, arcMs};
}
