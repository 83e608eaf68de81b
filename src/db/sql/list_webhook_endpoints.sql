-- The webhook endpoints of a region, or one, and how they fare.
-- Concurrency: one MVCC snapshot.
-- Parameters: region id; id or null.
-- Rows: WebhookEndpoint (src/domain/webhook.ts), the sealed secrets beside it; by id.
select endpoint.id, endpoint.region_id as "regionId", endpoint.url, array_to_json(endpoint.kinds) as kinds,
  endpoint.paused, epoch_ms(endpoint.created_at) as "createdAtMs", endpoint.secret,
  case when endpoint.old_secret_until > clock_timestamp() then endpoint.old_secret end as "oldSecret",
  case when endpoint.old_secret_until > clock_timestamp() then epoch_ms(endpoint.old_secret_until) end
    as "oldSecretUntilMs",
  json_build_object('xid', endpoint.cursor_xid::text, 'taskId', endpoint.cursor_task_id, 'seq', endpoint.cursor_seq)
    as cursor,
  counts.waiting, counts.dead, (
    select delivery.last_error from webhook_deliveries delivery
    where delivery.region_id = $1 and delivery.endpoint_id = endpoint.id and delivery.state <> 'DELIVERED'
      and delivery.last_error is not null
    order by coalesce(delivery.ended_at, delivery.due_at) desc, delivery.task_id, delivery.seq
    limit 1) as "lastError"
from webhook_endpoints endpoint
cross join lateral (
  select count(*) filter (where delivery.state = 'WAITING')::int as waiting,
    count(*) filter (where delivery.state = 'DEAD')::int as dead
  from webhook_deliveries delivery
  where delivery.region_id = $1 and delivery.endpoint_id = endpoint.id and delivery.state <> 'DELIVERED'
) counts
where endpoint.region_id = $1 and ($2::uuid is null or endpoint.id = $2::uuid)
order by endpoint.id
