// From weights to a hierarchy ready for queries, in the thread that calls.

import {type Kernels, kernelsFor} from '../kernels/kernels.ts';
import type {RoadGraph} from '../layout.ts';
import {distil, type Hierarchy} from './hierarchy.ts';
import {setWeights, type Weighted, weigh} from './weighted.ts';

/**
 * The hierarchy of a graph at the times that its views hold. `w` is the graph's contraction: its weights are overwritten,
 * so that the next epoch needs no other. Throws InputFailure `GRAPH_TOO_LARGE`, `KERNELS_MISSING`.
 */
export function customized(g: RoadGraph, w: Weighted = weigh(g), kernels: Kernels = kernelsFor(w.memory)): Hierarchy {
  setWeights(w, g);
  kernels.customize(w);
  kernels.perfect(w);
  return distil(w, g);
}
