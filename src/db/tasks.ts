// Tasks: created, read, and changed from state to state.

import type {Change} from '../domain/change.ts';
import type {IdScan, StoreVerification} from '../domain/handover.ts';
import type {TaskAction, TaskState} from '../domain/state.ts';
import type {AskedTask, Task} from '../domain/task.ts';
import type {Database} from './connect.ts';
import {statement} from './statement.ts';

const CREATE = statement('create_tasks');
const READ = statement('read_task');
const LIST = statement('list_tasks');
const CHANGE = statement('change_task');

const REFUSALS = {
  STORE_UNKNOWN: 'there is no such store in the region',
  ADDRESS_UNKNOWN: 'there is no such customer address in the region',
  TASK_PURGED: 'a task of this id was purged',
  TIMES_CONTRADICT: 'the task is ready or due after its latest time',
  TASK_LATE: 'the latest time of the task has passed',
} as const;

export type CreatedTask =
  | {readonly kind: 'created'; readonly task: Task}
  /** The id exists: the task as it stands, whatever was given now. */
  | {readonly kind: 'repeated'; readonly task: Task}
  | {readonly kind: 'refused'; readonly code: keyof typeof REFUSALS; readonly message: string};

type CreateRow =
  | {readonly outcome: 'created' | 'repeated'; readonly task: Task}
  | {readonly outcome: 'refused'; readonly code: keyof typeof REFUSALS};

/** Creates tasks of one region in one round trip; answers stand in the order given. Ids are distinct. */
export async function createTasks(db: Database, regionId: string, tasks: readonly AskedTask[]): Promise<CreatedTask[]> {
  const rows = await db.query<CreateRow>(CREATE, [regionId, JSON.stringify(tasks)]);
  return rows.map((row) =>
    row.outcome === 'refused'
      ? {kind: 'refused', code: row.code, message: REFUSALS[row.code]}
      : {kind: row.outcome, task: row.task},
  );
}

export async function createTask(db: Database, task: AskedTask): Promise<CreatedTask> {
  const [created] = await createTasks(db, task.regionId, [task]);
  return created;
}

export async function readTask(db: Database, regionId: string, taskId: string): Promise<Task | undefined> {
  const [task] = await db.query<Task>(READ, [regionId, taskId]);
  return task;
}

export type TaskFilter = {
  readonly states?: readonly TaskState[];
  readonly driverId?: string;
  readonly afterId?: string;
  readonly limit: number;
};

/** Ascending by id. */
export const listTasks = (db: Database, regionId: string, filter: TaskFilter): Promise<Task[]> =>
  db.query<Task>(LIST, [
    regionId,
    filter.states ?? null,
    filter.driverId ?? null,
    filter.afterId ?? null,
    filter.limit,
  ]);

/** What may be asked for; the daemon itself offers (commitOffers), times out and fails (expireOffers). */
export type AskedAction = Exclude<TaskAction, 'offer' | 'time-out' | 'fail'>;

export type TaskChange = {
  /** The driver who asks; an operator, who may only return, release, cancel and re-open, has none. */
  readonly driverId?: string;
  /** To accept and reject: the offer that is meant; another that is open now is not answered by it. */
  readonly offerId?: string;
  /** Goes to the dossier and to the log of the offer that closes. */
  readonly reason?: string;
  /** By the store; needed to pick up and to return. */
  readonly verification?: StoreVerification;
  /** Needed to deliver. */
  readonly idScan?: IdScan;
  /** More for the dossier. To re-open: `latestAtMs` and `dueAtMs` become the task's. */
  readonly detail?: Readonly<Record<string, unknown>>;
};

type ChangeRow =
  | {
      readonly outcome: 'done';
      readonly state: TaskState;
      readonly repeated: boolean;
      readonly offer_id: string | null;
      readonly units_missing: number | null;
    }
  | {readonly outcome: 'conflict'; readonly state: TaskState; readonly reason: string}
  | {readonly outcome: 'not-found'};

export type ChangedTask =
  | (Extract<Change<TaskState>, {kind: 'done'}> & {
      /** Of a return that was not repeated: how many units of the task did not come back. */
      readonly unitsMissing?: number;
    })
  | Exclude<Change<TaskState>, {kind: 'done'}>;

/**
 * Reasons of a conflict: WRONG_STATE, NOT_YOURS, OFFER_EXPIRED, OFFER_CLOSED (the one named), OTHER_OFFER (the one
 * named is none of this task), and those of CHANGE_REFUSALS, where the state would allow it.
 */
export async function changeTask(
  db: Database,
  regionId: string,
  taskId: string,
  action: AskedAction,
  {driverId, offerId, detail, ...said}: TaskChange = {},
): Promise<ChangedTask> {
  const written = JSON.stringify({...detail, ...said, offer: offerId});
  const [row] = await db.query<ChangeRow>(CHANGE, [regionId, taskId, action, driverId ?? null, written]);
  switch (row.outcome) {
    case 'done':
      return {
        kind: 'done',
        state: row.state,
        repeated: row.repeated,
        ...(row.offer_id !== null && {offerId: row.offer_id}),
        ...(row.units_missing !== null && {unitsMissing: row.units_missing}),
      };
    case 'conflict':
      return {kind: 'conflict', state: row.state, reason: row.reason};
    case 'not-found':
      return {kind: 'not-found'};
    default:
      return row satisfies never;
  }
}
