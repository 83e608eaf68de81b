// Answers one shard of a request for times between segments: one search per group, over the graph that all threads
// share.

import {workerData} from 'node:worker_threads';
import {overlay, type RoadGraph} from '../native-graph/layout.ts';
import {overlayPositions, POSITION_BYTES, type Positions} from '../native-graph/position.ts';
import {timesFrom, timesTo} from '../native-graph/route/dijkstra.ts';
import {createScratch, type Scratch} from '../native-graph/route/scratch.ts';
import {type BetweenShard, betweenViews, type PoolData, searched} from '../src/pool/messages.ts';

const graphs: RoadGraph[] = (workerData as PoolData).graphs.map(({bytes}) => overlay(bytes));
const scratches: Scratch[] = graphs.map(createScratch);

export function run(shard: BetweenShard): void {
  const graph = searched(graphs, shard);
  const scratch = scratches[shard.graph];
  const {group, firstMember, member, betweenMs} = betweenViews(shard);
  const {firstGroup, endGroup, direction, limitMs} = shard;
  const begin = firstMember[firstGroup];
  const end = firstMember[endGroup];
  const forward = direction === 'from';
  // A way between two segments leaves the end of the one and reaches the start of the other.
  const groups = placesOn(group.subarray(firstGroup, endGroup), forward ? 1 : 0);
  const members = placesOn(member.subarray(begin, end), forward ? 0 : 1);
  const every = Int32Array.from({length: end - begin}, (_, i) => i);

  for (let i = firstGroup; i < endGroup; i++) {
    const picks = every.subarray(firstMember[i] - begin, firstMember[i + 1] - begin);
    const out = betweenMs.subarray(firstMember[i], firstMember[i + 1]);
    if (forward) timesFrom(graph, scratch, groups, i - firstGroup, members, picks, limitMs, out);
    else timesTo(graph, scratch, members, picks, groups, i - firstGroup, limitMs, out);
  }
}

/** The starts (fraction 0) or the ends (fraction 1) of these segments. */
function placesOn(segments: Int32Array, fraction: 0 | 1): Positions {
  const places = overlayPositions(new SharedArrayBuffer(segments.length * POSITION_BYTES), 0, segments.length);
  places.forward.set(segments);
  places.backward.fill(-1);
  places.fraction.fill(fraction);
  return places;
}
