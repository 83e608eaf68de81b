// From weights to a hierarchy ready for queries, in the thread that calls.

import {type Kernels, kernelsFor} from '../kernels/kernels.ts';
import type {RoadGraph} from '../layout.ts';
import {distil, type Hierarchy, type HierarchyHandle} from './hierarchy.ts';
import {setWeights, type Weighted, weigh} from './weighted.ts';

export type CustomizationOptions = {
  /** The graph's contraction. Its weights are overwritten, so that the next epoch needs no other. */
  readonly contraction?: Weighted;
  /** Where the hierarchy goes instead of a new memory: an earlier one's of the same contraction, which is lost by it. */
  readonly into?: HierarchyHandle;
  readonly kernels?: Kernels;
};

/**
 * The hierarchy of a graph at the times that its views hold. Throws InputFailure `GRAPH_TOO_LARGE`, `KERNELS_MISSING`.
 */
export function customized(
  g: RoadGraph,
  {contraction = weigh(g), into, kernels = kernelsFor(contraction.memory)}: CustomizationOptions = {},
): Hierarchy {
  setWeights(contraction, g);
  kernels.customize(contraction);
  kernels.perfect(contraction);
  return distil(contraction, g, into);
}
