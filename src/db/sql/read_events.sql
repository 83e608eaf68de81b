-- The next events of a region's outbox after a cursor.
-- Concurrency: one MVCC snapshot. It stops before the oldest transaction under way on this server, which may yet
-- commit an event with its number: whoever goes on from the last row misses none.
-- Parameters: region id; cursor: xid, task id, seq; how many at most.
-- Rows: {xid, taskId, seq, kind, actor, at, hash, body}, in the order of cursors.
select event.xid::text as xid, event.task_id as "taskId", event.seq, event.kind, event.actor,
  dossier_instant(event.at) as at, encode(event.hash, 'hex') as hash, event.body
from dossier_events event
where event.region_id = $1 and event.xid < pg_snapshot_xmin(pg_current_snapshot())
  and (event.xid, event.task_id, event.seq) > ($2::xid8, $3::uuid, $4::int)
order by event.xid, event.task_id, event.seq
limit $5
