// Finds the areas within some limits of a place over the graph that all threads share.

import {areasAround, type WrittenAreas, written} from '../native-graph/isochrone/areas.ts';
import {overlayPositions} from '../native-graph/position.ts';
import type {AreasJob} from '../src/pool/messages.ts';
import {graphOf, scratchOf, workspaceOf} from './searches.ts';

export function run(job: AreasJob): WrittenAreas {
  const by = job.hierarchy ? {ws: workspaceOf(job)} : {scratch: scratchOf(job)};
  return written(areasAround(graphOf(job), by, job.direction, overlayPositions(job.at, 0, 1), 0, job.limitsMs));
}
