// Keeps an index of drivers by the nodes that they climb to. It lies in the memory of the hierarchy, so whichever
// thread is free may go on with it.

import {overlayPositions} from '../native-graph/position.ts';
import {
  attachIndex,
  createDriverIndex,
  type DriverIndexHandle,
  indexHandleOf,
  moveDrivers,
} from '../native-graph/route/nearest.ts';
import type {MoveJob} from '../src/pool/messages.ts';
import {workspaceOf} from './searches.ts';

export function run(job: MoveJob): DriverIndexHandle {
  const {index: known, room, driverLimit, limitMs, drivers, at} = job;
  const ws = workspaceOf(job);
  const index = known ? attachIndex(ws, known) : createDriverIndex(ws, driverLimit, limitMs, room);
  moveDrivers(index, drivers, overlayPositions(at, 0, drivers.length));
  return indexHandleOf(index);
}
