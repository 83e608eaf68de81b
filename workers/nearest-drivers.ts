// Finds the nearest drivers of some tasks in an index that all threads share.

import {workerData} from 'node:worker_threads';
import {overlay, type RoadGraph} from '../native-graph/layout.ts';
import {overlayPositions} from '../native-graph/position.ts';
import {attachBuckets, type Nearest, nearestDrivers} from '../native-graph/route/nearest.ts';
import {createWorkspaces} from '../native-graph/route/workspace.ts';
import {type NearestShard, type PoolData, searched} from '../src/pool/messages.ts';

const graphs: RoadGraph[] = (workerData as PoolData).graphs.map(({bytes}) => overlay(bytes));
const workspaceOf = createWorkspaces();

export function run(shard: NearestShard): Nearest {
  const {hierarchy, buckets, firstTask, endTask, limitMs, k, tie} = shard;
  if (!hierarchy) throw new Error('drivers are indexed over a hierarchy');
  const ws = workspaceOf(searched(graphs, shard), hierarchy);
  const drivers = overlayPositions(shard.drivers, 0, shard.driverCount);
  const tasks = overlayPositions(shard.tasks, 0, shard.taskCount);
  return nearestDrivers(ws, attachBuckets(ws, buckets), {drivers, tasks, firstTask, endTask, limitMs, k, tie});
}
