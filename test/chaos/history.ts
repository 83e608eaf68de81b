// The whole history of a region, in the order in which it was committed, replayed step by step against what may happen:
// the promises that no row as it stands can show to have been kept.
//
// The server times its commits (track_commit_timestamp) while the locks are held, so that of two transactions that
// touched the same task, driver or lease the one that came first has the earlier time. Ids of transactions would not
// do: one that waits for a lock may have got its id before the one that holds it.

import type {Database} from '../../src/db/connect.ts';
import {TASK_CHANGES, type TaskAction, type TaskState} from '../../src/domain/state.ts';
import type {Request} from './client.ts';

export type HistoryEvent = {
  readonly taskId: string;
  readonly seq: number;
  readonly kind: string;
  readonly body: string;
  /** Of one transaction, and when it was committed, in microseconds. */
  readonly transaction: string;
  readonly atUs: number;
};

export type Commit = {readonly tickId: string; readonly fence: number; readonly atUs: number};

export type History = {
  readonly events: readonly HistoryEvent[];
  readonly commits: readonly Commit[];
  readonly recorded: readonly {readonly id: string; readonly fence: number}[];
  readonly capacity: ReadonlyMap<string, number>;
  readonly driverOfOffer: ReadonlyMap<string, string>;
  readonly fenceNow: number;
  readonly tasks: readonly {readonly id: string; readonly payCents: number; readonly state: TaskState}[];
};

const EVENTS = `
  select task_id as "taskId", seq, kind, body, xmin::text as transaction,
    (extract(epoch from pg_xact_commit_timestamp(xmin)) * 1000000)::bigint as "atUs"
  from dossier_events where region_id = $1 order by "atUs", xmin::text, task_id, seq`;
const OFFERS = 'select id, driver_id as driver from offers where region_id = $1';
const COMMITS = `
  select tick_id as "tickId", fence, (extract(epoch from pg_xact_commit_timestamp(xmin)) * 1000000)::bigint as "atUs"
  from tick_commits where region_id = $1 order by "atUs"`;

export async function readHistory(db: Database, regionId: string): Promise<History> {
  const rows = <Row extends object>(text: string) => db.query<Row>({name: 'history', text}, [regionId]);
  // Ticks go on meanwhile: a record comes after its commit, and a commit after its fence.
  const recorded = await rows<History['recorded'][number]>('select id, fence from ticks where region_id = $1');
  const commits = await rows<Commit>(COMMITS);
  const [lease] = await rows<{fence: number}>('select fence from region_leases where region_id = $1');
  const drivers = await rows<{id: string; capacity: number}>('select id, capacity from drivers where region_id = $1');
  const offers = await rows<{id: string; driver: string}>(OFFERS);
  return {
    events: await rows<HistoryEvent>(EVENTS),
    commits,
    recorded,
    capacity: new Map(drivers.map(({id, capacity}) => [id, capacity])),
    driverOfOffer: new Map(offers.map(({id, driver}) => [id, driver])),
    fenceNow: lease?.fence ?? 0,
    tasks: await rows('select id, pay_cents as "payCents", status as state from delivery_tasks where region_id = $1'),
  };
}

export type Violation = {readonly sentence: string; readonly example: string};

const ACTIONS: Readonly<Record<string, TaskAction>> = {
  offered: 'offer',
  accepted: 'accept',
  rejected: 'reject',
  'timed-out': 'time-out',
  'picked-up': 'pickup',
  delivered: 'deliver',
  'verification-failed': 'fail-verification',
  returned: 'return',
  released: 'release',
  cancelled: 'cancel',
  failed: 'fail',
  're-opened': 're-open',
};

type Standing = {state: TaskState | undefined; seq: number; offerId: string | undefined; driverId: string | undefined};

const HELD: ReadonlySet<TaskState | undefined> = new Set(['OFFERED', 'ASSIGNED', 'PICKED_UP', 'RETURNING']);

