-- Drops keys of a region that are older than they are kept, in real time, the oldest first.
-- Concurrency: many at once; a row that another call holds is left to it.
-- Parameters: region id; hours that a key is kept; rows at most.
-- Rows: {key} of each one dropped.
with old_keys as materialized (
  select old.caller, old.key from idempotency_keys old
  where old.region_id = $1 and old.created_at <= clock_timestamp() - make_interval(hours => $2)
  order by old.created_at, old.caller, old.key
  limit $3
  for update skip locked
)
delete from idempotency_keys stored using old_keys
where stored.region_id = $1 and stored.caller = old_keys.caller and stored.key = old_keys.key
returning stored.key
