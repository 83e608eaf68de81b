// Finds ways between pairs of places over the graph that all threads share.

import {workerData} from 'node:worker_threads';
import {overlay, type RoadGraph} from '../native-graph/layout.ts';
import {overlayPositions} from '../native-graph/position.ts';
import {fastestWay, type Way} from '../native-graph/route/path.ts';
import {wayOver} from '../native-graph/route/point-to-point.ts';
import {createScratch, type Scratch} from '../native-graph/route/scratch.ts';
import {createWorkspaces} from '../native-graph/route/workspace.ts';
import {type PoolData, searched, type WaysShard} from '../src/pool/messages.ts';

const graphs: RoadGraph[] = (workerData as PoolData).graphs.map(({bytes}) => overlay(bytes));
const scratches: (Scratch | undefined)[] = [];
const workspaceOf = createWorkspaces();

export function run(shard: WaysShard): (Way | null)[] {
  const {origins, destinations, pairCount, firstPair, endPair, hierarchy} = shard;
  const graph = searched(graphs, shard);
  const from = overlayPositions(origins, 0, pairCount);
  const to = overlayPositions(destinations, 0, pairCount);
  const wayOf = hierarchy ? waysOver(graph, hierarchy) : waysBy(graph, shard.graph);
  return Array.from({length: endPair - firstPair}, (_, i) => wayOf(from, to, firstPair + i));
}

type Places = ReturnType<typeof overlayPositions>;
type WayOf = (from: Places, to: Places, pair: number) => Way | null;

function waysOver(graph: RoadGraph, hierarchy: NonNullable<WaysShard['hierarchy']>): WayOf {
  const ws = workspaceOf(graph, hierarchy);
  return (from, to, pair) => wayOver(ws, from, pair, to, pair);
}

function waysBy(graph: RoadGraph, index: number): WayOf {
  const scratch = (scratches[index] ??= createScratch(graph));
  return (from, to, pair) => fastestWay(graph, scratch, from, pair, to, pair);
}
