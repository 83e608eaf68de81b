// Makes hierarchies: the contraction of a graph, which serves all its epochs; the steps of a customization, each on
// whichever thread is free; and what queries need of it.

import {workerData} from 'node:worker_threads';
import {type Kernels, kernelsFor} from '../native-graph/kernels/kernels.ts';
import {overlay, type RoadGraph} from '../native-graph/layout.ts';
import {takeStep} from '../native-graph/metric/customization.ts';
import {distil, type HierarchyHandle, handleOf} from '../native-graph/metric/hierarchy.ts';
import {
  attachWeighted,
  type Weighted,
  type WeightedHandle,
  weigh,
  weightedHandleOf,
} from '../native-graph/metric/weighted.ts';
import {type CustomizeJob, type NumberedContraction, type PoolData, searched} from '../src/pool/messages.ts';

const graphs: RoadGraph[] = (workerData as PoolData).graphs.map(({bytes}) => overlay(bytes));
type Known = {readonly id: number; readonly w: Weighted; readonly kernels: Kernels};
/** By graph: its contraction as this thread knows it. */
const known: (Known | undefined)[] = [];

export function run(job: CustomizeJob): WeightedHandle | HierarchyHandle | undefined {
  if (job.kind === 'contract') return weightedHandleOf(weigh(graphs[job.graph]));
  const {w, kernels} = attached(job.graph, job.contraction);
  const g = searched(graphs, job);
  if (job.kind === 'distil') return handleOf(distil(w, job.into));
  takeStep(g, w, job.step, kernels);
  return undefined;
}

function attached(graph: number, {id, ...contraction}: NumberedContraction): Known {
  const last = known[graph];
  if (last?.id === id) return last;
  const w = attachWeighted(contraction);
  return (known[graph] = {id, w, kernels: kernelsFor(w.memory)});
}
