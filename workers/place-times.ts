// Answers some rows of a matrix of times between places: one search per row, over the graph that all threads share.

import {workerData} from 'node:worker_threads';
import {overlay, type RoadGraph} from '../native-graph/layout.ts';
import {overlayPositions} from '../native-graph/position.ts';
import {everyPick, timesFrom, timesTo} from '../native-graph/route/dijkstra.ts';
import {createLengthScratch, type LengthScratch, lengthsFrom} from '../native-graph/route/lengths.ts';
import {createScratch, type Scratch} from '../native-graph/route/scratch.ts';
import {type PoolData, searched, type TimesShard} from '../src/pool/messages.ts';

const graphs: RoadGraph[] = (workerData as PoolData).graphs.map(({bytes}) => overlay(bytes));
const scratches: Scratch[] = graphs.map(createScratch);
/** Made for the first table that asks for lengths. */
const lengthScratches = new Map<number, LengthScratch>();

export function run(shard: TimesShard): void {
  const {direction, firstRow, endRow, limitMs} = shard;
  const graph = searched(graphs, shard);
  const scratch = scratches[shard.graph];
  const origins = overlayPositions(shard.origins, 0, shard.originCount);
  const destinations = overlayPositions(shard.destinations, 0, shard.destinationCount);
  const forward = direction === 'from';
  const columns = forward ? destinations : origins;
  const picks = everyPick(columns);
  const timesMs = new Int32Array(shard.timesMs);
  for (let row = firstRow; row < endRow; row++) {
    const out = timesMs.subarray(row * columns.count, (row + 1) * columns.count);
    if (forward) timesFrom(graph, scratch, origins, row, destinations, picks, limitMs, out);
    else timesTo(graph, scratch, origins, picks, destinations, row, limitMs, out);
    if (!shard.lengthsM) continue;
    const lengths = lengthScratches.get(shard.graph) ?? createLengthScratch(graph);
    lengthScratches.set(shard.graph, lengths);
    const lengthsM = new Float64Array(shard.lengthsM, 8 * row * columns.count, columns.count);
    lengthsFrom(graph, scratch, lengths, origins, row, destinations, picks, out, lengthsM);
  }
}
