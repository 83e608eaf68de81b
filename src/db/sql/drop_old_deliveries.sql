-- Forgets deliveries that ended long ago; the events themselves stay.
-- Concurrency: rows that others hold are left for the next time.
-- Parameters: region id; days to keep; how many at most.
-- Rows: {seq} of each.
with past as materialized (
  select old.endpoint_id, old.task_id, old.seq from webhook_deliveries old
  where old.region_id = $1 and old.ended_at < clock_timestamp() - make_interval(days => $2::int)
  order by old.ended_at
  limit $3
  for update skip locked
)
delete from webhook_deliveries delivery using past
where delivery.region_id = $1 and delivery.endpoint_id = past.endpoint_id and delivery.task_id = past.task_id
  and delivery.seq = past.seq
returning delivery.seq
