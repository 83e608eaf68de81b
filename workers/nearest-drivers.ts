// Finds the nearest drivers of some tasks in an index that all threads share.

import {overlayPositions} from '../native-graph/position.ts';
import {attachBuckets, type Nearest, nearestDrivers} from '../native-graph/route/nearest.ts';
import type {NearestShard} from '../src/pool/messages.ts';
import {workspaceOf} from './searches.ts';

export function run(shard: NearestShard): Nearest {
  const {buckets, firstTask, endTask, limitMs, k, tie} = shard;
  const ws = workspaceOf(shard);
  const drivers = overlayPositions(shard.drivers, 0, shard.driverCount);
  const tasks = overlayPositions(shard.tasks, 0, shard.taskCount);
  return nearestDrivers(ws, attachBuckets(ws, buckets), {drivers, tasks, firstTask, endTask, limitMs, k, tie});
}
