-- Lets deliveries of a webhook endpoint that failed go out at once: dead ones with a new schedule, and those that wait
-- for their next attempt.
-- Concurrency: rows that others hold are left out. An attempt under way may be doubled.
-- Parameters: region id; endpoint id; how many at most.
-- Rows: {seq} of each.
update webhook_deliveries delivery
set state = 'WAITING', due_at = clock_timestamp(), ended_at = null, attempts_before = delivery.attempts
from (
  select old.task_id, old.seq from webhook_deliveries old
  where old.region_id = $1 and old.endpoint_id = $2 and old.state <> 'DELIVERED' and old.last_error is not null
  order by old.created_at, old.task_id, old.seq
  limit $3
  for no key update skip locked
) failed
where delivery.region_id = $1 and delivery.endpoint_id = $2 and delivery.task_id = failed.task_id
  and delivery.seq = failed.seq
returning delivery.seq
