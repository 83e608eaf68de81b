// The slow truth about times: one search per pair, over whole positions or between segments, on this thread.
import type {RoadGraph} from '../../native-graph/layout.ts';
import {type Position, positionsOf} from '../../native-graph/position.ts';
import {timesFrom} from '../../native-graph/route/dijkstra.ts';
import {createScratch} from '../../native-graph/route/scratch.ts';
import type {SegmentPairs} from '../../src/router/between.ts';

export type DirectTimes = {
  readonly pair: (origin: Position, destination: Position, limitMs: number) => number;
  readonly between: (pairs: SegmentPairs) => Int32Array;
};

export function directTimes(graph: RoadGraph): DirectTimes {
  const scratch = createScratch(graph);
  const pair: DirectTimes['pair'] = (origin, destination, limitMs) => {
    const out = new Int32Array(1);
    const [from, to] = [positionsOf([origin]), positionsOf([destination])];
    timesFrom(graph, scratch, from, 0, to, Int32Array.of(0), limitMs, out);
    return out[0];
  };
  const endOf = (segment: number): Position => ({...NOWHERE, forward: segment, fraction: 1});
  const startOf = (segment: number): Position => ({...NOWHERE, forward: segment, fraction: 0});
  return {
    pair,
    between({direction, group, firstMember, member, limitMs}) {
      const times = new Int32Array(member.length);
      group.forEach((segment, i) => {
        for (let k = firstMember[i]; k < firstMember[i + 1]; k++) {
          const [from, to] = direction === 'from' ? [segment, member[k]] : [member[k], segment];
          times[k] = pair(endOf(from), startOf(to), limitMs);
        }
      });
      return times;
    },
  };
}

const NOWHERE: Position = {forward: -1, backward: -1, fraction: 0, latE7: 0, lonE7: 0, distanceM: 0};
