-- Forgets events of providers that came long ago, in dispatch time; the documents stay.
-- Concurrency: rows that others hold are left for the next time.
-- Parameters: region id; days to keep; how many at most.
-- Rows: {event_id} of each.
with past as materialized (
  select old.provider, old.event_id from provider_events old
  where old.region_id = $1 and old.received_at < dispatch_now() - make_interval(days => $2::int)
  order by old.received_at
  limit $3
  for update skip locked
)
delete from provider_events event using past
where event.region_id = $1 and event.provider = past.provider and event.event_id = past.event_id
returning event.event_id
