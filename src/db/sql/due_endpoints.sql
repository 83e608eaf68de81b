-- The endpoints of a region to which something is due.
-- Concurrency: locks nothing; claim_deliveries looks again.
-- Parameters: region id.
-- Rows: {id}.
select endpoint.id from webhook_endpoints endpoint
where endpoint.region_id = $1 and not endpoint.paused and exists (
  select from webhook_deliveries delivery
  where delivery.region_id = $1 and delivery.endpoint_id = endpoint.id and delivery.state = 'WAITING'
    and delivery.due_at <= clock_timestamp())
order by endpoint.id
