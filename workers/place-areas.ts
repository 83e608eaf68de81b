// Finds the areas within some limits of a place over the graph that all threads share.

import {type Areas, areasWithin} from '../native-graph/isochrone/areas.ts';
import {overlayPositions} from '../native-graph/position.ts';
import {timesWithin} from '../native-graph/route/dijkstra.ts';
import {createScratch, type Scratch} from '../native-graph/route/scratch.ts';
import {timesWithinOver} from '../native-graph/route/within.ts';
import type {AreasJob} from '../src/pool/messages.ts';
import {graphOf, workspaceOf} from './searches.ts';

const scratches: (Scratch | undefined)[] = [];

export function run(job: AreasJob): Areas {
  const {direction, limitsMs} = job;
  const graph = graphOf(job);
  const at = overlayPositions(job.at, 0, 1);
  const longestMs = limitsMs[limitsMs.length - 1];
  const nearMs = new Int32Array(graph.segmentCount);
  if (job.hierarchy) timesWithinOver(workspaceOf(job), direction, at, 0, longestMs, nearMs);
  else timesWithin(graph, (scratches[job.graph] ??= createScratch(graph)), direction, at, 0, longestMs, nearMs);
  return areasWithin(graph, direction, at, 0, limitsMs, nearMs);
}
