// What stands in a region, for metrics.

import {DRIVER_STATUSES, type DriverStatus, type TaskState} from '../domain/state.ts';
import type {Database} from './connect.ts';
import {statement} from './statement.ts';

const READ = statement('read_gauges');

/** States that a task leaves again. Those that end it are not counted: there is no end to them. */
export const STANDING_STATES = [
  'PENDING',
  'OFFERED',
  'EXPIRED',
  'ASSIGNED',
  'PICKED_UP',
  'RETURNING',
] as const satisfies readonly TaskState[];
export type StandingState = (typeof STANDING_STATES)[number];

export type Gauges = {
  readonly tasks: Readonly<Record<StandingState, number>>;
  readonly drivers: Readonly<Record<DriverStatus, number>>;
  readonly openOffers: number;
  /** Open offers past their expiry: the sweeper's backlog. */
  readonly overdueOffers: number;
  /** Age in transactions of the oldest snapshot that anybody holds: what keeps vacuum from its work. */
  readonly oldestXminAge: number;
  /** Dead rows of the tables that dispatch updates. */
  readonly deadTuples: number;
};

type Row = Omit<Gauges, 'tasks' | 'drivers'> & {
  readonly tasks: Partial<Gauges['tasks']>;
  readonly drivers: Partial<Gauges['drivers']>;
};

export async function readGauges(db: Database, regionId: string): Promise<Gauges> {
  const [{tasks, drivers, ...rest}] = await db.query<Row>(READ, [regionId]);
  return {tasks: withZeroes(STANDING_STATES, tasks), drivers: withZeroes(DRIVER_STATUSES, drivers), ...rest};
}

function withZeroes<Key extends string>(keys: readonly Key[], counts: Partial<Record<Key, number>>) {
  return Object.fromEntries(keys.map((key) => [key, counts[key] ?? 0])) as Record<Key, number>;
}
