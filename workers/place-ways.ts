// Finds ways between pairs of places, one search each, over the graph that all threads share.

import {workerData} from 'node:worker_threads';
import {overlay, type RoadGraph} from '../native-graph/layout.ts';
import {overlayPositions} from '../native-graph/position.ts';
import {fastestWay, type Way} from '../native-graph/route/path.ts';
import {createScratch, type Scratch} from '../native-graph/route/scratch.ts';
import type {PoolData, WaysShard} from '../src/pool/messages.ts';

const graphs: RoadGraph[] = (workerData as PoolData).graphs.map(({bytes}) => overlay(bytes));
const scratches: Scratch[] = graphs.map(createScratch);

export function run({graph, origins, destinations, pairCount, firstPair, endPair}: WaysShard): (Way | null)[] {
  const from = overlayPositions(origins, 0, pairCount);
  const to = overlayPositions(destinations, 0, pairCount);
  return Array.from({length: endPair - firstPair}, (_, i) =>
    fastestWay(graphs[graph], scratches[graph], from, firstPair + i, to, firstPair + i),
  );
}
