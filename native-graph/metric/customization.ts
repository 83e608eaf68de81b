// From weights to a hierarchy ready for queries: in the thread that calls, or step by step on several.

import {type Kernels, kernelsFor} from '../kernels/kernels.ts';
import type {RoadGraph} from '../layout.ts';
import {distil, type Hierarchy, type HierarchyHandle} from './hierarchy.ts';
import {bitOf, PARTS, SHARES, TOP} from './parts.ts';
import {setTurns, type Weighted, weigh} from './weighted.ts';

export type CustomizationOptions = {
  /** The graph's contraction, with the weights of its last epoch, from which this one is made. */
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
  setTurns(contraction, g);
  kernels.customize(contraction);
  kernels.perfect(contraction);
  kernels.settle(contraction);
  return distil(contraction, into);
}

/** A part of the work before `distil`: one kernel, over the nodes of some parts where it is named with them. */
export type CustomizationStep =
  | {readonly kind: 'turns'}
  | {readonly kind: 'settle'}
  | {readonly kind: 'customize' | 'perfect'; readonly parts: number; readonly share: number};

const SHARE_PARTS = Array.from({length: SHARES}, (_, share) => {
  let parts = 0;
  for (let part = share; part < PARTS; part += SHARES) parts |= bitOf(part);
  return parts;
});

/**
 * The steps in their order: those of one list have nothing in common and may be taken at the same time. Whoever takes
 * them, the bytes are those of `customized`.
 */
export const CUSTOMIZATION_STEPS: readonly (readonly CustomizationStep[])[] = [
  [{kind: 'turns'}],
  SHARE_PARTS.map((parts, share) => ({kind: 'customize', parts, share})),
  [{kind: 'customize', parts: bitOf(TOP), share: 0}],
  [{kind: 'perfect', parts: bitOf(TOP), share: 0}],
  SHARE_PARTS.map((parts, share) => ({kind: 'perfect', parts, share})),
  [{kind: 'settle'}],
];

export function takeStep(g: RoadGraph, w: Weighted, step: CustomizationStep, kernels: Kernels): void {
  if (step.kind === 'turns') setTurns(w, g);
  else if (step.kind === 'settle') kernels.settle(w);
  else kernels[step.kind](w, step.parts, w.notes[step.share]);
}