/** Every change of every task, in order: legal, once, and no driver ever over its capacity or twice asked. */
export function replayTasks({events, capacity, driverOfOffer, tasks}: History): Violation[] {
  const found: Violation[] = [];
  const standing = new Map<string, Standing>();
  const held = new Map<string, Set<string>>();
  const offersTo = (driverId: string) =>
    [...(held.get(driverId) ?? [])].filter((taskId) => standing.get(taskId)?.state === 'OFFERED').length;

  for (let i = 0; i < events.length; ) {
    const touched = new Set<string>();
    const {transaction} = events[i];
    // What one transaction did, it did at once.
    for (; i < events.length && events[i].transaction === transaction; i++) {
      const event = events[i];
      const task = standing.get(event.taskId) ?? {state: undefined, seq: 0, offerId: undefined, driverId: undefined};
      standing.set(event.taskId, task);
      const violation = change(task, event);
      if (violation) found.push(violation);
      if (event.kind === 'offered') {
        task.offerId = JSON.parse(event.body).detail.offer;
        task.driverId = driverOfOffer.get(`${task.offerId}`);
      }
      if (task.driverId === undefined) continue;
      const tasksOf = held.get(task.driverId) ?? new Set();
      held.set(task.driverId, tasksOf);
      if (HELD.has(task.state)) tasksOf.add(event.taskId);
      else tasksOf.delete(event.taskId);
      touched.add(task.driverId);
    }
    for (const driverId of touched) {
      const load = held.get(driverId)?.size ?? 0;
      const most = capacity.get(driverId) ?? 0;
      if (load > most) {
        found.push({
          sentence: 'A driver never exceeds its capacity.',
          example: `driver ${driverId}: ${load} > ${most}`,
        });
      }
      if (offersTo(driverId) > 1) {
        found.push({sentence: 'A driver is never asked about two offers at once.', example: `driver ${driverId}`});
      }
    }
  }
  for (const {id, state} of tasks) {
    if (standing.get(id)?.state === state) continue;
    const example = `task ${id}: ${standing.get(id)?.state} by its events, but ${state}`;
    found.push({sentence: 'A task stands where its events left it.', example});
  }
  return found;
}

function change(task: Standing, {taskId, seq, kind}: HistoryEvent): Violation | undefined {
  const from = task.state;
  const to = from === undefined ? undefined : TASK_CHANGES[from][ACTIONS[kind]];
  const isCreation = from === undefined && kind === 'created';
  const inOrder = seq === task.seq + 1;
  task.seq = seq;
  task.state = isCreation ? 'PENDING' : to;
  if (!inOrder) return {sentence: 'Events of a task are committed in their order.', example: `task ${taskId}: ${seq}`};
  if (isCreation || to !== undefined) return undefined;
  return {sentence: 'Every change of a task is drawn.', example: `task ${taskId}, event ${seq}: ${kind} from ${from}`};
}

/** By region and fence, which process held it in which of its lives. */
export type Fences = ReadonlyMap<number, ReadonlySet<string>>;

export function checkFences({commits, recorded, fenceNow}: History, held: Fences): Violation[] {
  const found: Violation[] = [];
  let highest = 0;
  for (const {tickId, fence} of commits) {
    if (fence < highest) {
      const example = `tick ${tickId} committed under fence ${fence} after one under ${highest}`;
      found.push({sentence: 'No decision is made under an old fence.', example});
    }
    highest = Math.max(highest, fence);
    if (!held.has(fence)) {
      const example = `tick ${tickId}: nobody was given fence ${fence}`;
      found.push({sentence: 'A decision is made under a fence that a daemon was given.', example});
    }
  }
  for (const [fence, lives] of held) {
    if (lives.size > 1 || fence > fenceNow) {
      const example = `fence ${fence} of ${fenceNow}: ${[...lives].join(', ')}`;
      found.push({sentence: 'A fence is given to one daemon.', example});
    }
  }
  const committed = new Map(commits.map(({tickId, fence}) => [tickId, fence]));
  for (const {id, fence} of recorded) {
    if (committed.get(id) !== fence) found.push({sentence: 'A record is of a tick that committed.', example: id});
  }
  return found;
}

const MARK = /"(m\.[\w.]+)"/;

/** What was answered is there, and no request took effect twice. */
export function checkAnswers({events, tasks}: History, requests: readonly Request[], batched: readonly string[]) {
  const found: Violation[] = [];
  const byMark = new Map<string, HistoryEvent[]>();
  const kinds = new Set(events.map(({taskId, kind}) => `${taskId} ${kind}`));
  for (const event of events) {
    const mark = MARK.exec(event.body)?.[1];
    if (mark !== undefined) byMark.set(mark, [...(byMark.get(mark) ?? []), event]);
  }
  const known = new Set(tasks.map(({id}) => id));
  const orders = new Set(tasks.map(({payCents}) => payCents));
  if (orders.size < tasks.length) {
    const example = `${tasks.length} tasks of ${orders.size} orders`;
    found.push({sentence: 'An order makes one task.', example});
  }
  for (const id of batched)
    if (!known.has(id)) found.push({sentence: 'A task that was created is there.', example: id});
  for (const {mark, event, taskId, answers} of requests) {
    const caused = byMark.get(mark) ?? [];
    const isMarked = event !== 'created' && event !== 'accepted';
    if (caused.length > 1) {
      const example = `${mark}: ${caused.map(({taskId: id, seq, kind}) => `${id} ${seq} ${kind}`).join(', ')}`;
      found.push({sentence: 'No request takes effect twice.', example});
    }
    if (answers.length === 0) continue;
    const ownIsThere = caused.length === 1 && caused[0].taskId === taskId && caused[0].kind === event;
    const isThere = isMarked && answers.some(({repeated}) => !repeated) ? ownIsThere : kinds.has(`${taskId} ${event}`);
    if (!isThere) {
      const example = `${mark}: ${event} of task ${taskId}, of which no event tells`;
      found.push({sentence: 'What was answered with success has happened.', example});
    }
  }
  return found;
}
