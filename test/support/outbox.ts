// Events for the readers of the outbox, made without the marketplace around them: any task, any number.

import type {Database} from '../../src/db/connect.ts';

/** $1: region; $2: ids of tasks that nobody else holds, or that the caller has locked. They happened 3 s ago. */
export const APPEND_EVENTS = `
  with appended as (
    select ids.ids, events.* from (select $2::uuid[] as ids) ids,
      append_events($1, ids.ids, 'created', 'test', array_fill('{}'::text, array[cardinality(ids.ids)]),
        dispatch_now() - interval '3 seconds') events
  )
  update delivery_tasks task set dossier_seq = event.seq, dossier_head = event.head
  from appended, unnest(appended.ids, appended.seqs, appended.heads) as event (id, seq, head)
  where task.region_id = $1 and task.id = event.id`;

/** One event for each of the tasks. */
export async function happen(db: Database, regionId: string, taskIds: readonly string[]): Promise<void> {
  await db.query({name: 'test', text: APPEND_EVENTS}, [regionId, taskIds]);
}

/** `taskId seq` of every event that ever happened in a region. */
export async function everyEvent(db: Database, regionId: string): Promise<string[]> {
  const text = 'select task_id, seq from dossier_events where region_id = $1 order by task_id, seq';
  const rows = await db.query<{task_id: string; seq: number}>({name: 'test', text}, [regionId]);
  return rows.map(({task_id: taskId, seq}) => `${taskId} ${seq}`);
}

/** What is wrong with what a consumer saw, who may see an event again but none before its turn; or undefined. */
export function gapIn(seen: readonly {readonly taskId: string; readonly seq: number}[]): string | undefined {
  const last = new Map<string, number>();
  for (const {taskId, seq} of seen) {
    const before = last.get(taskId) ?? 0;
    if (seq > before + 1) return `task ${taskId}: ${seq} came after ${before}`;
    last.set(taskId, Math.max(before, seq));
  }
  return undefined;
}
