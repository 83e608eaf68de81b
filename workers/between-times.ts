// Answers one shard of a request for times between segments, over the graph that all threads share.

import {createScratch, type Scratch} from '../native-graph/route/scratch.ts';
import {segmentTimes, segmentTimesOver} from '../native-graph/route/segment-pairs.ts';
import {type BetweenShard, betweenViews} from '../src/pool/messages.ts';
import {graphOf, workspaceOf} from './searches.ts';

const scratches: (Scratch | undefined)[] = [];

export function run(shard: BetweenShard): void {
  const {betweenMs, ...segments} = betweenViews(shard);
  const {firstGroup, endGroup, direction, limitMs} = shard;
  const pairs = {...segments, direction, limitMs};
  if (shard.hierarchy) segmentTimesOver(workspaceOf(shard), pairs, firstGroup, endGroup, betweenMs);
  else {
    const graph = graphOf(shard);
    scratches[shard.graph] ??= createScratch(graph);
    segmentTimes(graph, scratches[shard.graph]!, pairs, firstGroup, endGroup, betweenMs);
  }
}
