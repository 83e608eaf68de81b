// What stands in a region, for metrics.

import {DRIVER_STATUSES, type DriverStatus, TASK_STATES, type TaskState} from '../domain/state.ts';
import type {Database} from './connect.ts';
import {statement} from './statement.ts';

const READ = statement('read_gauges');

export type Gauges = {
  /** Of the states that end a task, those of the last 24 hours of dispatch time. */
  readonly tasks: Readonly<Record<TaskState, number>>;
  readonly drivers: Readonly<Record<DriverStatus, number>>;
  readonly openOffers: number;
  /** Open offers past their expiry: the sweeper's backlog. */
  readonly overdueOffers: number;
  /** How long ago the oldest overdue offer was due, in dispatch time; 0 when none is. */
  readonly oldestOverdueMs: number;
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
  return {tasks: withZeroes(TASK_STATES, tasks), drivers: withZeroes(DRIVER_STATUSES, drivers), ...rest};
}

const withZeroes = <Key extends string>(keys: readonly Key[], counts: Partial<Record<Key, number>>) =>
  Object.fromEntries(keys.map((key) => [key, counts[key] ?? 0])) as Record<Key, number>;
