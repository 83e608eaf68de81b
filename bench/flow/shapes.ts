// The shapes that the solver is measured on, here and beside its peers: those that it has marks for, and what of
// dispatch is hard for one kind of solver or another.

import type {Size} from '../harness.ts';
import {type Instance, instanceOf, type Shape} from './instances.ts';

export const SEED = 1;

/** A tick's penalty is far above its costs; so is this, at two hundred times the dearest pair. */
const PRIORITY_MS = 100_000_000;

const SHAPES: Readonly<Record<Size, readonly Shape[]>> = {
  smoke: [
    {drivers: 200, tasks: 100, pairsPerTask: 8},
    {drivers: 60, tasks: 150, pairsPerTask: 8, spread: 'uneven', capacity: 3},
    {drivers: 100, tasks: 100, pairsPerTask: 8, spread: 'joined', ties: 'few'},
  ],
  full: [
    {drivers: 10_000, tasks: 5_000, pairsPerTask: 16},
    {drivers: 5_000, tasks: 10_000, pairsPerTask: 16},
    {drivers: 20_000, tasks: 20_000, pairsPerTask: 16},
    {drivers: 20_000, tasks: 20_000, pairsPerTask: 16, spread: 'uneven'},
    {drivers: 20_000, tasks: 20_000, pairsPerTask: 16, spread: 'joined'},
    {drivers: 20_000, tasks: 20_000, pairsPerTask: 16, ties: 'equal'},
    {drivers: 20_000, tasks: 20_000, pairsPerTask: 16, ties: 'few'},
    {drivers: 20_000, tasks: 22_000, pairsPerTask: 16, unassignedMs: PRIORITY_MS},
    {drivers: 7_000, tasks: 20_000, pairsPerTask: 16, capacity: 3},
    {drivers: 50_000, tasks: 50_000, pairsPerTask: 16},
    {drivers: 50_000, tasks: 50_000, pairsPerTask: 16, spread: 'uneven'},
    {drivers: 100_000, tasks: 100_000, pairsPerTask: 24},
    {drivers: 100_000, tasks: 100_000, pairsPerTask: 24, spread: 'uneven'},
  ],
};

export type Drawn = {readonly input: string; readonly shape: Shape; readonly instance: Instance};

/** One after another, so that no more than one is in memory. */
export function* drawn(size: Size): Generator<Drawn> {
  for (const shape of SHAPES[size]) {
    yield {input: `${labelOf(shape)}, seed ${SEED}`, shape, instance: instanceOf(SEED, shape)};
  }
}

/** `20000 drivers, 20000 tasks, 16 pairs a task, uneven` */
export function labelOf({drivers, tasks, pairsPerTask, spread, capacity, ties, unassignedMs}: Shape): string {
  const also = [
    spread,
    ties && `${ties} costs`,
    capacity && `capacity ${capacity}`,
    unassignedMs && `penalty ${unassignedMs / 1_000} s`,
  ];
  const sizes = [`${drivers} drivers`, `${tasks} tasks`, `${pairsPerTask} pairs a task`];
  return [...sizes, ...also.filter(Boolean)].join(', ');
}
