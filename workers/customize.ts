// Makes the hierarchy of an epoch's weights. The contraction of a graph does not change with them: this thread makes it
// once.

import {workerData} from 'node:worker_threads';
import {overlay, type RoadGraph} from '../native-graph/layout.ts';
import {customized} from '../native-graph/metric/customization.ts';
import {type HierarchyHandle, handleOf} from '../native-graph/metric/hierarchy.ts';
import {type Weighted, weigh} from '../native-graph/metric/weighted.ts';
import {type CustomizeJob, type PoolData, searched} from '../src/pool/messages.ts';

const graphs: RoadGraph[] = (workerData as PoolData).graphs.map(({bytes}) => overlay(bytes));
const contractions: (Weighted | undefined)[] = [];

export function run({into, ...times}: CustomizeJob): HierarchyHandle {
  const contraction = (contractions[times.graph] ??= weigh(graphs[times.graph]));
  return handleOf(customized(searched(graphs, times), {contraction, ...(into && {into})}));
}
