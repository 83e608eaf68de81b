// Answers one shard of a request for times between segments, over the graph that all threads share.

import {segmentTimes, segmentTimesOver} from '../native-graph/route/segment-pairs.ts';
import {type BetweenShard, betweenViews} from '../src/pool/messages.ts';
import {graphOf, scratchOf, workspaceOf} from './searches.ts';

export function run(shard: BetweenShard): void {
  const {betweenMs, ...segments} = betweenViews(shard);
  const {firstGroup, endGroup, direction, limitMs} = shard;
  const pairs = {...segments, direction, limitMs};
  if (shard.hierarchy) segmentTimesOver(workspaceOf(shard), pairs, firstGroup, endGroup, betweenMs);
  else segmentTimes(graphOf(shard), scratchOf(shard), pairs, firstGroup, endGroup, betweenMs);
}
