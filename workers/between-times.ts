// Answers one shard of a request for times between segments, over the graph that all threads share.

import {workerData} from 'node:worker_threads';
import {overlay, type RoadGraph} from '../native-graph/layout.ts';
import {createScratch, type Scratch} from '../native-graph/route/scratch.ts';
import {segmentTimes, segmentTimesOver} from '../native-graph/route/segment-pairs.ts';
import {createWorkspaces} from '../native-graph/route/workspace.ts';
import {type BetweenShard, betweenViews, type PoolData, searched} from '../src/pool/messages.ts';

const graphs: RoadGraph[] = (workerData as PoolData).graphs.map(({bytes}) => overlay(bytes));
const scratches: (Scratch | undefined)[] = [];
const workspaceOf = createWorkspaces();

export function run(shard: BetweenShard): void {
  const graph = searched(graphs, shard);
  const {betweenMs, ...segments} = betweenViews(shard);
  const {firstGroup, endGroup, direction, limitMs, hierarchy} = shard;
  const pairs = {...segments, direction, limitMs};
  if (hierarchy) segmentTimesOver(workspaceOf(graph, hierarchy), pairs, firstGroup, endGroup, betweenMs);
  else {
    scratches[shard.graph] ??= createScratch(graph);
    segmentTimes(graph, scratches[shard.graph]!, pairs, firstGroup, endGroup, betweenMs);
  }
}
