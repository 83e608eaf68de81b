// What all searches of one thread share: the graphs, a scratch for each, and one workspace in each memory that a
// hierarchy lies in.

import assert from 'node:assert/strict';
import {workerData} from 'node:worker_threads';
import {overlay, type RoadGraph} from '../native-graph/layout.ts';
import {createScratch, type Scratch} from '../native-graph/route/scratch.ts';
import {createWorkspaces, type Workspace} from '../native-graph/route/workspace.ts';
import {type PoolData, type SearchTimes, searched, type ThreadData} from '../src/pool/messages.ts';

const data = workerData as PoolData & ThreadData;
const graphs: readonly RoadGraph[] = data.graphs.map(({bytes}) => overlay(bytes));
const workspaces = createWorkspaces();
/** By graph, made for the first search that needs it. */
const scratches: (Scratch | undefined)[] = [];

/** The graph as a message wants it searched. */
export const graphOf = (times: SearchTimes): RoadGraph => searched(graphs, times);

/** What to search it with, over a hierarchy. */
export function workspaceOf(times: SearchTimes): Workspace {
  assert(times.hierarchy && times.rooms, 'this search goes over a hierarchy');
  return workspaces(graphOf(times), times.hierarchy, times.rooms[data.thread]);
}

/** What to search it with by Dijkstra: good for every epoch, since it goes by segments alone. */
export const scratchOf = (times: SearchTimes): Scratch => (scratches[times.graph] ??= createScratch(graphOf(times)));
