-- Pauses a region, by the first who asked; whoever dispatches it heeds it at the next look at its lease.
-- Concurrency: waits for a decision that is being committed under the lease.
-- Parameters: region id; who asks.
-- Rows: none.
insert into region_leases as lease (region_id, owner, fence, expires_at, paused_by, paused_at)
values ($1, null, 1, '-infinity', $2, dispatch_now())
on conflict (region_id) do update
set paused_by = coalesce(lease.paused_by, excluded.paused_by),
  paused_at = coalesce(lease.paused_at, excluded.paused_at)
