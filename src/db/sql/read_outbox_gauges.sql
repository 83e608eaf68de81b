-- How far readers of the outbox and webhooks are behind.
-- Concurrency: one MVCC snapshot.
-- Parameters: region id.
-- Rows: one, {lagMs, waiting, oldestWaitingMs}: how long ago, in dispatch time, the first event happened that a
-- transaction under way keeps from readers; deliveries that wait at endpoints that are not paused, and for how long the
-- oldest does, in real time. 0 where there is none.
select coalesce((
    select greatest(0, epoch_ms(dispatch_now()) - epoch_ms(event.at)) from dossier_events event
    where event.region_id = $1 and event.xid >= pg_snapshot_xmin(pg_current_snapshot())
    order by event.xid, event.task_id, event.seq
    limit 1), 0) as "lagMs",
  count(delivery.endpoint_id)::int as waiting,
  coalesce(greatest(0, epoch_ms(clock_timestamp()) - epoch_ms(min(delivery.created_at))), 0) as "oldestWaitingMs"
from webhook_endpoints endpoint
left join webhook_deliveries delivery on delivery.region_id = $1 and delivery.endpoint_id = endpoint.id
  and delivery.state = 'WAITING'
where endpoint.region_id = $1 and not endpoint.paused
