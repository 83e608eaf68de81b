// Keeps an index of drivers by the nodes that they climb to. It lies in the memory of the hierarchy, so whichever
// thread is free may go on with it.

import {workerData} from 'node:worker_threads';
import {overlay, type RoadGraph} from '../native-graph/layout.ts';
import {overlayPositions} from '../native-graph/position.ts';
import {
  attachIndex,
  createDriverIndex,
  type DriverIndexHandle,
  indexHandleOf,
  moveDrivers,
} from '../native-graph/route/nearest.ts';
import {createWorkspaces} from '../native-graph/route/workspace.ts';
import {type MoveJob, type PoolData, searched} from '../src/pool/messages.ts';

const graphs: RoadGraph[] = (workerData as PoolData).graphs.map(({bytes}) => overlay(bytes));
const workspaceOf = createWorkspaces();

export function run({index: known, isFresh, driverLimit, limitMs, drivers, at, ...times}: MoveJob): DriverIndexHandle {
  if (!times.hierarchy) throw new Error('drivers are indexed over a hierarchy');
  const ws = workspaceOf(searched(graphs, times), times.hierarchy);
  const index = known && !isFresh ? attachIndex(ws, known) : createDriverIndex(ws, driverLimit, limitMs, known);
  moveDrivers(index, drivers, overlayPositions(at, 0, drivers.length));
  return indexHandleOf(index);
}
