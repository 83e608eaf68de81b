-- Dossiers of one region, the next ones by task: events, and beside its last event what a task or a tombstone holds.
-- Concurrency: locks nothing. One snapshot, so whatever is being written meanwhile is in it whole or not at all.
-- Parameters: region id; the first task id; the last one there may be; about how many tasks, and how many events, at
-- most (chains are whole); an xid: events older than it are old.
-- Rows: {task_id, seq, kind, actor, at, body, prev_hash, hash, is_old, head_seq, head_hash, state, closed_at,
-- legal_hold, purged_at, kept_until, is_old_purge}, ascending by task and seq; without a head (null) but for the row of
-- the number that the head names; without an event (kind null) where none has it. Of state and purged_at one is null:
-- the head is that of a task or of a tombstone, and where both stand, both are rows.
with bounds as materialized (
  select least($3::uuid, (
      select task.id from delivery_tasks task where task.region_id = $1 and task.id >= $2::uuid
      order by task.id offset $4 limit 1
    ), (
      select tombstone.task_id from dossier_tombstones tombstone
      where tombstone.region_id = $1 and tombstone.task_id >= $2::uuid
      order by tombstone.task_id offset $4 limit 1
    ), (
      select event.task_id from dossier_events event where event.region_id = $1 and event.task_id >= $2::uuid
      order by event.task_id offset $5 limit 1
    )) as last_id
), heads as (
  select task.id as task_id, task.dossier_seq as seq, task.dossier_head as hash, null::xid8 as xid,
    task.status as state, task.closed_at, task.legal_hold, null::timestamptz as purged_at,
    null::timestamptz as kept_until, null::xid8 as purged_xid
  from delivery_tasks task
  where task.region_id = $1 and task.id >= $2::uuid and task.id <= (select last_id from bounds)
  union all
  select tombstone.task_id, tombstone.last_seq, tombstone.last_hash, tombstone.last_xid, null, tombstone.closed_at,
    null, tombstone.purged_at, tombstone.closed_at + tombstone.retention, tombstone.purged_xid
  from dossier_tombstones tombstone
  where tombstone.region_id = $1 and tombstone.task_id >= $2::uuid
    and tombstone.task_id <= (select last_id from bounds)
), events as (
  select event.* from dossier_events event
  where event.region_id = $1 and event.task_id >= $2::uuid and event.task_id <= (select last_id from bounds)
)
select coalesce(event.task_id, head.task_id) as task_id, coalesce(event.seq, head.seq) as seq, event.kind, event.actor,
  to_char(event.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, event.body, event.prev_hash, event.hash,
  coalesce(event.xid, head.xid) < $6::xid8 as is_old, head.seq as head_seq, head.hash as head_hash, head.state,
  head.closed_at, head.legal_hold, head.purged_at, head.kept_until, head.purged_xid < $6::xid8 as is_old_purge
from events event
full join heads head on head.task_id = event.task_id and head.seq = event.seq
order by coalesce(event.task_id, head.task_id), coalesce(event.seq, head.seq)
