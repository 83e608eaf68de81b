// Answers some rows of a matrix of times between places, over the graph that all threads share: over a hierarchy all at
// once, by Dijkstra with one search per row.

import assert from 'node:assert/strict';
import type {RoadGraph} from '../native-graph/layout.ts';
import {overlayPositions} from '../native-graph/position.ts';
import {everyPick, timesFrom, timesTo} from '../native-graph/route/dijkstra.ts';
import {createLengthScratch, type LengthScratch, lengthsFrom} from '../native-graph/route/lengths.ts';
import {metresTable, table} from '../native-graph/route/many-to-many.ts';
import type {TimesShard} from '../src/pool/messages.ts';
import {graphOf, scratchOf, workspaceOf} from './searches.ts';

/** By graph, made for the first shard that needs it. */
const lengthScratches: (LengthScratch | undefined)[] = [];

export function run(shard: TimesShard): void {
  const {originCount, destinationCount, firstRow, endRow, limitMs} = shard;
  const origins = overlayPositions(shard.origins, 0, originCount);
  const destinations = overlayPositions(shard.destinations, 0, destinationCount);
  if (!shard.hierarchy) {
    byDijkstra(graphOf(shard), shard, origins, destinations);
    return;
  }
  assert(shard.direction === 'from', 'over a hierarchy rows are origins');
  const ws = workspaceOf(shard);
  const shape = {from: origins, firstRow, endRow, to: destinations};
  const [begin, length] = [firstRow * destinationCount, (endRow - firstRow) * destinationCount];
  const timesMs = new Int32Array(shard.timesMs, 4 * begin, length);
  if (shard.lengthsM) metresTable(ws, shape, limitMs, timesMs, new Float64Array(shard.lengthsM, 8 * begin, length));
  else table(ws, shape, limitMs, timesMs);
}

type Places = ReturnType<typeof overlayPositions>;

function byDijkstra(graph: RoadGraph, shard: TimesShard, origins: Places, destinations: Places): void {
  const {direction, firstRow, endRow, limitMs} = shard;
  const scratch = scratchOf(shard);
  const forward = direction === 'from';
  const columns = forward ? destinations : origins;
  const picks = everyPick(columns);
  const timesMs = new Int32Array(shard.timesMs);
  for (let row = firstRow; row < endRow; row++) {
    const out = timesMs.subarray(row * columns.count, (row + 1) * columns.count);
    if (forward) timesFrom(graph, scratch, origins, row, destinations, picks, limitMs, out);
    else timesTo(graph, scratch, origins, picks, destinations, row, limitMs, out);
    if (!shard.lengthsM) continue;
    const lengths = (lengthScratches[shard.graph] ??= createLengthScratch(graph));
    const lengthsM = new Float64Array(shard.lengthsM, 8 * row * columns.count, columns.count);
    lengthsFrom(graph, scratch, lengths, origins, row, destinations, picks, out, lengthsM);
  }
}
