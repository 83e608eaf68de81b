// Finds ways between pairs of places over the graph that all threads share.

import {overlayPositions} from '../native-graph/position.ts';
import {fastestWay, type Way} from '../native-graph/route/path.ts';
import {wayOver} from '../native-graph/route/point-to-point.ts';
import type {WaysShard} from '../src/pool/messages.ts';
import {graphOf, scratchOf, workspaceOf} from './searches.ts';

export function run(shard: WaysShard): (Way | null)[] {
  const {origins, destinations, pairCount, firstPair, endPair} = shard;
  const from = overlayPositions(origins, 0, pairCount);
  const to = overlayPositions(destinations, 0, pairCount);
  const wayOf = shard.hierarchy ? waysOver(shard) : waysBy(shard);
  return Array.from({length: endPair - firstPair}, (_, i) => wayOf(from, to, firstPair + i));
}

type Places = ReturnType<typeof overlayPositions>;
type WayOf = (from: Places, to: Places, pair: number) => Way | null;

function waysOver(shard: WaysShard): WayOf {
  const ws = workspaceOf(shard);
  return (from, to, pair) => wayOver(ws, from, pair, to, pair);
}

function waysBy(shard: WaysShard): WayOf {
  const graph = graphOf(shard);
  const scratch = scratchOf(shard);
  return (from, to, pair) => fastestWay(graph, scratch, from, pair, to, pair);
}
