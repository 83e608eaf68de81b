// From weights to a hierarchy ready for queries: in the thread that calls, or step by step on several.

import {type Kernels, kernelsFor} from '../kernels/kernels.ts';
import type {RoadGraph} from '../layout.ts';
import {distil, type Hierarchy, type HierarchyHandle} from './hierarchy.ts';
import {PARTS, TOP} from './parts.ts';
import {type Notes, setWeights, type Weighted, weigh} from './weighted.ts';

export type CustomizationOptions = {
  /** The graph's contraction. Its weights are overwritten, so that the next epoch needs no other. */
  readonly contraction?: Weighted;
  /**
   * Where the hierarchy goes instead of a new memory: an earlier one's of the same contraction, which is lost by it.
   */
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

/** A part of the work before `distil`: the weights of the graph's own turns, or one kernel over some parts. */
export type CustomizationStep =
  | {readonly kind: 'weights'}
  | {readonly kind: 'customize' | 'perfect'; readonly parts: readonly number[]};

/**
 * The steps in their order: those of one list have nothing in common and may be taken at the same time. Whatever the
 * number of threads, the bytes are those of `customized`.
 */
export function customizationSteps(threads: number): readonly (readonly CustomizationStep[])[] {
  const all = Array.from({length: PARTS}, (_, part) => part);
  const shares = Array.from({length: threads}, (_, thread) => all.filter((part) => part % threads === thread));
  return [
    [{kind: 'weights'}],
    shares.map((parts) => ({kind: 'customize', parts})),
    [{kind: 'customize', parts: [TOP]}],
    [{kind: 'perfect', parts: [TOP]}],
    shares.map((parts) => ({kind: 'perfect', parts})),
  ];
}

/** Takes one step. `notes` are this thread's own. */
export function takeStep(g: RoadGraph, w: Weighted, step: CustomizationStep, kernels: Kernels, notes: Notes): void {
  if (step.kind === 'weights') setWeights(w, g);
  else for (const part of step.parts) kernels[step.kind](w, part, notes);
}
