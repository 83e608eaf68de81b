// A graph under live speeds, made in this thread.

import type {RoadGraph} from '../../native-graph/layout.ts';
import {type EpochMade, makeEpoch} from '../../native-graph/metric/epoch.ts';
import {weightsBytes, withWeights} from '../../native-graph/metric/weights.ts';

export type Live = {readonly graph: RoadGraph; readonly block: SharedArrayBuffer; readonly made: EpochMade};

/** The graph under these rows of from, to, km/h. */
export function live(g: RoadGraph, rows: readonly (readonly number[])[], kept?: Uint8Array): Live {
  const block = new SharedArrayBuffer(weightsBytes(g));
  new Int32Array(block).fill(-7); // what an earlier epoch left there
  const csv = Buffer.from(rows.map((row) => row.join(',')).join('\n'));
  const made = makeEpoch(g, kept ? {kept, csv} : {csv}, block);
  return {graph: withWeights(g, block), block, made};
}
